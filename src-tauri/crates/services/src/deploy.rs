//! Deploy jobs (SECURITY.md D1–D3): whether one may start, starting it detached so that it outlives this server, and what is
//! known of the last one. The script itself is run by [`run_deploy_job`], in a process of its own. Knows no HTTP.

mod files;
mod launch;
mod output;
mod runner;
mod script;

use std::path::PathBuf;
use std::sync::Arc;

use pilotdeck_domain::{Map, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Mutex;

use crate::backup::Backup;
use crate::error::{Error, Result};
use crate::events::Events;
use crate::secret_key;
use crate::settings::{Secret, Settings};

pub(crate) use files::DeployFiles;
pub use runner::run_deploy_job;

/// The hidden subcommand of the server that runs a job; its one argument is the job file.
pub const DEPLOY_RUNNER: &str = "deploy-runner";

/// Between two starts.
const SECONDS_BETWEEN: i64 = 60;

/// How long a started runner may take until it holds the lock that shows it is alive.
const SECONDS_TO_START: i64 = 30;

/// How many lines of output are shown.
const LINES_SHOWN: usize = 240;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeployState {
    /// The script runs.
    Running,
    /// It ended with exit code 0.
    Success,
    /// It ended otherwise, or never began.
    Failed,
    /// There was no job, or it vanished without a word.
    Unknown,
}

/// How a job was detached from this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeployMethod {
    /// As a unit of systemd.
    #[serde(rename = "systemd-run")]
    SystemdRun,
    /// As a process in a session of its own.
    #[serde(rename = "popen")]
    Popen,
}

/// The last job, as `data/deploy.state.json` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeployStatus {
    /// Its id; none before the first job.
    pub job_id: Option<String>,
    /// Where it stands.
    pub state: DeployState,
    /// How it was detached.
    pub method: Option<DeployMethod>,
    /// Its unit, with systemd.
    pub unit: Option<String>,
    /// Its process, without.
    pub pid: Option<u32>,
    /// What the script ended with.
    pub exit_code: Option<i32>,
    /// The state in words.
    pub message: Option<String>,
    /// When it was started.
    pub started_at: Option<Timestamp>,
    /// When the state last changed.
    pub updated_at: Option<Timestamp>,
}

impl DeployStatus {
    fn none() -> DeployStatus {
        DeployStatus {
            job_id: None,
            state: DeployState::Unknown,
            method: None,
            unit: None,
            pid: None,
            exit_code: None,
            message: None,
            started_at: None,
            updated_at: None,
        }
    }

    fn running(job_id: &str, started_at: Timestamp) -> DeployStatus {
        DeployStatus {
            job_id: Some(job_id.to_owned()),
            state: DeployState::Running,
            message: Some("The deploy script is running".to_owned()),
            started_at: Some(started_at),
            updated_at: Some(started_at),
            ..DeployStatus::none()
        }
    }

    fn seconds_since_start(&self, now: Timestamp) -> Option<i64> {
        self.started_at.map(|started| now.micros().saturating_sub(started.micros()) / 1_000_000)
    }
}

/// A job that was just started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployJob {
    /// `YYYYMMDD-HHMMSS-` and 8 characters.
    pub job_id: String,
    /// How it was detached.
    pub method: DeployMethod,
    /// Its unit, with systemd.
    pub unit: Option<String>,
    /// Its process, without.
    pub pid: Option<u32>,
    /// The name of the log file, beside the database.
    pub log_file: String,
}

/// Starts deploy jobs and tells about the last one.
#[derive(Clone)]
pub struct Deploy(Arc<Inner>);

struct Inner {
    settings: Arc<Settings>,
    events: Events,
    backup: Backup,
    files: DeployFiles,
    /// The program started as the runner. Asked for at the start of the server: once a deploy has replaced the file, Linux
    /// no longer tells its path.
    runner: Option<PathBuf>,
    starting: Mutex<()>,
}

impl Deploy {
    pub(crate) fn new(settings: Arc<Settings>, events: Events, backup: Backup) -> Deploy {
        let runner = settings.deploy_runner.clone().or_else(|| std::env::current_exe().ok());
        let files = DeployFiles::beside(&settings.db_file);
        Deploy(Arc::new(Inner { settings, events, backup, files, runner, starting: Mutex::new(()) }))
    }

    /// Starts the deploy script, if there is one, none is running and none was started in the last minute.
    pub async fn start(&self) -> Result<DeployJob> {
        let deploy = self.clone();
        // In a task of its own: a caller who hangs up leaves no half-started job.
        let task = tokio::spawn(async move { deploy.start_job().await });
        task.await.map_err(|failed| Error::Internal(failed.into()))?
    }

