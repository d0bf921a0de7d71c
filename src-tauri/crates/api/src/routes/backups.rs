//! Admin calls on the backups that are kept: listed, downloaded, inspected, restored from. A name that is not in the list is
//! nothing, whatever it looks like (SECURITY.md P2).

use axum::extract::{FromRequestParts, Path, State};
use http::request::Parts;
use pilotdeck_wire::admin::{RestoreData, RestoreReport, restored_body};
use pilotdeck_wire::backups::{BackupEntry, backups_body, inspected_body};
use pilotdeck_wire::{Code, DataBody};

use super::admin::{DatabaseFile, send_backup};
use crate::answer::{Answer, Failure, ok};
use crate::credential::AdminCaller;
use crate::server::Server;

/// Lists the backups that are kept, newest first.
#[utoipa::path(
    get, path = "/api/admin/backups", tag = "admin", operation_id = "listBackups",
    responses((status = 200, body = DataBody<Vec<BackupEntry>>)), security(("adminToken" = [])),
)]
pub(crate) async fn list_backups(State(server): State<Server>, _: AdminCaller) -> Answer {
    Ok(ok(&backups_body(server.app.stored_backups.list().await?)))
}

/// Downloads one of them.
#[utoipa::path(
    get, path = "/api/admin/backups/{name}", tag = "admin", operation_id = "downloadStoredBackup",
    params(("name" = String, Path, description = "Its name, as listed")),
    responses((status = 200, content_type = "application/octet-stream", body = inline(DatabaseFile))),
    security(("adminToken" = [])),
)]
pub(crate) async fn download_stored_backup(
    State(server): State<Server>,
    _: AdminCaller,
    Name(name): Name,
) -> Answer {
    send_backup(server.app.stored_backups.get(&name).await?)
}

/// Tells what is in one of them.
#[utoipa::path(
    post, path = "/api/admin/backups/{name}/inspect", tag = "admin", operation_id = "inspectStoredBackup",
    params(("name" = String, Path, description = "Its name, as listed")),
    responses((status = 200, body = DataBody<RestoreReport>)), security(("adminToken" = [])),
)]
pub(crate) async fn inspect_stored_backup(
    State(server): State<Server>,
    _: AdminCaller,
    Name(name): Name,
) -> Answer {
    Ok(ok(&inspected_body(server.app.stored_backups.inspect(&name).await?)))
}

/// Restores from one of them, which stays as it is.
#[utoipa::path(
    post, path = "/api/admin/backups/{name}/restore", tag = "admin", operation_id = "restoreStoredBackup",
    params(("name" = String, Path, description = "Its name, as listed")),
    responses((status = 200, body = DataBody<RestoreData>)), security(("adminToken" = [])),
)]
pub(crate) async fn restore_stored_backup(
    State(server): State<Server>,
    _: AdminCaller,
    Name(name): Name,
) -> Answer {
    Ok(ok(&restored_body(server.app.stored_backups.restore(&name).await?)))
}

/// The `{name}` of a path. What is no text is no name.
pub(crate) struct Name(String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let name = Path::<String>::from_request_parts(parts, state).await;
        name.map(|Path(name)| Name(name)).map_err(|_| Failure::new(Code::NotFound, "Backup not found"))
    }
}
