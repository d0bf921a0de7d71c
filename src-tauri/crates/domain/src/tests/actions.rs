//! The three request forms of §8, their checks, and what each action does.

use serde_json::{Value, json};

use super::{assert_bad_field, assert_has, assert_refused, now, object};
use crate::{
    Action, ActionEffect, ActionItem, ActionRequest, Event, Invalid, InvalidKind, Project, Proposal,
    digest_id, parse_request,
};

fn project() -> Project {
    let body = json!({"name": "n", "progress": 80, "tags": ["a", "b", "a"], "notes": "first"});
    Project::create(object(body), "p1".into(), now()).unwrap()
}

fn list(body: Value) -> Vec<ActionItem> {
    match parse_request(object(body.clone())) {
        Ok(ActionRequest::List(items)) => items,
        other => panic!("{body} gave {other:?}"),
    }
}

fn flat(body: Value) -> ActionItem {
    match parse_request(object(body.clone())) {
        Ok(ActionRequest::Flat(item)) => item,
        other => panic!("{body} gave {other:?}"),
    }
}

fn proposal(body: Value) -> Proposal {
    match parse_request(object(body.clone())) {
        Ok(ActionRequest::Proposal(proposal)) => proposal,
        other => panic!("{body} gave {other:?}"),
    }
}

fn flat_action(name: &str, params: Value) -> ActionItem {
    flat(json!({"projectId": "p1", "agentId": "claude", "action": name, "params": params}))
}

fn effect(name: &str, params: Value) -> ActionEffect {
    flat_action(name, params).call.unwrap().effect(&project(), now()).unwrap()
}

#[test]
fn the_three_forms_are_told_apart_in_their_order() {
    let all = json!({"actions": [{}], "action": "add_tag", "type": "x", "payload": {}});
    assert_eq!(list(all).len(), 1);
    flat(json!({"action": "add_tag", "type": "x", "payload": {}}));
    flat(json!({"action": "no_such_action"}));
    flat(json!({"type": "set_status", "params": {}}));
    flat(json!({"actions": null, "action": "add_tag"}));
    proposal(json!({"type": "set_status", "payload": {}}));
    proposal(json!({"type": "update_status", "payload": null}));
    for neither in [
        json!({}),
        json!({"type": "update_status"}),
        json!({"payload": {}}),
        json!({"type": " ", "payload": {}}),
        json!({"action": 5}),
        json!({"actions": []}),
        json!({"actions": {}}),
        json!({"actions": "x"}),
    ] {
        assert_refused(
            parse_request(object(neither.clone())),
            InvalidKind::Missing,
            "actions",
            &neither.to_string(),
        );
    }
    let thousand_and_one = json!({ "actions": vec![json!({}); 1_001] });
    assert_bad_field(parse_request(object(thousand_and_one)), "actions", "too many");
}

#[test]
fn what_an_item_does_not_say_holds_from_outside() {
    let items = list(json!({"projectId": "p", "runId": "r", "agentId": "a", "actions": [
        {"type": "add_tag", "params": {"tag": "x"}},
        {"projectId": "p2", "runId": "r2", "agentId": "a2", "action": "add_tag", "params": {"tag": "x"}},
        {"projectId": "", "runId": null, "type": "add_tag", "params": {"tag": "x"}}]}));
    let told: Vec<_> = items
        .iter()
        .map(|item| [&item.project_id, &item.run_id, &item.agent_id].map(|text| text.as_deref().unwrap()))
        .collect();
    assert_eq!(told, [["p", "r", "a"], ["p2", "r2", "a2"], ["p", "r", "a"]]);
    assert!(items.iter().all(|item| item.call.is_ok()));
    for outer in ["projectId", "runId", "agentId"] {
        let request = json!({ outer: 5, "actions": [{"id": "x"}] });
        assert_bad_field(parse_request(object(request)), outer, "the whole request");
    }
}

