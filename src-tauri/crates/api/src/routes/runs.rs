//! Runs of agents.

use axum::extract::State;
use pilotdeck_domain::stats::RunFacets;
use pilotdeck_domain::{Run, RunFilter};
use pilotdeck_wire::input::{RunInput, RunPatch};
use pilotdeck_wire::runs::{created_body, facets_body, list_body, one_body};
use pilotdeck_wire::{CountedListBody, DataBody, StoredBody};

use crate::answer::{Answer, created_or_known, ok};
use crate::body::JsonObject;
use crate::credential::AgentCaller;
use crate::request::{Id, Query};
use crate::server::Server;

/// Lists runs, newest first unless told otherwise.
#[utoipa::path(
    get, path = "/api/agent/runs", tag = "runs", operation_id = "listRuns",
    params(
        ("projectId" = Option<Vec<String>>, Query, description = "May repeat: any of them"),
        ("agentId" = Option<Vec<String>>, Query, description = "May repeat: any of them"),
        ("status" = Option<Vec<String>>, Query, description = "May repeat: any of them"),
        ("sessionId" = Option<String>, Query),
        ("q" = Option<String>, Query, description = "Text in title, summary or id"),
        ("since" = Option<String>, Query),
        ("order" = Option<String>, Query, description = "By `createdAt`: `desc` (default) or `asc`"),
        ("limit" = Option<u32>, Query, description = "1 to 500, default 50"),
        ("offset" = Option<u32>, Query),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses((status = 200, body = CountedListBody<Run>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = []), ()),
)]
pub(crate) async fn list_runs(State(server): State<Server>, _: AgentCaller, Query(query): Query) -> Answer {
    let filter = RunFilter::from_query(&query)?;
    let list = server.app.runs.list(filter.clone()).await?;
    Ok(ok(&list_body(&filter, list)))
}

/// Counts the runs that match by status, agent and project, each with the other filters applied but not its own.
#[utoipa::path(
    get, path = "/api/agent/runs/facets", tag = "runs", operation_id = "getRunFacets",
    params(
        ("projectId" = Option<Vec<String>>, Query, description = "May repeat: any of them"),
        ("agentId" = Option<Vec<String>>, Query, description = "May repeat: any of them"),
        ("status" = Option<Vec<String>>, Query, description = "May repeat: any of them"),
        ("sessionId" = Option<String>, Query),
        ("q" = Option<String>, Query, description = "Text in title, summary or id"),
        ("since" = Option<String>, Query),
    ),
    responses((status = 200, body = DataBody<RunFacets>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = []), ()),
)]
pub(crate) async fn get_run_facets(
    State(server): State<Server>,
    _: AgentCaller,
    Query(query): Query,
) -> Answer {
    let filter = RunFilter::from_query(&query)?;
    Ok(ok(&facets_body(server.app.runs.facets(filter).await?)))
}

/// Makes a run, or tells the one that has this id.
#[utoipa::path(
    post, path = "/api/agent/runs", tag = "runs", operation_id = "createRun", request_body = RunInput,
    responses(
        (status = 201, body = StoredBody<Run>),
        (status = 200, body = StoredBody<Run>, description = "The id was known"),
    ),
    security(("session" = []), ("agentToken" = []), ("bearer" = []), ()),
)]
pub(crate) async fn create_run(
    State(server): State<Server>,
    AgentCaller(caller): AgentCaller,
    JsonObject(body): JsonObject,
) -> Answer {
    let stored = server.app.runs.within(caller.scope()).create(body).await?;
    Ok(created_or_known(stored.created, &created_body(stored)))
}

/// Tells one run, by its id or its session's.
#[utoipa::path(
    get, path = "/api/agent/runs/{id}", tag = "runs", operation_id = "getRun", params(("id" = String, Path)),
    responses((status = 200, body = DataBody<Run>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = []), ()),
)]
pub(crate) async fn get_run(
    State(server): State<Server>,
    AgentCaller(caller): AgentCaller,
    Id(id): Id,
) -> Answer {
    Ok(ok(&one_body(server.app.runs.within(caller.scope()).get(id).await?)))
}

/// Changes some fields of a run; makes it when it is an unknown session of opencode.
#[utoipa::path(
    patch, path = "/api/agent/runs/{id}", tag = "runs", operation_id = "updateRun", params(("id" = String, Path)),
    request_body = RunPatch,
    responses(
        (status = 200, body = DataBody<Run>),
        (status = 201, body = StoredBody<Run>, description = "An unknown session: its run was made"),
    ),
    security(("session" = []), ("agentToken" = []), ("bearer" = []), ()),
)]
pub(crate) async fn update_run(
    State(server): State<Server>,
    AgentCaller(caller): AgentCaller,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Answer {
    let stored = server.app.runs.within(caller.scope()).update(id, body).await?;
    if stored.created {
        return Ok(created_or_known(true, &created_body(stored)));
    }
    Ok(ok(&one_body(stored.document)))
}
