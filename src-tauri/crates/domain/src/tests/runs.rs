//! Runs (§6) and the runs that a patch makes (§10).

use serde_json::{Value, json};

use super::{assert_bad_field, assert_has, now, object, read, time};
use crate::{Invalid, Run};

fn create(body: Value) -> Result<Run, Invalid> {
    Run::create(object(body), "run-fresh".into(), now())
}

#[test]
fn a_new_run_has_every_known_field() {
    assert_eq!(
        create(json!({})).unwrap().to_document().as_str(),
        concat!(
            r#"{"id":"run-fresh","projectId":null,"agentId":null,"status":"running","title":null,"summary":null,"#,
            r#""createdAt":"2026-02-11T14:30:00.000000Z","startedAt":"2026-02-11T14:30:00.000000Z","finishedAt":null,"#,
            r#""links":[],"tags":[],"metrics":{},"meta":{},"updatedAt":"2026-02-11T14:30:00.000000Z"}"#
        )
    );
}

#[test]
fn what_clients_send_is_taken() {
    for (sent, stored) in [
        (json!({"status": "success"}), json!({"status": "completed"})),
        (json!({"agent": "build"}), json!({"agent": "build", "agentId": "build"})),
        (json!({"agent": "build", "agentId": "a"}), json!({"agent": "build", "agentId": "a"})),
        (json!({"agent": "build", "agentId": null}), json!({"agentId": "build"})),
        (json!({"sessionId": "ses_1"}), json!({"id": "ses_1", "sessionId": "ses_1"})),
        (json!({"sessionId": "ses_1", "id": "r"}), json!({"id": "r", "sessionId": "ses_1"})),
        (json!({"sessionId": " "}), json!({"id": "run-fresh", "sessionId": " "})),
        (json!({"sessionId": 5}), json!({"id": "run-fresh", "sessionId": 5})),
        (json!({"links": "https://x"}), json!({"links": ["https://x"]})),
        (json!({"links": [1, {"href": "x"}]}), json!({"links": [1, {"href": "x"}]})),
        (json!({"tags": [" a "]}), json!({"tags": [" a "]})),
        (json!({"metrics": null, "meta": null}), json!({"metrics": {}, "meta": {}})),
        (
            json!({"error": {"name": "X"}, "usage": {"cost": 1}}),
            json!({"error": {"name": "X"}, "usage": {"cost": 1}}),
        ),
        (
            json!({"startedAt": "2026-02-06T10:00:00.000Z"}),
            json!({"startedAt": "2026-02-06T10:00:00.000000Z"}),
        ),
        (json!({"finishedAt": null}), json!({"finishedAt": null})),
        (json!({"id": " spaced "}), json!({"id": " spaced "})),
    ] {
        assert_has(&create(sent.clone()).unwrap().to_document(), stored, &sent.to_string());
    }
}

#[test]
fn junk_is_refused_with_the_name_of_its_field() {
    for (sent, field) in [
        (json!({"status": ""}), "status"),
        (json!({"status": "done"}), "status"),
        (json!({"title": {"a": 1}}), "title"),
        (json!({"title": "t".repeat(1_001)}), "title"),
        (json!({"summary": 5}), "summary"),
        (json!({"projectId": 5}), "projectId"),
        (json!({"agentId": 5}), "agentId"),
        (json!({"agent": {}}), "agent"),
        (json!({"tags": [5]}), "tags[0]"),
        (json!({"tags": vec!["t"; 101]}), "tags"),
        (json!({"links": 5}), "links"),
        (json!({"metrics": []}), "metrics"),
        (json!({"meta": "x"}), "meta"),
        (json!({"startedAt": "soon"}), "startedAt"),
        (json!({"finishedAt": 5}), "finishedAt"),
        (json!({"sessionId": "a\nb"}), "sessionId"),
    ] {
        assert_bad_field(create(sent.clone()), field, &sent.to_string());
    }
}

