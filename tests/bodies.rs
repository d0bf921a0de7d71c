//! What every call that takes a body does with one that is no JSON object (API.md §1.2): it is refused, and nothing is written.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use pilotdeck_testkit::{Answer, TestApp};
use serde_json::{Value, json};

const POST: &str = "POST";
const PATCH: &str = "PATCH";
const PUT: &str = "PUT";

const CALLS: [(&str, &str); 14] = [
    (POST, "/api/projects"),
    (PATCH, "/api/projects/x1"),
    (PUT, "/api/projects/x1"),
    (POST, "/api/projects/reorder"),
    (POST, "/api/projects/batch"),
    (POST, "/api/agent/runs"),
    (PATCH, "/api/agent/runs/x1"),
    (POST, "/api/agent/events"),
    (POST, "/api/agent/actions"),
    (POST, "/api/agent/profiles"),
    (PATCH, "/api/agent/profiles/x1"),
    (POST, "/api/agent/capabilities"),
    (PATCH, "/api/agent/capabilities/x1"),
    (POST, "/api/agent/usage"),
];

const LISTS: [&str; 6] = [
    "/api/projects",
    "/api/agent/runs",
    "/api/agent/events",
    "/api/agent/profiles",
    "/api/agent/capabilities",
    "/api/agent/usage",
];

/// One record of each noun, and everything there is, to compare with later.
async fn app_with_records() -> (TestApp, Vec<Value>) {
    let app = TestApp::start().await;
    for path in LISTS {
        let made = app.post(path, json!({ "id": "x1", "name": "One", "cost": 1 })).await;
        assert!(made.status < 300, "{made}");
    }
    let all = everything(&app).await;
    (app, all)
}

async fn everything(app: &TestApp) -> Vec<Value> {
    let mut all = Vec::new();
    for path in LISTS {
        all.push(app.get(path).await.expect(200).json());
    }
    all
}

async fn send(app: &TestApp, method: &str, path: &str, content_type: Option<&str>, body: &str) -> Answer {
    app.send(method.parse().unwrap(), path, content_type, body.as_bytes().to_vec()).await
}

#[tokio::test]
async fn what_is_no_json_object_is_refused_by_every_call_and_nothing_is_written() {
    let (app, before) = app_with_records().await;
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(64), "]".repeat(64));
    let bodies = [
        ("{", "invalid_json"),
        ("{\"name\":\"x\",}", "invalid_json"),
        ("{\"name\":NaN}", "invalid_json"),
        ("{\"name\":\"x\",\"cost\":1e999}", "invalid_json"),
        ("{\"name\":\"\\ud800\"}", "invalid_json"),
        (deep.as_str(), "invalid_json"),
        ("[]", "invalid_body"),
        ("\"x\"", "invalid_body"),
        ("7", "invalid_body"),
        ("null", "invalid_body"),
    ];
    for (method, path) in CALLS {
        for (body, code) in bodies {
            let answer = send(&app, method, path, Some("application/json"), body).await;
            assert_eq!((answer.status, answer.code()), (400, code), "{method} {path} {body}: {answer}");
        }
    }
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn a_body_that_does_not_call_itself_json_is_refused_by_every_call() {
    let (app, before) = app_with_records().await;
    for (method, path) in CALLS {
        for content_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
            let answer = send(&app, method, path, content_type, "{\"name\":\"x\",\"cost\":1}").await;
            answer.expect_failure(415, "unsupported_media_type");
        }
    }
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn no_body_is_an_empty_object() {
    let (app, _) = app_with_records().await;
    for (method, path, status) in [
        (POST, "/api/projects", 400),
        (PATCH, "/api/projects/x1", 200),
        (POST, "/api/projects/reorder", 400),
        (POST, "/api/projects/batch", 400),
        (POST, "/api/agent/runs", 201),
        (PATCH, "/api/agent/runs/x1", 200),
        (POST, "/api/agent/events", 201),
        (POST, "/api/agent/actions", 400),
        (POST, "/api/agent/profiles", 201),
        (POST, "/api/agent/usage", 400),
    ] {
        let answer = send(&app, method, path, None, "").await;
        assert_eq!(answer.status, status, "{method} {path}: {answer}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_one_below_it_is_kept_whole() {
    let app = TestApp::start().await;
    let run = |length: usize| json!({ "id": "x1", "log": "x".repeat(length) });
    app.post("/api/agent/runs", run(2 * 1024 * 1024)).await.expect_failure(413, "too_large");
    let kept = app.post("/api/agent/runs", run(2 * 1024 * 1024 - 64)).await;
    assert_eq!(kept.status, 201);
    assert_eq!(kept.body["data"]["log"].as_str().map(str::len), Some(2 * 1024 * 1024 - 64));
}