    async fn start_job(&self) -> Result<DeployJob> {
        let _one_at_a_time = self.0.starting.lock().await;
        let script = self.script()?;
        self.refuse_a_second().await?;
        // Held until the job is known to run: a restore does not begin then, and none is under way now.
        let _no_restore = self.0.backup.begin_restore()?;
        let now = self.0.settings.clock.now();
        let job = runner::Job {
            job_id: new_job_id(now),
            script,
            data_folder: self.0.files.folder().to_owned(),
            started_at: now,
            limit_seconds: self.0.settings.deploy_limit.as_secs(),
            environment: runner::environment_of_server(),
            secrets: self.secrets(),
            method: DeployMethod::Popen,
            unit: None,
        };
        // Before the start: a job that nobody sees in the timeline must not exist.
        self.0.events.create(started_event(&job.job_id)).await?;
        let files = self.0.files.clone();
        let program =
            self.0.runner.clone().ok_or_else(|| anyhow::anyhow!("our own program file is not known"))?;
        let started = blocking(move || launch::launch(&files, &program, job)).await?;
        tracing::info!(job = started.job_id, "deploy started");
        Ok(started)
    }

    /// The last job.
    pub async fn status(&self) -> Result<DeployStatus> {
        let files = self.0.files.clone();
        let now = self.0.settings.clock.now();
        blocking(move || current_status(&files, now)).await
    }

    /// The last lines the script wrote.
    pub async fn log(&self) -> Result<Vec<String>> {
        let files = self.0.files.clone();
        blocking(move || Ok(files.read_log(LINES_SHOWN)?)).await
    }

    /// The script, checked anew at each start (SECURITY.md D1).
    fn script(&self) -> Result<PathBuf> {
        let disabled = |reason: &str| Error::DeployDisabled(format!("Deploy is disabled: {reason}"));
        if self.0.settings.in_window {
            return Err(disabled("the desktop app does not deploy"));
        }
        let script =
            self.0.settings.deploy_script.as_ref().ok_or_else(|| disabled("PM_DEPLOY_SCRIPT is not set"))?;
        script::check(script).map_err(disabled)?;
        Ok(script.clone())
    }

    async fn refuse_a_second(&self) -> Result<()> {
        let now = self.0.settings.clock.now();
        let last = self.status().await?;
        if last.state == DeployState::Running {
            return Err(Error::BusyJob("A deploy is running".to_owned()));
        }
        // A start in the future means that the clock was turned back: that must not lock deploys out.
        if last.seconds_since_start(now).is_some_and(|seconds| (0..SECONDS_BETWEEN).contains(&seconds)) {
            return Err(Error::BusyJob("A deploy was started less than a minute ago".to_owned()));
        }
        Ok(())
    }

    /// Everything the script's output must not show.
    fn secrets(&self) -> Vec<String> {
        let settings = &self.0.settings;
        let configured =
            [&settings.admin_token, &settings.agent_token, &settings.secret_key, &settings.admin_password];
        let key_file = std::fs::read_to_string(secret_key::key_file(&settings.db_file)).ok();
        let configured = configured.into_iter().flatten().map(Secret::expose).map(str::to_owned);
        configured.chain(key_file).collect()
    }
}

/// Whether a deploy of this server is at work: a restore does not begin then.
pub(crate) fn is_running(settings: &Settings) -> Result<bool> {
    let status = current_status(&DeployFiles::beside(&settings.db_file), settings.clock.now())?;
    Ok(status.state == DeployState::Running)
}

/// What the state file says, unless the job it calls running is gone.
fn current_status(files: &DeployFiles, now: Timestamp) -> Result<DeployStatus> {
    let Some(mut status) = files.read_status()? else {
        return Ok(DeployStatus::none());
    };
    let may_be_starting =
        status.seconds_since_start(now).is_some_and(|seconds| (0..SECONDS_TO_START).contains(&seconds));
    if status.state == DeployState::Running && !may_be_starting && !files.runner_is_alive()? {
        // It may have ended between the two looks.
        status = files.read_status()?.unwrap_or(status);
        if status.state == DeployState::Running {
            status.state = DeployState::Unknown;
            status.message = Some("The deploy job ended without telling how".to_owned());
        }
    }
    Ok(status)
}

fn started_event(job_id: &str) -> Map {
    let mut event = Map::new();
    event.insert("type".to_owned(), json!("deploy"));
    event.insert("level".to_owned(), json!("info"));
    event.insert("title".to_owned(), json!("Deploy started"));
    event.insert("message".to_owned(), json!(format!("Deploy {job_id} was started")));
    event.insert("data".to_owned(), json!({ "jobId": job_id }));
    event
}

/// `YYYYMMDD-HHMMSS-` and 8 random characters.
fn new_job_id(now: Timestamp) -> String {
    let digits: String = now.to_string().chars().filter(char::is_ascii_digit).collect();
    let random = rand::random::<u32>();
    format!("{}-{}-{random:08x}", &digits[..8], &digits[8..14])
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|failed| Error::Internal(failed.into()))?
}

#[cfg(test)]
mod tests;
