//! `/api/agent/events` from outside (API.md §7).

use serde_json::{Value, json};

use crate::support::{assert_shape, field_of_each, signed_in};

#[tokio::test]
async fn a_new_event_has_every_known_field_and_keeps_the_unknown_ones() {
    let app = signed_in().await;
    let made = app
        .post(
            "/api/agent/events",
            json!({
                "id": " e1 ", "ts": "2026-02-11 10:00", "type": " risk ", "level": "warning", "projectId": "p1",
                "createdBy": "build", "title": "t", "description": "long", "evidence": ["a"], "own": 1,
            }),
        )
        .await;
    assert_shape!(made);
    assert_eq!(made.body["data"]["clientTs"], json!("2026-02-11T10:00:00.000000Z"));
    assert_eq!(app.get("/api/agent/events/e1").await.body["data"], made.body["data"]);
}

#[tokio::test]
async fn an_empty_event_is_allowed() {
    let app = signed_in().await;
    assert_shape!(app.post("/api/agent/events", json!({})).await);
}

#[tokio::test]
async fn a_known_id_is_answered_with_the_stored_event_whatever_is_sent_with_it() {
    let app = signed_in().await;
    let made = app.post("/api/agent/events", json!({ "id": "e1", "title": "one" })).await;
    let again = app.post("/api/agent/events", json!({ "id": "e1", "title": { "not": "looked at" } })).await;
    assert_shape!(again);
    assert_eq!(again.body["data"], made.body["data"]);
}

#[tokio::test]
async fn a_repeated_idempotency_key_makes_one_event() {
    let app = signed_in().await;
    let event = json!({
        "runId": "ses_1", "type": "milestone", "title": "done", "description": "d", "evidence": ["x"],
        "createdBy": "build", "idempotencyKey": "ses_1:milestone:done:0123456789abcdef",
    });
    let made = app.post("/api/agent/events", event.clone()).await;
    let id = made.body["id"].as_str().unwrap();
    assert!(
        id.len() == 36 && id.starts_with("evt-") && id[4..].chars().all(|c| c.is_ascii_hexdigit()),
        "{id}"
    );
    let again = app.post("/api/agent/events", event).await;
    assert_eq!((made.status, again.status, &again.body["id"]), (201, 200, &made.body["id"]));
    assert_eq!(made.body["data"]["data"], json!({ "evidence": ["x"] }));
}

