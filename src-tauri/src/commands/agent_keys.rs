//! Commands for keys of agents.

use pilotdeck_domain::{AgentKey, Value};
use pilotdeck_services::App;
use pilotdeck_shell::door::{Answer, agent_keys};
use pilotdeck_wire::agent_keys::NewAgentKey;
use pilotdeck_wire::{DataBody, DoneBody};
use tauri::State;

#[tauri::command]
pub(crate) fn list_agent_keys(app: State<'_, App>) -> DataBody<Vec<AgentKey>> {
    agent_keys::list_agent_keys(&app)
}

#[tauri::command]
pub(crate) async fn create_agent_key(app: State<'_, App>, body: Value) -> Answer<DataBody<NewAgentKey>> {
    agent_keys::create_agent_key(&app, &body).await
}

#[tauri::command]
pub(crate) async fn revoke_agent_key(app: State<'_, App>, id: String) -> Answer<DoneBody> {
    agent_keys::revoke_agent_key(&app, id).await
}
