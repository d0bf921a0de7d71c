//! `/api/agent/runs` from outside (API.md §6, and the plugin's way of using it, §10).

use serde_json::{Value, json};

use crate::support::{Caller, assert_shape, field_of_each, signed_in};

#[tokio::test]
async fn a_new_run_has_every_known_field_and_keeps_the_unknown_ones() {
    let app = signed_in().await;
    let made = app
        .post(
            "/api/agent/runs",
            json!({ "id": "r1", "agent": "build", "status": "success", "links": [{ "url": "x" }], "own": { "b": 1, "a": 2 } }),
        )
        .await;
    assert_shape!(made);
    assert_eq!(app.get("/api/agent/runs/r1").await.body["data"], made.body["data"]);
}

#[tokio::test]
async fn a_repeated_run_is_answered_with_the_stored_one() {
    let app = signed_in().await;
    let made = app.post("/api/agent/runs", json!({ "id": "r1", "title": "one" })).await;
    let again = app.post("/api/agent/runs", json!({ "id": "r1", "title": ["not", "looked", "at"] })).await;
    assert_shape!(again);
    assert_eq!(again.body["data"], made.body["data"]);
}

#[tokio::test]
async fn the_plugin_makes_one_run_per_session_and_ends_it() {
    let app = signed_in().await;
    let start = json!({
        "source": "opencode", "sessionId": "ses_1", "projectId": "inbox", "agent": "build",
        "startedAt": "2026-02-06T10:00:00.000Z", "status": "running",
    });
    let made = app.post("/api/agent/runs", start.clone()).await;
    assert_shape!(made);
    assert_eq!(made.body["data"]["startedAt"], json!("2026-02-06T10:00:00.000000Z"));
    assert_eq!(app.post("/api/agent/runs", start).await.status, 200);
    let error = json!({ "name": "ProviderError", "data": {} });
    let ended = app
        .patch(
            "/api/agent/runs/ses_1",
            json!({ "status": "failed", "finishedAt": "2026-02-06T10:01:00Z", "error": error }),
        )
        .await;
    assert_eq!((ended.status, &ended.body["data"]["error"]), (200, &error));
    assert_eq!(ended.body["data"]["finishedAt"], json!("2026-02-06T10:01:00.000000Z"));
}

#[tokio::test]
async fn a_session_never_announced_gets_its_run_from_its_first_status() {
    let app = signed_in().await;
    let patch = json!({ "status": "completed", "finishedAt": "2026-02-06T10:01:00Z" });
    let made = app.patch("/api/agent/runs/ses_9", patch.clone()).await;
    assert_shape!(made);
    let again = app.patch("/api/agent/runs/ses_9", patch).await;
    assert_eq!(again.status, 200);
}

