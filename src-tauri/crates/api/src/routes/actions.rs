//! Actions on projects, and proposals.

use axum::extract::State;
use http::StatusCode;
use pilotdeck_wire::actions::{ActionBody, ProposalBody, answer_body};
use pilotdeck_wire::input::ActionsInput;

use crate::answer::{Answer, json};
use crate::body::{JsonObject, LARGE};
use crate::credential::AgentCaller;
use crate::server::Server;

/// Changes projects by actions, or keeps a proposal.
#[utoipa::path(
    post, path = "/api/agent/actions", tag = "actions", operation_id = "applyActions", request_body = ActionsInput,
    responses(
        (status = 200, body = ActionBody),
        (status = 201, body = ProposalBody, description = "A new proposal"),
    ),
    security(("session" = []), ("agentToken" = []), ("bearer" = []), ()),
)]
pub(crate) async fn apply_actions(
    State(server): State<Server>,
    AgentCaller(caller): AgentCaller,
    JsonObject(body): JsonObject<LARGE>,
) -> Answer {
    let (status, body) = answer_body(server.app.actions.within(caller.scope()).apply(body).await?)?;
    Ok(json(StatusCode::from_u16(status).unwrap_or_default(), &body))
}
