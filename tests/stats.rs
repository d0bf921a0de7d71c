//! `/api/stats` and `/api/stats/tokens` from outside (API.md §5).

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use serde_json::{Value, json};

use crate::support::{Caller, assert_shape, signed_in};

#[tokio::test]
async fn sums_over_no_projects_are_zero() {
    let app = signed_in().await;
    assert_shape!(app.get("/api/stats").await);
    assert_shape!(app.get("/api/stats/tokens").await);
}

#[tokio::test]
async fn projects_are_counted_and_their_money_is_summed() {
    let app = signed_in().await;
    for project in [
        json!({ "name": "a", "status": "paused", "category": "web", "budget": 10.1, "cost": 0.1, "revenue": 5 }),
        json!({ "name": "b", "priority": "high", "category": "", "budget": 0.2, "cost": 0.2, "actualCost": 999 }),
        json!({ "name": "c" }),
    ] {
        assert_eq!(app.post("/api/projects", project).await.status, 201);
    }
    assert_shape!(app.get("/api/stats").await);
}

#[tokio::test]
async fn tokens_are_summed_by_every_key_in_the_order_of_the_contract() {
    let app = signed_in().await;
    let records = json!({ "records": [
        { "ts": "2026-02-02T10:30:00Z", "projectId": "p1", "agentId": "x", "model": "m1", "promptTokens": 10, "completionTokens": 5, "cost": 0.1 },
        { "ts": "2026-02-01T23:59:59Z", "projectId": "p2", "agentId": "", "workspace": "w", "totalTokens": 100, "cost": 0.2 },
        { "ts": "2026-02-01T00:00:00Z", "projectId": "p0", "source": "cli", "model": "m1", "promptTokens": 15, "cost": 0.5 },
        { "ts": "2026-02-03", "runId": "r1", "cost": 0.000_000_4 },
    ]});
    assert_eq!(app.post("/api/agent/usage", records).await.body["data"]["failed"], json!(0));
    assert_shape!(app.get("/api/stats/tokens").await);
    let totals = async |query: &str| {
        let answer = app.get(&format!("/api/stats/tokens?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        let totals = &answer.body["data"]["totals"];
        (totals["records"].as_u64().unwrap(), totals["totalTokens"].as_u64().unwrap())
    };
    assert_eq!(totals("projectId=p1").await, (1, 15));
    assert_eq!(totals("agentId=x").await, (1, 15));
    assert_eq!(totals("workspace=w").await, (1, 100));
    assert_eq!(totals("source=cli").await, (1, 15));
    assert_eq!(totals("model=m1").await, (2, 30));
    assert_eq!(totals("runId=r1").await, (1, 0));
    assert_eq!(totals("projectId=nope").await, (0, 0));
    assert_eq!(totals("since=2026-02-01&until=2026-02-01").await, (2, 115));
    assert_eq!(totals("since=2026-02-02T10:30:00Z").await, (2, 15), "partial hours come from the records");
    assert_eq!(totals("since=2026-02-02T10:30:00.000001Z").await, (1, 0));
    assert_eq!(totals("until=2026-02-02T10:29:59.999999Z").await, (2, 115));
    assert_eq!(app.get("/api/stats/tokens?since=soon").await.status, 400);
}

#[tokio::test]
async fn all_records_count_not_only_the_newest_five_thousand() {
    let app = signed_in().await;
    let record = json!({ "promptTokens": 1, "cost": 0.1 });
    for _ in 0..6 {
        let records = vec![record.clone(); 1_000];
        assert_eq!(app.post("/api/agent/usage", json!({ "records": records })).await.status, 200);
    }
    app.post("/api/agent/usage", record).await;
    for query in ["", "?source=opencode", "?since=2000-01-01"] {
        let totals = app.get(&format!("/api/stats/tokens{query}")).await.body["data"]["totals"].clone();
        let expected: Value =
            json!({ "records": 6001, "promptTokens": 6001, "completionTokens": 0, "totalTokens": 6001 });
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&totals[name], value, "{query} {name}");
        }
        assert_eq!(totals["cost"].as_f64(), Some(600.1), "no noise of floats");
    }
}

/// Records on both sides of the midnights of Berlin in summer and of India.
async fn with_usage_around_midnight() -> Caller {
    let app = signed_in().await;
    let records = json!({ "records": [
        { "ts": "2026-03-28T22:59:59Z", "projectId": "p1", "model": "m1", "promptTokens": 1, "cost": 0.1 },
        { "ts": "2026-03-28T23:00:00Z", "projectId": "p1", "model": "m2", "promptTokens": 2 },
        { "ts": "2026-03-29T18:29:59Z", "projectId": "p2", "model": "m1", "promptTokens": 4, "runId": "r1" },
        { "ts": "2026-03-29T18:30:00Z", "agentId": "x", "workspace": "w", "source": "cli", "promptTokens": 8 },
        { "ts": "2026-03-29T21:59:59.999999Z", "model": "m1", "promptTokens": 16 },
        { "ts": "2026-03-29T22:00:00Z", "model": "m1", "promptTokens": 32 },
    ]});
    assert_eq!(app.post("/api/agent/usage", records).await.body["data"]["failed"], json!(0));
    app
}

