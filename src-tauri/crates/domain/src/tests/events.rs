//! Events (§7) and the mapping of the opencode plugin (§10).

use serde_json::{Value, json};

use super::{assert_bad_field, assert_has, fields, now, object, read};
use crate::{Event, Invalid, digest_id};

fn create(body: Value) -> Result<Event, Invalid> {
    Event::create(object(body), "evt-fresh".into(), now())
}

#[test]
fn an_empty_body_is_a_note() {
    assert_eq!(
        create(json!({})).unwrap().to_document().as_str(),
        concat!(
            r#"{"id":"evt-fresh","ts":"2026-02-11T14:30:00.000000Z","type":"note","level":"info","projectId":null,"#,
            r#""runId":null,"agentId":null,"title":null,"message":null,"data":null}"#
        )
    );
}

#[test]
fn what_clients_send_is_taken() {
    for (sent, stored) in [
        (json!({"type": " risk "}), json!({"type": "risk"})),
        (json!({"type": ""}), json!({"type": "note"})),
        (json!({"type": null}), json!({"type": "note"})),
        (json!({"type": "t".repeat(128)}), json!({"type": "t".repeat(128)})),
        (json!({"level": "warning"}), json!({"level": "warn"})),
        (json!({"createdBy": "build"}), json!({"agentId": "build", "createdBy": "build"})),
        (json!({"createdBy": "build", "agentId": "a"}), json!({"agentId": "a", "createdBy": "build"})),
        (json!({"description": "d"}), json!({"message": "d", "description": "d"})),
        (json!({"description": 5, "message": "m"}), json!({"message": "m", "description": 5})),
        (json!({"evidence": ["a", "b"]}), json!({"data": {"evidence": ["a", "b"]}, "evidence": ["a", "b"]})),
        (json!({"evidence": "a"}), json!({"data": {"evidence": ["a"]}})),
        (json!({"evidence": ["a"], "data": 0}), json!({"data": 0, "evidence": ["a"]})),
        (json!({"data": null, "evidence": ["a"]}), json!({"data": {"evidence": ["a"]}})),
        (json!({"data": [1, {"x": null}]}), json!({"data": [1, {"x": null}]})),
        (
            json!({"ts": "2020-01-01"}),
            json!({"ts": "2026-02-11T14:30:00.000000Z", "clientTs": "2020-01-01T00:00:00.000000Z"}),
        ),
        (json!({"clientTs": 5}), json!({"clientTs": 5})),
        (json!({"id": " e1 "}), json!({"id": "e1"})),
        (json!({"id": "e1", "idempotencyKey": "k"}), json!({"id": "e1", "idempotencyKey": "k"})),
        (json!({"idempotencyKey": "k"}), json!({"id": digest_id("evt-", "k"), "idempotencyKey": "k"})),
        (json!({"idempotencyKey": " "}), json!({"id": "evt-fresh"})),
        (json!({"createdAt": "x", "updatedAt": 5}), json!({"createdAt": "x", "updatedAt": 5})),
        (json!({"title": "x\u{0}y"}), json!({"title": "x\u{0}y"})),
        (json!({"title": "é".repeat(1_000)}), json!({"title": "é".repeat(1_000)})),
        (json!({"projectId": ""}), json!({"projectId": ""})),
    ] {
        assert_has(&create(sent.clone()).unwrap().to_document(), stored, &sent.to_string());
    }
}

#[test]
fn junk_is_refused_with_the_name_of_its_field() {
    for (sent, field) in [
        (json!({"type": 5}), "type"),
        (json!({"type": "t".repeat(129)}), "type"),
        (json!({"level": "fatal"}), "level"),
        (json!({"level": ""}), "level"),
        (json!({"title": 5}), "title"),
        (json!({"title": "t".repeat(1_001)}), "title"),
        (json!({"message": []}), "message"),
        (json!({"message": "m".repeat(256 * 1024 + 1)}), "message"),
        (json!({"description": 5}), "description"),
        (json!({"description": "m".repeat(256 * 1024 + 1)}), "description"),
        (json!({"createdBy": {}}), "createdBy"),
        (json!({"evidence": 5}), "evidence"),
        (json!({"projectId": 5}), "projectId"),
        (json!({"runId": {}}), "runId"),
        (json!({"agentId": true}), "agentId"),
        (json!({"ts": "yesterday"}), "ts"),
        (json!({"id": 5}), "id"),
        (json!({"id": "a\u{7f}b"}), "id"),
        (json!({"idempotencyKey": 5}), "idempotencyKey"),
    ] {
        assert_bad_field(create(sent.clone()), field, &sent.to_string());
    }
}

#[test]
fn the_time_of_the_client_is_there_once() {
    let event = create(json!({"ts": "2020-01-01", "clientTs": "mine", "x": 1})).unwrap();
    assert_eq!(event.to_document().as_str().matches("clientTs").count(), 1);
    assert_eq!(Event::from_document(event.to_document().to_map()), event);
}

#[test]
fn the_events_of_the_opencode_plugin_are_kept_whole() {
    let sent = json!({"runId": "ses_1", "type": "milestone", "title": "t", "description": "d", "evidence": ["x"],
        "createdBy": "build", "idempotencyKey": "ses_1:milestone:t:0123456789abcdef"});
    let event = create(sent.clone()).unwrap();
    assert_has(&event.to_document(), sent, "as sent");
    assert_has(
        &event.to_document(),
        json!({"message": "d", "agentId": "build", "data": {"evidence": ["x"]}}),
        "mapped",
    );
    assert_eq!(event.id.len(), "evt-".len() + 32);
}

#[test]
fn an_odd_event_of_an_older_server_stays() {
    let stored = r#"{"id":"e","ts":"2026-01-01T00:00:00","type":"","level":"fatal","title":"t","message":null,"data":1e+5,"x":1}"#;
    let document = Event::from_document(read(stored)).to_document();
    assert_has(
        &document,
        json!({"ts": "2026-01-01T00:00:00.000000Z", "type": "", "level": "fatal", "data": 1e5, "x": 1}),
        "imported",
    );
    assert!(document.as_str().contains("\"data\":1e+5"), "numbers keep their text");
    assert!(fields(&document).get("legacy").is_none());
}
