//! K: tokens, and what each opens.

use pilotdeck_services::Secret;
use pilotdeck_testkit::{ADMIN_TOKEN, AGENT_TOKEN, Client, TestApp, a_run, an_event};
use serde_json::json;

use super::{Logged, proxied, sign_in};
use crate::agent_keys::with_key;
use crate::openapi::operations;

const FOREIGN: &str = "https://evil.example";
const USER_PATHS: [&str; 5] =
    ["/api/projects", "/api/stats", "/api/stats/tokens", "/api/agent/profiles", "/api/agent/capabilities"];
const AGENT_PATHS: [&str; 3] = ["/api/agent/runs", "/api/agent/events", "/api/agent/usage"];
const ADMIN_GETS: [&str; 3] = ["/api/admin/backup", "/api/admin/deploy/status", "/api/admin/deploy/log"];
const ADMIN_POSTS: [&str; 2] = ["/api/admin/restore", "/api/admin/deploy"];

async fn post_event(client: &Client, id: &str) -> pilotdeck_testkit::Answer {
    client.post("/api/agent/events", an_event(id)).await
}

/// Posts an event that names no agent.
async fn note(client: &Client, id: &str) -> pilotdeck_testkit::Answer {
    client.post("/api/agent/events", json!({ "id": id })).await
}

async fn events(app: &TestApp) -> u64 {
    app.get("/api/agent/events").await.expect(200).body["total"].as_u64().unwrap()
}

#[tokio::test]
async fn k1_an_empty_token_matches_nothing() {
    let app = TestApp::start().await;
    for token in ["", " ", "x", &ADMIN_TOKEN[1..], &format!("{ADMIN_TOKEN}x"), &ADMIN_TOKEN.to_uppercase()] {
        let client = app.anonymous().with("x-pm-token", token);
        client.get("/api/admin/deploy/status").await.expect_failure(401, "unauthorized");
        client.get("/api/agent/runs").await.expect_failure(401, "unauthorized");
    }
    for token in ["", " ", "Bearer", "Bearer ", "Basic YWRtaW46YWRtaW4="] {
        let client = app.anonymous().with("authorization", token);
        client.get("/api/agent/runs").await.expect_failure(401, "unauthorized");
    }
}

#[tokio::test]
async fn k1_a_blank_configured_token_is_not_configured() {
    let blank = TestApp::builder().settings(|settings| {
        settings.admin_token = Secret::new("  ");
        settings.agent_token = Secret::new("");
    });
    let app = blank.build().await;
    for token in ["", "  ", "x"] {
        let answer = app.anonymous().with("x-pm-token", token).get("/api/admin/backup").await;
        let answer = answer.expect_failure(503, "admin_token_not_configured");
        assert!(!answer.headers.contains_key("retry-after"), "waiting does not help");
    }
    let meta = app.anonymous().get("/api/meta").await.expect(200).data();
    assert_eq!(
        (&meta["auth"]["adminTokenRequired"], &meta["auth"]["openMode"]),
        (&json!(false), &json!(true))
    );
}

#[tokio::test]
async fn k1_bytes_that_are_no_ascii_are_no_token() {
    let app = TestApp::start().await;
    for header in ["X-PM-Token", "X-PM-Agent-Token", "Authorization"] {
        let request =
            format!("GET /api/agent/runs HTTP/1.1\r\nHost: localhost\r\n{header}: t\u{f6}ken\r\n\r\n");
        assert_eq!(app.anonymous().raw(request).await.status, 401, "{header}");
    }
}

#[tokio::test]
async fn k1_equal_tokens_are_warned_about() {
    let logged = Logged::start();
    let app = TestApp::builder().agent_token(ADMIN_TOKEN).build().await;
    assert_eq!(logged.warnings_with("are equal"), 1);
    assert!(!logged.text().contains(ADMIN_TOKEN));
    assert!(app.app.auth.wide_bind_refusals().iter().any(|reason| reason.contains("equal")));
}

