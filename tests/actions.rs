//! `/api/agent/actions` from outside: the three request forms of API.md §8 and §10.

use serde_json::{Value, json};

use crate::support::{Caller, assert_shape, field_of_each, signed_in};

const ACTIONS: &str = "/api/agent/actions";

async fn with_project() -> Caller {
    let app = signed_in().await;
    app.post("/api/projects", json!({ "id": "p1", "name": "Apollo", "progress": 80, "tags": ["a", "a"] }))
        .await;
    app
}

async fn project(app: &Caller) -> Value {
    app.get("/api/projects/p1").await.body["data"].clone()
}

#[tokio::test]
async fn the_flat_form_is_done_once_however_often_it_is_sent() {
    let app = with_project().await;
    let bump = json!({
        "id": "action-001", "projectId": "p1", "runId": "r1", "agentId": "claude", "action": "bump_progress",
        "params": { "delta": 10, "reason": "milestone" }, "recordOnly": false,
    });
    let done = app.post(ACTIONS, bump.clone()).await;
    assert_shape!(done);
    let again = app.post(ACTIONS, bump).await;
    assert_shape!(again);
    assert_eq!(project(&app).await["progress"], json!(90));
    assert_eq!(again.body["data"]["event"], done.body["data"]["event"]);
}

#[tokio::test]
async fn a_flat_action_that_fails_answers_with_the_status_of_its_failure() {
    let app = with_project().await;
    let unknown = app
        .post(
            ACTIONS,
            json!({ "id": "x1", "projectId": "nope", "action": "add_tag", "params": { "tag": "q" } }),
        )
        .await;
    assert_shape!(unknown);
    let stale = app
        .post(
            ACTIONS,
            json!({ "id": "x2", "projectId": "p1", "action": "add_tag", "params": { "tag": "q" }, "ifUpdatedAt": "old" }),
        )
        .await;
    assert_shape!(stale);
    let bad = app
        .post(ACTIONS, json!({ "id": "x3", "projectId": "p1", "action": "set_progress", "params": {} }))
        .await;
    assert_shape!(bad);
    assert_eq!(app.get("/api/agent/events").await.body["total"], json!(0), "what failed leaves no event");
}

#[tokio::test]
async fn the_list_form_answers_200_however_its_items_end() {
    let app = with_project().await;
    let answer = app
        .post(
            ACTIONS,
            json!({ "projectId": "p1", "agentId": "a", "runId": "r1", "actions": [
                { "id": "x1", "type": "set_status", "params": { "status": "bogus" } },
                { "id": "x2", "type": "add_tag", "params": { "tag": "q" }, "ifUpdatedAt": "old" },
                { "id": "x3", "projectId": "nope", "type": "add_tag", "params": { "tag": "q" } },
                { "id": "x4", "type": "set_status", "params": { "status": "in-progress" }, "runId": "r2" },
                { "id": "x4", "type": "set_status", "params": { "status": "paused" } },
                { "type": "set_progress", "params": { "progress": 5 }, "recordOnly": true, "id": "x6" },
                "nonsense",
                { "id": "x8", "action": "set_priority", "params": { "priority": "high" } },
            ]}),
        )
        .await;
    assert_shape!(answer);
    let project = project(&app).await;
    assert_eq!((&project["status"], &project["progress"]), (&json!("in-progress"), &json!(80)));
    assert_eq!(field_of_each(&app.get("/api/agent/events?type=action").await, "id"), ["x4", "x6", "x8"]);
}

#[tokio::test]
async fn each_action_has_its_effect() {
    let app = with_project().await;
    let mut number = 0;
    let mut act = async |action: &str, params: Value| {
        number += 1;
        let request = json!({ "id": format!("a{number}"), "projectId": "p1", "agentId": "claude", "action": action, "params": params });
        let answer = app.post(ACTIONS, request).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let data = &answer.body["data"];
        assert_eq!(data["event"]["type"], json!(format!("action.{action}")));
        (data["project"].clone(), data["changed"].as_bool().unwrap())
    };
    let (project, changed) = act("set_status", json!({ "status": "paused" })).await;
    assert_eq!((&project["status"], changed), (&json!("paused"), true));
    let (_, changed) = act("set_status", json!({ "status": "paused" })).await;
    assert!(!changed, "nothing would change");
    assert_eq!(act("set_priority", json!({ "priority": "urgent" })).await.0["priority"], json!("urgent"));
    assert_eq!(act("set_progress", json!({ "progress": "33.9" })).await.0["progress"], json!(33));
    assert_eq!(act("set_progress", json!({ "progress": 1e9 })).await.0["progress"], json!(100));
    assert_eq!(act("bump_progress", json!({ "delta": -1e300 })).await.0["progress"], json!(0));
    assert_eq!(act("bump_progress", json!({ "delta": 7 })).await.0["progress"], json!(7));
    assert_eq!(act("add_tag", json!({ "tag": " b " })).await.0["tags"], json!(["a", "b"]));
    assert_eq!(act("remove_tag", json!({ "tag": "a" })).await.0["tags"], json!(["b"]));
    let (project, _) = act("append_note", json!({ "note": "first" })).await;
    let notes = project["notes"].as_str().unwrap();
    assert!(notes.starts_with('[') && notes.ends_with("] (claude) first"), "{notes}");
    let (project, _) = act("append_note", json!({ "note": "second" })).await;
    assert_eq!(project["notes"].as_str().unwrap().lines().count(), 2);
    let (project, changed) =
        act("append_note", json!({ "note": "third", "alsoWriteToProjectNotes": false })).await;
    assert_eq!((project["notes"].as_str().unwrap().lines().count(), changed), (2, false));
}

