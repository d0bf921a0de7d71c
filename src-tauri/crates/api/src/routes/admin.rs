//! Admin calls: backup, restore, deploy. The credential is checked before a byte of an upload is read.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use pilotdeck_domain::Invalid;
use pilotdeck_services::{BackupFile, Upload};
use pilotdeck_wire::admin::{
    DeployLogBody, DeployStartedBody, DeployStatusData, RestoreData, RestoreReport, deploy_log_body,
    deploy_started_body, deploy_status_body, restored_body,
};
use pilotdeck_wire::backups::{RestoreProgress, inspected_body, restore_progress_body};
use pilotdeck_wire::{Code, DataBody, ErrorBody};
use tokio_util::io::ReaderStream;

use crate::answer::{Answer, Failure, ok};
use crate::body::{is_type, next_piece};
use crate::credential::AdminCaller;
use crate::request::Query;
use crate::server::Server;

const OCTETS: &str = "application/octet-stream";
const CHUNK: usize = 64 * 1024;
/// The multipart field that holds the file.
const FILE: &str = "file";

/// Downloads a backup: one consistent database file.
#[utoipa::path(
    get, path = "/api/admin/backup", tag = "admin", operation_id = "downloadBackup",
    responses((status = 200, content_type = "application/octet-stream", body = inline(DatabaseFile))),
    security(("adminToken" = [])),
)]
pub(crate) async fn download_backup(State(server): State<Server>, _: AdminCaller) -> Answer {
    send_backup(server.app.backup.create().await?)
}

/// A backup as a file to be saved.
pub(crate) fn send_backup(backup: BackupFile) -> Answer {
    let disposition = format!("attachment; filename={}", backup.file_name);
    let size = backup.size;
    // A file made for this goes away with the stream, sent or not.
    let mut response = Response::new(Body::from_stream(ReaderStream::with_capacity(backup, CHUNK)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(OCTETS));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    let disposition = HeaderValue::try_from(disposition).map_err(|error| ErrorBody::internal(&error))?;
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

/// Restores from a backup, or only tells what is in it.
#[utoipa::path(
    post, path = "/api/admin/restore", tag = "admin", operation_id = "restoreBackup",
    params(("dryRun" = Option<bool>, Query, description = "Only tell what is in it")),
    request_body(content(
        (inline(RestoreForm) = "multipart/form-data"),
        (inline(DatabaseFile) = "application/octet-stream"),
    )),
    responses((status = 200, body = DataBody<RestoreData>)),
    security(("adminToken" = [])),
)]
pub(crate) async fn restore_backup(
    State(server): State<Server>,
    _: AdminCaller,
    Query(query): Query,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let dry_run = is_dry_run(&query)?;
    let upload = receive(&server, &headers, body).await?;
    Ok(ok(&restored_body(upload.restore(dry_run).await?)))
}

/// Tells what is in a backup; nothing is replaced.
#[utoipa::path(
    post, path = "/api/admin/restore/inspect", tag = "admin", operation_id = "inspectBackup",
    request_body(content(
        (inline(RestoreForm) = "multipart/form-data"),
        (inline(DatabaseFile) = "application/octet-stream"),
    )),
    responses((status = 200, body = DataBody<RestoreReport>)),
    security(("adminToken" = [])),
)]
pub(crate) async fn inspect_backup(
    State(server): State<Server>,
    _: AdminCaller,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let upload = receive(&server, &headers, body).await?;
    Ok(ok(&inspected_body(upload.inspect().await?)))
}

/// Tells how far the restore is that is running, if one is.
#[utoipa::path(
    get, path = "/api/admin/restore", tag = "admin", operation_id = "getRestoreProgress",
    responses((status = 200, body = DataBody<RestoreProgress>)), security(("adminToken" = [])),
)]
pub(crate) async fn get_restore_progress(State(server): State<Server>, _: AdminCaller) -> Answer {
    Ok(ok(&restore_progress_body(server.app.backup.restore_progress())))
}

/// The form of an upload. Only for the description.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct RestoreForm {
    /// The database file.
    #[schema(inline)]
    file: DatabaseFile,
}