#[tokio::test]
async fn k2_a_key_comes_in_any_of_the_headers_of_the_agent_token() {
    let app = TestApp::start().await;
    let made =
        sign_in(&app, "admin").await.post("/api/agent-keys", json!({ "agentId": "a" })).await.expect(201);
    let made = made.data();
    let key = made["key"].as_str().unwrap();
    for (header, value) in
        [("x-pm-agent-token", key), ("x-pm-token", key), ("authorization", &format!("Bearer {key}"))]
    {
        let client = app.anonymous().with(header, value);
        for path in USER_PATHS.iter().chain(&AGENT_PATHS) {
            client.get(path).await.expect(200);
        }
        for path in ADMIN_GETS {
            client.get(path).await.expect_failure(401, "unauthorized");
        }
        client.get("/api/auth/me").await.expect_failure(401, "not_signed_in");
        client.get("/api/agent-keys").await.expect_failure(401, "not_signed_in");
        client.post("/api/agent-keys", json!({ "agentId": "b" })).await.expect_failure(403, "forbidden");
        client.post("/api/admin/deploy", json!({})).await.expect_failure(403, "forbidden");
    }
    app.admin()
        .with("x-pm-agent-token", key)
        .post("/api/admin/deploy", json!({}))
        .await
        .expect_failure(403, "deploy_disabled");
    let both = app.anonymous().with("x-pm-agent-token", "wrong").with("x-pm-token", key);
    both.get("/api/agent/runs").await.expect_failure(401, "unauthorized");
}

#[tokio::test]
async fn k2_a_revoked_or_expired_key_opens_nothing() {
    for app in [TestApp::start().await, TestApp::open().await] {
        let (revoked, id) = with_key(&app, json!({ "agentId": "a" })).await;
        let (expiring, _) =
            with_key(&app, json!({ "agentId": "a", "expiresAt": "2026-02-11T15:00:00Z" })).await;
        note(&revoked, "e1").await.expect(201);
        note(&expiring, "e2").await.expect(201);
        sign_in(&app, "admin").await.delete(&format!("/api/agent-keys/{id}")).await.expect(200);
        app.clock.advance(30 * 60);
        for client in [&revoked, &expiring] {
            note(client, "e3").await.expect_failure(401, "unauthorized");
            for path in AGENT_PATHS {
                client.get(path).await.expect_failure(401, "unauthorized");
            }
            for path in USER_PATHS {
                client.get(path).await.expect_failure(401, "not_signed_in");
            }
        }
        let app = app.restart().await;
        let again = revoked.at(app.addresses()[0]);
        note(&again, "e3").await.expect_failure(401, "unauthorized");
        let session = sign_in(&app, "admin").await;
        assert_eq!(session.get("/api/agent/events/e3").await.status, 404, "nothing was written");
    }
}

#[tokio::test]
async fn k2_who_lost_the_last_key_is_refused_in_open_mode_too() {
    let app = TestApp::builder().open_mode().settings(|settings| settings.open_projects = true).build().await;
    let (agent, id) = with_key(&app, json!({ "agentId": "a" })).await;
    sign_in(&app, "admin").await.delete(&format!("/api/agent-keys/{id}")).await.expect(200);
    note(&app.anonymous(), "e1").await.expect(201);
    note(&agent, "e2").await.expect_failure(401, "unauthorized");
    agent.get("/api/projects").await.expect_failure(401, "not_signed_in");
}

#[tokio::test]
async fn k2_a_key_speaks_for_no_other_agent() {
    let app = TestApp::start().await;
    app.post("/api/projects", json!({ "id": "p1", "name": "x" })).await.expect(201);
    app.post("/api/agent/runs", json!({ "id": "of-b", "agentId": "b" })).await.expect(201);
    app.post("/api/agent/runs", json!({ "id": "of-nobody" })).await.expect(201);
    let (agent, _) = with_key(&app, json!({ "agentId": "a" })).await;
    let tag = json!({ "projectId": "p1", "action": "add_tag", "params": { "tag": "x" }, "agentId": "b" });
    for (path, body) in [
        ("runs", json!({ "id": "r1", "agentId": "b" })),
        ("runs", json!({ "id": "r1", "agent": "b" })),
        ("runs", json!({ "id": "r1", "agentId": "a", "agent": "b" })),
        ("runs", json!({ "id": "r1", "agentId": " a" })),
        ("events", json!({ "agentId": "b" })),
        ("events", json!({ "createdBy": "b" })),
        ("usage", json!({ "cost": 1, "agentId": "b" })),
        ("actions", tag.clone()),
        ("actions", json!({ "agentId": "b", "actions": [tag] })),
        ("actions", json!({ "type": "t", "payload": {}, "proposedBy": "b" })),
    ] {
        let refused = agent.post(&format!("/api/agent/{path}"), body.clone()).await;
        assert_eq!((refused.status, refused.code()), (403, "forbidden"), "{path} {body}: {refused}");
    }
    for (id, patch) in [
        ("of-b", json!({ "title": "x" })),
        ("of-b", json!({ "agentId": "a" })),
        ("of-nobody", json!({ "agentId": "b" })),
        ("ses_1", json!({ "agent": "b", "status": "running" })),
    ] {
        agent.patch(&format!("/api/agent/runs/{id}"), patch).await.expect_failure(403, "forbidden");
    }
    let many = json!({ "events": [{ "id": "e1", "agentId": "b" }, { "id": "e2", "createdBy": "b" }, { "id": "e3" }] });
    let done = agent.post("/api/agent/events", many).await.expect(200).data();
    let statuses: Vec<_> =
        done["results"].as_array().unwrap().iter().map(|result| &result["status"]).collect();
    assert_eq!(statuses[..2], [403, 403]);
    assert_eq!(
        app.get("/api/agent/events").await.body["data"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|event| event["agentId"] == "b")
            .count(),
        0
    );
    assert_eq!(app.get("/api/agent/runs").await.expect(200).body["total"], 2, "nothing was written");
    assert_eq!(app.get("/api/agent/usage").await.expect(200).body["total"], 0);
    assert_eq!(app.get("/api/projects/p1").await.expect(200).data()["tags"], json!([]));
    let run = agent.patch("/api/agent/runs/of-nobody", json!({ "title": "x" })).await.expect(200).data();
    assert_eq!(run["agentId"], "a");
}

