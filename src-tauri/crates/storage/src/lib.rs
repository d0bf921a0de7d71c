//! SQLite: the one room that knows SQL. Knows no HTTP, no Tauri and no business decisions.
//!
//! [`Db`] owns the file: one writer thread with group commit, a few reader threads, a checkpoint thread. Each table has
//! a module of functions over a `&Connection` (reading) or a `&mut WriteTx` (writing).

mod change;
mod days;
mod db;
mod error;
mod inspect;
mod legacy;
mod listing;
mod migrate;
mod query;
mod readers;
mod records;
mod rollups;
mod stage;
mod stamps;
mod swap;
mod totals;
mod writer;

pub mod agent_keys;
pub mod capabilities;
pub mod check;
pub mod events;
pub mod figures;
pub mod meta;
pub mod overview;
pub mod preferences;
pub mod profiles;
pub mod projects;
pub mod runs;
pub mod search;
pub mod sessions;
pub mod snapshot;
pub mod token_stats;
pub mod usage;
pub mod users;

pub use change::{Change, Kind, Op};
pub use db::{Db, OpenError, Options};
pub use error::{Error, Result};
pub use inspect::{Refused, SourceKind};
pub use listing::Listing;
pub use migrate::{APPLICATION_ID, SCHEMA_VERSION};
pub use rusqlite::Connection;
pub use stage::{Report, StageOptions, stage};
pub use stamps::ReadClock;
pub use swap::{FileLock, copy_with_wal, has_wal, import_in_place, lock, remember_stamp, settle};
pub use writer::{Durability, WriteTx};