#[test]
fn a_bad_item_keeps_what_counts_before_its_error() {
    for (item, field) in [
        (json!({"type": "bogus"}), "type"),
        (json!({"type": 5}), "type"),
        (json!({"action": "bogus"}), "action"),
        (json!({"type": "add_tag", "params": []}), "params"),
        (json!({"type": "add_tag", "params": {"tag": 5}}), "params.tag"),
        (json!({"type": "add_tag", "params": {"tag": "  "}}), "params.tag"),
        (json!({"type": "add_tag", "params": {"tag": "x"}, "recordOnly": "false"}), "recordOnly"),
        (json!({"type": "set_status", "params": {"status": "bogus"}}), "params.status"),
        (json!({"type": "set_status", "params": {"status": ""}}), "params.status"),
        (json!({"type": "set_priority", "params": {"priority": "p0"}}), "params.priority"),
        (json!({"type": "set_progress", "params": {"progress": "abc"}}), "params.progress"),
        (json!({"type": "bump_progress", "params": {"delta": true}}), "params.delta"),
        (json!({"type": "append_note", "params": {"note": " \n"}}), "params.note"),
        (
            json!({"type": "append_note", "params": {"note": "n", "alsoWriteToProjectNotes": 1}}),
            "params.alsoWriteToProjectNotes",
        ),
        (json!({"type": "append_note", "params": {"note": "n".repeat(256 * 1024 + 1)}}), "params.note"),
        (json!({"runId": 5, "type": "add_tag", "params": {"tag": "x"}}), "runId"),
        (json!({"agentId": [], "type": "add_tag", "params": {"tag": "x"}}), "agentId"),
        (json!({"ifUpdatedAt": 5, "type": "add_tag", "params": {"tag": "x"}}), "ifUpdatedAt"),
        (json!({"ifUpdatedAt": "", "type": "add_tag", "params": {"tag": "x"}}), "ifUpdatedAt"),
    ] {
        let mut sent = item.clone();
        sent["id"] = json!(" x1 ");
        let found = list(json!({"projectId": "p1", "actions": [sent]})).remove(0);
        assert_eq!((found.id.as_deref(), found.project_id.as_deref()), (Some("x1"), Some("p1")), "{item}");
        assert_eq!(found.raw, sent, "the item as sent");
        assert_bad_field(found.call, field, &item.to_string());
    }
    for (item, field) in [
        (json!({}), "type"),
        (json!({"type": "add_tag"}), "params.tag"),
        (json!({"type": "set_progress", "params": null}), "params.progress"),
        (json!({"type": "bump_progress", "params": {"delta": null}}), "params.delta"),
    ] {
        let found = list(json!({"projectId": "p1", "actions": [item]})).remove(0);
        assert_refused(found.call, InvalidKind::Missing, field, &found.raw.to_string());
    }
}

#[test]
fn an_item_without_a_project_or_with_a_bad_id_names_neither() {
    let items = list(
        json!({"actions": ["x", {"id": "i", "type": "bogus"}, {"id": 5, "projectId": "p"}, {"projectId": 5}]}),
    );
    let errors: Vec<Invalid> = items.iter().map(|item| item.call.clone().unwrap_err()).collect();
    let kinds: Vec<_> = errors.iter().map(|error| (error.kind, error.field.as_deref())).collect();
    assert_eq!(
        kinds,
        [
            (InvalidKind::Body, None),
            (InvalidKind::Missing, Some("projectId")),
            (InvalidKind::Field, Some("id")),
            (InvalidKind::Field, Some("projectId"))
        ]
    );
    assert!(items.iter().all(|item| item.project_id.is_none()));
}

#[test]
fn a_stale_item_with_bad_params_still_says_what_it_saw() {
    let items = list(json!({"projectId": "p", "actions": [{"ifUpdatedAt": "old", "type": "bogus"}]}));
    assert_eq!(items[0].seen.as_ref().unwrap().text(), "old");
}

