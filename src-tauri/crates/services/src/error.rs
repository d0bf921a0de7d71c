//! The one closed error of this crate. Its text is what a caller may read; what caused an internal error is logged, never sent.
//! Knows no status codes: those stand in wire's table.

use std::fmt;

use pilotdeck_domain::{Document, Invalid, Right, Timestamp};
use pilotdeck_storage as storage;

/// What a service answers with.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kinds of records that can be missing or already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Noun {
    /// A project.
    Project,
    /// A run of an agent.
    Run,
    /// An event of the timeline.
    Event,
    /// An agent profile.
    Profile,
    /// An agent capability.
    Capability,
    /// A usage record.
    Usage,
    /// A user.
    User,
    /// A backup that is kept.
    Backup,
}

impl Noun {
    /// The word as it begins a code such as `project_not_found`.
    pub const fn word(self) -> &'static str {
        match self {
            Noun::Project => "project",
            Noun::Run => "run",
            Noun::Event => "event",
            Noun::Profile => "profile",
            Noun::Capability => "capability",
            Noun::Usage => "usage",
            Noun::User => "user",
            Noun::Backup => "backup",
        }
    }
}

impl fmt::Display for Noun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Noun::Project => "Project",
            Noun::Run => "Run",
            Noun::Event => "Event",
            Noun::Profile => "Profile",
            Noun::Capability => "Capability",
            Noun::Usage => "Usage record",
            Noun::User => "User",
            Noun::Backup => "Backup",
        })
    }
}

/// Why something was not done. `Display` is the sentence a caller reads.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was sent breaks a rule of the contract.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// No such record.
    #[error("{kind} not found: {id}")]
    NotFound {
        /// What was looked for.
        kind: Noun,
        /// The id as asked.
        id: String,
    },
    /// `ifUpdatedAt` names another version than the stored one.
    #[error("Conflict: updatedAt mismatch")]
    Conflict {
        /// The stamp the caller saw, as sent.
        expected: String,
        /// The stamp of the stored record.
        actual: Timestamp,
        /// The record as it is now.
        current: Document,
    },
    /// The id is taken, and creating this noun is not idempotent.
    #[error("{kind} already exists: {id}")]
    AlreadyExists {
        /// What was to be made.
        kind: Noun,
        /// The id that is taken.
        id: String,
        /// The record that has it.
        current: Document,
    },
    /// The name of a user is taken, in this or another spelling.
    #[error("There is a user of the name {0} already")]
    UserExists(String),
    /// Somebody must be able to manage users.
    #[error("The last administrator must stay one")]
    LastAdmin,
    /// A session is needed and there is none.
    #[error("Not signed in")]
    NotSignedIn,
    /// A token is needed, and it is missing or wrong.
    #[error("Unauthorized: a valid token is needed")]
    Unauthorized,
    /// Unknown user or wrong password; deliberately the same.
    #[error("Invalid username or password")]
    InvalidCredentials,
    /// The password everybody knows, from somewhere else than this machine.
    #[error("The default password is accepted on this machine only: change it first")]
    DefaultPasswordLocalOnly,
    /// Known, but not allowed.
    #[error("{0}")]
    Forbidden(String),
    /// Admin calls need `PM_ADMIN_TOKEN`.
    #[error("Admin token is not configured: set PM_ADMIN_TOKEN")]
    AdminTokenNotConfigured,
    /// Deploying is off, and why.
    #[error("{0}")]
    DeployDisabled(String),
    /// A restore or deploy is running, or ran a moment ago.
    #[error("{0}")]
    BusyJob(String),
    /// A restore is replacing the data.
    #[error("Maintenance: a restore is running, try again in a moment")]
    Maintenance,
    /// The queue of writes is full.
    #[error("Too busy: try again in a moment")]
    Busy,
    /// The database cannot be written.
    #[error("The database is read-only")]
    ReadOnly,
    /// The database is damaged.
    #[error("The database is corrupt")]
    DatabaseCorrupt,
    /// No space left.
    #[error("The disk is full")]
    DiskFull,
    /// The uploaded file is no database of ours.
    #[error("{0}")]
    NotABackup(String),
    /// The uploaded file was written by a newer PilotDeck.
    #[error("This backup has version {found}, newer than version {ours} of this PilotDeck")]
    BackupTooNew {
        /// Version of the file.
        found: i64,
        /// The newest version we read.
        ours: i64,
    },
    /// The uploaded file is ours, but something in it is not to be trusted.
    #[error("{0}")]
    BackupRefused(String),
    /// More than the limit.
    #[error("{0}")]
    TooLarge(String),
    /// A restore failed at the end; the data are as they were.
    #[error("The restore failed and was rolled back: {0}")]
    RestoreRolledBack(String),
    /// Too many tries.
    #[error("Too many requests: try again in {retry_after} seconds")]
    TooManyRequests {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// A fault of ours.
    #[error("Internal error")]
    Internal(#[source] anyhow::Error),
}

impl Error {
    /// A key without the right for this.
    pub fn lacks_right(right: Right) -> Error {
        Error::Forbidden(format!("This key does not have the right \"{}\"", right.word()))
    }

    /// No such record.
    pub fn not_found(kind: Noun, id: impl Into<String>) -> Error {
        Error::NotFound { kind, id: id.into() }
    }
}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Error {
        match error {
            storage::Error::Busy | storage::Error::Locked => Error::Busy,
            storage::Error::DiskFull => Error::DiskFull,
            storage::Error::ReadOnly => Error::ReadOnly,
            storage::Error::Corrupt(what) => {
                tracing::error!("the database is corrupt: {what}");
                Error::DatabaseCorrupt
            }
            storage::Error::Closed => Error::Internal(anyhow::anyhow!("the database is closed")),
            storage::Error::Sqlite(cause) => Error::Internal(cause.into()),
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Error::DiskFull,
            std::io::ErrorKind::ReadOnlyFilesystem => Error::ReadOnly,
            _ => Error::Internal(error.into()),
        }
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Error {
        Error::Internal(error)
    }
}
