//! What the shells decide and the services need to know. Read from flags and the environment by boot, never here.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::clock::Clock;

/// The largest upload a restore takes unless told otherwise (SECURITY.md R1).
const RESTORE_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// How long a deploy script may run (SECURITY.md D2).
const DEPLOY_LIMIT: Duration = Duration::from_secs(30 * 60);

/// What one running PilotDeck was started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The database file; its folder also holds the key file, rollback copies and the deploy log.
    pub db_file: PathBuf,
    /// `PM_SYNCHRONOUS=full`: every commit is flushed before it is answered.
    pub synchronous_full: bool,
    /// `PM_SECRET_KEY`: keys the sessions; else a key file beside the database.
    pub secret_key: Option<Secret>,
    /// `PM_ADMIN_TOKEN`.
    pub admin_token: Option<Secret>,
    /// `PM_AGENT_TOKEN`.
    pub agent_token: Option<Secret>,
    /// `PM_AGENT_OPEN_PROJECTS=1`: open mode opens projects and stats as well.
    pub open_projects: bool,
    /// `PM_DEPLOY_SCRIPT`.
    pub deploy_script: Option<PathBuf>,
    /// The program whose subcommand `deploy-runner` runs the script; none: the running one.
    pub deploy_runner: Option<PathBuf>,
    /// A deploy script that runs longer is killed.
    pub deploy_limit: Duration,
    /// `PM_RESTORE_MAX`, in bytes.
    pub restore_max: u64,
    /// Time zone of naive times in files of the older server; none = UTC.
    pub import_timezone: Option<String>,
    /// `PM_ADMIN_PASSWORD`: the first password of `admin`.
    pub admin_password: Option<Secret>,
    /// Inside the desktop app: no deploys.
    pub in_window: bool,
    /// Where time comes from.
    pub clock: Clock,
}

impl Settings {
    /// The defaults for this database file.
    pub fn new(db_file: impl Into<PathBuf>) -> Settings {
        Settings {
            db_file: db_file.into(),
            synchronous_full: false,
            secret_key: None,
            admin_token: None,
            agent_token: None,
            open_projects: false,
            deploy_script: None,
            deploy_runner: None,
            deploy_limit: DEPLOY_LIMIT,
            restore_max: RESTORE_MAX,
            import_timezone: None,
            admin_password: None,
            in_window: false,
            clock: Clock::system(),
        }
    }
}

/// A password, token or key: never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// None when blank: a blank setting means "not configured", never "matches blank" (SECURITY.md K1).
    pub fn new(text: impl Into<String>) -> Option<Secret> {
        let text = text.into();
        (!text.trim().is_empty()).then_some(Secret(text))
    }

    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_secret_is_no_secret_and_a_real_one_is_not_shown() {
        assert_eq!(Secret::new("  "), None);
        let mut settings = Settings::new("pm.db");
        settings.admin_token = Secret::new("hunter2-hunter2");
        assert!(!format!("{settings:?}").contains("hunter2"), "debug output reaches logs");
        assert_eq!(settings.admin_token.unwrap().expose(), "hunter2-hunter2");
    }
}