#[tokio::test]
async fn every_other_unknown_run_is_not_found() {
    let app = signed_in().await;
    assert_shape!(app.get("/api/agent/runs/nope").await);
    for (path, patch) in [
        ("/api/agent/runs/nope", json!({ "status": "completed" })),
        ("/api/agent/runs/ses_9", json!({})),
        ("/api/agent/runs/ses_9", json!({ "summary": "no status" })),
    ] {
        let answer = app.patch(path, patch).await;
        assert_eq!((answer.status, &answer.body["code"]), (404, &json!("run_not_found")), "{path}");
    }
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_and_the_stored_value_stays() {
    let app = signed_in().await;
    app.post("/api/agent/runs", json!({ "id": "r1", "tags": ["a"], "meta": { "k": 1 } })).await;
    for (patch, field) in [
        (json!({ "status": "done" }), "status"),
        (json!({ "status": null }), "status"),
        (json!({ "tags": "one" }), "tags"),
        (json!({ "links": {} }), "links"),
        (json!({ "metrics": [] }), "metrics"),
        (json!({ "meta": 7 }), "meta"),
        (json!({ "title": {} }), "title"),
        (json!({ "finishedAt": "soon" }), "finishedAt"),
    ] {
        let answer = app.patch("/api/agent/runs/r1", patch.clone()).await;
        assert_eq!((answer.status, &answer.body["field"]), (400, &json!(field)), "{patch}: {}", answer.body);
    }
    let data = &app.get("/api/agent/runs/r1").await.body["data"];
    assert_eq!((&data["tags"], &data["meta"]), (&json!(["a"]), &json!({ "k": 1 })));
    for bad in [
        json!({ "id": 7 }),
        json!({ "status": "done" }),
        json!({ "title": 7 }),
        json!({ "startedAt": "soon" }),
    ] {
        assert_eq!(app.post("/api/agent/runs", bad.clone()).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_run_takes_an_unknown_project_and_can_be_moved() {
    let app = signed_in().await;
    app.post("/api/agent/runs", json!({ "id": "r1", "projectId": "nowhere" })).await;
    let project = async || app.get("/api/agent/runs/r1").await.body["data"]["projectId"].clone();
    assert_eq!(project().await, json!("nowhere"));
    assert_eq!(app.patch("/api/agent/runs/r1", json!({ "projectId": null })).await.status, 200);
    assert_eq!(project().await, Value::Null);
}

#[tokio::test]
async fn a_stale_patch_of_a_run_is_refused() {
    let app = signed_in().await;
    let made = app.post("/api/agent/runs", json!({ "id": "r1" })).await;
    let patch = json!({ "summary": "x", "ifUpdatedAt": made.body["data"]["updatedAt"] });
    assert_eq!(app.patch("/api/agent/runs/r1", patch.clone()).await.status, 200);
    assert_shape!(app.patch("/api/agent/runs/r1", patch).await);
}

#[tokio::test]
async fn the_list_is_newest_first_filtered_and_paged() {
    let app = signed_in().await;
    for (number, run) in [
        json!({ "id": "a", "projectId": "p1", "agentId": "x", "createdAt": "2026-02-01" }),
        json!({ "id": "b", "projectId": "p1", "agentId": "y", "createdAt": "2026-02-03", "status": "success" }),
        json!({ "id": "c", "projectId": "p2", "sessionId": "s", "createdAt": "2026-02-02" }),
        json!({ "id": "d", "projectId": "p2", "createdAt": "2026-02-02" }),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(app.post("/api/agent/runs", run).await.status, 201, "{number}");
    }
    let ids = async |query: &str| {
        let answer = app.get(&format!("/api/agent/runs{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        let told = ["total", "limit", "offset"].map(|name| answer.body[name].as_u64().unwrap());
        (field_of_each(&answer, "id").join(" "), told)
    };
    assert_eq!(ids("").await, ("b d c a".into(), [4, 50, 0]), "the newest row first among equals");
    assert_eq!(ids("?projectId=p1&agentId=y").await, ("b".into(), [1, 50, 0]));
    assert_eq!(ids("?status=success").await, ("b".into(), [1, 50, 0]));
    assert_eq!(ids("?status=completed").await, ("b".into(), [1, 50, 0]));
    assert_eq!(ids("?sessionId=s").await, ("c".into(), [1, 50, 0]));
    assert_eq!(ids("?since=2026-02-02T00:00:00Z").await, ("b d c".into(), [3, 50, 0]), "since is inclusive");
    assert_eq!(ids("?limit=2&offset=1").await, ("d c".into(), [4, 2, 1]));
    assert_eq!(ids("?limit=9999&offset=-3").await, ("b d c a".into(), [4, 500, 0]), "clamped");
    let first = app.get("/api/agent/runs?limit=2").await;
    let cursor = first.body["nextCursor"].as_str().unwrap();
    let second = app.get(&format!("/api/agent/runs?limit=2&cursor={cursor}")).await;
    assert_eq!(field_of_each(&second, "id"), ["c", "a"]);
    assert_eq!(second.body["nextCursor"], Value::Null);
    for bad in ["limit=abc", "since=yesterday"] {
        let answer = app.get(&format!("/api/agent/runs?{bad}")).await;
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!("invalid_parameter")));
    }
}

/// Five runs, told apart by status, agent, project and text.
async fn with_five_runs() -> Caller {
    let app = signed_in().await;
    for run in [
        json!({ "id": "a", "projectId": "p1", "agentId": "x", "createdAt": "2026-02-01", "title": "Fix 100% of the_tests" }),
        json!({ "id": "b", "projectId": "p1", "agentId": "y", "createdAt": "2026-02-02", "status": "success" }),
        json!({ "id": "c", "projectId": "p2", "agentId": "x", "createdAt": "2026-02-03", "status": "failed", "summary": "Die Prüfung schlug fehl" }),
        json!({ "id": "d", "projectId": "p3", "agentId": "", "createdAt": "2026-02-03", "status": "success" }),
        json!({ "id": "the-run", "createdAt": "2026-02-04", "status": "cancelled" }),
    ] {
        assert_eq!(app.post("/api/agent/runs", run).await.status, 201);
    }
    app
}

#[tokio::test]
async fn runs_are_found_by_any_of_several_values_and_by_their_text() {
    let app = with_five_runs().await;
    let ids = async |query: &str| {
        let answer = app.get(&format!("/api/agent/runs?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        let ids = field_of_each(&answer, "id");
        assert_eq!(answer.body["total"], json!(ids.len()), "{query}");
        ids.join(" ")
    };
    assert_eq!(ids("status=success&status=failed").await, "d c b");
    assert_eq!(ids("status=success&status=&status=completed").await, "d b");
    assert_eq!(ids("agentId=x&agentId=y&projectId=p1&projectId=p3").await, "b a");
    assert_eq!(ids("status=failed&agentId=x&projectId=p2").await, "c");
    assert_eq!(ids("q=100%25").await, "a");
    assert_eq!(ids("q=the_").await, "a", "wildcards are plain characters");
    assert_eq!(ids("q=THE-RUN").await, "the-run");
    assert_eq!(ids("q=schlug").await, "c");
    assert_eq!(ids("q=nothing").await, "");
    assert_eq!(ids("q=the&status=running").await, "a");
    let many = (0..201).map(|id| format!("projectId={id}")).collect::<Vec<_>>().join("&");
    for bad in ["order=up", &many] {
        assert_eq!(app.get(&format!("/api/agent/runs?{bad}")).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn runs_are_told_the_oldest_first_on_demand_page_by_page() {
    let app = with_five_runs().await;
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = app.get(&format!("/api/agent/runs?order=asc&limit=2{cursor}")).await;
        ids.extend(field_of_each(&page, "id"));
        match page.body["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(ids, ["a", "b", "c", "d", "the-run"]);
    let descending = app.get("/api/agent/runs?order=desc").await;
    assert_eq!(field_of_each(&descending, "id"), ["the-run", "d", "c", "b", "a"]);
}

#[tokio::test]
async fn facets_of_runs_are_counted_without_their_own_filter() {
    let app = with_five_runs().await;
    assert_shape!(app.get("/api/agent/runs/facets").await);
    let facets = async |query: &str| {
        let answer = app.get(&format!("/api/agent/runs/facets?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        ["statuses", "agents", "projects"].map(|name| {
            let facets = answer.body["data"][name].as_array().unwrap().iter();
            let told = facets.map(|facet| format!("{}:{}", facet["value"].as_str().unwrap(), facet["count"]));
            told.collect::<Vec<_>>().join(" ")
        })
    };
    assert_eq!(facets("agentId=x").await, ["failed:1 running:1", "x:2 y:1", "p1:1 p2:1"]);
    assert_eq!(
        facets("status=success&projectId=p1").await,
        ["completed:1 running:1", "y:1", "p1:1 p3:1"],
        "each list keeps the filters of the others"
    );
    assert_eq!(facets("q=schlug&since=2026-02-03").await, ["failed:1", "x:1", "p2:1"]);
    assert_eq!(facets("sessionId=none").await, ["", "", ""]);
    assert_eq!(app.get("/api/agent/runs/facets?since=soon").await.status, 400);
}

#[tokio::test]
async fn runs_are_neither_put_nor_deleted() {
    let app = signed_in().await;
    app.post("/api/agent/runs", json!({ "id": "r1" })).await;
    for answer in [app.put("/api/agent/runs/r1", json!({})).await, app.delete("/api/agent/runs/r1").await] {
        assert_eq!((answer.status, &answer.body["code"]), (405, &json!("method_not_allowed")));
        assert_eq!(answer.header("allow"), "GET,HEAD,PATCH");
    }
}
