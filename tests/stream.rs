//! `/api/stream` from outside: every committed change once, in order, and nothing else.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Duration;

use pilotdeck_testkit::{AGENT_TOKEN, LiveMessage};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::{Caller, signed_in};

fn told(message: &LiveMessage) -> String {
    let text = |name: &str| message.data[name].as_str().unwrap_or_default().to_owned();
    format!("{} {} {} {}", message.event, text("kind"), text("op"), text("id"))
}

#[tokio::test]
async fn every_committed_change_is_told_in_order_with_its_record() {
    let app = signed_in().await;
    let mut stream = app.app.stream("").await.ready().await;
    let project = app.post("/api/projects", json!({ "id": "p1", "name": "Apollo", "own": 1.50 })).await;
    app.post("/api/agent/runs", json!({ "id": "r1", "projectId": "p1" })).await;
    app.post("/api/agent/events", json!({ "id": "e1", "runId": "r1" })).await;
    app.post(
        "/api/agent/actions",
        json!({ "id": "a1", "projectId": "p1", "action": "add_tag", "params": { "tag": "x" } }),
    )
    .await;
    app.post("/api/agent/usage", json!({ "id": "u1", "cost": 1 })).await;
    app.post("/api/agent/profiles", json!({ "id": "f1" })).await;
    app.post("/api/agent/capabilities", json!({ "id": "c1" })).await;
    app.post("/api/projects/reorder", json!({ "ids": ["p1"] })).await;
    app.delete("/api/projects/p1").await;
    let first = stream.next().await;
    assert_eq!(told(&first), "change project created p1");
    assert_eq!(first.data["document"], project.body["data"]);
    for expected in [
        "change run created r1",
        "change event created e1",
        "change project updated p1",
        "change event created a1",
        "change usage created u1",
        "change profile created f1",
        "change capability created c1",
        "change order updated ",
    ] {
        let message = stream.next().await;
        assert_eq!(told(&message), expected);
        if expected.ends_with("e1") {
            assert_eq!((&message.data["projectId"], &message.data["runId"]), (&json!("p1"), &json!("r1")));
        }
    }
    let mut last = [told(&stream.next().await), told(&stream.next().await)];
    last.sort();
    assert_eq!(last, ["change project deleted p1", "change run updated r1"]);
}

#[tokio::test]
async fn what_was_refused_or_known_is_not_told() {
    let app = signed_in().await;
    let mut stream = app.app.stream("").await.ready().await;
    app.post("/api/projects", json!({ "id": "p1", "name": "Apollo" })).await;
    app.post("/api/agent/events", json!({ "id": "e1" })).await;
    app.post("/api/agent/events", json!({ "id": "e1" })).await;
    app.post("/api/agent/events", json!({ "level": "loud" })).await;
    app.patch("/api/projects/p1", json!({ "ifUpdatedAt": "old" })).await;
    app.patch("/api/projects/p1", json!({ "progress": [] })).await;
    app.post("/api/projects/batch", json!({ "ops": [{ "id": "nope", "patch": {} }] })).await;
    app.post("/api/agent/events", json!({ "id": "last" })).await;
    for expected in ["project created p1", "event created e1", "event created last"] {
        assert_eq!(told(&stream.next().await), format!("change {expected}"));
    }
    stream.expect_silence(Duration::from_millis(300)).await;
}

#[tokio::test]
async fn a_filter_passes_what_belongs_to_the_project_or_run() {
    let app = signed_in().await;
    let mut of_project = app.app.stream("?projectId=p1").await.ready().await;
    let mut of_run = app.app.stream("?runId=r1").await.ready().await;
    app.post("/api/projects", json!({ "id": "p2", "name": "Other" })).await;
    app.post("/api/projects", json!({ "id": "p1", "name": "Apollo" })).await;
    app.post("/api/agent/runs", json!({ "id": "r1", "projectId": "p1" })).await;
    app.post("/api/agent/events", json!({ "id": "e1", "projectId": "p1" })).await;
    app.post("/api/agent/events", json!({ "id": "e2", "runId": "r1" })).await;
    for expected in ["project created p1", "run created r1", "event created e1", "event created e2"] {
        assert_eq!(told(&of_project.next().await), format!("change {expected}"));
    }
    for expected in ["run created r1", "event created e2"] {
        assert_eq!(told(&of_run.next().await), format!("change {expected}"));
    }
}

