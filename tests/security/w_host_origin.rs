//! SECURITY.md W: names, origins, types, headers.

#![expect(clippy::disallowed_methods, reason = "looks into the file beside the server")]

use http::Method;
use pilotdeck_testkit::{Client, TestApp, a_project, json};
use rusqlite::types::ValueRef;

const EVENT: &str = "/api/agent/events";

fn named(app: &TestApp, host: &str) -> Client {
    app.agent().with("host", host)
}

#[tokio::test]
async fn w1_only_names_of_this_machine_are_answered_on_every_path() {
    let app = TestApp::start().await;
    for path in
        ["/api/health", "/api/projects", "/api/stream", "/api/nothing", "/", "/assets/x.js", "/api/docs"]
    {
        for host in
            ["evil.example:8689", "0.0.0.0:8689", "localhost.", "127.0.0.1.evil.example", "2130706433", ""]
        {
            named(&app, host).get(path).await.expect_failure(403, "host_not_allowed");
        }
    }
    for host in ["localhost", "localhost:1", "127.0.0.1:9", "127.8.8.8", "[::1]:8689", "LocalHost"] {
        named(&app, host).get("/api/health").await.expect(200);
    }
}

#[tokio::test]
async fn w1_a_listed_name_is_answered() {
    let app =
        TestApp::builder().config(|config| config.allowed_hosts = vec!["pilot.example".into()]).build().await;
    named(&app, "pilot.example:443").get("/api/health").await.expect(200);
    named(&app, "sub.pilot.example").get("/api/health").await.expect_failure(403, "host_not_allowed");
}

#[tokio::test]
async fn w1_a_request_names_its_host_once_and_means_it() {
    let app = TestApp::start().await;
    for request in [
        "GET /api/health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        "GET /api/health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        "GET /api/health HTTP/1.1\r\n\r\n",
        "GET /api/health HTTP/1.0\r\n\r\n",
    ] {
        app.raw(request).await.expect_failure(400, "bad_request");
    }
    let absolute =
        |authority: &str| format!("GET http://{authority}/api/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    app.raw(absolute("evil.example")).await.expect_failure(403, "host_not_allowed");
    app.raw(absolute("user@localhost")).await.expect_failure(403, "host_not_allowed");
    app.raw(absolute("localhost")).await.expect(200);
    app.raw("CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .expect_failure(403, "host_not_allowed");
}

#[tokio::test]
async fn w2_pages_of_other_origins_may_neither_read_nor_write() {
    let app = TestApp::open().await;
    let own = format!("http://localhost:{}", app.port());
    let local = app.agent().with("host", &format!("localhost:{}", app.port()));
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://localhost:3000"),
        ("origin", "tauri://localhost"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let page = local.clone().with(name, value);
        page.get(EVENT).await.expect_failure(403, "origin_not_allowed");
        page.post(EVENT, json!({ "title": "x" })).await.expect_failure(403, "origin_not_allowed");
        page.get("/api/health").await.expect_failure(403, "origin_not_allowed");
    }
    assert_eq!(app.get(EVENT).await.body["total"], 0, "nothing was written");
    local.clone().with("origin", &own).get("/api/health").await.expect(200);
    local.clone().with("sec-fetch-site", "same-origin").get("/api/health").await.expect(200);
    local.clone().with("sec-fetch-site", "none").get("/api/health").await.expect(200);
    // A rebound name makes the two equal; the name decides first.
    let rebound = app.agent().with("host", "evil.example").with("origin", "http://evil.example");
    rebound.get("/api/health").await.expect_failure(403, "host_not_allowed");
}

#[tokio::test]
async fn w2_and_k3_open_mode_serves_programs_and_no_browsers() {
    let app = TestApp::open().await;
    let local = app.agent().with("host", &format!("localhost:{}", app.port()));
    local.clone().with("sec-fetch-mode", "cors").post(EVENT, json!({})).await.expect(201);
    let own = format!("http://localhost:{}", app.port());
    for (name, value) in
        [("origin", own.as_str()), ("sec-fetch-site", "same-origin"), ("sec-fetch-dest", "empty")]
    {
        local.clone().with(name, value).post(EVENT, json!({})).await.expect_failure(401, "unauthorized");
    }
}

#[tokio::test]
async fn w3_no_cors_header_ever_unless_an_origin_is_listed() {
    let app = TestApp::start().await;
    let own = format!("http://127.0.0.1:{}", app.port());
    for (method, origin, status) in [
        ("OPTIONS", "https://evil.example", 403),
        ("GET", "https://evil.example", 403),
        ("OPTIONS", own.as_str(), 204),
        ("GET", own.as_str(), 200),
    ] {
        let answer = app.agent().with("origin", origin).call(method, "/api/projects").await.expect(status);
        let cors = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
        assert_eq!(cors, None, "{method} {origin}");
    }
}

#[tokio::test]
async fn w3_a_listed_origin_may_call() {
    let origin = "https://team.example";
    let app = TestApp::builder().config(|config| config.allowed_origins = vec![origin.into()]).build().await;
    let page = app.agent().with("origin", origin).with("sec-fetch-site", "cross-site");
    let asked = page.call("OPTIONS", "/api/projects").await.expect(204);
    assert_eq!(asked.header("access-control-allow-origin"), origin);
    assert!(asked.header("access-control-allow-headers").contains("x-pm-agent-token"));
    let answer = page.get("/api/projects").await.expect(200);
    assert_eq!((answer.header("access-control-allow-origin"), answer.header("vary")), (origin, "Origin"));
    page.with("origin", "https://team.example.evil.example").get("/api/projects").await.expect(403);
}

#[tokio::test]
async fn w4_json_endpoints_take_json_only() {
    let app = TestApp::start().await;
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/jsonp"),
        Some("text/plain; application/json"),
    ] {
        let answer = app.send(Method::POST, EVENT, content_type, b"{}".to_vec()).await;
        answer.expect_failure(415, "unsupported_media_type");
    }
    let gzip = app.agent().with("content-encoding", "gzip");
    gzip.post(EVENT, json!({})).await.expect_failure(415, "unsupported_media_type");
    assert_eq!(app.get(EVENT).await.body["total"], 0, "nothing was written");
    for content_type in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
        app.send(Method::POST, EVENT, Some(content_type), b"{}".to_vec()).await.expect(201);
    }
}

