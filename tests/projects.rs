//! `/api/projects` from outside: every call of API.md §4 with its statuses, shapes, order and conflicts.

use serde_json::{Value, json};

use crate::support::{Caller, assert_shape, field_of_each, signed_in};

async fn with_project(project: Value) -> Caller {
    let app = signed_in().await;
    let made = app.post("/api/projects", project).await;
    assert_eq!(made.status, 201, "{}", made.body);
    app
}

#[tokio::test]
async fn a_new_project_has_every_known_field_and_keeps_the_unknown_ones() {
    let app = signed_in().await;
    let made = app
        .post(
            "/api/projects",
            json!({ "id": "p1", "name": " Apollo ", "zeta": [1.50, { "a": null }], "alpha": 1 }),
        )
        .await;
    assert_shape!(made);
    let read = app.get("/api/projects/p1").await;
    assert_eq!(
        (read.status, &read.body["data"]),
        (200, &made.body["data"]),
        "what was answered is what is stored"
    );
}

#[tokio::test]
async fn a_project_without_an_id_gets_one_that_needs_no_encoding() {
    let app = signed_in().await;
    let made = app.post("/api/projects", json!({ "name": "Apollo", "id": null })).await;
    let id = made.body["data"]["id"].as_str().unwrap();
    assert!(id.starts_with("proj-") && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{id}");
    assert_eq!(app.get(&format!("/api/projects/{id}")).await.status, 200);
}

#[tokio::test]
async fn older_clients_numbers_as_text_one_tag_and_a_plain_cost_are_taken() {
    let app = signed_in().await;
    let made = app
        .post(
            "/api/projects",
            json!({ "id": "p1", "name": "x", "progress": "42.9", "tags": "one", "cost": "12.5", "budget": { "planned": " 7 " } }),
        )
        .await;
    let data = &made.body["data"];
    assert_eq!(data["progress"], json!(42));
    assert_eq!(data["tags"], json!(["one"]));
    assert_eq!(data["cost"]["total"].as_f64(), Some(12.5));
    assert_eq!(data["budget"].as_f64(), Some(7.0));
    assert_eq!(data["actualCost"].as_f64(), Some(12.5), "on create it follows the cost");
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_the_name_of_the_field() {
    let app = signed_in().await;
    let refused = [
        (json!({}), "missing_field", "name"),
        (json!({ "name": " " }), "invalid_field", "name"),
        (json!({ "name": 7 }), "invalid_field", "name"),
        (json!({ "name": "x", "id": "a\nb" }), "invalid_field", "id"),
        (json!({ "name": "x", "id": 7 }), "invalid_field", "id"),
        (json!({ "name": "x", "status": "done" }), "invalid_field", "status"),
        (json!({ "name": "x", "priority": "" }), "invalid_field", "priority"),
        (json!({ "name": "x", "progress": true }), "invalid_field", "progress"),
        (json!({ "name": "x", "tags": ["a", 1] }), "invalid_field", "tags[1]"),
        (json!({ "name": "x", "cost": [] }), "invalid_field", "cost"),
        (json!({ "name": "x", "createdAt": "yesterday" }), "invalid_field", "createdAt"),
    ];
    for (body, code, field) in refused {
        let answer = app.post("/api/projects", body.clone()).await;
        assert_eq!(
            (answer.status, answer.body["code"].as_str()),
            (400, Some(code)),
            "{body}: {}",
            answer.body
        );
        assert_eq!(answer.body["field"], json!(field), "{body}");
        assert!(answer.body["message"].is_string(), "the plugin shows only the message");
    }
    assert_eq!(app.get("/api/projects").await.body["total"], json!(0), "nothing of it was stored");
}

#[tokio::test]
async fn a_taken_id_is_refused_with_the_project_that_has_it() {
    let app = with_project(json!({ "id": "p1", "name": "Apollo" })).await;
    let again = app.post("/api/projects", json!({ "id": "p1", "name": "Other" })).await;
    assert_shape!(again);
}

#[tokio::test]
async fn an_unknown_project_is_not_found_by_any_call() {
    let app = signed_in().await;
    let missing = app.get("/api/projects/nope").await;
    assert_shape!(missing);
    for answer in [
        app.patch("/api/projects/nope", json!({ "progress": 1 })).await,
        app.put("/api/projects/nope", json!({ "progress": 1 })).await,
        app.delete("/api/projects/nope").await,
    ] {
        assert_eq!((answer.status, &answer.body), (404, &missing.body));
    }
}

#[tokio::test]
async fn an_id_with_slashes_and_spaces_is_reached_by_its_encoded_path() {
    let app = with_project(json!({ "id": "team/a b", "name": "Apollo" })).await;
    let read = app.get("/api/projects/team%2Fa%20b").await;
    assert_eq!(read.body["data"]["id"], json!("team/a b"));
    let not_text = app.get("/api/projects/%FF").await;
    assert_eq!((not_text.status, &not_text.body["code"]), (400, &json!("invalid_parameter")));
}

#[tokio::test]
async fn patch_and_put_change_what_is_sent_and_nothing_else() {
    let app = with_project(json!({ "id": "p1", "name": "Apollo", "notes": "n", "own": 1 })).await;
    let before = app.get("/api/projects/p1").await.body["data"].clone();
    let patched = app
        .patch(
            "/api/projects/p1",
            json!({ "progress": "80", "id": "p2", "createdAt": "2001-01-01", "updatedAt": "2001-01-01" }),
        )
        .await;
    assert_shape!(patched);
    let put = app.put("/api/projects/p1", json!({ "status": "paused", "own": null })).await;
    let data = &put.body["data"];
    assert_eq!(
        (put.status, &data["name"], &data["notes"], &data["progress"]),
        (200, &json!("Apollo"), &json!("n"), &json!(80))
    );
    assert_eq!((&data["status"], &data["own"]), (&json!("paused"), &Value::Null));
    assert_eq!(data["createdAt"], before["createdAt"]);
    let stamps =
        [&before, &patched.body["data"], data].map(|record| record["updatedAt"].as_str().unwrap().to_owned());
    assert!(stamps[0] < stamps[1] && stamps[1] < stamps[2], "{stamps:?}");
    let empty = app.patch("/api/projects/p1", json!({})).await;
    assert!(
        empty.body["data"]["updatedAt"].as_str() > Some(stamps[2].as_str()),
        "an empty patch is a write too"
    );
}

#[tokio::test]
async fn a_stale_patch_is_refused_with_both_times_and_the_current_project() {
    let app = with_project(json!({ "id": "p1", "name": "Apollo" })).await;
    let stamp = app.get("/api/projects/p1").await.body["data"]["updatedAt"].clone();
    let patch = json!({ "ifUpdatedAt": stamp, "progress": 80 });
    assert_eq!(app.patch("/api/projects/p1", patch.clone()).await.status, 200);
    let stale = app.patch("/api/projects/p1", patch).await;
    assert_shape!(stale);
    assert_eq!(stale.body["data"]["expectedUpdatedAt"], stamp);
    assert_eq!(stale.body["data"]["actualUpdatedAt"], stale.body["current"]["updatedAt"]);
    let put = app.put("/api/projects/p1", json!({ "ifUpdatedAt": stamp, "progress": 1 })).await;
    assert_eq!(put.status, 409, "PUT counts it too");
}

#[tokio::test]
async fn if_updated_at_names_an_instant_in_any_spelling() {
    let app = with_project(json!({ "id": "p1", "name": "Apollo" })).await;
    let stamp =
        async || app.get("/api/projects/p1").await.body["data"]["updatedAt"].as_str().unwrap().to_owned();
    for spell in [
        |text: &str| text.to_owned(),
        |text: &str| text.replace('Z', "+00:00"),
        |text: &str| text.replace('Z', ""),
        |text: &str| text.replace('T', " "),
    ] {
        let seen = spell(&stamp().await);
        let answer = app.patch("/api/projects/p1", json!({ "ifUpdatedAt": seen })).await;
        assert_eq!(answer.status, 200, "{seen}");
    }
    for (seen, status) in [(json!("old"), 409), (json!(""), 400), (json!(7), 400), (Value::Null, 200)] {
        let answer = app.patch("/api/projects/p1", json!({ "ifUpdatedAt": seen })).await;
        assert_eq!(answer.status, status, "{seen}");
    }
}

#[tokio::test]
async fn a_deleted_project_leaves_its_runs_events_and_usage() {
    let app = with_project(json!({ "id": "p1", "name": "Apollo" })).await;
    app.post("/api/agent/runs", json!({ "id": "r1", "projectId": "p1" })).await;
    app.post("/api/agent/events", json!({ "id": "e1", "projectId": "p1" })).await;
    app.post("/api/agent/usage", json!({ "id": "u1", "projectId": "p1", "cost": 1 })).await;
    let gone = app.delete("/api/projects/p1").await;
    assert_shape!(gone);
    assert_eq!(app.delete("/api/projects/p1").await.status, 404);
    assert_eq!(app.get("/api/agent/runs/r1").await.body["data"]["projectId"], Value::Null);
    assert_eq!(app.get("/api/agent/events/e1").await.body["data"]["projectId"], json!("p1"));
    assert_eq!(app.get("/api/agent/usage?projectId=p1").await.body["total"], json!(1));
}

#[tokio::test]
async fn the_list_filters_searches_and_counts_all_that_match() {
    let app = signed_in().await;
    assert_shape!(app.get("/api/projects").await);
    for project in [
        json!({ "id": "a", "name": "Apollo", "status": "paused", "category": "space", "tags": ["x"] }),
        json!({ "id": "b", "name": "Borealis", "priority": "high", "description": "looks at the sky 100%" }),
        json!({ "id": "c", "name": "Calypso", "status": "paused", "category": "sea" }),
    ] {
        app.post("/api/projects", project).await;
    }
    let ids = async |query: &str| {
        let answer = app.get(&format!("/api/projects{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        let ids = field_of_each(&answer, "id");
        (ids.join(" "), answer.body["total"].as_u64().unwrap())
    };
    assert_eq!(ids("").await, ("a b c".into(), 3));
    assert_eq!(ids("?status=paused").await, ("a c".into(), 2));
    assert_eq!(ids("?status=paused&category=sea").await, ("c".into(), 1));
    assert_eq!(ids("?priority=high&status=").await, ("b".into(), 1), "an empty value is no filter");
    assert_eq!(ids("?status=Paused").await, (String::new(), 0), "exact, and unknown words match nothing");
    assert_eq!(ids("?tag=x").await, ("a".into(), 1));
    assert_eq!(ids("?q=100%25").await, ("b".into(), 1), "a wildcard in the search is a plain character");
    assert_eq!(ids("?limit=1&offset=1").await, ("b".into(), 3));
    assert_eq!(ids("?limit=0").await, ("a".into(), 3), "clamped to the smallest page");
    for bad in ["limit=abc", "limit=2.5", "offset=1e2", "cursor=nonsense"] {
        let answer = app.get(&format!("/api/projects?{bad}")).await;
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!("invalid_parameter")), "{bad}");
        assert_eq!(answer.body["field"], json!(bad.split('=').next().unwrap()));
    }
}

#[tokio::test]
async fn pages_by_cursor_neither_skip_nor_repeat_while_others_write() {
    let app = signed_in().await;
    for number in 0..7 {
        app.post("/api/projects", json!({ "id": format!("p{number}"), "name": "x" })).await;
    }
    let mut seen = Vec::new();
    let mut path = "/api/projects?limit=3".to_owned();
    loop {
        let page = app.get(&path).await;
        seen.extend(field_of_each(&page, "id"));
        app.post("/api/projects", json!({ "name": "newcomer" })).await;
        app.delete(&format!("/api/projects/{}", seen[0])).await;
        match page.body["nextCursor"].as_str() {
            Some(cursor) if seen.len() < 7 => path = format!("/api/projects?limit=3&cursor={cursor}"),
            _ => break,
        }
    }
    assert_eq!(&seen[..7], ["p0", "p1", "p2", "p3", "p4", "p5", "p6"]);
}

#[tokio::test]
async fn the_order_is_as_put_and_new_projects_come_last() {
    let app = signed_in().await;
    for id in ["a", "b", "c"] {
        app.post("/api/projects", json!({ "id": id, "name": id })).await;
    }
    let before = app.get("/api/projects").await;
    let ordered = app.post("/api/projects/reorder", json!({ "ids": ["c", "nope", "a", "c"] })).await;
    assert_eq!(ordered.status, 200);
    assert_eq!(field_of_each(&ordered, "id"), ["c", "a", "b"]);
    assert_eq!(ordered.body["data"][1], before.body["data"][0], "no project is touched");
    assert!(ordered.body["lastUpdated"].as_str() > before.body["lastUpdated"].as_str());
    app.post("/api/projects", json!({ "id": "d", "name": "d" })).await;
    assert_eq!(field_of_each(&app.get("/api/projects").await, "id"), ["c", "a", "b", "d"]);
    for (bad, field) in
        [(json!({}), "ids"), (json!({ "ids": "a" }), "ids"), (json!({ "ids": [["a"]] }), "ids[0]")]
    {
        let answer = app.post("/api/projects/reorder", bad).await;
        assert_eq!((answer.status, &answer.body["field"]), (400, &json!(field)));
    }
}

#[tokio::test]
async fn a_batch_answers_each_op_in_order() {
    let app = with_project(json!({ "id": "p1", "name": "Apollo" })).await;
    let batch = app
        .post(
            "/api/projects/batch",
            json!({ "ops": [
                { "opId": "a", "id": "p1", "patch": { "tags": ["x"], "ifUpdatedAt": "dropped" } },
                { "opId": "b", "id": "nope", "patch": {} },
                { "opId": "c", "id": "p1", "patch": { "progress": [] } },
                { "opId": "d", "id": "p1", "patch": { "progress": 1 }, "ifUpdatedAt": "old" },
                { "id": "p1", "patch": 7 },
                7,
            ]}),
        )
        .await;
    assert_shape!(batch);
    let none = app.post("/api/projects/batch", json!({ "ops": [] })).await;
    assert_eq!((none.status, &none.body["data"]["changed"]), (200, &json!(false)));
    let too_many = vec![json!({}); 1_001];
    for bad in [json!({}), json!({ "ops": {} }), json!({ "ops": too_many })] {
        assert_eq!(app.post("/api/projects/batch", bad).await.status, 400);
    }
}

#[tokio::test]
async fn actual_cost_follows_the_cost_while_they_are_equal() {
    let app = with_project(json!({ "id": "p1", "name": "Apollo", "cost": 5 })).await;
    let actual = async |patch: Value| {
        app.patch("/api/projects/p1", patch).await.body["data"]["actualCost"].as_f64().unwrap()
    };
    assert_eq!(actual(json!({ "cost": { "total": 9 } })).await, 9.0);
    assert_eq!(actual(json!({ "actualCost": 4 })).await, 4.0);
    assert_eq!(actual(json!({ "cost": 20 })).await, 4.0);
}

#[tokio::test]
async fn numbers_and_texts_come_back_as_they_were_sent() {
    let app = signed_in().await;
    let body = r#"{"id":"p1","name":"x","big":123456789012345678901234567890,"small":1e-40,"money":0.10,"nul":"a\u0000b"}"#;
    let made = app.post_text("/api/projects", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let data = &app.get("/api/projects/p1").await.body["data"];
    assert_eq!(data["big"].to_string(), "123456789012345678901234567890");
    assert_eq!(data["small"].as_f64(), Some(1e-40));
    assert_eq!(data["money"].as_f64(), Some(0.1));
    assert_eq!(data["nul"], json!("a\0b"));
}
