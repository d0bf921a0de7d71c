//! SECURITY.md L1, L2, L4: time, size, shape.

use std::time::{Duration, Instant};

use pilotdeck_testkit::{Answer, Client, TestApp, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const EVENT: &str = "/api/agent/events";
const MIB: usize = 1024 * 1024;

async fn drip(mut socket: TcpStream, text: &str, pause: Duration) -> (TcpStream, bool) {
    for byte in text.as_bytes() {
        if socket.write_all(&[*byte]).await.is_err() {
            return (socket, false);
        }
        tokio::time::sleep(pause).await;
    }
    (socket, true)
}

#[tokio::test]
async fn l1_two_hundred_sockets_that_dribble_headers_are_closed_in_12_s_and_hold_nobody_up() {
    let app = TestApp::start().await;
    let began = Instant::now();
    let mut dribblers = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let socket = app.connect().await;
        dribblers.spawn(async move {
            let (mut socket, _) =
                drip(socket, "GET /api/health HTTP/1.1\r\nHost: localhost", Duration::from_millis(400)).await;
            let mut answer = Vec::new();
            let _ = socket.read_to_end(&mut answer).await;
            answer
        });
    }
    let mut slowest = Duration::ZERO;
    while began.elapsed() < Duration::from_secs(9) {
        let asked = Instant::now();
        app.get("/api/health").await.expect(200);
        slowest = slowest.max(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let mut told = 0;
    while let Some(answer) = dribblers.join_next().await {
        let answer = String::from_utf8_lossy(&answer.unwrap()).into_owned();
        told += usize::from(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"timeout\""));
    }
    // The dribblers pause up to 0.4 s between two looks at their socket, and this machine is shared.
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert!(told > 150, "only {told} of 200 were told why");
    assert!(slowest < Duration::from_millis(1_000), "health took {slowest:?} meanwhile");
}

#[tokio::test]
async fn l1_a_silent_newcomer_is_hung_up_on_and_a_keep_alive_connection_is_not() {
    let app = TestApp::start().await;
    let (mut silent, mut kept) = (app.connect().await, app.connect().await);
    let request = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    kept.write_all(request).await.unwrap();
    let mut scrap = [0; 2048];
    assert!(kept.read(&mut scrap).await.unwrap() > 0);
    let gone = tokio::time::timeout(Duration::from_secs(15), silent.read(&mut scrap)).await;
    assert_eq!(gone.expect("closed in time").unwrap(), 0, "no byte, no answer");
    tokio::time::sleep(Duration::from_secs(1)).await;
    kept.write_all(request).await.unwrap();
    assert!(kept.read(&mut scrap).await.unwrap() > 0, "between requests there are 75 s");
}

#[tokio::test]
async fn l1_a_body_that_pauses_for_15_s_is_given_up() {
    let app = TestApp::open().await;
    let began = Instant::now();
    let head = "POST /api/agent/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{";
    app.raw(head).await.expect_failure(408, "timeout");
    let took = began.elapsed();
    assert!((14..20).contains(&took.as_secs()), "{took:?}");
    assert_eq!(app.get(EVENT).await.body["total"], 0);
}

#[tokio::test]
async fn l1_only_http_1_is_spoken() {
    let app = TestApp::start().await;
    let answer = app.raw_bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1.1 400 "),
        "{}",
        String::from_utf8_lossy(&answer)
    );
}

