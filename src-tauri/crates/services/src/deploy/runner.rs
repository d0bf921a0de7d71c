//! The process that runs one deploy script: started by the server, detached from it, and the one who writes down how the
//! job ended. Knows no database, no settings and no environment but what its order says.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;
use std::{fs, thread};

use anyhow::Context;
use pilotdeck_domain::Timestamp;
use serde::{Deserialize, Serialize};

use super::output::Log;
use super::{DeployFiles, DeployMethod, DeployState, DeployStatus, script};
use crate::clock::Clock;
use crate::platform;

/// A process that the script left behind may hold its output open for ever; we do not wait for that.
const LAST_OUTPUT: Duration = Duration::from_secs(2);

/// The order for one job, handed over in a file that only we can read: command lines and environments are seen by others.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Job {
    pub(crate) job_id: String,
    pub(crate) script: PathBuf,
    pub(crate) data_folder: PathBuf,
    pub(crate) started_at: Timestamp,
    pub(crate) limit_seconds: u64,
    /// All that the script gets.
    pub(crate) environment: Vec<(String, String)>,
    /// What the log must not show.
    pub(crate) secrets: Vec<String>,
    pub(crate) method: DeployMethod,
    pub(crate) unit: Option<String>,
}

/// How a script ended.
struct Outcome {
    state: DeployState,
    exit_code: Option<i32>,
    message: String,
}

/// What the server's hidden subcommand `deploy-runner FILE` does: runs the job, and returns when it has ended. An error
/// means that the order could not be read or the state not be written; a script that fails is no error.
pub fn run_deploy_job(job_file: &Path) -> anyhow::Result<()> {
    let job = take_order(job_file).with_context(|| format!("no deploy order in {}", job_file.display()))?;
    platform::leave_session();
    let files = DeployFiles::within(&job.data_folder);
    let _shows_we_live = files.hold_lock().context("the deploy lock cannot be taken")?;
    let mut status = DeployStatus::running(&job.job_id, job.started_at);
    status.method = Some(job.method);
    status.unit = job.unit.clone();
    status.pid = (job.method == DeployMethod::Popen).then(std::process::id);
    files.write_status(&status)?;

    let outcome = run_logged(&job, &files).unwrap_or_else(|error| Outcome {
        state: DeployState::Failed,
        exit_code: None,
        message: format!("The deploy script could not be run: {error:#}"),
    });
    status.state = outcome.state;
    status.exit_code = outcome.exit_code;
    status.message = Some(outcome.message);
    status.updated_at = Some(Clock::system().now());
    files.write_status(&status)?;
    Ok(())
}

/// The variables of this process that a deploy script gets.
pub(crate) fn environment_of_server() -> Vec<(String, String)> {
    let value = |name: &&str| std::env::var(name).ok().map(|value| ((*name).to_owned(), value));
    platform::environment_names().iter().filter_map(value).collect()
}

/// Reads the order and removes it: it holds secrets.
fn take_order(job_file: &Path) -> anyhow::Result<Job> {
    let file = job_file.symlink_metadata()?;
    anyhow::ensure!(file.is_file() && platform::is_ours_or_roots(&file), "the file is not ours");
    let bytes = fs::read(job_file)?;
    fs::remove_file(job_file)?;
    Ok(serde_json::from_slice(&bytes)?)
}

fn run_logged(job: &Job, files: &DeployFiles) -> anyhow::Result<Outcome> {
    let log = Arc::new(Mutex::new(Log::create(&files.log(), &job.secrets)?));
    note(&log, &format!("[deploy {} started]", job.job_id));
    let outcome = run_script(job, &log);
    match &outcome {
        Ok(outcome) => note(&log, &format!("[{}]", outcome.message)),
        Err(error) => note(&log, &format!("[{error:#}]")),
    }
    outcome
}

fn run_script(job: &Job, log: &Arc<Mutex<Log>>) -> anyhow::Result<Outcome> {
    // Once more, right before the start: the server looked a moment ago.
    script::check(&job.script).map_err(anyhow::Error::msg)?;
    let (output, writer) = io::pipe()?;
    let mut command = Command::new(&job.script);
    command.env_clear().envs(job.environment.iter().map(|(name, value)| (name, value)));
    command.current_dir(job.script.parent().unwrap_or(Path::new("/")));
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    platform::own_group(&mut command);
    let mut child = command.spawn()?;
    drop(command); // closes our ends of the pipe, so that the output ends with the script
    let leader = child.id();

    let (all_read, drained) = mpsc::channel::<()>();
    let output_log = Arc::clone(log);
    thread::spawn(move || {
        copy_output(output, &output_log);
        drop(all_read);
    });
    let (ended, end) = mpsc::channel();
    thread::spawn(move || ended.send(child.wait()));
    let outcome = match end.recv_timeout(Duration::from_secs(job.limit_seconds)) {
        Ok(status) => outcome_of(status?),
        Err(_) => {
            platform::kill_group(leader);
            // It is dead now; waiting for it lets its output come in.
            let _ = end.recv();
            outcome_of_limit(job.limit_seconds)
        }
    };
    let _ = drained.recv_timeout(LAST_OUTPUT);
    Ok(outcome)
}

fn copy_output(mut output: impl Read, log: &Mutex<Log>) {
    let mut buffer = [0; 8192];
    while let Ok(read @ 1..) = output.read(&mut buffer) {
        // A log that cannot be written (disk full) must not stop the deploy.
        let _ = log.lock().unwrap_or_else(PoisonError::into_inner).write(&buffer[..read]);
    }
}

fn note(log: &Mutex<Log>, text: &str) {
    let _ = log.lock().unwrap_or_else(PoisonError::into_inner).note(text);
}

fn outcome_of(status: ExitStatus) -> Outcome {
    let state = if status.success() { DeployState::Success } else { DeployState::Failed };
    let message = match status.code() {
        Some(code) => format!("The deploy script ended with exit code {code}"),
        None => "The deploy script was ended by a signal".to_owned(),
    };
    Outcome { state, exit_code: status.code(), message }
}

fn outcome_of_limit(seconds: u64) -> Outcome {
    let message = format!("The deploy script was stopped after {seconds} seconds");
    Outcome { state: DeployState::Failed, exit_code: None, message }
}
