//! What holds for any JSON: a valid record or a named error, no panic, and normalising twice equals once.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map as JsonMap, Value};

use super::now;
use crate::{
    ActionRequest, Capability, Cursor, Document, Event, EventFilter, Invalid, Map, Profile, Project, Run,
    Timestamp, UsageRecord, parse, parse_request,
};

/// Numbers as clients write them, of any size and precision.
fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        (-200_i64..200).prop_map(Value::from),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from),
        "-?[1-9][0-9]{0,40}(\\.[0-9]{1,30})?(e[+-]?[0-9]{1,2})?"
            .prop_map(|text| parse(text.as_bytes()).unwrap()),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,12}",
        "[ \\t\\n]{0,3}",
        "-?[0-9]{1,5}(\\.[0-9]{1,3})?",
        proptest::sample::select(vec![
            "planning",
            "success",
            "warning",
            "info",
            "high",
            "running",
            "true",
            "no",
            "set_status",
            "add_tag",
            "append_note",
            "2026-02-11T14:30:00+08:00",
            "2026-02-11",
            "yesterday",
        ])
        .prop_map(str::to_owned),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number(),
        text().prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((name(), inner), 0..5).prop_map(|fields| Value::Object(JsonMap::from_iter(fields))),
        ]
    })
}

/// Names of our fields, and others.
fn name() -> impl Strategy<Value = String> {
    const OURS: &[&str] = &[
        "id",
        "name",
        "status",
        "priority",
        "progress",
        "category",
        "description",
        "notes",
        "tags",
        "cost",
        "revenue",
        "budget",
        "actualCost",
        "actual_cost",
        "github",
        "workspace",
        "orders",
        "createdAt",
        "updatedAt",
        "ifUpdatedAt",
        "projectId",
        "runId",
        "agentId",
        "agent",
        "title",
        "summary",
        "startedAt",
        "finishedAt",
        "links",
        "metrics",
        "meta",
        "sessionId",
        "ts",
        "clientTs",
        "type",
        "level",
        "message",
        "data",
        "evidence",
        "createdBy",
        "idempotencyKey",
        "total",
        "planned",
        "role",
        "styleTags",
        "skills",
        "outputMode",
        "writebackPolicy",
        "permissions",
        "enabled",
        "promptPack",
        "skillPack",
        "constraints",
        "source",
        "model",
        "promptTokens",
        "completionTokens",
        "totalTokens",
        "inputTokens",
        "outputTokens",
        "action",
        "actions",
        "params",
        "payload",
        "recordOnly",
        "rationale",
        "proposedBy",
        "legacy",
        "tag",
        "note",
        "delta",
    ];
    prop_oneof![4 => proptest::sample::select(OURS).prop_map(str::to_owned), 1 => "[a-z]{1,4}"]
}

fn object() -> impl Strategy<Value = Map> {
    vec((name(), value()), 0..8).prop_map(Map::from_iter)
}

/// An object of which a good part is valid, so that the properties see records and not only errors.
fn mild_object() -> impl Strategy<Value = Map> {
    (vec((name(), prop_oneof![text().prop_map(Value::from), number(), Just(Value::Null)]), 0..3), object())
        .prop_map(|(fields, mut rest)| {
            rest.retain(|name, _| name.len() <= 4 || name == "legacy");
            rest.extend(fields);
            rest.insert("name".into(), Value::from("n"));
            rest.insert("cost".into(), Value::from(1));
            rest
        })
}

/// An error names its field and says a sentence.
fn assert_named(error: &Invalid) {
    assert!(!error.message.is_empty() && error.field.as_deref() != Some(""), "{error:?}");
}

/// Each name once: two equal keys would make a reader lose one.
fn assert_names_once(document: &Document) {
    let mut names = 0;
    let map = document.to_map();
    let text = document.as_str();
    let mut depth = 0;
    let mut in_text = false;
    let mut escaped = false;
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b':' if depth == 1 => names += 1,
            _ => {}
        }
    }
    assert_eq!(names, map.len(), "{text}");
}

macro_rules! record_properties {
    ($name:ident, $type:ident) => {
        mod $name {
            use super::*;

            fn create(body: Map) -> Result<$type, Invalid> {
                $type::create(body, "fresh".into(), now())
            }

            proptest! {
                #[test]
                fn any_object_is_a_record_or_a_named_error(body in prop_oneof![object(), mild_object()]) {
                    match create(body) {
                        Ok(record) => {
                            let document = record.to_document();
                            assert_names_once(&document);
                            prop_assert_eq!($type::from_document(document.to_map()), record);
                        }
                        Err(error) => assert_named(&error),
                    }
                }

                #[test]
                fn reading_a_stored_record_twice_equals_reading_it_once(stored in object()) {
                    let once = $type::from_document(stored);
                    assert_names_once(&once.to_document());
                    prop_assert_eq!($type::from_document(once.to_document().to_map()), once);
                }
            }
        }
    };
}

