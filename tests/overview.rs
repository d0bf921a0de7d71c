//! `/api/stats/overview` from outside: periods, the calendar, and the projects that need a look.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use pilotdeck_domain::Timestamp;
use serde_json::{Value, json};

use crate::support::{Caller, assert_shape, signed_in};

const PATH: &str = "/api/stats/overview";

impl Caller {
    fn at(&self, time: &str) -> &Caller {
        self.app.clock.set(Timestamp::parse(time).unwrap());
        self
    }

    async fn event(&self, time: &str, level: &str) {
        let made = self.at(time).post("/api/agent/events", json!({ "level": level, "projectId": "p" })).await;
        assert_eq!(made.status, 201, "{}", made.body);
    }

    async fn overview(&self, zone: &str) -> Value {
        let answer = self.get(&format!("{PATH}?tz={zone}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["data"].clone()
    }
}

/// `current/before` of each figure of a period.
fn figures(period: &Value) -> [String; 5] {
    ["events", "failures", "runs", "tokens", "cost"]
        .map(|name| format!("{}/{}", period[name]["current"], period[name]["before"]))
}

fn calendar(overview: &Value) -> Vec<String> {
    let days = overview["activity"].as_array().unwrap().iter();
    days.map(|day| format!("{} {} {}", day["day"].as_str().unwrap(), day["events"], day["failures"]))
        .collect()
}

#[tokio::test]
async fn the_overview_of_an_empty_house_is_zero() {
    assert_shape!(signed_in().await.get(PATH).await);
}

async fn a_house_with_a_past() -> Caller {
    let app = signed_in().await;
    app.event("2025-02-01T00:00:00Z", "error").await; // Before the calendar begins.
    app.event("2026-02-01T00:00:00Z", "info").await;
    app.event("2026-02-09T18:29:59Z", "info").await;
    app.event("2026-02-09T18:30:00Z", "info").await; // Midnight in India.
    app.event("2026-02-10T14:29:00Z", "error").await;
    app.event("2026-02-10T14:30:00Z", "info").await; // 24 hours ago.
    app.event("2026-02-10T18:29:00Z", "info").await;
    app.event("2026-02-10T18:31:00Z", "error").await;
    app.event("2026-02-11T14:00:00Z", "warn").await;
    let records: Vec<Value> = [
        ("2026-01-31T00:00:00Z", 1_000, 1.0),
        ("2026-02-10T14:29:59Z", 200, 0.2),
        ("2026-02-10T18:29:59Z", 30, 0.1),
        ("2026-02-10T18:30:00Z", 4, 0.000_000_4),
    ]
    .map(|(ts, tokens, cost)| json!({ "ts": ts, "totalTokens": tokens, "cost": cost }))
    .into();
    assert_eq!(app.post("/api/agent/usage", json!({ "records": records })).await.status, 200);
    for (id, time) in
        [("a", "2026-02-10T18:30:00Z"), ("b", "2026-02-10T14:29:59Z"), ("c", "2026-01-20T00:00:00Z")]
    {
        let run = json!({ "id": id, "createdAt": time });
        assert_eq!(app.post("/api/agent/runs", run).await.status, 201);
    }
    app.at("2026-02-11T14:30:00Z");
    app
}

#[tokio::test]
async fn periods_are_days_of_the_zone_against_as_many_before() {
    let app = a_house_with_a_past().await;
    let india = app.overview("Asia/Kolkata").await;
    assert_eq!((&india["running"], &india["projects"]), (&json!(3), &json!(0)));
    assert_eq!(figures(&india["today"]), ["2/2", "1/1", "1/1", "4/200", "0.0/0.2"]);
    assert_eq!(figures(&india["week"]), ["7/1", "2/0", "2/0", "234/1000", "0.3/1.0"]);
    assert_eq!(figures(&india["month"]), ["8/0", "2/0", "3/0", "1234/0", "1.3/0.0"]);
    let utc = app.overview("UTC").await;
    assert_eq!(figures(&utc["today"]), ["1/1", "0/1", "0/1", "0/200", "0.0/0.2"]);
    assert_eq!(app.get(PATH).await.body["data"], utc, "UTC when nothing is said");
    let japan = app.overview("Asia/Tokyo").await;
    assert_eq!(figures(&japan["today"]), ["3/3", "1/1", "1/1", "34/200", "0.1/0.2"]);
}

#[tokio::test]
async fn the_calendar_has_the_days_of_the_zone_and_leaves_out_empty_ones() {
    let app = a_house_with_a_past().await;
    let india = ["2026-02-01 1 0", "2026-02-09 1 0", "2026-02-10 4 1", "2026-02-11 2 1"];
    assert_eq!(calendar(&app.overview("Asia/Kolkata").await), india);
    let utc = ["2026-02-01 1 0", "2026-02-09 2 0", "2026-02-10 4 2", "2026-02-11 1 0"];
    assert_eq!(calendar(&app.overview("UTC").await), utc);
    let restarted = Caller { app: app.app.restart().await };
    assert_eq!(calendar(&restarted.overview("UTC").await), utc, "a start reads the same hours again");
    assert_eq!(calendar(&restarted.overview("Asia/Kolkata").await), india);
}

#[tokio::test]
async fn a_zone_that_nobody_knows_is_refused_with_the_parameter() {
    let app = signed_in().await;
    for path in [PATH, "/api/stats/tokens", "/api/stats/tokens/series?by=model"] {
        let glue = if path.contains('?') { '&' } else { '?' };
        let answer = app.get(&format!("{path}{glue}tz=Middle/Earth")).await;
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!("invalid_parameter")), "{path}");
        assert_eq!(answer.body["field"], json!("tz"), "{path}");
    }
}

