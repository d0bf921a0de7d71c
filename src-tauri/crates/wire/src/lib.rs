//! What both doors speak beside the records: envelopes, bodies of answers, the one table of errors. The HTTP routes and the
//! window's commands answer with the same functions. Knows no axum, no Tauri and no SQL.

pub mod actions;
pub mod admin;
pub mod agent_keys;
pub mod agents;
pub mod auth;
pub mod backups;
mod code;
mod csv;
pub mod database;
mod envelope;
mod error;
pub mod events;
pub mod input;
mod item;
pub mod live;
pub mod meta;
pub mod projects;
pub mod runs;
pub mod stats;
pub mod usage;
pub mod users;

pub use code::Code;
pub use envelope::{CountedListBody, DataBody, DeletedBody, DeletedId, DoneBody, ListBody, StoredBody};
pub use error::{ErrorBody, FailureData};
pub use item::ItemFailure;
