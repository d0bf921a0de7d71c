//! What PilotDeck does: one file per noun, the one error enum, the clock. Knows no HTTP, no Tauri and no SQL.

mod actions;
mod agent_keys;
mod app;
mod auth;
mod backup;
mod capabilities;
mod clock;
mod database;
mod deploy;
mod error;
mod events;
mod files;
mod integrity;
mod live;
mod meta;
mod overview;
mod passwords;
mod platform;
mod preferences;
mod profiles;
mod projects;
mod recover;
mod refusals;
mod restore;
mod restore_progress;
mod runs;
mod scope;
mod secret_key;
mod sessions;
mod settings;
mod stats;
mod stored;
mod stored_backups;
#[cfg(test)]
mod testing;
mod usage;
mod users;
mod zone;

pub use actions::{ActionAnswer, ActionDone, ActionResult, Actions, ActionsDone};
pub use agent_keys::{AgentKeys, NewAgentKey};
pub use app::{App, Rooms, StartError};
pub use auth::{Auth, Login, LoginRequest, SessionInfo, SignedIn};
pub use backup::{Backup, BackupFile, backup_file};
pub use capabilities::Capabilities;
pub use clock::Clock;
pub use database::{Database, DatabaseFigures};
pub use deploy::{DEPLOY_RUNNER, Deploy, DeployJob, DeployMethod, DeployState, DeployStatus, run_deploy_job};
pub use error::{Error, Noun, Result};
pub use events::Events;
pub use integrity::{Integrity, IntegrityReport};
pub use live::{Live, LiveChange, LiveFilter, LiveMessage, LiveStream};
pub use meta::{Health, Meta, MetaInside, MetaService};
pub use preferences::Preferences;
pub use profiles::Profiles;
pub use projects::{Batch, BatchResult, ProjectList, Projects};
pub use restore::{RestoreOutcome, Upload, inspect_file, replace_damaged};
pub use restore_progress::{RestorePhase, RestoreProgress};
pub use runs::Runs;
pub use scope::Scope;
pub use settings::{Secret, Settings};
pub use stats::Stats;
pub use stored::Stored;
pub use stored_backups::{BackupKind, StoredBackup, StoredBackups};
pub use usage::{Usage, UsageAnswer, UsageExport, UsageResult};
pub use users::{UserInfo, Users};

// Seen in this crate's answers; the rooms above may not name storage.
pub use pilotdeck_domain::stats::{ProjectStats, TokenStats};
pub use pilotdeck_storage::{
    Change, Error as StorageError, Kind, Listing, Op, OpenError, Report, SourceKind,
};
