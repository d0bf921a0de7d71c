//! Keys of agents, as the window asks for them: whoever can open it owns the file.

use pilotdeck_domain::{AgentKey, Value};
use pilotdeck_services::App;
use pilotdeck_wire::agent_keys::{NewAgentKey, created_body, list_body};
use pilotdeck_wire::{Code, DataBody, DoneBody, ErrorBody};

use super::{Answer, object};

/// Who makes and revokes keys here, as their events tell.
const OWNER: &str = "window";

/// `GET /api/agent-keys`.
pub fn list_agent_keys(app: &App) -> DataBody<Vec<AgentKey>> {
    list_body(app.agent_keys.list())
}

/// `POST /api/agent-keys`.
pub async fn create_agent_key(app: &App, body: &Value) -> Answer<DataBody<NewAgentKey>> {
    Ok(created_body(app.agent_keys.create(&object(body)?, OWNER).await?))
}

/// `DELETE /api/agent-keys/{id}`.
pub async fn revoke_agent_key(app: &App, id: String) -> Answer<DoneBody> {
    if app.agent_keys.revoke(&id, OWNER).await? {
        Ok(DoneBody::DONE)
    } else {
        Err(ErrorBody::new(Code::NotFound, format!("Agent key not found: {id}")))
    }
}
