//! Many clients at once: one winner, one maker, nothing lost, nothing half seen.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::{Caller, Told, signed_in};

const CLIENTS: usize = 100;

/// Lets a hundred clients send at the same moment and collects their answers.
async fn all_at_once(
    app: &Arc<Caller>,
    method: &'static str,
    path: &str,
    body: impl Fn(usize) -> Value,
) -> Vec<Told> {
    let start = Arc::new(tokio::sync::Barrier::new(CLIENTS));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (app, start, path, body) = (app.clone(), start.clone(), path.to_owned(), body(number));
            tokio::spawn(async move {
                start.wait().await;
                match method {
                    "PATCH" => app.patch(&path, body).await,
                    _ => app.post(&path, body).await,
                }
            })
        })
        .collect();
    let mut answers = Vec::with_capacity(CLIENTS);
    for client in clients {
        answers.push(client.await.unwrap());
    }
    answers
}

fn count(answers: &[Told], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_patches_with_one_stamp_exactly_one_wins() {
    let app = Arc::new(signed_in().await);
    let made = app.post("/api/projects", json!({ "id": "p1", "name": "Apollo" })).await;
    let stamp = made.body["data"]["updatedAt"].clone();
    let patch = |number| json!({ "notes": format!("client {number}"), "ifUpdatedAt": stamp });
    let answers = all_at_once(&app, "PATCH", "/api/projects/p1", patch).await;
    assert_eq!((count(&answers, 200), count(&answers, 409)), (1, CLIENTS - 1));
    let winner = answers.iter().find(|answer| answer.status == 200).unwrap();
    let stored = app.get("/api/projects/p1").await.body["data"].clone();
    assert_eq!(winner.body["data"], stored);
    for loser in answers.iter().filter(|answer| answer.status == 409) {
        assert_eq!(loser.body["current"], stored, "every loser is shown the winner's version");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_posts_of_one_id_exactly_one_creates() {
    let app = Arc::new(signed_in().await);
    for (path, again) in [
        ("/api/projects", 409),
        ("/api/agent/runs", 200),
        ("/api/agent/events", 200),
        ("/api/agent/profiles", 200),
        ("/api/agent/capabilities", 200),
    ] {
        let answers =
            all_at_once(&app, "POST", path, |number| json!({ "id": "x1", "name": format!("{number}") }))
                .await;
        assert_eq!((count(&answers, 201), count(&answers, again)), (1, CLIENTS - 1), "{path}");
        let stored = app.get(&format!("{path}/x1")).await.body["data"].clone();
        for answer in &answers {
            let shown = if answer.status == 409 { &answer.body["current"] } else { &answer.body["data"] };
            assert_eq!(shown, &stored, "everybody is shown what is stored: {path}");
        }
    }
    let usage = all_at_once(&app, "POST", "/api/agent/usage", |_| json!({ "id": "u1", "cost": 1 })).await;
    let made: u64 = usage.iter().map(|answer| answer.body["data"]["created"].as_u64().unwrap()).sum();
    assert_eq!(made, 1);
    assert_eq!(app.get("/api/stats/tokens").await.body["data"]["totals"]["records"], json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_bumps_all_count_and_under_one_id_only_once() {
    let app = Arc::new(signed_in().await);
    app.post("/api/projects", json!({ "id": "p1", "name": "Apollo" })).await;
    let bump = |id: String| json!({ "id": id, "projectId": "p1", "action": "bump_progress", "params": { "delta": 1 } });
    let progress = async || app.get("/api/projects/p1").await.body["data"]["progress"].clone();
    let answers = all_at_once(&app, "POST", "/api/agent/actions", |_| bump("same".into())).await;
    assert_eq!(count(&answers, 200), CLIENTS);
    assert_eq!(answers.iter().filter(|answer| answer.body["created"] == json!(true)).count(), 1);
    assert_eq!(progress().await, json!(1));
    let answers =
        all_at_once(&app, "POST", "/api/agent/actions", |number| bump(format!("own-{number}"))).await;
    assert_eq!(count(&answers, 200), CLIENTS);
    assert_eq!(progress().await, json!(100), "1 + 100, clamped");
    assert_eq!(app.get("/api/agent/events?limit=2000").await.body["total"], json!(101));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_never_sees_half_a_batch() {
    let app = Arc::new(signed_in().await);
    for id in ["a", "b"] {
        app.post("/api/projects", json!({ "id": id, "name": id })).await;
    }
    let writer = app.clone();
    let writing = tokio::spawn(async move {
        for number in 0..30 {
            let patch = json!({ "progress": number });
            let ops = json!([{ "id": "a", "patch": patch }, { "id": "b", "patch": patch }]);
            assert_eq!(writer.post("/api/projects/batch", json!({ "ops": ops })).await.status, 200);
            let events = vec![json!({ "runId": "r" }); 10];
            assert_eq!(writer.post("/api/agent/events", json!({ "events": events })).await.status, 200);
        }
    });
    while !writing.is_finished() {
        let projects = app.get("/api/projects").await.body["data"].clone();
        assert_eq!(projects[0]["progress"], projects[1]["progress"]);
        let events = app.get("/api/agent/events?limit=2000").await.body["total"].as_u64().unwrap();
        assert_eq!(events % 10, 0, "{events} events are no whole number of batches");
    }
    writing.await.unwrap();
    assert_eq!(app.get("/api/agent/events?limit=2000").await.body["total"], json!(300));
}

#[tokio::test(flavor = "multi_thread")]
async fn stamps_of_one_record_grow_however_many_write_it() {
    let app = Arc::new(signed_in().await);
    app.post("/api/projects", json!({ "id": "p1", "name": "Apollo" })).await;
    let answers =
        all_at_once(&app, "PATCH", "/api/projects/p1", |number| json!({ "progress": number })).await;
    assert_eq!(count(&answers, 200), CLIENTS);
    let mut stamps: Vec<_> =
        answers.iter().map(|answer| answer.body["data"]["updatedAt"].as_str().unwrap().to_owned()).collect();
    stamps.sort();
    stamps.dedup();
    assert_eq!(stamps.len(), CLIENTS, "no two writes share a stamp");
    let stored = app.get("/api/projects/p1").await.body["data"]["updatedAt"].clone();
    assert_eq!(stored.as_str(), stamps.last().map(String::as_str), "and the last one is the one that stays");
}
