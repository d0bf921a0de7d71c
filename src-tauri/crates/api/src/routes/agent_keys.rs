//! Keys of agents, for administrators who are signed in.

use axum::extract::State;
use http::StatusCode;
use pilotdeck_domain::AgentKey;
use pilotdeck_wire::agent_keys::{AgentKeyInput, NewAgentKey, created_body, list_body};
use pilotdeck_wire::{Code, DataBody, DoneBody};

use crate::answer::{Answer, Failure, json, ok};
use crate::body::JsonObject;
use crate::credential::Administrator;
use crate::request::Id;
use crate::server::Server;

/// Lists the keys of agents, newest first; revoked ones stay listed.
#[utoipa::path(
    get, path = "/api/agent-keys", tag = "agentKeys", operation_id = "listAgentKeys",
    responses((status = 200, body = DataBody<Vec<AgentKey>>)), security(("session" = [])),
)]
pub(crate) async fn list_agent_keys(State(server): State<Server>, _: Administrator) -> Answer {
    Ok(ok(&list_body(server.app.agent_keys.list())))
}

/// Makes a key. Its text is told in this answer alone.
#[utoipa::path(
    post, path = "/api/agent-keys", tag = "agentKeys", operation_id = "createAgentKey",
    request_body = AgentKeyInput,
    responses((status = 201, body = DataBody<NewAgentKey>)), security(("session" = [])),
)]
pub(crate) async fn create_agent_key(
    State(server): State<Server>,
    caller: Administrator,
    JsonObject(body): JsonObject,
) -> Answer {
    let made = server.app.agent_keys.create(&body, &caller.user.username).await?;
    Ok(json(StatusCode::CREATED, &created_body(made)))
}

/// Revokes a key: from the next request on it opens nothing.
#[utoipa::path(
    delete, path = "/api/agent-keys/{id}", tag = "agentKeys", operation_id = "revokeAgentKey",
    params(("id" = String, Path)),
    responses((status = 200, body = DoneBody)), security(("session" = [])),
)]
pub(crate) async fn revoke_agent_key(
    State(server): State<Server>,
    caller: Administrator,
    Id(id): Id,
) -> Answer {
    if server.app.agent_keys.revoke(&id, &caller.user.username).await? {
        Ok(ok(&DoneBody::DONE))
    } else {
        Err(Failure::new(Code::NotFound, format!("Agent key not found: {id}")))
    }
}