/// Every row of every table as a line of text; last-seen stamps, the writer's own note of its highest stamp, and the search
/// index that it fills behind the writes, aside.
fn rows_of(app: &TestApp) -> Vec<String> {
    let conn = open(app);
    let mut tables =
        conn.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut lines = Vec::new();
    for table in tables.iter().filter(|table| *table != "sessions" && !table.starts_with("event_search")) {
        let mut rows = conn.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cell = |column| match row.get_ref(column).unwrap() {
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                other => format!("{other:?}"),
            };
            lines.push(format!("{table}: {}", (0..columns).map(cell).collect::<Vec<_>>().join(", ")));
        }
    }
    lines.retain(|line| {
        !line.starts_with("meta: stamps.highest") && !line.starts_with("meta: search.position")
    });
    lines
}

fn open(app: &TestApp) -> rusqlite::Connection {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    rusqlite::Connection::open_with_flags(app.db_file(), flags).unwrap()
}

#[tokio::test]
async fn w5_reading_changes_nothing() {
    let app = TestApp::start().await;
    app.post("/api/projects", a_project("Apollo")).await.expect(201);
    app.post("/api/agent/runs", json!({ "id": "x" })).await.expect(201);
    app.post(EVENT, json!({ "id": "x" })).await.expect(201);
    let user = app.sign_in().await;
    let before = rows_of(&app);
    let document = app.get("/api/openapi.json").await.body;
    for (path, item) in document["paths"].as_object().unwrap() {
        if item.get("get").is_none() || path == "/api/stream" {
            continue;
        }
        let path = path.replace("{id}", "x");
        for caller in [app.agent(), app.admin(), user.clone(), app.anonymous()] {
            caller.get(&path).await;
            caller.call("HEAD", &path).await;
        }
    }
    assert_eq!(rows_of(&app), before);
}

#[tokio::test]
async fn w6_the_stream_asks_for_name_origin_and_credential_like_everything_else() {
    let app = TestApp::start().await;
    let token = pilotdeck_testkit::AGENT_TOKEN;
    app.anonymous().get(&format!("/api/stream?token={token}")).await.expect_failure(401, "not_signed_in");
    app.agent()
        .with("origin", "https://evil.example")
        .get("/api/stream")
        .await
        .expect_failure(403, "origin_not_allowed");
    app.agent().with("host", "evil.example").get("/api/stream").await.expect_failure(403, "host_not_allowed");
    let answer = app.agent().stream("").await.ready().await;
    assert!(!answer.last_id.is_empty());
}

/// The headers that all answers carry, as `name: value`.
fn guard_headers(answer: &pilotdeck_testkit::Answer) -> Vec<String> {
    [
        "x-content-type-options",
        "referrer-policy",
        "x-frame-options",
        "cross-origin-resource-policy",
        "cache-control",
        "content-security-policy",
    ]
    .iter()
    .map(|name| format!("{name}: {}", answer.header(name)))
    .collect()
}

const API: [&str; 6] = [
    "x-content-type-options: nosniff",
    "referrer-policy: no-referrer",
    "x-frame-options: DENY",
    "cross-origin-resource-policy: same-origin",
    "cache-control: no-store",
    "content-security-policy: default-src 'none'; frame-ancestors 'none'",
];
const INTERFACE_CSP: &str = "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    object-src 'none'";

#[tokio::test]
async fn w7_and_c2_all_answers_carry_the_headers_of_their_kind() {
    let app = TestApp::start().await;
    let deep = format!("/api/{}", "x".repeat(9_000));
    for answer in [
        app.get("/api/health").await,
        app.get("/api/projects").await,
        app.anonymous().get("/api/projects").await,
        app.get("/api/nothing").await,
        app.call("DELETE", "/api/health").await,
        app.call("OPTIONS", "/api/health").await,
        app.post_text(EVENT, "{").await,
        app.admin().get("/api/admin/backup").await,
        named(&app, "evil.example").get("/api/health").await,
        app.get(&deep).await,
        app.raw("nonsense\r\n\r\n").await,
        app.raw(format!("GET /api/health HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(40_000)))
            .await,
    ] {
        assert_eq!(guard_headers(&answer), API, "{answer}");
    }
    for path in ["/", "/projects/p1", "/assets/missing.js"] {
        let headers = guard_headers(&app.get(path).await);
        assert_eq!(
            (&headers[..4], headers[5].as_str()),
            (API[..4].iter().map(ToString::to_string).collect::<Vec<_>>().as_slice(), INTERFACE_CSP),
            "{path}"
        );
    }
    let docs = guard_headers(&app.get("/api/docs").await);
    assert_eq!((docs[4].as_str(), docs[5].as_str()), (API[4], INTERFACE_CSP), "the one page under /api");
}
