//! Detaching the runner from this server: as a unit of systemd where it runs, else as a process in a session of its own.
//! Knows nothing of what the runner does.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, anyhow};

use super::runner::Job;
use super::{DEPLOY_RUNNER, DeployFiles, DeployJob, DeployMethod, DeployState, DeployStatus};
use crate::error::Result;
use crate::platform;

/// Starts the runner for `job`. When it cannot be started, the state says so.
pub(super) fn launch(files: &DeployFiles, program: &Path, mut job: Job) -> Result<DeployJob> {
    let mut status = DeployStatus::running(&job.job_id, job.started_at);
    if let Some(systemd_run) = find_systemd_run() {
        let unit = format!("pilotdeck-deploy-{}.service", job.job_id);
        (job.method, job.unit) = (DeployMethod::SystemdRun, Some(unit.clone()));
        (status.method, status.unit) = (Some(job.method), Some(unit.clone()));
        prepare(files, &job, &status)?;
        match start_unit(&systemd_run, &unit, program, &files.job()) {
            Ok(()) => return Ok(started(files, &job, None)),
            // A server without the rights to start units, or without a session bus, still deploys.
            Err(error) => tracing::warn!("systemd-run failed, starting a plain process instead: {error:#}"),
        }
        (job.method, job.unit) = (DeployMethod::Popen, None);
    }
    (status.method, status.unit) = (Some(job.method), None);
    prepare(files, &job, &status)?;
    match start_process(files, program) {
        Ok(pid) => Ok(started(files, &job, Some(pid))),
        Err(error) => {
            let _ = std::fs::remove_file(files.job());
            status.state = DeployState::Failed;
            status.message = Some("The deploy could not be started".to_owned());
            files.write_status(&status)?;
            Err(error.into())
        }
    }
}

/// The state says `running` before the runner starts, so that its own word is always the later one.
fn prepare(files: &DeployFiles, job: &Job, status: &DeployStatus) -> Result<()> {
    files.write_status(status)?;
    let order = serde_json::to_vec(job).context("the deploy order cannot be written")?;
    let path = files.job();
    if let Err(error) = std::fs::remove_file(&path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(error.into());
    }
    platform::create_private(&path)?.write_all(&order)?;
    Ok(())
}

fn started(files: &DeployFiles, job: &Job, pid: Option<u32>) -> DeployJob {
    let log_file = files.log().file_name().unwrap_or_default().to_string_lossy().into_owned();
    DeployJob { job_id: job.job_id.clone(), method: job.method, unit: job.unit.clone(), pid, log_file }
}

fn start_process(files: &DeployFiles, program: &Path) -> anyhow::Result<u32> {
    let mut command = Command::new(program);
    command.arg(DEPLOY_RUNNER).arg(files.job()).current_dir(files.folder());
    command.env_clear().envs(super::runner::environment_of_server());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    platform::detach(&mut command);
    let mut child = command.spawn().context("the deploy runner cannot be started")?;
    let pid = child.id();
    // Somebody must take note of its end, or it stays behind as a zombie while we live.
    std::thread::spawn(move || child.wait());
    Ok(pid)
}

fn start_unit(systemd_run: &Path, unit: &str, program: &Path, job_file: &Path) -> anyhow::Result<()> {
    let mut command = Command::new(systemd_run);
    command.args(unit_arguments(platform::is_root(), unit, program, job_file));
    command.env_clear().envs(super::runner::environment_of_server());
    // What systemd-run itself needs to find the user's own systemd; the unit does not get them.
    for name in ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(anyhow!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()))
}

/// `--service-type=exec` tells whether the program could be started; `KillMode=process` leaves alone what the script has
/// started to stay, as without systemd.
fn unit_arguments(root: bool, unit: &str, program: &Path, job_file: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = Vec::new();
    if !root {
        arguments.push("--user".into());
    }
    arguments.extend(
        ["--quiet", "--collect", "--service-type=exec", "--property=KillMode=process"].map(OsString::from),
    );
    arguments.push(format!("--unit={unit}").into());
    arguments.push("--description=PilotDeck deploy".into());
    arguments.extend([
        "--".into(),
        program.as_os_str().to_owned(),
        DEPLOY_RUNNER.into(),
        job_file.as_os_str().to_owned(),
    ]);
    arguments
}

/// None where systemd does not run the system, even if its tools are installed.
fn find_systemd_run() -> Option<PathBuf> {
    if !Path::new("/run/systemd/system").is_dir() {
        return None;
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("systemd-run")).find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_runs_the_runner_on_the_job_file_and_nothing_else() {
        let arguments = unit_arguments(
            false,
            "u.service",
            Path::new("/opt/pilotdeck-server"),
            Path::new("/data/deploy.job.json"),
        );
        let end = arguments.iter().position(|argument| argument == "--").unwrap();
        assert_eq!(arguments[end + 1..], ["/opt/pilotdeck-server", "deploy-runner", "/data/deploy.job.json"]);
        assert!(arguments[..end].iter().any(|argument| argument == "--user"));
        let of_root = unit_arguments(true, "u.service", Path::new("/p"), Path::new("/j"));
        assert!(!of_root.iter().any(|argument| argument == "--user"));
    }
}