#[test]
fn every_action_does_what_the_table_says() {
    let done = |name, params| {
        let effect = effect(name, params);
        assert_eq!(effect.changed, effect.project != project());
        (effect.changed, effect.project)
    };
    assert_eq!(done("set_status", json!({"status": "paused"})).1.status, "paused");
    assert_eq!(done("set_priority", json!({"priority": "urgent"})).1.priority, "urgent");
    for (progress, stored) in [(json!(55), 55), (json!("55.9"), 55), (json!(1e30), 100), (json!(-5), 0)] {
        assert_eq!(done("set_progress", json!({ "progress": progress })).1.progress, stored, "{progress}");
    }
    for (delta, stored) in
        [(json!(10), 90), (json!("5"), 85), (json!(1e300), 100), (json!(-1e300), 0), (json!(-5.9), 75)]
    {
        assert_eq!(done("bump_progress", json!({ "delta": delta })).1.progress, stored, "{delta}");
    }
    assert_eq!(done("add_tag", json!({"tag": " c "})).1.tags, ["a", "b", "c"]);
    assert_eq!(done("remove_tag", json!({"tag": "a"})).1.tags, ["b"]);
    assert!(!done("remove_tag", json!({"tag": "zzz"})).0, "nothing to remove");
    assert!(!done("set_status", json!({"status": "planning"})).0, "already so");
    assert!(!done("bump_progress", json!({"delta": 0})).0);
}

#[test]
fn a_note_goes_to_the_timeline_and_in_the_flat_form_to_the_notes() {
    let note = effect("append_note", json!({"note": " keep this "}));
    assert_eq!(note.message, " keep this ");
    assert_eq!(note.project.notes, "first\n[2026-02-11 14:30] (claude)  keep this ");
    let said_no = effect("append_note", json!({"note": "n", "alsoWriteToProjectNotes": false}));
    assert!(!said_no.changed);

    let from_list = |params: Value| {
        let items = list(json!({"projectId": "p1", "actions": [{"type": "append_note", "params": params}]}));
        items[0].call.as_ref().unwrap().effect(&project(), now()).unwrap()
    };
    assert!(!from_list(json!({"note": "n"})).changed, "the list form keeps out of the notes");
    let asked = from_list(json!({"note": "n", "alsoWriteToProjectNotes": true}));
    assert_eq!(asked.project.notes, "first\n[2026-02-11 14:30] (agent) n");

    let mut empty = project();
    empty.notes.clear();
    let call = flat_action("append_note", json!({"note": "n"})).call.unwrap();
    assert_eq!(call.effect(&empty, now()).unwrap().project.notes, "[2026-02-11 14:30] (claude) n");
}

#[test]
fn record_only_tells_and_does_nothing() {
    let item = flat(
        json!({"projectId": "p1", "action": "bump_progress", "params": {"delta": 10}, "recordOnly": true}),
    );
    let effect = item.call.unwrap().effect(&project(), now()).unwrap();
    assert_eq!((effect.changed, effect.project == project()), (false, true));
    assert_eq!((effect.before.progress, effect.after.progress), (80, 90));
}

#[test]
fn snapshots_name_each_tag_once() {
    let effect = effect("set_progress", json!({"progress": 1}));
    assert_eq!(effect.before.tags, ["a", "b"]);
    assert_eq!(effect.project.tags, ["a", "b", "a"], "the project keeps its repeats");
}

#[test]
fn a_project_takes_no_hundred_and_first_tag() {
    let mut full = project();
    full.tags = (0..100).map(|number| format!("t{number}")).collect();
    let add = |tag: &str| flat_action("add_tag", json!({ "tag": tag })).call.unwrap().effect(&full, now());
    assert_bad_field(add("one more"), "params.tag", "full");
    assert!(!add("t7").unwrap().changed);
}