#[tokio::test]
async fn k2_only_the_digest_of_a_key_is_stored_and_a_backup_opens_nothing() {
    let app = TestApp::start().await;
    let session = sign_in(&app, "admin").await;
    let made = session.post("/api/agent-keys", json!({ "agentId": "a" })).await.expect(201).data();
    let key = made["key"].as_str().unwrap().to_owned();
    let secret = key.rsplit_once(made["id"].as_str().unwrap()).unwrap().1[1..].to_owned();
    app.anonymous().with("x-pm-agent-token", &key).get("/api/agent/runs").await.expect(200);
    let backup = app.admin().get("/api/admin/backup").await.expect(200).bytes;
    let mut files = vec![backup];
    for entry in std::fs::read_dir(app.folder()).unwrap() {
        files.push(std::fs::read(entry.unwrap().path()).unwrap_or_default());
    }
    for file in files {
        assert!(!file.windows(secret.len()).any(|part| part == secret.as_bytes()));
    }
}

#[tokio::test]
async fn k3_a_key_ends_open_mode_until_it_is_revoked() {
    let app = TestApp::open().await;
    let open_mode =
        async || app.anonymous().get("/api/meta").await.expect(200).data()["auth"]["openMode"].clone();
    assert_eq!(open_mode().await, true);
    let (agent, id) = with_key(&app, json!({ "agentId": "a", "expiresAt": "2026-02-11T15:00:00Z" })).await;
    assert_eq!(open_mode().await, false);
    note(&app.anonymous(), "e1").await.expect_failure(401, "unauthorized");
    note(&agent, "e1").await.expect(201);
    assert!(!app.app.auth.wide_bind_refusals().iter().any(|reason| reason.contains("PM_AGENT_TOKEN")));
    app.clock.advance(60 * 60);
    note(&app.anonymous(), "e2").await.expect_failure(401, "unauthorized");
    sign_in(&app, "admin").await.delete(&format!("/api/agent-keys/{id}")).await.expect(200);
    assert_eq!(open_mode().await, true);
    note(&app.anonymous(), "e2").await.expect(201);
}

#[tokio::test]
async fn k6_a_key_that_may_only_read_writes_on_no_route() {
    let app = TestApp::start().await;
    let (reader, _) = with_key(&app, json!({ "agentId": "a", "rights": ["read"] })).await;
    let mut paths: Vec<String> = operations(&app).await.into_iter().map(|(_, path, _)| path).collect();
    paths.dedup();
    assert!(paths.len() > 25, "{paths:?}");
    for path in paths {
        for method in ["POST", "PATCH", "PUT", "DELETE"] {
            let answer = reader.call(method, &path).await;
            assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{method} {path}: {answer}");
        }
    }
    for path in USER_PATHS.iter().chain(&AGENT_PATHS) {
        reader.get(path).await.expect(200);
    }
}