/// A database file. Only for the description.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct DatabaseFile(Vec<u8>);

fn is_dry_run(query: &[(String, String)]) -> Result<bool, Failure> {
    match query.iter().find(|(name, _)| name == "dryRun") {
        None => Ok(false),
        Some((_, value)) if value.is_empty() => Ok(false),
        Some((_, value)) => pilotdeck_domain::parse_bool(value)
            .ok_or_else(|| Invalid::parameter("dryRun", "dryRun must be true or false").into()),
    }
}

async fn receive(server: &Server, headers: &HeaderMap, body: Body) -> Result<Upload, Failure> {
    if is_type(headers, OCTETS) {
        receive_raw(server, body).await
    } else {
        receive_form(server, headers, body).await
    }
}

async fn receive_raw(server: &Server, mut body: Body) -> Result<Upload, Failure> {
    let declared = http_body::Body::size_hint(&body).exact();
    if declared == Some(0) {
        return Err(Invalid::missing(FILE).into());
    }
    let mut upload = server.app.backup.receive(declared).await?;
    while let Some(piece) = next_piece(&mut body).await? {
        upload.write(&piece).await?;
    }
    if upload.received() == 0 { Err(Invalid::missing(FILE).into()) } else { Ok(upload) }
}

/// Takes the field `file`; its file name and all other fields are ignored.
async fn receive_form(server: &Server, headers: &HeaderMap, body: Body) -> Result<Upload, Failure> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(content_type) = content_type else { return Err(Invalid::missing(FILE).into()) };
    let Ok(boundary) = multer::parse_boundary(content_type) else {
        return Err(Failure::new(
            Code::UnsupportedMediaType,
            "Send the file as multipart/form-data, field file, or as application/octet-stream",
        ));
    };
    let declared = http_body::Body::size_hint(&body).exact();
    let pieces = futures_util::stream::unfold(body, |mut body| async move {
        let piece =
            next_piece(&mut body).await.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut));
        piece.transpose().map(|piece| (piece, body))
    });
    let mut form = multer::Multipart::new(pieces, boundary);
    while let Some(mut field) = form.next_field().await.map_err(broken_form)? {
        if field.name() != Some(FILE) {
            continue;
        }
        let mut upload = server.app.backup.receive(declared).await?;
        while let Some(piece) = field.chunk().await.map_err(broken_form)? {
            upload.write(&piece).await?;
        }
        return Ok(upload);
    }
    Err(Invalid::missing(FILE).into())
}

fn broken_form(error: multer::Error) -> Failure {
    Failure::new(Code::BadRequest, format!("The form of the upload is broken: {error}"))
}

/// Starts the deploy script.
#[utoipa::path(
    post, path = "/api/admin/deploy", tag = "admin", operation_id = "startDeploy",
    responses((status = 200, body = DeployStartedBody)), security(("adminToken" = [])),
)]
pub(crate) async fn start_deploy(State(server): State<Server>, _: AdminCaller) -> Answer {
    if server.app.backup.maintenance() {
        return Err(pilotdeck_services::Error::BusyJob(
            "A restore is running: deploy when it is done".to_owned(),
        )
        .into());
    }
    Ok(ok(&deploy_started_body(server.app.deploy.start().await?)))
}

/// Tells where the last deploy stands.
#[utoipa::path(
    get, path = "/api/admin/deploy/status", tag = "admin", operation_id = "getDeployStatus",
    responses((status = 200, body = DataBody<DeployStatusData>)), security(("adminToken" = [])),
)]
pub(crate) async fn get_deploy_status(State(server): State<Server>, _: AdminCaller) -> Answer {
    Ok(ok(&deploy_status_body(server.app.deploy.status().await?)))
}

/// Tells the last lines the deploy script wrote.
#[utoipa::path(
    get, path = "/api/admin/deploy/log", tag = "admin", operation_id = "getDeployLog",
    responses((status = 200, body = DeployLogBody)), security(("adminToken" = [])),
)]
pub(crate) async fn get_deploy_log(State(server): State<Server>, _: AdminCaller) -> Answer {
    Ok(ok(&deploy_log_body(server.app.deploy.log().await?)))
}