#[tokio::test]
async fn a_listener_that_comes_back_misses_nothing_and_hears_nothing_twice() {
    let app = signed_in().await;
    let mut stream = app.app.stream("").await.ready().await;
    for id in ["e0", "e1"] {
        app.post("/api/agent/events", json!({ "id": id })).await;
    }
    assert_eq!(told(&stream.next().await), "change event created e0");
    let last_id = stream.last_id.clone();
    drop(stream);
    app.post("/api/agent/events", json!({ "id": "e2" })).await;
    let mut again = app.app.agent().with("last-event-id", &last_id).stream("").await;
    for expected in ["e1", "e2"] {
        assert_eq!(told(&again.next().await), format!("change event created {expected}"));
    }
}

#[tokio::test]
async fn a_place_that_is_not_known_any_more_begins_with_a_reset() {
    let app = signed_in().await;
    let known = app.app.stream("").await.ready().await.last_id;
    let app = crate::support::Caller { app: app.app.restart().await };
    for id in [known.as_str(), "nonsense"] {
        let mut stream = app.app.agent().with("last-event-id", id).stream("").await;
        assert_eq!(stream.next().await.event, "reset", "{id}");
        app.post("/api/agent/events", json!({ "id": format!("after {id}") })).await;
        assert_eq!(told(&stream.next().await), format!("change event created after {id}"), "and it goes on");
    }
}

#[tokio::test]
async fn a_restore_tells_every_listener_to_read_anew() {
    let app = signed_in().await;
    let copy = app.app.folder().join("copy.db");
    app.app.app.backup.write_to(&copy).await.unwrap();
    app.post("/api/agent/events", json!({ "id": "lost" })).await;
    let mut stream = app.app.stream("").await.ready().await;
    app.app.app.backup.restore_file(&copy, false).await.unwrap();
    let reset = stream.next().await;
    assert_eq!(reset.event, "reset");
    assert!(stream.find_next().await.is_none(), "and the listener comes back");
    let mut again = app.app.agent().with("last-event-id", &reset.id).stream("").await.ready().await;
    app.post("/api/agent/events", json!({ "id": "new" })).await;
    assert_eq!(told(&again.next().await), "change event created new", "from the reset on nothing is missed");
}

/// Opens the stream and reads nothing of it. Its receive buffer is small, or the system would hold megabytes for it.
async fn open_and_stand_still(app: &Caller) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(512 * 1024).unwrap();
    let mut stream = socket.connect(app.app.addresses()[0]).await.unwrap();
    let request = format!(
        "GET /api/stream HTTP/1.1\r\nHost: localhost\r\nX-PM-Agent-Token: {AGENT_TOKEN}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.readable().await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_stands_still_is_dropped_with_a_reset_while_others_hear_everything() {
    let app = signed_in().await;
    let mut slow = open_and_stand_still(&app).await;
    let mut quick = app.app.stream("").await.ready().await;
    let listening = tokio::spawn(async move {
        for _ in 0..10_000 {
            assert_eq!(quick.next().await.event, "change");
        }
    });
    let event = json!({ "message": "x".repeat(1_000) });
    for _ in 0..100 {
        let events = vec![event.clone(); 100];
        assert_eq!(app.post("/api/agent/events", json!({ "events": events })).await.status, 200);
    }
    listening.await.unwrap();
    let mut heard = Vec::new();
    slow.read_to_end(&mut heard).await.unwrap();
    let heard = String::from_utf8(heard).unwrap();
    let changes = heard.matches("event: change").count();
    assert!(heard.contains("event: reset"), "what it missed is not kept for it: {changes} changes came");
    assert!(changes < 10_000);
}

#[tokio::test]
async fn the_stream_needs_a_credential() {
    let app = signed_in().await;
    app.app.anonymous().get("/api/stream").await.expect_failure(401, "not_signed_in");
    app.app
        .anonymous()
        .get("/api/stream?token=agent-token-of-the-tests")
        .await
        .expect_failure(401, "not_signed_in");
    let by_session = app.app.sign_in().await;
    let _listening = by_session.stream("").await.ready().await;
}