#[tokio::test]
async fn k6_each_right_opens_its_own_routes() {
    let app = TestApp::start().await;
    app.post("/api/projects", json!({ "id": "p1", "name": "x" })).await.expect(201);
    let (reporter, _) = with_key(&app, json!({ "agentId": "a", "rights": ["report"] })).await;
    let (changer, _) = with_key(&app, json!({ "agentId": "a", "rights": ["projects"] })).await;
    let tag = json!({ "projectId": "p1", "action": "add_tag", "params": { "tag": "x" } });
    let proposal = json!({ "type": "update_status", "payload": {} });
    note(&reporter, "e1").await.expect(201);
    reporter.post("/api/agent/actions", proposal.clone()).await.expect(201);
    for (path, body) in [
        ("/api/agent/actions", tag.clone()),
        ("/api/agent/actions", json!({ "actions": [tag.clone()] })),
        ("/api/projects", json!({ "name": "y" })),
        ("/api/projects/batch", json!({ "ops": [] })),
        ("/api/agent/profiles", json!({})),
        ("/api/agent/capabilities", json!({})),
    ] {
        reporter.post(path, body.clone()).await.expect_failure(403, "forbidden");
        changer.post(path, body).await;
    }
    assert_eq!(app.get("/api/projects").await.body["total"], 2);
    changer.post("/api/agent/actions", proposal).await.expect_failure(403, "forbidden");
    note(&changer, "e2").await.expect_failure(403, "forbidden");
    changer.patch("/api/projects/p1", json!({})).await.expect(200);
    for client in [&reporter, &changer] {
        for path in USER_PATHS.iter().chain(&AGENT_PATHS).chain(&["/api/stream"]) {
            client.get(path).await.expect_failure(403, "forbidden");
        }
        client.get("/api/health").await.expect(200);
        client.get("/api/meta").await.expect(200);
    }
}

#[tokio::test]
async fn k3_open_mode_serves_local_programs() {
    let app = TestApp::open().await;
    post_event(&app.anonymous(), "e1").await.expect(201);
    app.anonymous().post("/api/agent/runs", a_run("r1", "p1")).await.expect(201);
    app.anonymous().post("/api/agent/usage", json!({ "id": "u1", "cost": 1 })).await.expect(200);
    for path in AGENT_PATHS {
        app.anonymous().get(path).await.expect(200);
    }
    // Node's fetch sends this one alone: no browser (O1).
    post_event(&app.anonymous().with("sec-fetch-mode", "cors"), "e2").await.expect(201);
}

#[tokio::test]
async fn k3_open_mode_serves_nobody_from_elsewhere() {
    let hosts = |config: &mut pilotdeck_api::ApiConfig| config.allowed_hosts.push("deck.example".into());
    let app = TestApp::builder().open_mode().config(hosts).build().await;
    for client in [proxied(&app.anonymous()), app.anonymous().with("host", "deck.example")] {
        post_event(&client, "e1").await.expect_failure(401, "unauthorized");
        for path in AGENT_PATHS {
            client.get(path).await.expect_failure(401, "unauthorized");
        }
    }
    assert_eq!(events(&app).await, 0, "nothing was written");
}

#[tokio::test]
async fn k3_open_mode_serves_no_browser() {
    let app = TestApp::open().await;
    let own = format!("http://127.0.0.1:{}", app.port());
    post_event(&app.anonymous().with("origin", FOREIGN), "e1")
        .await
        .expect_failure(403, "origin_not_allowed");
    for (name, value) in
        [("origin", own.as_str()), ("sec-fetch-site", "same-origin"), ("sec-fetch-dest", "empty")]
    {
        post_event(&app.anonymous().with(name, value), "e1").await.expect_failure(401, "unauthorized");
    }
    assert_eq!(events(&app).await, 0, "nothing was written");
}

#[tokio::test]
async fn k3_a_signed_in_session_opens_agent_calls_too() {
    for app in [TestApp::open().await, TestApp::start().await] {
        let client = sign_in(&app, "admin").await.with("sec-fetch-site", "same-origin");
        post_event(&client, "e1").await.expect(201);
        for path in AGENT_PATHS {
            client.get(path).await.expect(200);
        }
    }
}

#[tokio::test]
async fn k3_with_a_token_open_mode_is_over() {
    let app = TestApp::start().await;
    post_event(&app.anonymous(), "e1").await.expect_failure(401, "unauthorized");
    for path in AGENT_PATHS {
        app.anonymous().get(path).await.expect_failure(401, "unauthorized");
    }
}

