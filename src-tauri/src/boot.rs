//! From settings to a running PilotDeck and back to a closed file: what the server and the window do alike.

use std::path::{Path, PathBuf};
use std::time::Duration;

use pilotdeck_api::{ApiConfig, BindError};
use pilotdeck_services::{App, Error, OpenError, Settings, StartError, StorageError};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::failure::{Exit, Failure};
use crate::private_files;
use crate::settings::Listening;

/// How long the end waits for what was accepted; the listener itself gives its connections a little less.
const END: Duration = Duration::from_secs(10);

/// Prepares the data folder and opens the database.
pub async fn open(settings: Settings) -> Result<App, Failure> {
    let db_file = std::path::absolute(&settings.db_file)
        .map_err(|error| Failure::new(Exit::Config, format!("PM_DB_FILE is no path: {error}")))?;
    private_files::prepare_folder(&folder_of(&db_file))?;
    App::open(Settings { db_file, ..settings }).await.map_err(|error| not_started(&error))
}

/// The folder a file is in.
pub fn folder_of(file: &Path) -> PathBuf {
    file.parent().map(Path::to_path_buf).unwrap_or_default()
}

fn not_started(error: &StartError) -> Failure {
    let exit = match error {
        StartError::Database(error) => match error {
            OpenError::Newer { .. } | OpenError::Legacy { .. } | OpenError::Foreign { .. } => Exit::Data,
            OpenError::Migration { .. } | OpenError::Sqlite { source: StorageError::Corrupt(_), .. } => {
                Exit::Data
            }
            OpenError::InUse { .. } => Exit::TryLater,
            OpenError::OldSqlite => Exit::Software,
            OpenError::NoWal { .. } | OpenError::Io { .. } | OpenError::Sqlite { .. } => Exit::Io,
        },
        // Nobody has sent anything yet: what is invalid is a setting.
        StartError::Other(Error::Invalid(_)) => Exit::Config,
        StartError::Import(error) | StartError::Other(error) => Failure::of_service(error).exit,
    };
    Failure::new(exit, with_causes(error))
}

/// An error and what caused it, in one line; causes that the text tells already are left out.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let told = error.to_string();
        if !text.contains(&told) {
            text = format!("{text}: {told}");
        }
        cause = error.source();
    }
    text
}

/// Refuses to be reachable from elsewhere while a known password, no token or a guessable one would let anybody in
/// (SECURITY.md B2, K1).
fn check_exposure(app: &App, config: &ApiConfig) -> Result<(), Failure> {
    let refusals = if config.is_wide() { app.auth.wide_bind_refusals() } else { Vec::new() };
    if refusals.is_empty() {
        return Ok(());
    }
    let sentence =
        format!("PM_HOST={} opens PilotDeck to other machines, but {}", config.host, refusals.join("; "));
    Err(Failure::new(Exit::Config, sentence))
}

/// The listener at work.
pub struct Server {
    addresses: Vec<std::net::SocketAddr>,
    port: u16,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Server {
    /// Takes the port and answers from now on.
    pub async fn start(app: App, listening: &Listening) -> Result<Server, Failure> {
        let config = ApiConfig {
            port: listening.port,
            host: listening.host,
            allowed_hosts: listening.allowed_hosts.clone(),
            allowed_origins: listening.allowed_origins.clone(),
            trusted_proxies: listening.trusted_proxies.clone(),
            admin_remote: listening.admin_remote,
        };
        check_exposure(&app, &config)?;
        let listeners = pilotdeck_api::bind(&config).await.map_err(|error| {
            let exit = match error {
                BindError::InUse { .. } => Exit::Unavailable,
                BindError::Refused { .. } => Exit::Config,
            };
            Failure::new(exit, error.to_string())
        })?;
        let (addresses, port) = (listeners.addresses().to_vec(), listeners.port());
        let stop = CancellationToken::new();
        let task = tokio::spawn(pilotdeck_api::serve(app, config, listeners, stop.clone()));
        Ok(Server { addresses, port, stop, task })
    }

    /// Where it listens, IPv4 first.
    pub fn addresses(&self) -> &[std::net::SocketAddr] {
        &self.addresses
    }

    /// The port of all its addresses.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Finishes what was accepted and returns; false when that took too long.
    pub async fn stop(self) -> bool {
        self.stop.cancel();
        tokio::time::timeout(END, self.task).await.is_ok()
    }
}

/// The ways in which the system or a person asks the process to end. From [`EndSignals::listen`] on a signal is kept until
/// somebody waits for it; before, it ends the process at once.
pub struct EndSignals {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
    #[cfg(windows)]
    ctrl_c: tokio::signal::windows::CtrlC,
}

impl EndSignals {
    /// Listens from now on: call it before anybody can know that we are there.
    pub fn listen() -> Result<EndSignals, Failure> {
        let listen = || -> std::io::Result<EndSignals> {
            #[cfg(unix)]
            {
                use tokio::signal::unix::{SignalKind, signal};
                let signals = [
                    signal(SignalKind::terminate())?,
                    signal(SignalKind::interrupt())?,
                    signal(SignalKind::hangup())?,
                ];
                Ok(EndSignals { signals })
            }
            #[cfg(windows)]
            Ok(EndSignals { ctrl_c: tokio::signal::windows::ctrl_c()? })
        };
        listen().map_err(|error| Failure::new(Exit::Software, format!("cannot wait for signals: {error}")))
    }

    /// Waits for the first one.
    pub async fn asked(mut self) {
        #[cfg(unix)]
        {
            let [terminate, interrupt, hangup] = &mut self.signals;
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {}, _ = hangup.recv() => {} }
        }
        #[cfg(windows)]
        self.ctrl_c.recv().await;
    }
}