/// `day tokens` of each row, with the key if it has one.
async fn days(app: &Caller, path: &str) -> Vec<String> {
    let answer = app.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    let data = &answer.body["data"];
    let rows = data["byDay"].as_array().or(data.as_array()).unwrap().iter();
    rows.map(|row| {
        let key = row["key"].as_str().map(|key| format!(" {key}")).unwrap_or_default();
        format!("{}{key} {}", row["day"].as_str().unwrap(), row["totalTokens"])
    })
    .collect()
}

#[tokio::test]
async fn sums_by_day_are_told_by_the_days_of_the_zone() {
    let app = with_usage_around_midnight().await;
    let of = async |query: &str| days(&app, &format!("/api/stats/tokens?{query}")).await;
    assert_eq!(of("").await, ["2026-03-28 3", "2026-03-29 60"]);
    assert_eq!(of("tz=UTC").await, of("").await);
    let berlin = ["2026-03-28 1", "2026-03-29 30", "2026-03-30 32"];
    assert_eq!(of("tz=Europe/Berlin").await, berlin);
    assert_eq!(
        of("tz=Europe/Berlin&since=2000-01-01").await,
        berlin,
        "from memory and from the roll-up alike"
    );
    let india = ["2026-03-29 7", "2026-03-30 56"];
    assert_eq!(of("tz=Asia/Kolkata").await, india, "half an hour belongs to each day");
    assert_eq!(of("tz=Asia/Kolkata&since=2000-01-01").await, india);
    assert_eq!(of("tz=Asia/Kolkata&runId=r1").await, ["2026-03-29 4"]);
    assert_eq!(of("tz=Asia/Kolkata&projectId=p2").await, ["2026-03-29 4"]);
    assert_eq!(of("tz=Asia/Kolkata&model=m1").await, ["2026-03-29 5", "2026-03-30 48"]);
}

#[tokio::test]
async fn dates_of_a_range_are_days_of_the_zone_too() {
    let app = with_usage_around_midnight().await;
    let of = async |query: &str| days(&app, &format!("/api/stats/tokens?{query}")).await;
    assert_eq!(of("since=2026-03-29&until=2026-03-29&tz=Europe/Berlin").await, ["2026-03-29 30"], "23 hours");
    assert_eq!(of("since=2026-03-30&tz=Asia/Kolkata").await, ["2026-03-30 56"]);
    assert_eq!(of("until=2026-03-29&tz=Asia/Kolkata").await, ["2026-03-29 7"]);
    assert_eq!(of("until=2026-03-28&tz=America/New_York").await, ["2026-03-28 3"]);
}

#[tokio::test]
async fn a_series_has_a_row_for_each_day_and_key_in_their_order() {
    let app = with_usage_around_midnight().await;
    let of = async |query: &str| days(&app, &format!("/api/stats/tokens/series?{query}")).await;
    let by_model = [
        "2026-03-28 m1 1",
        "2026-03-29 m1 20",
        "2026-03-29 m2 2",
        "2026-03-29 unknown 8",
        "2026-03-30 m1 32",
    ];
    assert_eq!(of("by=model&tz=Europe/Berlin").await, by_model);
    let by_project = ["2026-03-29 p1 3", "2026-03-29 p2 4", "2026-03-30 unassigned 56"];
    assert_eq!(of("by=project&tz=Asia/Kolkata").await, by_project);
    assert_eq!(of("by=agent&since=2026-03-29").await, ["2026-03-29 unassigned 52", "2026-03-29 x 8"]);
    assert_eq!(of("by=workspace&agentId=x").await, ["2026-03-29 w 8"]);
    assert_eq!(of("by=source&until=2026-03-28").await, ["2026-03-28 opencode 3"]);
    assert_eq!(of("by=model&runId=r1").await, ["2026-03-29 m1 4"]);
    assert_shape!(app.get("/api/stats/tokens/series?by=model&projectId=p1").await);
    for query in ["", "by=day", "by=model&since=soon"] {
        let refused = app.get(&format!("/api/stats/tokens/series?{query}")).await;
        assert_eq!((refused.status, &refused.body["code"]), (400, &json!("invalid_parameter")), "{query}");
    }
}

#[tokio::test]
async fn the_figures_of_runs_come_in_the_order_asked_with_zeroes_where_nothing_is() {
    let app = with_usage_around_midnight().await;
    for event in [
        json!({ "runId": "r1", "level": "error" }),
        json!({ "runId": "r1" }),
        json!({ "runId": "r2", "level": "warning" }),
        json!({ "level": "error" }),
    ] {
        assert_eq!(app.post("/api/agent/events", event).await.status, 201);
    }
    assert_shape!(app.get("/api/stats/runs?ids=r2&ids=nobody&ids=r1&ids=r2").await);
    let too_many =
        "ids=x&".to_owned() + &(0..200).map(|id| format!("ids={id}")).collect::<Vec<_>>().join("&");
    for query in ["", "ids=", &too_many] {
        let refused = app.get(&format!("/api/stats/runs?{query}")).await;
        assert_eq!((refused.status, &refused.body["field"]), (400, &json!("ids")), "{query}");
    }
}