#[tokio::test]
async fn projects_that_need_a_look_are_named_with_their_reasons_worst_first() {
    let app = signed_in().await;
    app.at("2026-01-01T00:00:00Z");
    for project in [
        json!({ "id": "fine", "name": "Fine", "status": "in-progress", "budget": 100, "cost": 10 }),
        json!({ "id": "asleep", "name": "Asleep", "status": "in-progress" }),
        json!({ "id": "planned", "name": "Planned" }),
        json!({ "id": "near", "name": "Near", "status": "paused", "budget": 100, "cost": 80 }),
        json!({ "id": "over", "name": "Over", "budget": 100, "cost": 20, "actualCost": 120 }),
        json!({ "id": "failing", "name": "Failing", "status": "in-progress" }),
        json!({ "id": "recovered", "name": "Recovered" }),
        json!({ "id": "done", "name": "Done", "status": "completed", "budget": 1, "cost": 9 }),
    ] {
        assert_eq!(app.post("/api/projects", project).await.status, 201);
    }
    for run in [
        json!({ "id": "r1", "projectId": "failing", "agent": "build", "title": "Try", "createdAt": "2026-01-02", "status": "failed", "finishedAt": "2026-01-03" }),
        json!({ "id": "r0", "projectId": "failing", "createdAt": "2026-01-01", "status": "success" }),
        json!({ "id": "r2", "projectId": "recovered", "createdAt": "2026-01-01", "status": "failed" }),
        json!({ "id": "r3", "projectId": "recovered", "createdAt": "2026-01-02", "status": "success" }),
        json!({ "id": "r4", "projectId": "done", "createdAt": "2026-01-02", "status": "failed" }),
    ] {
        assert_eq!(app.post("/api/agent/runs", run).await.status, 201);
    }
    app.at("2026-02-10T00:00:00Z");
    for id in ["fine", "failing"] {
        app.post("/api/agent/events", json!({ "projectId": id, "type": "note" })).await;
    }
    app.at("2026-02-11T14:30:00Z");
    let answer = app.get(PATH).await;
    assert_eq!(answer.body["data"]["attention"].as_array().unwrap().len(), 4);
    assert_shape!(answer);
}

#[tokio::test]
async fn a_refused_change_is_told_for_a_day_whoever_tried_it() {
    let app = signed_in().await;
    for id in ["patched", "batched", "acted", "worked", "untouched"] {
        app.post("/api/projects", json!({ "id": id, "name": id, "status": "planning" })).await;
    }
    app.post("/api/agent/runs", json!({ "id": "r1", "projectId": "worked", "agent": "build" })).await;
    const OLD: &str = "2020-01-01T00:00:00Z";
    let patched = app.patch("/api/projects/patched", json!({ "notes": "x", "ifUpdatedAt": OLD })).await;
    assert_eq!(patched.status, 409);
    let ops = json!({ "ops": [{ "id": "batched", "patch": { "notes": "x" }, "ifUpdatedAt": OLD }] });
    app.post("/api/projects/batch", ops).await;
    let action = json!({ "projectId": "acted", "agentId": "scout", "action": "add_tag", "params": { "tag": "x" }, "ifUpdatedAt": OLD });
    assert_eq!(app.post("/api/agent/actions", action).await.status, 409);
    assert_eq!(
        app.patch("/api/agent/runs/r1", json!({ "summary": "x", "ifUpdatedAt": OLD })).await.status,
        409
    );
    let invalid = app.patch("/api/projects/untouched", json!({ "status": "bogus" })).await;
    assert_eq!(invalid.status, 400, "another refusal is none");

    let told = app.overview("UTC").await["attention"].clone();
    let told: Vec<String> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|project| {
            let reason = &project["reasons"][0];
            format!("{} {} {}", project["projectId"], reason["kind"], reason["agentId"])
        })
        .collect();
    assert_eq!(
        told,
        [
            "\"patched\" \"conflict\" null",
            "\"batched\" \"conflict\" null",
            "\"acted\" \"conflict\" \"scout\"",
            "\"worked\" \"conflict\" \"build\"",
        ]
    );
    app.app.clock.advance(24 * 3600 + 1);
    assert_eq!(app.overview("UTC").await["attention"], json!([]));
}