#[test]
fn a_patch_takes_only_arrays_for_lists_and_keeps_what_was_stored() {
    let mut run = create(json!({"tags": ["a"], "links": [1], "meta": {"k": 1}})).unwrap();
    let before = run.clone();
    for (patch, field) in [
        (json!({"tags": "b"}), "tags"),
        (json!({"links": ""}), "links"),
        (json!({"metrics": "x"}), "metrics"),
        (json!({"meta": []}), "meta"),
        (json!({"status": null}), "status"),
        (json!({"status": "done"}), "status"),
    ] {
        assert_bad_field(run.patch(object(patch.clone())), field, &patch.to_string());
    }
    assert_eq!(run, before);
    run.patch(object(json!({"status": "success", "finishedAt": "2026-02-12", "tags": null}))).unwrap();
    assert_eq!((run.status.as_str(), run.finished_at), ("completed", Some(time("2026-02-12"))));
    assert!(run.tags.is_empty());
}

#[test]
fn a_session_is_a_field_of_ours_only_as_a_text() {
    let mut run = create(json!({"sessionId": 5, "x": 1})).unwrap();
    assert_eq!(run.session_id, None);
    run.patch(object(json!({"sessionId": "s"}))).unwrap();
    assert_has(&run.to_document(), json!({"sessionId": "s", "x": 1}), "now a text");
    assert_eq!(run.to_document().as_str().matches("sessionId").count(), 1);
    run.patch(object(json!({"sessionId": {"a": 1}}))).unwrap();
    assert_has(&run.to_document(), json!({"sessionId": {"a": 1}}), "any JSON is kept");
    assert_eq!(run.to_document().as_str().matches("sessionId").count(), 1);
}

#[test]
fn a_patch_of_an_unknown_session_makes_its_run() {
    let patch = json!({"status": "failed", "finishedAt": "2026-02-12", "error": {"name": "X"}, "createdAt": "junk", "id": "other"});
    let run = Run::from_session_patch("ses_9", object(patch), now()).unwrap();
    assert_has(
        &run.to_document(),
        json!({"id": "ses_9", "sessionId": "ses_9", "source": "opencode", "projectId": null, "status": "failed",
            "startedAt": "2026-02-11T14:30:00.000000Z", "createdAt": "2026-02-11T14:30:00.000000Z", "error": {"name": "X"}}),
        "made by a patch",
    );
    assert_bad_field(
        Run::from_session_patch("ses_9", object(json!({"status": "x"})), now()),
        "status",
        "bad word",
    );
    assert_bad_field(
        Run::from_session_patch("ses_9", object(json!({"status": null})), now()),
        "status",
        "null",
    );
}

#[test]
fn an_odd_run_of_an_older_server_stays_and_can_be_sent_back_whole() {
    let run = Run::from_document(read(
        r#"{"id":"r","agent":"build","agentId":null,"status":"odd","title":{"a":1},"tags":[1,"t"],"links":"one","metrics":5,
        "createdAt":"2026-01-01T00:00:00+08:00","updatedAt":"2026-01-02","finishedAt":5,"startedAt":"soon"}"#,
    ));
    assert_has(
        &run.to_document(),
        json!({"agentId": null, "status": "odd", "title": "{\"a\":1}", "tags": [1, "t"], "links": ["one"], "metrics": {},
            "finishedAt": null, "startedAt": "2025-12-31T16:00:00.000000Z",
            "legacy": {"finishedAt": 5, "startedAt": "soon", "metrics": 5}}),
        "imported",
    );
    let mut put = run.clone();
    put.patch(run.to_document().to_map()).unwrap();
    assert_eq!(put, run, "sent back as it was read");
    let status_of = |status: &str| Run::from_document(object(json!({ "status": status }))).status;
    assert_eq!((status_of("success"), status_of("")), ("completed".to_owned(), "running".to_owned()));
}
