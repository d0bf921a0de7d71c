//! Records, rules and times of PilotDeck. Pure: no files, no sockets, no clock (time is passed in) and no SQL.
//! The one exception is [`new_id`], whose ids grow with the time at which they are made.

mod action;
mod agent_key;
mod capability;
mod effect;
mod event;
mod fields;
mod filter;
mod invalid;
mod json;
mod numbers;
pub mod overview;
mod profile;
mod project;
mod run;
mod seen;
pub mod stats;
#[cfg(test)]
mod tests;
mod time;
mod usage;
mod user;
pub mod words;
mod zone;

pub use serde_json::{Number, Value};

/// A JSON object. It keeps the order of its keys and the text of its numbers.
pub type Map = serde_json::Map<String, Value>;

pub use action::{Action, ActionCall, ActionItem, ActionRequest, Proposal, parse_request};
pub use agent_key::{AgentKey, Right};
pub use capability::Capability;
pub use effect::{ActionEffect, Snapshot};
pub use event::Event;
pub use filter::{
    Cursor, EnabledFilter, EventFilter, Order, Page, ProjectFilter, RunFilter, SeriesKey, TokenStatsFilter,
    UsageFilter, parse_bool, run_ids_from_query, type_prefix,
};
pub use invalid::{Invalid, InvalidKind};
pub use json::{Document, client_id, client_id_trimmed, digest_id, new_id, parse, parse_object};
pub use profile::Profile;
pub use project::Project;
pub use run::Run;
pub use seen::Seen;
pub use stats::{ProjectStats, TokenStats};
pub use time::Timestamp;
pub use usage::UsageRecord;
pub use user::{User, is_same_username, read_role, read_username};
pub use words::{
    ACTIONS, CAPABILITIES, EVENT_LEVELS, EVENT_TYPES, PRIORITIES, PROJECT_STATUSES, RUN_STATUSES,
};
pub use zone::Zone;
