//! K: tokens, and what each opens.

use pilotdeck_services::Secret;
use pilotdeck_testkit::{ADMIN_TOKEN, AGENT_TOKEN, Client, TestApp, a_run, an_event};
use serde_json::json;

use super::{Logged, proxied, sign_in};

const FOREIGN: &str = "https://evil.example";
const USER_PATHS: [&str; 5] =
    ["/api/projects", "/api/stats", "/api/stats/tokens", "/api/agent/profiles", "/api/agent/capabilities"];
const AGENT_PATHS: [&str; 3] = ["/api/agent/runs", "/api/agent/events", "/api/agent/usage"];
const ADMIN_GETS: [&str; 3] = ["/api/admin/backup", "/api/admin/deploy/status", "/api/admin/deploy/log"];
const ADMIN_POSTS: [&str; 2] = ["/api/admin/restore", "/api/admin/deploy"];

async fn post_event(client: &Client, id: &str) -> pilotdeck_testkit::Answer {
    client.post("/api/agent/events", an_event(id)).await
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