#[tokio::test]
async fn a_note_of_the_list_form_stays_out_of_the_project_unless_asked() {
    let app = with_project().await;
    let note = |params: Value| json!({ "projectId": "p1", "actions": [{ "type": "append_note", "params": params }] });
    assert_eq!(app.post(ACTIONS, note(json!({ "note": "x" }))).await.body["data"]["changed"], json!(false));
    let asked = app.post(ACTIONS, note(json!({ "note": "x", "alsoWriteToProjectNotes": true }))).await;
    assert_eq!(asked.body["data"]["changed"], json!(true));
}

#[tokio::test]
async fn junk_params_are_refused_and_never_read_as_zero() {
    let app = with_project().await;
    for (action, params, field) in [
        ("set_progress", json!({}), "params.progress"),
        ("set_progress", json!({ "progress": "abc" }), "params.progress"),
        ("set_progress", json!({ "progress": true }), "params.progress"),
        ("bump_progress", json!({ "delta": null }), "params.delta"),
        ("set_priority", json!({ "priority": "High" }), "params.priority"),
        ("append_note", json!({ "note": "  " }), "params.note"),
        (
            "append_note",
            json!({ "note": "x", "alsoWriteToProjectNotes": "false" }),
            "params.alsoWriteToProjectNotes",
        ),
        ("add_tag", json!({ "tag": " " }), "params.tag"),
        ("remove_tag", json!({ "tag": 7 }), "params.tag"),
    ] {
        let answer =
            app.post(ACTIONS, json!({ "projectId": "p1", "action": action, "params": params })).await;
        assert_eq!(
            (answer.status, &answer.body["field"]),
            (400, &json!(field)),
            "{action} {params}: {}",
            answer.body
        );
    }
    let record_only =
        json!({ "projectId": "p1", "action": "add_tag", "params": { "tag": "x" }, "recordOnly": "false" });
    assert_eq!(app.post(ACTIONS, record_only).await.body["field"], json!("recordOnly"));
    assert_eq!(project(&app).await["progress"], json!(80));
}

#[tokio::test]
async fn a_request_of_no_form_is_refused_as_a_whole() {
    let app = with_project().await;
    for bad in [json!({}), json!({ "actions": [] }), json!({ "actions": {} }), json!({ "type": "hello" })] {
        let answer = app.post(ACTIONS, bad.clone()).await;
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!("missing_field")), "{bad}");
        assert_eq!(answer.body["field"], json!("actions"));
    }
    let item = json!({ "type": "add_tag", "params": { "tag": "x" } });
    for outer in ["projectId", "runId", "agentId"] {
        let mut request = json!({ "actions": [item] });
        request[outer] = json!(7);
        let answer = app.post(ACTIONS, request).await;
        assert_eq!((answer.status, &answer.body["field"]), (400, &json!(outer)));
    }
    let too_many = vec![item; 1_001];
    assert_eq!(app.post(ACTIONS, json!({ "projectId": "p1", "actions": too_many })).await.status, 400);
}

#[tokio::test]
async fn an_id_of_any_event_is_known_even_when_that_was_no_action() {
    let app = with_project().await;
    app.post("/api/agent/events", json!({ "id": "e1", "title": "a note" })).await;
    let answer = app
        .post(
            ACTIONS,
            json!({ "id": "e1", "projectId": "p1", "action": "set_progress", "params": { "progress": 1 } }),
        )
        .await;
    assert_eq!((answer.status, &answer.body["created"]), (200, &json!(false)));
    assert_eq!(answer.body["data"]["event"]["title"], json!("a note"));
    assert_eq!(project(&app).await["progress"], json!(80));
}

#[tokio::test]
async fn a_proposal_is_kept_for_a_person_and_touches_no_project() {
    let app = with_project().await;
    app.post("/api/agent/runs", json!({ "sessionId": "ses_1", "projectId": "p1" })).await;
    let before = project(&app).await;
    let proposal = json!({
        "runId": "ses_1", "type": "update_status", "payload": { "status": "blocked" }, "rationale": "no key",
        "status": "pending_review", "proposedBy": "build",
        "idempotencyKey": "ses_1:update_status:no key:0123456789abcdef",
    });
    let kept = app.post(ACTIONS, proposal.clone()).await;
    assert_shape!(kept);
    let again = app.post(ACTIONS, proposal).await;
    assert_eq!(
        (again.status, &again.body["created"], &again.body["id"]),
        (200, &json!(false), &kept.body["id"])
    );
    assert_eq!(project(&app).await, before);
    let unknown = json!({ "runId": "ses_9", "type": "add_note", "payload": {}, "idempotencyKey": "k" });
    assert_eq!(app.post(ACTIONS, unknown).await.status, 201, "an unknown run is no error");
}
