//! Starting, watching and refusing deploys on a real file; the runner is run in this process, on orders like the server's.

#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use pilotdeck_domain::EventFilter;
use tempfile::TempDir;

use super::runner::Job;
use super::*;
use crate::{App, Clock};

struct Deck {
    app: App,
    clock: Clock,
    folder: TempDir,
}

impl Deck {
    /// With a stand-in for the runner that only leaves a mark: what it was called with.
    async fn start(change: impl FnOnce(&mut Settings)) -> Deck {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::settable(Timestamp::parse("2026-02-11T14:30:05Z").unwrap());
        let mut settings = Settings::new(folder.path().join("pm.db"));
        settings.clock = clock.clone();
        settings.agent_token = Secret::new("canary-agent-token");
        settings.deploy_script = Some(script(folder.path(), "deploy.sh", "exit 0"));
        let told = r#"env > "$2.env"; echo "$@" > "$2.new"; mv "$2.new" "$2.args""#;
        settings.deploy_runner = Some(script(folder.path(), "runner.sh", told));
        change(&mut settings);
        Deck { app: App::open(settings).await.unwrap(), clock, folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn script(folder: &Path, name: &str, body: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    path
}

fn wait_for(path: &Path) -> String {
    for _ in 0..200 {
        if let Ok(text) = fs::read_to_string(path) {
            return text;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("{} did not appear", path.display());
}

/// Runs `body` as the deploy script the way the runner does, and gives the end state and the log.
fn run(body: &str, limit_seconds: u64, secrets: &[&str]) -> (DeployStatus, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let files = DeployFiles::within(folder.path());
    let job = Job {
        job_id: "20260211-143005-0badcafe".to_owned(),
        script: script(folder.path(), "deploy.sh", body),
        data_folder: folder.path().to_owned(),
        started_at: Timestamp::parse("2026-02-11T14:30:05Z").unwrap(),
        limit_seconds,
        environment: vec![
            ("PATH".to_owned(), "/usr/bin:/bin".to_owned()),
            ("LANG".to_owned(), "C".to_owned()),
        ],
        secrets: secrets.iter().map(|secret| (*secret).to_owned()).collect(),
        method: DeployMethod::Popen,
        unit: None,
    };
    fs::write(files.job(), serde_json::to_vec(&job).unwrap()).unwrap();
    run_deploy_job(&files.job()).unwrap();
    assert!(!files.job().exists(), "the order holds secrets and must not stay");
    assert!(!files.runner_is_alive().unwrap());
    (files.read_status().unwrap().unwrap(), files.read_log(LINES_SHOWN).unwrap())
}

#[test]
fn a_script_that_ends_well_is_a_success() {
    let (status, log) = run("echo one; echo two >&2", 60, &[]);
    assert_eq!((status.state, status.exit_code), (DeployState::Success, Some(0)));
    assert_eq!((status.pid, status.unit), (Some(std::process::id()), None));
    assert_eq!(log[1..3], ["one", "two"]);
    assert_eq!(log.last().unwrap(), "[The deploy script ended with exit code 0]");
}

#[test]
fn a_script_that_fails_or_is_killed_says_how() {
    let (status, _) = run("exit 3", 60, &[]);
    assert_eq!((status.state, status.exit_code), (DeployState::Failed, Some(3)));
    let (status, _) = run("kill -9 $$", 60, &[]);
    assert_eq!((status.state, status.exit_code), (DeployState::Failed, None));
    assert!(status.message.unwrap().contains("signal"));
}

#[test]
fn a_script_that_hangs_is_killed_with_all_it_started() {
    let started = std::time::Instant::now();
    let (status, log) = run("sleep 600 & echo $!; wait", 1, &[]);
    assert!(started.elapsed().as_secs() < 30);
    assert_eq!((status.state, status.exit_code), (DeployState::Failed, None));
    assert_eq!(status.message.as_deref(), Some("The deploy script was stopped after 1 seconds"));
    let grandchild = PathBuf::from("/proc").join(&log[1]).join("stat");
    let is_gone = || fs::read_to_string(&grandchild).map_or(true, |stat| stat.contains(") Z "));
    assert!((0..100).any(|_| is_gone() || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        false
    }));
}

#[test]
fn a_process_left_behind_does_not_keep_the_job_running() {
    let started = std::time::Instant::now();
    let (status, log) = run("sleep 20 & echo $!", 60, &[]);
    assert_eq!(status.state, DeployState::Success);
    assert!(started.elapsed().as_secs() < 15);
    let _ = std::process::Command::new("kill").arg(&log[1]).status();
}

#[test]
fn the_script_gets_no_arguments_no_input_and_only_its_three_variables() {
    let (_, log) = run("echo $#; cat; env | cut -d= -f1 | sort", 60, &[]);
    // PWD, SHLVL and _ are made by the shell itself.
    let names: Vec<_> = log[2..log.len() - 1]
        .iter()
        .filter(|name| !["PWD", "SHLVL", "_", "OLDPWD"].contains(&name.as_str()))
        .collect();
    assert_eq!(log[1], "0");
    assert_eq!(names, ["LANG", "PATH"]);
}

#[test]
fn secrets_are_masked_in_the_log() {
    let (_, log) =
        run("printf 'token canary-%s\\n' secret; printf '\\033[31mred\\033[0m\\n'", 60, &["canary-secret"]);
    assert_eq!(log[1..3], ["token [redacted]", "red"]);
}

#[test]
fn a_script_that_was_swapped_after_the_start_is_not_run() {
    let (status, log) = run("chmod 777 deploy.sh", 60, &[]);
    assert_eq!(status.state, DeployState::Success, "{log:?}");
    let folder = tempfile::tempdir().unwrap();
    let files = DeployFiles::within(folder.path());
    let open_to_all = script(folder.path(), "deploy.sh", "exit 0");
    fs::set_permissions(&open_to_all, Permissions::from_mode(0o777)).unwrap();
    let job = Job {
        job_id: "20260211-143005-0badcafe".to_owned(),
        script: open_to_all,
        data_folder: folder.path().to_owned(),
        started_at: Timestamp::parse("2026-02-11T14:30:05Z").unwrap(),
        limit_seconds: 60,
        environment: Vec::new(),
        secrets: Vec::new(),
        method: DeployMethod::SystemdRun,
        unit: Some("u.service".to_owned()),
    };
    fs::write(files.job(), serde_json::to_vec(&job).unwrap()).unwrap();
    run_deploy_job(&files.job()).unwrap();
    let status = files.read_status().unwrap().unwrap();
    assert_eq!(
        (status.state, status.pid, status.unit.as_deref()),
        (DeployState::Failed, None, Some("u.service"))
    );
}

#[test]
fn without_an_order_nothing_is_run() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run_deploy_job(&folder.path().join("deploy.job.json")).is_err());
    fs::write(folder.path().join("real"), "{}").unwrap();
    std::os::unix::fs::symlink(folder.path().join("real"), folder.path().join("deploy.job.json")).unwrap();
    assert!(run_deploy_job(&folder.path().join("deploy.job.json")).is_err(), "a link is no order of ours");
}

#[tokio::test]
async fn before_the_first_job_nothing_is_known() {
    let deck = Deck::start(|_| {}).await;
    assert_eq!(deck.app.deploy.status().await.unwrap(), DeployStatus::none());
    assert!(deck.app.deploy.log().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_start_hands_the_order_to_the_runner_and_enters_the_timeline() {
    let deck = Deck::start(|_| {}).await;
    let job = deck.app.deploy.start().await.unwrap();
    assert_eq!(job.job_id.len(), 24, "{}", job.job_id);
    assert!(job.job_id.starts_with("20260211-143005-"));
    assert_eq!(job.pid.is_some(), job.unit.is_none());
    assert_eq!(job.log_file, "deploy.log");

    let order = deck.file("deploy.job.json");
    let arguments = wait_for(&deck.file("deploy.job.json.args"));
    assert_eq!(arguments.trim(), format!("deploy-runner {}", order.display()));
    let environment = fs::read_to_string(deck.file("deploy.job.json.env")).unwrap();
    assert!(!environment.contains("PM_") && !environment.contains("canary"), "{environment}");
    assert_eq!(fs::metadata(&order).unwrap().permissions().mode() & 0o777, 0o600);
    let order: Job = serde_json::from_slice(&fs::read(&order).unwrap()).unwrap();
    assert!(order.secrets.contains(&"canary-agent-token".to_owned()));
    assert_eq!(order.limit_seconds, 1800);

    let events = deck.app.events.list(EventFilter::default()).await.unwrap();
    let event = events.documents[0].to_map();
    assert_eq!((&event["type"], &event["data"]["jobId"]), (&json!("deploy"), &json!(job.job_id)));
    let status = deck.app.deploy.status().await.unwrap();
    assert_eq!((status.state, status.job_id), (DeployState::Running, Some(job.job_id)));
}

#[tokio::test]
async fn one_at_a_time_and_one_a_minute() {
    let deck = Deck::start(|_| {}).await;
    deck.app.deploy.start().await.unwrap();
    assert!(matches!(deck.app.deploy.start().await, Err(Error::BusyJob(_))), "it is starting");

    let files = DeployFiles::within(deck.folder.path());
    let lock = files.hold_lock().unwrap();
    deck.clock.advance(600);
    assert!(matches!(deck.app.deploy.start().await, Err(Error::BusyJob(_))), "it runs for ten minutes");
    assert!(is_running(&deck.app.settings).unwrap());
    assert!(matches!(deck.app.backup.receive(None).await, Err(Error::BusyJob(_))), "nor is a restore begun");

    let mut ended = files.read_status().unwrap().unwrap();
    ended.state = DeployState::Success;
    ended.started_at = Some(deck.clock.now().plus_seconds(-59));
    files.write_status(&ended).unwrap();
    drop(lock);
    let refusal = deck.app.deploy.start().await.unwrap_err().to_string();
    assert!(refusal.contains("less than a minute"), "{refusal}");
    deck.clock.advance(1);
    deck.app.deploy.start().await.unwrap();
}

#[tokio::test]
async fn no_deploy_begins_during_a_restore() {
    let deck = Deck::start(|_| {}).await;
    let upload = deck.app.backup.receive(None).await.unwrap();
    assert!(matches!(deck.app.deploy.start().await, Err(Error::BusyJob(_))));
    drop(upload);
    deck.app.deploy.start().await.unwrap();
}

#[tokio::test]
async fn a_job_that_vanished_is_unknown_and_does_not_block_the_next() {
    let deck = Deck::start(|_| {}).await;
    deck.app.deploy.start().await.unwrap();
    deck.clock.advance(61);
    assert_eq!(deck.app.deploy.status().await.unwrap().state, DeployState::Unknown);
    deck.app.deploy.start().await.unwrap();
}

#[tokio::test]
async fn a_deploy_is_off_without_a_script_in_the_window_and_with_an_unsafe_script() {
    let refusal = async |change: fn(&mut Settings)| {
        let deck = Deck::start(change).await;
        let refusal = deck.app.deploy.start().await.unwrap_err();
        assert!(matches!(refusal, Error::DeployDisabled(_)));
        assert!(!deck.file("deploy.state.json").exists(), "nothing was begun");
        assert_eq!(deck.app.events.list(EventFilter::default()).await.unwrap().total, 0);
        refusal.to_string()
    };
    assert!(refusal(|settings| settings.deploy_script = None).await.contains("PM_DEPLOY_SCRIPT"));
    assert!(refusal(|settings| settings.in_window = true).await.contains("desktop"));
    let unsafe_mode = refusal(|settings| {
        fs::set_permissions(settings.deploy_script.as_ref().unwrap(), Permissions::from_mode(0o777)).unwrap();
    });
    assert!(unsafe_mode.await.contains("written by other users"));
}

#[tokio::test]
async fn a_runner_that_cannot_be_started_leaves_a_failed_job() {
    let deck = Deck::start(|settings| settings.deploy_runner = Some("/no/such/program".into())).await;
    assert!(matches!(deck.app.deploy.start().await, Err(Error::Internal(_))));
    assert_eq!(deck.app.deploy.status().await.unwrap().state, DeployState::Failed);
    assert!(!deck.file("deploy.job.json").exists());
}
