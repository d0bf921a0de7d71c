//! Health, and what this server is.

use pilotdeck_domain::{
    ACTIONS, EVENT_LEVELS, EVENT_TYPES, PRIORITIES, PROJECT_STATUSES, RUN_STATUSES, Timestamp,
};
use pilotdeck_services as services;
use serde::Serialize;
use utoipa::ToSchema;

use crate::DataBody;
use crate::database::durability;

/// The header agents send their token in.
pub const AGENT_HEADER: &str = "X-PM-Agent-Token";
/// The header admin calls send theirs in.
pub const ADMIN_HEADER: &str = "X-PM-Token";

/// Whether the server is well.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthBody {
    /// Always true.
    pub success: bool,
    /// `healthy`, or `degraded` when the database cannot be used.
    #[schema(value_type = String)]
    pub status: &'static str,
    /// The time now.
    pub timestamp: Timestamp,
}

/// What this server is, what it needs and what it can do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// `PilotDeck`.
    #[schema(value_type = String)]
    pub service: &'static str,
    /// Where the API begins.
    #[schema(value_type = String)]
    pub api_base: &'static str,
    /// Our version; known and local callers only, as the three fields below.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub version: Option<&'static str>,
    /// The last change to projects.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Timestamp>, required = false)]
    pub data_last_updated: Option<Option<Timestamp>>,
    /// How many projects there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false)]
    pub project_count: Option<u64>,
    /// The size of the database in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false)]
    pub database_bytes: Option<u64>,
    /// The words of the enums.
    pub enums: Enums,
    /// What the doors ask for.
    pub auth: AuthMeta,
    /// `normal`, or `full`: every commit is flushed before its answer.
    #[schema(value_type = String)]
    pub durability: &'static str,
    /// What it can do.
    pub capabilities: Abilities,
}

/// The words of the enums.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Enums {
    /// Statuses of projects.
    #[schema(value_type = Vec<String>)]
    pub status: &'static [&'static str],
    /// Priorities of projects.
    #[schema(value_type = Vec<String>)]
    pub priority: &'static [&'static str],
    /// Statuses of runs.
    #[schema(value_type = Vec<String>)]
    pub run_status: &'static [&'static str],
    /// Levels of events.
    #[schema(value_type = Vec<String>)]
    pub event_level: &'static [&'static str],
    /// Types of events that clients know; others are free.
    #[schema(value_type = Vec<String>)]
    pub event_type: &'static [&'static str],
    /// Actions on projects.
    #[schema(value_type = Vec<String>)]
    pub action: &'static [&'static str],
}

/// What the doors ask for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthMeta {
    /// Agents need a token.
    pub agent_token_required: bool,
    /// An admin token is configured.
    pub admin_token_required: bool,
    /// The header of agents.
    #[schema(value_type = String)]
    pub agent_header: &'static str,
    /// The header of admins.
    #[schema(value_type = String)]
    pub admin_header: &'static str,
    /// Local agents need no token.
    pub open_mode: bool,
    /// Open mode opens projects and stats as well.
    pub open_projects: bool,
    /// The password everybody knows is still in use; told to local callers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    pub must_change_password: Option<bool>,
}

macro_rules! abilities {
    ($($name:ident),*) => {
        /// What this server can do; all true.
        #[derive(Debug, Serialize, ToSchema)]
        #[serde(rename_all = "camelCase")]
        #[expect(missing_docs, reason = "each field is the name of what it tells")]
        pub struct Abilities { $(pub $name: bool,)* }

        const ABILITIES: Abilities = Abilities { $($name: true,)* };
    };
}

abilities!(
    projects,
    stats,
    agent_runs,
    agent_events,
    agent_actions,
    agent_profiles,
    agent_capabilities,
    token_usage,
    projects_batch,
    projects_patch,
    actions_flat,
    proposals,
    stream
);

/// `GET /api/health`.
pub fn health_body(health: services::Health) -> HealthBody {
    let status = if health.healthy { "healthy" } else { "degraded" };
    HealthBody { success: true, status, timestamp: health.timestamp }
}

/// `GET /api/meta`.
pub fn meta_body(meta: services::Meta) -> DataBody<Meta> {
    let inside = meta.inside.as_ref();
    DataBody::new(Meta {
        service: "PilotDeck",
        api_base: "/api",
        version: inside.map(|inside| inside.version),
        data_last_updated: inside.map(|inside| inside.data_last_updated),
        project_count: inside.map(|inside| inside.project_count),
        database_bytes: inside.map(|inside| inside.database_bytes),
        enums: Enums {
            status: &PROJECT_STATUSES,
            priority: &PRIORITIES,
            run_status: &RUN_STATUSES,
            event_level: &EVENT_LEVELS,
            event_type: &EVENT_TYPES,
            action: &ACTIONS,
        },
        auth: AuthMeta {
            agent_token_required: meta.agent_token_required,
            admin_token_required: meta.admin_token_required,
            agent_header: AGENT_HEADER,
            admin_header: ADMIN_HEADER,
            open_mode: meta.open_mode,
            open_projects: meta.open_projects,
            must_change_password: meta.must_change_password,
        },
        durability: durability(meta.synchronous_full),
        capabilities: ABILITIES,
    })
}
