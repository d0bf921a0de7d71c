//! D: deploy.

#![cfg(unix)]

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use pilotdeck_services::Secret;
use pilotdeck_testkit::{ADMIN_TOKEN, AGENT_TOKEN, TestApp, TestAppBuilder};
use serde_json::{Value, json};

const SERVER: &str = env!("CARGO_BIN_EXE_pilotdeck-server");

/// A server whose deploy script is this shell code, in a folder of its own.
pub(crate) fn with_script(code: &str) -> TestAppBuilder {
    let builder = TestApp::builder();
    let script = write_script(builder.db_file().parent().unwrap(), code);
    builder.settings(|settings| {
        settings.deploy_script = Some(script);
        settings.deploy_runner = Some(SERVER.into());
    })
}

fn write_script(folder: &Path, code: &str) -> PathBuf {
    let script = folder.join("deploy.sh");
    fs::write(&script, format!("#!/bin/sh\n{code}\n")).unwrap();
    fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    script
}

/// The status of the job, once it has ended.
pub(crate) async fn ended(app: &TestApp) -> Value {
    for _ in 0..300 {
        let status = app.admin().get("/api/admin/deploy/status").await.expect(200).data();
        if status["state"] != "running" {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the deploy does not end");
}

async fn log(app: &TestApp) -> Vec<String> {
    let log = app.admin().get("/api/admin/deploy/log").await.expect(200).body["lines"].clone();
    log.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn d1_without_a_script_deploys_are_off() {
    let app = TestApp::start().await;
    app.admin().post("/api/admin/deploy", json!({})).await.expect_failure(403, "deploy_disabled");
    assert!(!app.folder().join("deploy.state.json").exists());
}

#[tokio::test]
async fn d1_a_script_is_checked_anew_at_each_start() {
    let app = with_script("exit 0").build().await;
    let script = app.folder().join("deploy.sh");
    let refused = async || {
        app.clock.advance(61);
        app.admin().call("POST", "/api/admin/deploy").await.expect_failure(403, "deploy_disabled");
    };
    for mode in [0o777, 0o775, 0o757] {
        fs::set_permissions(&script, Permissions::from_mode(mode)).unwrap();
        refused().await;
    }
    let real = app.folder().join("real.sh");
    fs::rename(&script, &real).unwrap();
    refused().await;
    std::os::unix::fs::symlink(&real, &script).unwrap();
    fs::set_permissions(&real, Permissions::from_mode(0o755)).unwrap();
    refused().await;
    fs::remove_file(&script).unwrap();
    fs::create_dir(&script).unwrap();
    refused().await;
    fs::remove_dir(&script).unwrap();
    fs::rename(&real, &script).unwrap();
    app.admin().call("POST", "/api/admin/deploy").await.expect(200);
    assert_eq!(ended(&app).await["state"], "success");
}

#[tokio::test]
async fn d1_in_the_window_deploys_are_off() {
    let app = with_script("exit 0").settings(|settings| settings.in_window = true).build().await;
    app.admin().call("POST", "/api/admin/deploy").await.expect_failure(403, "deploy_disabled");
}

#[tokio::test]
async fn d2_nothing_of_the_request_reaches_the_script() {
    let app = with_script(r#"echo "arguments: $#"; cat; env | cut -d= -f1"#).build().await;
    let query = "/api/admin/deploy?cmd=id&args=--evil&PM_X=1";
    app.admin()
        .with("x-evil", "$(id)")
        .post(query, json!({ "cmd": "id", "args": ["--evil"] }))
        .await
        .expect(200);
    assert_eq!(ended(&app).await["state"], "success");
    let lines = log(&app).await;
    assert_eq!(lines[1], "arguments: 0");
    // The shell itself makes the last four.
    let known = ["PATH", "HOME", "LANG", "PWD", "OLDPWD", "SHLVL", "_"];
    let names = &lines[2..lines.len() - 1];
    assert!(names.iter().all(|name| known.contains(&name.as_str())), "{names:?}");
    assert!(names.iter().any(|name| name == "PATH"));
}

#[tokio::test]
async fn d2_one_deploy_at_a_time_and_one_a_minute() {
    let app = with_script("while [ ! -e go ]; do sleep 0.05; done").build().await;
    let start = async || app.admin().call("POST", "/api/admin/deploy").await;
    start().await.expect(200);
    start().await.expect_failure(409, "busy_job");
    tokio::time::sleep(Duration::from_millis(500)).await;
    app.clock.advance(600);
    start().await.expect_failure(409, "busy_job");
    let octets = Some("application/octet-stream");
    let restore = app.admin().send(http::Method::POST, "/api/admin/restore", octets, vec![0; 512]).await;
    restore.expect_failure(409, "busy_job");
    fs::write(app.folder().join("go"), "").unwrap();
    assert_eq!(ended(&app).await["state"], "success");

    start().await.expect(200);
    assert_eq!(ended(&app).await["state"], "success");
    start().await.expect_failure(409, "busy_job");
    app.clock.advance(59);
    start().await.expect_failure(409, "busy_job");
    app.clock.advance(1);
    start().await.expect(200);
    assert_eq!(ended(&app).await["state"], "success");
}

#[tokio::test]
async fn d2_of_many_starts_at_once_one_wins() {
    let app = with_script("exit 0").build().await;
    let starts: Vec<_> = (0..16)
        .map(|_| {
            let admin = app.admin();
            tokio::spawn(async move { admin.call("POST", "/api/admin/deploy").await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for start in starts {
        statuses.push(start.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[1], statuses[15]), (200, 409, 409), "{statuses:?}");
    assert_eq!(ended(&app).await["state"], "success");
}

#[tokio::test]
async fn d2_a_script_that_hangs_is_killed_with_its_children() {
    let limit = |settings: &mut pilotdeck_services::Settings| settings.deploy_limit = Duration::from_secs(1);
    let app = with_script("sleep 600 & echo $!; wait").settings(limit).build().await;
    app.admin().call("POST", "/api/admin/deploy").await.expect(200);
    let status = ended(&app).await;
    assert_eq!((&status["state"], &status["exitCode"]), (&json!("failed"), &Value::Null));
    let child = PathBuf::from("/proc").join(&log(&app).await[1]).join("stat");
    assert!(fs::read_to_string(child).map_or(true, |stat| stat.contains(") Z ")), "the child is dead");
}

#[tokio::test]
async fn d2_a_job_outlives_the_kill_of_its_server() {
    let folder = tempfile::tempdir().unwrap();
    let script =
        write_script(folder.path(), "while [ ! -e go ]; do sleep 0.05; done; env > environment; exit 7");
    let mut server = Command::new(SERVER)
        .env("PM_PORT", "0")
        .env("PM_DB_FILE", folder.path().join("pm.db"))
        .env("PM_ADMIN_TOKEN", ADMIN_TOKEN)
        .env("PM_AGENT_TOKEN", AGENT_TOKEN)
        .env("PM_DEPLOY_SCRIPT", script)
        .env("CANARY", "of the server")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    let said = BufReader::new(server.stdout.take().unwrap()).lines().map_while(Result::ok);
    let address = said
        .filter_map(|line| line.split_once("127.0.0.1:").map(|(_, rest)| rest.to_owned()))
        .next()
        .unwrap();
    let port: String = address.chars().take_while(char::is_ascii_digit).collect();
    // Only its address is of interest: the client of an app that has nothing to do with it.
    let elsewhere = TestApp::start().await;
    let admin = elsewhere.admin().at(format!("127.0.0.1:{port}").parse().unwrap());
    admin.call("POST", "/api/admin/deploy").await.expect(200);

    // All of the server's process group, as a service manager or a closing terminal would.
    let state = |folder: &Path| -> Value {
        serde_json::from_slice(&fs::read(folder.join("deploy.state.json")).unwrap_or_default())
            .unwrap_or_default()
    };
    for _ in 0..100 {
        if state(folder.path())["pid"].is_number() || state(folder.path())["unit"].is_string() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let group = rustix::process::Pid::from_child(&server);
    rustix::process::kill_process_group(group, rustix::process::Signal::KILL).unwrap();
    server.wait().unwrap();
    assert_eq!(state(folder.path())["state"], "running");

    fs::write(folder.path().join("go"), "").unwrap();
    for _ in 0..200 {
        if state(folder.path())["state"] != "running" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let end = state(folder.path());
    assert_eq!((&end["state"], &end["exitCode"]), (&json!("failed"), &json!(7)), "{end}");
    let environment = fs::read_to_string(folder.path().join("environment")).unwrap();
    assert!(!environment.contains("PM_") && !environment.contains("CANARY"), "{environment}");
}

#[tokio::test]
async fn d3_configured_secrets_are_masked_in_the_log() {
    let script = r"printf 'admin-token-of-%s\n' the-tests; printf 'agent-token\000-of-\033[1mthe\033[0m-tests\n'
        echo x=canary-secret-key=x; echo canary-password; cat pm.db.key 2>/dev/null; echo plain";
    let app = with_script(script)
        .settings(|settings| {
            settings.secret_key = Secret::new("canary-secret-key");
            settings.admin_password = Secret::new("canary-password");
        })
        .build()
        .await;
    app.admin().call("POST", "/api/admin/deploy").await.expect(200);
    ended(&app).await;
    let lines = log(&app).await;
    assert_eq!(lines[1..6], ["[redacted]", "[redacted]", "x=[redacted]=x", "[redacted]", "plain"]);
    for secret in [ADMIN_TOKEN, AGENT_TOKEN, "canary"] {
        let leaks = super::files_with(&app, secret);
        assert!(leaks.iter().all(|file| file.ends_with("deploy.sh")), "{leaks:?}");
    }
}

#[tokio::test]
async fn d3_the_key_file_is_masked_in_the_log() {
    let app = with_script("cat pm.db.key").build().await;
    app.admin().call("POST", "/api/admin/deploy").await.expect(200);
    ended(&app).await;
    assert_eq!(log(&app).await[1], "[redacted]");
}

#[tokio::test]
async fn d3_the_log_is_capped_and_shows_its_end() {
    let app = with_script("i=0; while [ $i -lt 30000 ]; do echo \"$i 0123456789012345678901234567890123456789\"; i=$((i+1)); done").build().await;
    app.admin().call("POST", "/api/admin/deploy").await.expect(200);
    ended(&app).await;
    assert!(fs::metadata(app.folder().join("deploy.log")).unwrap().len() <= 1024 * 1024);
    let lines = log(&app).await;
    assert_eq!(lines.len(), 240);
    assert!(lines[238].starts_with("29999 "), "{}", lines[238]);
}

#[tokio::test]
async fn d3_every_start_is_an_event() {
    let app = with_script("exit 0").build().await;
    let job = app.admin().call("POST", "/api/admin/deploy").await.expect(200).data()["jobId"].clone();
    app.admin().call("POST", "/api/admin/deploy").await.expect_failure(409, "busy_job");
    ended(&app).await;
    let events = app.get("/api/agent/events?type=deploy").await.expect(200);
    assert_eq!((&events.body["total"], &events.data()[0]["data"]["jobId"]), (&json!(1), &job));
}