#[tokio::test]
async fn an_event_without_a_project_takes_that_of_its_run() {
    let app = signed_in().await;
    app.post("/api/agent/runs", json!({ "id": "r1", "projectId": "p1" })).await;
    let project =
        async |event: Value| app.post("/api/agent/events", event).await.body["data"]["projectId"].clone();
    assert_eq!(project(json!({ "runId": "r1" })).await, json!("p1"));
    assert_eq!(project(json!({ "runId": "r1", "projectId": "p2" })).await, json!("p2"));
    assert_eq!(project(json!({ "runId": "unknown" })).await, Value::Null);
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_the_name_of_the_field() {
    let app = signed_in().await;
    for (event, field) in [
        (json!({ "title": 7 }), "title"),
        (json!({ "title": "x".repeat(1_001) }), "title"),
        (json!({ "message": [] }), "message"),
        (json!({ "type": {} }), "type"),
        (json!({ "type": "x".repeat(129) }), "type"),
        (json!({ "level": "loud" }), "level"),
        (json!({ "level": "INFO" }), "level"),
        (json!({ "projectId": 7 }), "projectId"),
        (json!({ "id": 7 }), "id"),
        (json!({ "id": "x".repeat(257) }), "id"),
        (json!({ "ts": "yesterday" }), "ts"),
    ] {
        let answer = app.post("/api/agent/events", event.clone()).await;
        assert_eq!((answer.status, &answer.body["field"]), (400, &json!(field)), "{event}: {}", answer.body);
    }
    assert_eq!(app.get("/api/agent/events").await.body["total"], json!(0));
}

#[tokio::test]
async fn many_events_are_answered_one_by_one_in_order() {
    let app = signed_in().await;
    let answer = app
        .post(
            "/api/agent/events",
            json!({ "events": [{ "id": "a" }, { "id": "b", "level": "loud" }, 7, { "id": "a" }, { "id": "c" }] }),
        )
        .await;
    assert_shape!(answer);
    assert_eq!(field_of_each(&app.get("/api/agent/events").await, "id"), ["a", "c"]);
    let too_many = vec![json!({}); 1_001];
    for bad in [json!({ "events": [] }), json!({ "events": "a" }), json!({ "events": too_many })] {
        let refused = app.post("/api/agent/events", bad).await;
        assert_eq!((refused.status, &refused.body["field"]), (400, &json!("events")));
    }
}

#[tokio::test]
async fn the_timeline_shows_the_newest_oldest_of_them_first() {
    let app = signed_in().await;
    for number in 0..6 {
        app.post("/api/agent/events", json!({ "id": format!("e{number}") })).await;
    }
    let newest = app.get("/api/agent/events?limit=4").await;
    assert_eq!(field_of_each(&newest, "id"), ["e2", "e3", "e4", "e5"]);
    assert_eq!(
        (&newest.body["total"], &newest.body["hasMore"]),
        (&json!(4), &json!(true)),
        "total = number returned"
    );
    let cursor = newest.body["cursor"].as_str().unwrap();
    app.post("/api/agent/events", json!({ "id": "e6" })).await;
    let older = app.get(&format!("/api/agent/events?limit=4&before={cursor}")).await;
    assert_eq!(field_of_each(&older, "id"), ["e0", "e1"]);
    assert_eq!((&older.body["hasMore"], &older.body["cursor"]), (&json!(false), &Value::Null));
    let by_cursor = app.get(&format!("/api/agent/events?limit=4&cursor={cursor}")).await;
    assert_eq!(by_cursor.body, older.body, "cursor is another name of it");
}

#[tokio::test]
async fn filters_are_exact_and_a_word_finds_its_kind() {
    let app = signed_in().await;
    for event in [
        json!({ "id": "a", "type": "action", "projectId": "p1", "runId": "r1", "agentId": "x" }),
        json!({ "id": "b", "type": "action.set_status", "projectId": "p1", "level": "error" }),
        json!({ "id": "c", "type": "actions", "projectId": "p2", "title": "The sky" }),
        json!({ "id": "d", "type": "note", "message": "a sky at 100%" }),
    ] {
        assert_eq!(app.post("/api/agent/events", event).await.status, 201);
    }
    let ids = async |query: &str| {
        let answer = app.get(&format!("/api/agent/events?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        field_of_each(&answer, "id").join(" ")
    };
    assert_eq!(ids("type=action").await, "a b");
    assert_eq!(ids("type=action.set_status").await, "b");
    assert_eq!(ids("projectId=p1&runId=r1").await, "a");
    assert_eq!(ids("agentId=x").await, "a");
    assert_eq!(ids("level=error").await, "b");
    assert_eq!(ids("q=sky").await, "c d");
    assert_eq!(ids("q=100%25").await, "d");
    assert_eq!(ids("projectId=P1").await, "");
    assert_eq!(ids("projectId=").await, "a b c d");
    assert_eq!(ids("projectId=p2&projectId=p1").await, "a b c");
    assert_eq!(ids("type=actions&type=note").await, "c d");
    assert_eq!(ids("level=error&level=warn&projectId=p1&projectId=nope").await, "b");
    assert_eq!(ids("agentId=x&agentId=y").await, "a");
}

#[tokio::test]
async fn the_newest_come_first_when_asked_for() {
    let app = signed_in().await;
    for number in 0..5 {
        app.post("/api/agent/events", json!({ "id": format!("e{number}"), "projectId": "p1" })).await;
    }
    let newest = app.get("/api/agent/events?order=desc&limit=3").await;
    assert_eq!(field_of_each(&newest, "id"), ["e4", "e3", "e2"]);
    let cursor = newest.body["cursor"].as_str().unwrap();
    let older = app
        .get(&format!("/api/agent/events?order=desc&limit=3&before={cursor}&projectId=p1&projectId=p2"))
        .await;
    assert_eq!(field_of_each(&older, "id"), ["e1", "e0"]);
    assert_eq!(older.body["hasMore"], json!(false));
    assert_eq!(field_of_each(&app.get("/api/agent/events?order=asc&limit=2").await, "id"), ["e3", "e4"]);
    let refused = app.get("/api/agent/events?order=up").await;
    assert_eq!(
        (refused.status, &refused.body["code"], &refused.body["field"]),
        (400, &json!("invalid_parameter"), &json!("order"))
    );
}

#[tokio::test]
async fn a_search_finds_words_by_how_they_begin_and_nothing_in_it_is_syntax() {
    let app = signed_in().await;
    for event in [
        json!({ "id": "a", "title": "Deployment finished", "message": "of src/main.rs" }),
        json!({ "id": "b", "title": "构建失败", "agentId": "build-bot" }),
        json!({ "id": "c", "type": "note", "data": { "error": "ENOENT", "lines": [42] } }),
        json!({ "id": "d", "title": "say \"deploy\" OR not" }),
    ] {
        assert_eq!(app.post("/api/agent/events", event).await.status, 201);
    }
    let ids = async |q: &str| {
        let encoded: String = q.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = app.get(&format!("/api/agent/events?q={encoded}")).await;
        assert_eq!(answer.status, 200, "{q}: {}", answer.body);
        field_of_each(&answer, "id").join(" ")
    };
    // Now and when the writer has indexed them.
    for _ in 0..2 {
        for (q, found) in [
            ("deploy", "a d"),
            ("FINISHED depl", "a"),
            ("main.rs", "a"),
            ("构建", "b"),
            ("失败", "b"),
            ("建败", ""),
            ("build-bot", "b"),
            ("enoent 42", "c"),
            ("\"deploy\"", "a d"),
            ("deploy OR finished", ""),
            ("deploy or", "d"),
            ("ploy", ""),
            ("(deploy* AND NOT \"", ""),
            ("\"*^:", ""),
        ] {
            assert_eq!(ids(q).await, found, "{q}");
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    for bad in ["a+".repeat(17), "x".repeat(401)] {
        let refused = app.get(&format!("/api/agent/events?q={bad}")).await;
        assert_eq!((refused.status, &refused.body["field"]), (400, &json!("q")));
    }
}

#[tokio::test]
async fn facets_count_what_each_filter_would_leave() {
    let app = signed_in().await;
    for (number, kind, level, project) in [
        (0, "note", "info", "p1"),
        (1, "note", "error", "p1"),
        (2, "risk", "info", "p2"),
        (3, "risk", "info", "p2"),
    ] {
        let event = json!({
            "type": kind, "level": level, "projectId": project, "agentId": format!("a{}", number / 2), "title": "word",
        });
        app.post("/api/agent/events", event).await;
    }
    app.post("/api/agent/events", json!({ "type": "result", "title": "other" })).await;
    let answer = app.get("/api/agent/events/facets?q=word&level=info&projectId=p1&projectId=p2").await;
    assert_eq!(
        answer.body,
        json!({ "success": true, "data": {
            "types": [{ "value": "risk", "count": 2 }, { "value": "note", "count": 1 }],
            "levels": [{ "value": "info", "count": 3 }, { "value": "error", "count": 1 }],
            "agents": [{ "value": "a1", "count": 2 }, { "value": "a0", "count": 1 }],
            "projects": [{ "value": "p2", "count": 2 }, { "value": "p1", "count": 1 }],
            "counted": 4, "complete": true,
        }})
    );
    let refused = app.get("/api/agent/events/facets?since=yesterday").await;
    assert_eq!((refused.status, &refused.body["field"]), (400, &json!("since")));
}

#[tokio::test]
async fn the_events_of_a_deleted_project_stay_and_are_found() {
    let app = signed_in().await;
    app.post("/api/projects", json!({ "id": "p1", "name": "P" })).await;
    app.post("/api/agent/events", json!({ "id": "e1", "projectId": "p1", "title": "kept" })).await;
    assert_eq!(app.delete("/api/projects/p1").await.status, 200);
    for query in ["projectId=p1", "q=kept", "q=kept&projectId=p1"] {
        let answer = app.get(&format!("/api/agent/events?{query}")).await;
        assert_eq!(field_of_each(&answer, "id"), ["e1"], "{query}");
    }
}

#[tokio::test]
async fn since_and_until_are_inclusive_and_compare_instants() {
    let app = signed_in().await;
    let mut times = Vec::new();
    for id in ["a", "b", "c"] {
        let made = app.post("/api/agent/events", json!({ "id": id })).await;
        times.push(made.body["data"]["ts"].as_str().unwrap().to_owned());
    }
    let ids = async |query: String| {
        field_of_each(&app.get(&format!("/api/agent/events?{query}")).await, "id").join(" ")
    };
    assert_eq!(ids(format!("since={}", times[1])).await, "b c");
    assert_eq!(ids(format!("until={}", times[1])).await, "a b");
    assert_eq!(
        ids(format!("since={}", times[1].replace('Z', "+00:00"))).await,
        "b c",
        "a plus that came as a space"
    );
    assert_eq!(
        ids(format!("until={}", &times[0][..10])).await,
        "a b c",
        "a date alone means the end of that day"
    );
    for bad in ["since=yesterday", "until=7", "limit=x", "before=nonsense"] {
        let answer = app.get(&format!("/api/agent/events?{bad}")).await;
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!("invalid_parameter")), "{bad}");
    }
}

#[tokio::test]
async fn an_unknown_event_is_not_found_and_none_is_changed() {
    let app = signed_in().await;
    assert_shape!(app.get("/api/agent/events/nope").await);
    app.post("/api/agent/events", json!({ "id": "e1" })).await;
    for answer in [
        app.patch("/api/agent/events/e1", json!({})).await,
        app.put("/api/agent/events/e1", json!({})).await,
        app.delete("/api/agent/events/e1").await,
    ] {
        assert_eq!(answer.status, 405);
    }
}
