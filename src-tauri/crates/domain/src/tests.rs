//! The rules of the contract, table by table. Properties that hold for any JSON are in properties.rs.

mod actions;
mod agents;
mod events;
mod filters;
mod json;
mod projects;
mod properties;
mod runs;
mod times;
mod usage;

use serde_json::{Value, json};

use crate::{Document, Invalid, InvalidKind, Map, Timestamp, parse_object};

fn now() -> Timestamp {
    time("2026-02-11T14:30:00Z")
}

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or_else(|| panic!("{text} is a time"))
}

fn object(value: Value) -> Map {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

/// The object that this text is, with its numbers as written.
fn read(text: &str) -> Map {
    parse_object(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn fields(document: &Document) -> Value {
    serde_json::from_str(document.as_str()).unwrap()
}

/// The fields of `expected` are in `document` with these values.
#[track_caller]
fn assert_has(document: &Document, expected: Value, why: &str) {
    let fields = fields(document);
    for (name, value) in object(expected) {
        let stored = fields.get(&name).unwrap_or(&Value::Null);
        assert!(crate::numbers::same_value(stored, &value), "{why}: {name} is {stored}, due {value}");
    }
}

#[track_caller]
fn assert_refused<T: std::fmt::Debug>(
    outcome: Result<T, Invalid>,
    kind: InvalidKind,
    field: &str,
    why: &str,
) {
    let error = outcome.expect_err(why);
    assert_eq!((error.kind, error.field.as_deref()), (kind, Some(field)), "{why}: {}", error.message);
}

#[track_caller]
fn assert_bad_field<T: std::fmt::Debug>(outcome: Result<T, Invalid>, field: &str, why: &str) {
    assert_refused(outcome, InvalidKind::Field, field, why);
}

#[test]
fn the_words_of_the_contract_are_its_defaults_too() {
    let project = crate::Project::create(object(json!({"name": "n"})), "p".into(), now()).unwrap();
    assert!(crate::PROJECT_STATUSES.contains(&project.status.as_str()));
    assert!(crate::PRIORITIES.contains(&project.priority.as_str()));
}
