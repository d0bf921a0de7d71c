//! Roles: what a viewer may not do, whatever else the request comes with. The list of operations is the API's own
//! description, so that a new one is covered when it is written.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use http::Method;
use pilotdeck_testkit::{AGENT_TOKEN, Client, TestApp, a_run};
use serde_json::{Value, json};

use super::{GOOD, files_with};
use crate::users::{create, path_of, sign_in_as};

/// What a viewer may change: the own account.
const OWN_ACCOUNT: &str = "/api/auth/";
/// What only administrators may see.
const FOR_ADMINISTRATORS: [&str; 2] = ["/api/users", "/api/agent-keys"];

struct Operation {
    method: Method,
    path: String,
    takes_session: bool,
}

async fn operations(app: &TestApp) -> Vec<Operation> {
    let document = app.anonymous().get("/api/openapi.json").await.expect(200).body;
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let parts: Vec<_> =
            path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect();
        for (method, operation) in item.as_object().unwrap() {
            let ways = operation["security"].as_array().cloned().unwrap_or_default();
            operations.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: parts.join("/"),
                takes_session: ways.iter().any(|way| way.get("session").is_some()),
            });
        }
    }
    assert!(operations.len() > 40, "nothing found: the rule would hold of itself");
    operations
}

async fn viewer(app: &TestApp) -> Client {
    create(&app.sign_in().await, "eve", "viewer").await;
    sign_in_as(app, "eve", GOOD).await
}

async fn assert_may_only_read(app: &TestApp, client: &Client, operation: &Operation) {
    let Operation { method, path, .. } = operation;
    for body in [&b"{}"[..], br#"{"name":"mine","id":"x","type":"x"}"#] {
        let answer = client.send(method.clone(), path, Some("application/json"), body.to_vec()).await;
        assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{method} {path}: {answer}");
        assert_eq!(answer.body["error"], "Your account may only read");
    }
    assert!(files_with(app, "\"name\":\"mine\"").is_empty());
}

#[tokio::test]
async fn a_viewer_writes_nothing_on_any_route_whatever_else_the_request_comes_with() {
    for app in [TestApp::start().await, TestApp::open().await] {
        let eve = viewer(&app).await;
        let clients = [
            eve.clone(),
            eve.clone().with("x-pm-agent-token", AGENT_TOKEN),
            eve.clone().with("x-pm-token", pilotdeck_testkit::ADMIN_TOKEN),
            eve.clone().with("sec-fetch-site", "same-origin"),
        ];
        for operation in operations(&app).await {
            if operation.method == Method::GET || operation.path.starts_with(OWN_ACCOUNT) {
                continue;
            }
            for client in &clients {
                assert_may_only_read(&app, client, &operation).await;
            }
        }
    }
}

#[tokio::test]
async fn a_viewer_reads_all_that_a_session_opens_but_users_and_keys() {
    let app = TestApp::start().await;
    let eve = viewer(&app).await;
    for Operation { method, path, takes_session } in operations(&app).await {
        if method != Method::GET || !takes_session || path == "/api/stream" {
            continue;
        }
        let answer = eve.get(&path).await;
        if FOR_ADMINISTRATORS.iter().any(|own| path.starts_with(own)) {
            answer.expect_failure(403, "forbidden");
        } else {
            assert!([200, 400, 404].contains(&answer.status), "{path}: {answer}");
        }
    }
    eve.stream("").await;
}

#[tokio::test]
async fn a_viewer_looks_after_the_own_account() {
    let app = TestApp::start().await;
    let eve = viewer(&app).await;
    eve.put("/api/auth/preferences", json!({ "theme": "dark" })).await.expect(200);
    let other = sign_in_as(&app, "eve", GOOD).await;
    let sessions = eve.get("/api/auth/sessions").await.expect(200).data();
    let id = sessions.as_array().unwrap().iter().find(|session| session["isCurrent"] == false).unwrap()["id"]
        .clone();
    eve.delete(&format!("/api/auth/sessions/{}", id.as_str().unwrap())).await.expect(200);
    other.get("/api/auth/me").await.expect_failure(401, "not_signed_in");
    eve.post("/api/auth/login", json!({ "username": "admin", "password": "wrong" }))
        .await
        .expect_failure(401, "invalid_credentials");
    let change = json!({ "currentPassword": GOOD, "newPassword": "another good one" });
    eve.post("/api/auth/password", change).await.expect(200);
    let eve = sign_in_as(&app, "eve", "another good one").await;
    eve.post("/api/auth/logout", json!({})).await.expect(200);
}

#[tokio::test]
async fn a_role_takes_effect_on_the_next_request_of_a_session_that_is_open() {
    let app = TestApp::start().await;
    let admin = app.sign_in().await;
    let entry: Value = create(&admin, "eve", "viewer").await;
    let eve = sign_in_as(&app, "eve", GOOD).await;
    let write = async |id: &str| eve.post("/api/agent/runs", a_run(id, "p1")).await;
    write("r1").await.expect_failure(403, "forbidden");
    admin.patch(&path_of(&entry), json!({ "role": "admin" })).await.expect(200);
    write("r1").await.expect(201);
    eve.get("/api/users").await.expect(200);
    assert_eq!(eve.get("/api/auth/me").await.data()["user"]["role"], "admin");
    admin.patch(&path_of(&entry), json!({ "role": "viewer" })).await.expect(200);
    write("r2").await.expect_failure(403, "forbidden");
    let app = app.restart().await;
    let eve = eve.at(app.addresses()[0]);
    eve.post("/api/agent/runs", a_run("r2", "p1")).await.expect_failure(403, "forbidden");
}

#[tokio::test]
async fn users_are_for_signed_in_administrators_and_for_no_token() {
    let app = TestApp::start().await;
    for client in [app.anonymous(), app.agent(), app.admin()] {
        client.get("/api/users").await.expect_failure(401, "not_signed_in");
        let body = json!({ "username": "eve", "password": GOOD, "role": "admin" });
        client.post("/api/users", body).await.expect_failure(401, "not_signed_in");
    }
    let open = TestApp::open().await;
    open.anonymous().get("/api/users").await.expect_failure(401, "not_signed_in");
}
