//! Usage records.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, header};
use pilotdeck_domain::{UsageFilter, UsageRecord};
use pilotdeck_services::UsageExport;
use pilotdeck_wire::input::UsagesInput;
use pilotdeck_wire::usage::{UsageData, csv_header, csv_rows, list_body, recorded_body};
use pilotdeck_wire::{DataBody, ErrorBody, ListBody};

use crate::answer::{Answer, Failure, ok};
use crate::body::{JsonObject, LARGE};
use crate::credential::AgentCaller;
use crate::request::Query;
use crate::server::Server;

/// Lists usage records, newest first.
#[utoipa::path(
    get, path = "/api/agent/usage", tag = "usage", operation_id = "listUsage",
    params(
        ("projectId" = Option<String>, Query),
        ("agentId" = Option<String>, Query),
        ("workspace" = Option<String>, Query),
        ("source" = Option<String>, Query),
        ("runId" = Option<String>, Query),
        ("model" = Option<String>, Query),
        ("sessionId" = Option<String>, Query),
        ("since" = Option<String>, Query),
        ("until" = Option<String>, Query),
        ("limit" = Option<u32>, Query, description = "1 to 5000, default 200"),
        ("offset" = Option<u32>, Query),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses((status = 200, body = ListBody<UsageRecord>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = []), ()),
)]
pub(crate) async fn list_usage(State(server): State<Server>, _: AgentCaller, Query(query): Query) -> Answer {
    let filter = UsageFilter::from_query(&query)?;
    Ok(ok(&list_body(server.app.usage.list(filter).await?)))
}

/// Downloads all usage records that match as a table, newest first.
#[utoipa::path(
    get, path = "/api/agent/usage.csv", tag = "usage", operation_id = "exportUsage",
    params(
        ("projectId" = Option<String>, Query),
        ("agentId" = Option<String>, Query),
        ("workspace" = Option<String>, Query),
        ("source" = Option<String>, Query),
        ("runId" = Option<String>, Query),
        ("model" = Option<String>, Query),
        ("sessionId" = Option<String>, Query),
        ("since" = Option<String>, Query),
        ("until" = Option<String>, Query),
    ),
    responses((status = 200, content_type = "text/csv", body = String)),
    security(("session" = []), ("agentToken" = []), ("bearer" = []), ()),
)]
pub(crate) async fn export_usage(
    State(server): State<Server>,
    _: AgentCaller,
    Query(query): Query,
) -> Answer {
    let mut export = server.app.usage.export(UsageFilter::from_query(&query)?);
    let disposition = format!("attachment; filename={}", export.file_name);
    // Read before the answer begins: what fails here still gets its status.
    let mut first = csv_header()?;
    first.extend(next_rows(&mut export).await?.unwrap_or_default());
    let rest = stream::try_unfold(export, |mut export| async move {
        match next_rows(&mut export).await {
            Ok(rows) => Ok(rows.map(|rows| (rows, export))),
            // The answer breaks off: a client sees that its file is not whole.
            Err(_) => Err(std::io::Error::other("the export failed")),
        }
    });
    let pieces = stream::once(async { Ok(first) }).chain(rest);
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let disposition = HeaderValue::try_from(disposition).map_err(|error| ErrorBody::internal(&error))?;
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

async fn next_rows(export: &mut UsageExport) -> Result<Option<Vec<u8>>, Failure> {
    match export.next().await? {
        None => Ok(None),
        Some(records) => Ok(Some(csv_rows(&records)?)),
    }
}

/// Adds a usage record, or many.
#[utoipa::path(
    post, path = "/api/agent/usage", tag = "usage", operation_id = "recordUsage", request_body = UsagesInput,
    responses((status = 200, body = DataBody<UsageData<UsageRecord>>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = []), ()),
)]
pub(crate) async fn record_usage(
    State(server): State<Server>,
    AgentCaller(caller): AgentCaller,
    JsonObject(body): JsonObject<LARGE>,
) -> Answer {
    Ok(ok(&recorded_body(server.app.usage.within(caller.scope()).record(body).await?)?))
}