#[tokio::test]
async fn k4_user_calls_need_a_session_or_the_agent_token() {
    for app in [TestApp::open().await, TestApp::start().await] {
        for path in USER_PATHS {
            let refused = app.anonymous().get(path).await.expect_failure(401, "not_signed_in");
            let ways = refused.body["message"].as_str().unwrap();
            assert!(
                ["Sign in", "agent token", "PM_AGENT_OPEN_PROJECTS=1"].iter().all(|way| ways.contains(way)),
                "{ways}"
            );
        }
        app.anonymous()
            .post("/api/projects", json!({ "name": "x" }))
            .await
            .expect_failure(401, "not_signed_in");
        let session = sign_in(&app, "admin").await;
        for path in USER_PATHS {
            session.get(path).await.expect(200);
        }
        assert_eq!(session.get("/api/projects").await.body["total"], 0, "nothing was written");
    }
    let app = TestApp::start().await;
    for path in USER_PATHS {
        app.anonymous().with("x-pm-agent-token", AGENT_TOKEN).get(path).await.expect(200);
        app.anonymous().with("x-pm-token", AGENT_TOKEN).get(path).await.expect(200);
        app.anonymous().with("authorization", &format!("Bearer {AGENT_TOKEN}")).get(path).await.expect(200);
    }
}

#[tokio::test]
async fn k4_the_older_open_projects_come_back_for_local_programs_only() {
    let open =
        TestApp::builder().open_mode().settings(|settings| settings.open_projects = true).build().await;
    for path in USER_PATHS {
        open.anonymous().get(path).await.expect(200);
        proxied(&open.anonymous()).get(path).await.expect_failure(401, "not_signed_in");
        let browser = open.anonymous().with("sec-fetch-site", "same-origin");
        browser.get(path).await.expect_failure(401, "not_signed_in");
    }
    let with_token = TestApp::builder().settings(|settings| settings.open_projects = true).build().await;
    with_token.anonymous().get("/api/projects").await.expect_failure(401, "not_signed_in");
}

#[tokio::test]
async fn k5_the_agent_token_and_a_session_open_no_admin_call() {
    let app = TestApp::start().await;
    let callers = [
        app.anonymous(),
        app.anonymous().with("x-pm-token", AGENT_TOKEN),
        app.anonymous().with("x-pm-agent-token", ADMIN_TOKEN),
        app.anonymous().with("authorization", &format!("Bearer {ADMIN_TOKEN}")),
        sign_in(&app, "admin").await,
    ];
    for client in &callers {
        for path in ADMIN_GETS {
            client.get(path).await.expect_failure(401, "unauthorized");
        }
        for path in ADMIN_POSTS {
            client.post(path, json!({})).await.expect_failure(401, "unauthorized");
        }
    }
}

#[tokio::test]
async fn k5_the_admin_token_opens_admin_calls_and_nothing_else() {
    let app = TestApp::start().await;
    app.admin().get("/api/admin/deploy/status").await.expect(200);
    for path in USER_PATHS {
        app.admin().get(path).await.expect_failure(401, "not_signed_in");
    }
    for path in AGENT_PATHS {
        app.admin().get(path).await.expect_failure(401, "unauthorized");
    }
    app.admin().get("/api/auth/me").await.expect_failure(401, "not_signed_in");
}

#[tokio::test]
async fn k5_admin_calls_from_elsewhere_need_the_switch() {
    let app = TestApp::start().await;
    for path in ADMIN_GETS {
        proxied(&app.admin()).get(path).await.expect_failure(403, "forbidden");
    }
    for path in ADMIN_POSTS {
        proxied(&app.admin()).post(path, json!({})).await.expect_failure(403, "forbidden");
    }
    let wrong = proxied(&app.anonymous().with("x-pm-token", "wrong"));
    wrong.get("/api/admin/backup").await.expect_failure(401, "unauthorized");

    let remote = TestApp::builder().config(|config| config.admin_remote = true).build().await;
    proxied(&remote.admin()).get("/api/admin/deploy/status").await.expect(200);
}

#[tokio::test]
async fn k5_the_agent_token_may_come_as_x_pm_token_but_rescues_no_wrong_one() {
    let app = TestApp::start().await;
    post_event(&app.anonymous().with("x-pm-token", AGENT_TOKEN), "e1").await.expect(201);
    let both = app.anonymous().with("x-pm-token", AGENT_TOKEN).with("x-pm-agent-token", "wrong");
    post_event(&both, "e2").await.expect_failure(401, "unauthorized");
    both.get("/api/projects").await.expect_failure(401, "not_signed_in");
}
