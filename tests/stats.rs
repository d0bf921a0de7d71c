//! `/api/stats` and `/api/stats/tokens` from outside (API.md §5).

use serde_json::{Value, json};

use crate::support::{assert_shape, signed_in};

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
