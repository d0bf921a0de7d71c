//! Answers about keys of agents. The key itself is in one of them, once.

use pilotdeck_domain::{AgentKey, Right};
use serde::Serialize;
use utoipa::ToSchema;

use crate::DataBody;

/// A key that was made now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewAgentKey {
    /// What it opens.
    #[serde(flatten)]
    pub agent_key: AgentKey,
    /// The key itself, `pdk_<id>_<secret>`: told now and never again.
    pub key: String,
}

/// A key to make.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentKeyInput {
    /// What people call it; the agent's id without one.
    #[schema(required = false)]
    name: Option<String>,
    /// The one agent that it speaks for.
    agent_id: String,
    /// The only projects that it reaches; null: all.
    #[schema(required = false)]
    project_ids: Option<Vec<String>>,
    /// What it opens; everything without.
    #[schema(required = false)]
    rights: Option<Vec<Right>>,
    /// From when on it opens nothing; null: never.
    #[schema(required = false)]
    expires_at: Option<String>,
}

/// `GET /api/agent-keys`.
pub fn list_body(keys: Vec<AgentKey>) -> DataBody<Vec<AgentKey>> {
    DataBody::new(keys)
}

/// `POST /api/agent-keys`.
pub fn created_body(made: pilotdeck_services::NewAgentKey) -> DataBody<NewAgentKey> {
    DataBody::new(NewAgentKey { agent_key: made.agent_key, key: made.key })
}
