//! Usage records.

use axum::extract::State;
use pilotdeck_domain::{UsageFilter, UsageRecord};
use pilotdeck_wire::input::UsagesInput;
use pilotdeck_wire::usage::{UsageData, list_body, recorded_body};
use pilotdeck_wire::{DataBody, ListBody};

use crate::answer::{Answer, ok};
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

/// Adds a usage record, or many.
#[utoipa::path(
    post, path = "/api/agent/usage", tag = "usage", operation_id = "recordUsage", request_body = UsagesInput,
    responses((status = 200, body = DataBody<UsageData<UsageRecord>>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = []), ()),
)]
pub(crate) async fn record_usage(
    State(server): State<Server>,
    _: AgentCaller,
    JsonObject(body): JsonObject<LARGE>,
) -> Answer {
    Ok(ok(&recorded_body(server.app.usage.record(body).await?)?))
}
