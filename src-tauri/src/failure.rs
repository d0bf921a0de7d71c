//! How a shell ends when it cannot go on: one sentence for a person, one exit code for a script. Knows nothing of what went wrong below.

use std::fmt;
use std::process::ExitCode;

use pilotdeck_services::Error;

/// Why the process ends; the numbers are those of sysexits.h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 64: the command line makes no sense.
    Usage,
    /// 65: the data is damaged, of a newer version, or no data of ours.
    Data,
    /// 69: an address is taken by somebody else.
    Unavailable,
    /// 70: a fault of ours.
    Software,
    /// 73: a file could not be made.
    CannotCreate,
    /// 74: reading or writing failed.
    Io,
    /// 75: somebody else holds the database; try again later.
    TryLater,
    /// 78: a setting is wrong, missing or unsafe.
    Config,
}

impl Exit {
    /// The number the shell sees.
    pub const fn code(self) -> u8 {
        match self {
            Exit::Usage => 64,
            Exit::Data => 65,
            Exit::Unavailable => 69,
            Exit::Software => 70,
            Exit::CannotCreate => 73,
            Exit::Io => 74,
            Exit::TryLater => 75,
            Exit::Config => 78,
        }
    }
}

/// A sentence and the exit code that goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of end this is.
    pub exit: Exit,
    /// What happened and what to do, for a person.
    pub message: String,
}

impl Failure {
    /// A failure with this exit code and sentence.
    pub fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure { exit, message: message.into() }
    }

    /// What a service answered, for the owner of the machine: the cause of an internal error is told too.
    pub fn of_service(error: &Error) -> Failure {
        let exit = match error {
            Error::Invalid(_)
            | Error::NotFound { .. }
            | Error::AlreadyExists { .. }
            | Error::UserExists(_)
            | Error::LastAdmin
            | Error::Conflict { .. } => Exit::Usage,
            Error::NotABackup(_)
            | Error::BackupTooNew { .. }
            | Error::BackupRefused(_)
            | Error::TooLarge(_) => Exit::Data,
            Error::DatabaseCorrupt | Error::RestoreRolledBack(_) => Exit::Data,
            Error::ReadOnly | Error::DiskFull => Exit::Io,
            Error::Busy | Error::BusyJob(_) | Error::Maintenance | Error::TooManyRequests { .. } => {
                Exit::TryLater
            }
            Error::Forbidden(_) | Error::AdminTokenNotConfigured | Error::DeployDisabled(_) => Exit::Config,
            Error::NotSignedIn
            | Error::Unauthorized
            | Error::InvalidCredentials
            | Error::DefaultPasswordLocalOnly => Exit::Config,
            Error::Internal(cause) => {
                let is_io = cause.chain().any(|cause| cause.is::<std::io::Error>());
                let exit = if is_io { Exit::Io } else { Exit::Software };
                return Failure::new(exit, format!("{cause:#}"));
            }
        };
        Failure::new(exit, error.to_string())
    }

    /// The code to leave the process with.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit.code())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