macro_rules! patch_properties {
    ($name:ident, $type:ident) => {
        mod $name {
            use super::*;

            proptest! {
                #[test]
                fn a_record_sent_back_whole_stays_as_it_is(stored in object()) {
                    let record = $type::from_document(stored);
                    let mut put = record.clone();
                    put.patch(record.to_document().to_map()).unwrap();
                    prop_assert_eq!(put, record);
                }

                #[test]
                fn a_patch_is_taken_whole_or_changes_nothing(stored in object(), patch in prop_oneof![object(), mild_object()]) {
                    let before = $type::from_document(stored);
                    let mut after = before.clone();
                    match after.patch(patch.clone()) {
                        Ok(()) => {
                            assert_names_once(&after.to_document());
                            prop_assert_eq!($type::from_document(after.to_document().to_map()), after.clone());
                            let once = after.clone();
                            after.patch(once.to_document().to_map()).unwrap();
                            prop_assert_eq!(after, once, "normalising twice equals once");
                        }
                        Err(error) => {
                            assert_named(&error);
                            prop_assert_eq!(after, before);
                        }
                    }
                }
            }
        }
    };
}

record_properties!(projects, Project);
record_properties!(runs, Run);
record_properties!(events, Event);
record_properties!(profiles, Profile);
record_properties!(capabilities, Capability);
record_properties!(usage_records, UsageRecord);
patch_properties!(patched_projects, Project);
patch_properties!(patched_runs, Run);
patch_properties!(patched_profiles, Profile);
patch_properties!(patched_capabilities, Capability);

proptest! {
    #[test]
    fn a_new_record_created_again_from_its_own_document_is_the_same(body in mild_object()) {
        if let Ok(mut project) = Project::create(body, "fresh".into(), now()) {
            // `actualCost` and blank addresses are settled at the first create; the second must not move them.
            let again = Project::create(project.to_document().to_map(), "other".into(), now()).unwrap();
            project.extra.shift_remove("actual_cost");
            let mut again = again;
            again.extra.shift_remove("actual_cost");
            prop_assert_eq!(again, project);
        }
    }

    #[test]
    fn any_object_is_a_request_for_actions_or_a_named_error(body in object(), progress in -500_i64..500) {
        let project = Project { progress, ..Project::from_document(body.clone()) };
        let check = |item: crate::ActionItem| {
            assert!(item.project_id.is_some() || item.call.is_err());
            if let Ok(call) = &item.call {
                let Ok(effect) = call.effect(&project, now()) else { return };
                assert_eq!(effect.changed, effect.project != project);
                let event = Event::of_action("a".into(), &item, call, &effect, now(), now());
                assert_names_once(&event.to_document());
                assert_eq!(Event::from_document(event.to_document().to_map()), event);
            }
        };
        match parse_request(body) {
            Ok(ActionRequest::List(items)) => items.into_iter().for_each(check),
            Ok(ActionRequest::Flat(item)) => check(item),
            Ok(ActionRequest::Proposal(proposal)) => {
                let event = Event::of_proposal(proposal, "a".into(), None, now());
                assert_names_once(&event.to_document());
                prop_assert_eq!(Event::from_document(event.to_document().to_map()), event);
            }
            Err(error) => assert_named(&error),
        }
    }

    #[test]
    fn any_bytes_are_json_or_a_named_error(bytes in vec(any::<u8>(), 0..200), text in "[\\[\\]{}\",:0-9eE.+\\\\a-f -]{0,60}") {
        for body in [bytes.as_slice(), text.as_bytes()] {
            match parse(body) {
                Ok(value) => prop_assert_eq!(parse(value.to_string().as_bytes()).unwrap(), value),
                Err(error) => assert_named(&error),
            }
        }
    }

    #[test]
    fn whatever_json_is_written_is_read_again_with_the_same_text(value in value()) {
        let text = value.to_string();
        prop_assert_eq!(parse(text.as_bytes()).unwrap().to_string(), text);
    }

    #[test]
    fn a_time_is_read_back_as_it_was_written(micros in any::<i64>(), other in any::<i64>()) {
        let (time, other) = (Timestamp::from_micros(micros), Timestamp::from_micros(other));
        prop_assert_eq!(Timestamp::parse(&time.to_string()), Some(time));
        prop_assert_eq!(time.to_string().cmp(&other.to_string()), time.cmp(&other));
        prop_assert!(time.hour() <= time && time.to_string().starts_with(&time.day()));
    }

    #[test]
    fn any_text_is_a_time_or_none(text in "[0-9TtZz:.+ -]{0,35}", any in ".{0,30}") {
        for text in [text, any] {
            if let Some(time) = Timestamp::parse(&text) {
                prop_assert_eq!(Timestamp::parse(&time.to_string()), Some(time));
                prop_assert!(Timestamp::parse_until(&text).is_some_and(|end| end >= time));
            }
        }
    }

    #[test]
    fn a_cursor_is_read_back_as_it_was_written(key in ".{0,40}", row in any::<i64>(), junk in ".{0,40}") {
        let cursor = Cursor { key, row };
        prop_assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        if let Some(cursor) = Cursor::decode(&junk) {
            prop_assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        }
    }

    #[test]
    fn any_query_is_a_filter_or_a_named_error(query in vec((prop_oneof![name(), Just("limit".to_owned()), Just("since".to_owned())], text()), 0..6)) {
        if let Err(error) = EventFilter::from_query(&query) {
            assert_named(&error);
        }
    }
}
