//! `/api/admin/deploy*` from outside: API.md §11. Safety is in `security/d_deploy.rs`.

#![cfg(unix)]

use pilotdeck_testkit::TestApp;
use serde_json::json;

use crate::security::d_deploy::{ended, with_script};

#[tokio::test]
async fn before_the_first_job_the_state_is_unknown_and_the_log_empty() {
    let app = TestApp::start().await;
    let status = app.admin().get("/api/admin/deploy/status").await.expect(200).data();
    assert_eq!(status["state"], "unknown");
    for field in ["method", "unit", "pid", "exitCode", "message", "startedAt", "updatedAt"] {
        assert_eq!(status.get(field), Some(&serde_json::Value::Null), "{field} is there and null");
    }
    let log = app.admin().get("/api/admin/deploy/log").await.expect(200);
    assert_eq!((&log.body["lines"], &log.data()["lines"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn a_started_job_has_its_fields_outside_and_inside_data() {
    let app = with_script("echo hello").build().await;
    let started = app.admin().call("POST", "/api/admin/deploy").await.expect(200);
    assert_eq!(started.body["success"], true);
    let job = started.data();
    for field in ["jobId", "unit", "pid", "method", "logFile"] {
        assert_eq!(started.body.get(field), job.get(field), "{field}");
    }
    let id = job["jobId"].as_str().unwrap();
    assert!(id.len() == 24 && id.starts_with("20260211-143000-"), "YYYYMMDD-HHMMSS- and 8 characters: {id}");
    assert_eq!(job["unit"].is_null(), job["pid"].is_number(), "exactly one of the two");
    let method = if job["unit"].is_null() { "popen" } else { "systemd-run" };
    assert_eq!(job["method"], method);
    assert_eq!(job["logFile"], "deploy.log", "a name, no path");

    let status = ended(&app).await;
    assert_eq!((&status["state"], &status["exitCode"]), (&json!("success"), &json!(0)));
    assert_eq!((&status["jobId"], &status["method"]), (&job["jobId"], &job["method"]));
    assert_eq!((&status["unit"], &status["pid"]), (&job["unit"], &job["pid"]));
    assert_eq!(status["startedAt"], "2026-02-11T14:30:00.000000Z");
    assert!(status["updatedAt"].is_string() && status["message"].is_string());
    let log = app.admin().get("/api/admin/deploy/log").await.expect(200);
    assert_eq!(log.body["lines"], log.data()["lines"]);
    assert_eq!(log.body["lines"][1], "hello");
}

#[tokio::test]
async fn a_failing_script_is_a_failed_job_with_its_exit_code() {
    let app = with_script("echo oops >&2; exit 3").build().await;
    app.admin().call("POST", "/api/admin/deploy").await.expect(200);
    let status = ended(&app).await;
    assert_eq!((&status["state"], &status["exitCode"]), (&json!("failed"), &json!(3)));
}

#[tokio::test]
async fn what_is_known_of_a_job_survives_a_restart() {
    let app = with_script("exit 0").build().await;
    app.admin().call("POST", "/api/admin/deploy").await.expect(200);
    let before = ended(&app).await;
    let app = app.restart().await;
    assert_eq!(ended(&app).await, before);
    app.admin().call("POST", "/api/admin/deploy").await.expect_failure(409, "busy_job");
}

#[tokio::test]
async fn other_methods_are_refused_and_the_token_is_asked_for() {
    let app = TestApp::start().await;
    for (method, path) in [
        ("GET", "/api/admin/deploy"),
        ("POST", "/api/admin/deploy/status"),
        ("DELETE", "/api/admin/deploy/log"),
    ] {
        let refused = app.admin().call(method, path).await.expect_failure(405, "method_not_allowed");
        assert!(!refused.header("allow").is_empty(), "{method} {path}");
    }
    app.anonymous().call("POST", "/api/admin/deploy").await.expect_failure(401, "unauthorized");
    let without = TestApp::builder().without_admin_token().build().await;
    without
        .anonymous()
        .call("POST", "/api/admin/deploy")
        .await
        .expect_failure(503, "admin_token_not_configured");
}
