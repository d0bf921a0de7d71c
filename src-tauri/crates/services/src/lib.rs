//! What PilotDeck does: one file per noun, the one error enum, the clock. Knows no HTTP, no Tauri and no SQL.

mod actions;
mod app;
mod auth;
mod backup;
mod capabilities;
mod clock;
mod deploy;
mod error;
mod events;
mod files;
mod live;
mod meta;
mod passwords;
mod platform;
mod profiles;
mod projects;
mod recover;
mod restore;
mod runs;
mod secret_key;
mod sessions;
mod settings;
mod stats;
mod stored;
#[cfg(test)]
mod testing;
mod usage;
mod zone;

pub use actions::{ActionAnswer, ActionDone, ActionResult, Actions, ActionsDone};
pub use app::{App, Rooms, StartError};
pub use auth::{Auth, Login, LoginRequest, SessionInfo, SignedIn};
pub use backup::{Backup, BackupFile, backup_file};
pub use capabilities::Capabilities;
pub use clock::Clock;
pub use deploy::{DEPLOY_RUNNER, Deploy, DeployJob, DeployMethod, DeployState, DeployStatus, run_deploy_job};
pub use error::{Error, Noun, Result};
pub use events::Events;
pub use live::{Live, LiveChange, LiveFilter, LiveMessage, LiveStream};
pub use meta::{Health, Meta, MetaInside, MetaService};
pub use profiles::Profiles;
pub use projects::{Batch, BatchResult, ProjectList, Projects};
pub use restore::{RestoreOutcome, Upload, inspect_file, replace_damaged};
pub use runs::Runs;
pub use settings::{Secret, Settings};
pub use stats::Stats;
pub use stored::Stored;
pub use usage::{Usage, UsageAnswer, UsageResult};

// Seen in this crate's answers; the rooms above may not name storage.
pub use pilotdeck_domain::stats::{ProjectStats, TokenStats};
pub use pilotdeck_storage::{
    Change, Error as StorageError, Kind, Listing, Op, OpenError, Report, SourceKind,
};