#[test]
fn the_event_of_an_action_tells_what_was_asked_and_what_came_of_it() {
    let item = flat(
        json!({"id": "action-001", "projectId": "p1", "runId": "r1", "agentId": "claude", "action": "bump_progress",
        "params": {"delta": 10, "reason": "milestone"}, "recordOnly": false, "ifUpdatedAt": "2026-02-11T14:30:00Z", "why": 1.0}),
    );
    let call = item.call.clone().unwrap();
    assert_eq!(call.action, Action::BumpProgress(10));
    let effect = call.effect(&project(), now()).unwrap();
    let event = Event::of_action("action-001".into(), &item, &call, &effect, now().next(), now());
    let document = event.to_document();
    assert_has(
        &document,
        json!({"id": "action-001", "type": "action.bump_progress", "level": "info", "title": "bump_progress",
            "message": "Progress changed by +10 to 90%: milestone", "projectId": "p1", "runId": "r1", "agentId": "claude", "why": 1,
            "data": {"action": {"type": "bump_progress", "params": {"delta": 10, "reason": "milestone"}, "recordOnly": false,
                    "ifUpdatedAt": "2026-02-11T14:30:00Z"},
                "before": {"status": "planning", "priority": "medium", "progress": 80, "tags": ["a", "b"]},
                "after": {"status": "planning", "priority": "medium", "progress": 90, "tags": ["a", "b"]},
                "projectUpdatedAt": "2026-02-11T14:30:00.000001Z"}}),
        "action",
    );
    assert_eq!(Event::from_document(document.to_map()), event);
}

#[test]
fn a_retried_action_with_a_key_has_the_same_id() {
    let item =
        flat(json!({"projectId": "p", "action": "add_tag", "params": {"tag": "x"}, "idempotencyKey": "k"}));
    assert_eq!(item.id, Some(digest_id("act-", "k")));
}

#[test]
fn a_proposal_of_the_plugin_is_kept_for_a_person() {
    let sent = json!({"runId": "ses_1", "type": "update_status", "payload": {"status": "blocked"}, "rationale": "no key",
        "status": "approved", "proposedBy": "build", "idempotencyKey": "ses_1:update_status:no key:0123456789abcdef",
        "title": "mine", "extra": [1]});
    let proposal = proposal(sent);
    let id = proposal.id.clone().unwrap();
    assert_eq!(id, digest_id("act-", "ses_1:update_status:no key:0123456789abcdef"));
    let event = Event::of_proposal(proposal, id.clone(), Some("inbox".into()), now());
    assert_has(
        &event.to_document(),
        json!({"id": id, "type": "proposal.update_status", "level": "info", "title": "update_status", "message": "no key",
            "agentId": "build", "runId": "ses_1", "projectId": "inbox", "extra": [1],
            "data": {"proposal": {"type": "update_status", "payload": {"status": "blocked"}, "rationale": "no key",
                "status": "pending_review", "proposedBy": "build"}}}),
        "proposal: nobody approves their own",
    );
    assert_eq!(Event::from_document(event.to_document().to_map()), event);
}

#[test]
fn junk_in_a_proposal_is_refused_with_the_name_of_its_field() {
    for (sent, field) in [
        (json!({"payload": "x"}), "payload"),
        (json!({"payload": {}, "rationale": 5}), "rationale"),
        (json!({"payload": {}, "rationale": "r".repeat(256 * 1024 + 1)}), "rationale"),
        (json!({"payload": {}, "proposedBy": {}}), "proposedBy"),
        (json!({"payload": {}, "runId": 5}), "runId"),
        (json!({"payload": {}, "id": 5}), "id"),
        (json!({"payload": {}, "idempotencyKey": []}), "idempotencyKey"),
        (json!({"payload": {}, "type": "t".repeat(120)}), "type"),
    ] {
        let mut body = object(sent.clone());
        body.entry("type").or_insert(json!("update_status"));
        assert_bad_field(parse_request(body), field, &sent.to_string());
    }
}