#[tokio::test]
async fn l2_heads_and_targets_have_their_limits() {
    let app = TestApp::start().await;
    let with_headers = |size: usize| {
        let headers: String = (0..size / 100).map(|n| format!("x-{n:03}: {}\r\n", "v".repeat(92))).collect();
        format!("GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
    };
    app.raw(with_headers(9_000)).await.expect(200);
    app.raw(format!("GET /api/health HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(16_000)))
        .await
        .expect(200);
    for size in [17 * 1024, 22 * 1024, 60 * 1024, MIB] {
        let request =
            format!("GET /api/health HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(size));
        app.raw(request).await.expect_failure(431, "headers_too_large");
    }
    let with_target =
        |size: usize| format!("GET /api/health?{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(size));
    app.raw(with_target(8_000)).await.expect(200);
    for size in [8 * 1024, 20 * 1024, 100 * 1024] {
        app.raw(with_target(size)).await.expect_failure(414, "uri_too_long");
    }
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn l2_a_body_over_the_limit_is_refused_by_its_declared_and_its_real_length() {
    let app = TestApp::start().await;
    let pad = |size: usize| format!("{{\"title\":\"{}\"}}", "x".repeat(size)).into_bytes();
    app.post_text(EVENT, pad(20 * MIB)).await.expect_failure(413, "too_large");
    app.post_text("/api/projects", pad(2 * MIB)).await.expect_failure(413, "too_large");
    app.post_text("/api/auth/login", pad(8 * 1024)).await.expect_failure(413, "too_large");
    app.post_text("/api/projects/batch", pad(3 * MIB)).await.expect_failure(400, "missing_field");
    let before = resident_kib();
    chunked(&app, EVENT, 20 * MIB).await.expect_failure(413, "too_large");
    let grown = resident_kib().saturating_sub(before);
    assert!(grown < 60 * 1024, "{grown} KiB for a body that is refused");
    assert_eq!(app.get(EVENT).await.body["total"], 0);
}

/// Sends a body in chunks without its length, all of it before it looks for the answer, as simple clients do.
async fn chunked(client: &Client, path: &str, size: usize) -> Answer {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nX-PM-Agent-Token: {}\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\n",
        pilotdeck_testkit::AGENT_TOKEN
    )
    .into_bytes();
    for _ in 0..size / (64 * 1024) {
        request.extend_from_slice(b"10000\r\n");
        request.extend_from_slice(&[b' '; 64 * 1024]);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    client.raw(request).await
}

#[tokio::test]
async fn l2_who_may_not_call_uploads_nothing_and_still_reads_why() {
    let app = TestApp::start().await;
    let body = format!("{{\"title\":\"{}\"}}", "x".repeat(4 * MIB));
    app.anonymous().post_text(EVENT, body.clone()).await.expect_failure(401, "unauthorized");
    app.agent()
        .with("host", "evil.example")
        .post_text(EVENT, body)
        .await
        .expect_failure(403, "host_not_allowed");
}

#[tokio::test]
async fn l4_json_has_limits_of_shape_and_is_never_a_500() {
    let app = TestApp::start().await;
    let began = Instant::now();
    app.post_text(EVENT, "[".repeat(100_000)).await.expect_failure(400, "invalid_json");
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
    let nested = |depth: usize| format!("{{\"data\":{}1{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    app.post_text(EVENT, nested(64)).await.expect(201);
    app.post_text(EVENT, nested(65)).await.expect_failure(400, "invalid_json");
    app.post_text(EVENT, "{\"data\":NaN}").await.expect_failure(400, "invalid_json");
    app.post_text(EVENT, "[]").await.expect_failure(400, "invalid_body");
    app.post(EVENT, json!({ "id": "a\nb" })).await.expect_failure(400, "invalid_field");
    app.post(EVENT, json!({ "id": "x".repeat(257) })).await.expect_failure(400, "invalid_field");
    app.post(EVENT, json!({ "events": vec![json!({}); 1_001] })).await.expect_failure(400, "invalid_field");
    app.post_text(EVENT, b"{\"title\":\"\xff\"}".to_vec()).await.expect_failure(400, "invalid_json");
}

#[tokio::test]
async fn l7_the_65th_stream_is_refused_and_a_place_is_given_back() {
    let app = TestApp::start().await;
    let mut streams = Vec::new();
    for _ in 0..64 {
        streams.push(app.stream("").await.ready().await);
    }
    let refused = app.get("/api/stream").await.expect_failure(503, "busy");
    assert_eq!(refused.header("retry-after"), "1");
    streams.pop();
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if app.call("HEAD", "/api/stream").await.status == 200 {
            return;
        }
    }
    panic!("a closed stream keeps its place");
}
