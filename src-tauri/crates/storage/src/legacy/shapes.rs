//! The shape each field of ours has. The record itself reads odd old values; here they are told apart for the report, and
//! times get their meaning: their zone and what stands in for one that nobody can read.

use pilotdeck_domain::{Map, Project, Timestamp, Value};

use super::{Field, Notes, keep_under_legacy, reason};

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    TextOrNull,
    Time,
    TimeOrNull,
    List,
    Object,
    /// An object with a `total`, or plainly that total.
    Money,
    Number,
    Flag,
    Any,
}

impl Shape {
    /// Whether `value` is what the field holds; if not, the record's reading changes it.
    pub(super) fn fits(self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Null) | (Shape::Any | Shape::Time | Shape::TimeOrNull, _) => true,
            (Shape::Text | Shape::TextOrNull, value) => value.is_string(),
            (Shape::List, value) => value.is_array(),
            (Shape::Object, value) => value.is_object(),
            (Shape::Money, value) => value.get("total").is_none_or(Value::is_number) && value.is_object(),
            (Shape::Number, value) => value.is_number(),
            (Shape::Flag, value) => value.is_boolean(),
        }
    }
}

/// Version 1 kept no columns for the two amounts: they follow from the document by the rules of a write.
pub(super) fn amounts_of_version_1(document: &mut Map, notes: &mut Notes<'_>) {
    let written = |names: &[&str]| {
        let mut body = Map::from_iter([("name".to_owned(), "any".into())]);
        for name in names {
            if let Some(value) = document.get(*name) {
                body.insert((*name).to_owned(), value.clone());
            }
        }
        Project::create(body, "any".to_owned(), notes.now)
    };
    let budget = written(&["budget"]).map(|project| project.budget);
    let actual_cost = written(&["actualCost", "actual_cost", "cost"]).map(|project| project.actual_cost);
    for (name, amount) in [("budget", budget), ("actualCost", actual_cost)] {
        match amount {
            Ok(amount) => {
                document.insert(name.to_owned(), Value::Number(amount));
            }
            Err(_) => {
                if let Some(odd) = document.insert(name.to_owned(), 0.into()) {
                    keep_under_legacy(document, name, odd);
                }
                notes.note(reason::TYPE);
            }
        }
    }
}

/// Reads all times of a record. One that cannot be read is kept under `legacy`, and the next best one takes its place.
pub(super) fn settle_times(document: &mut Map, fields: &[Field], notes: &mut Notes<'_>) {
    let is_time = |field: &&Field| matches!(field.shape, Shape::Time | Shape::TimeOrNull);
    let mut times: Vec<(&Field, Option<Timestamp>)> = Vec::with_capacity(4);
    for field in fields.iter().filter(is_time) {
        let time = match document.get(field.name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.trim().is_empty() => None,
            Some(Value::String(text)) => notes.read_time(&text.clone()),
            Some(_) => None,
        };
        if time.is_none() && is_worth_keeping(document.get(field.name)) {
            let odd = document.get(field.name).cloned().unwrap_or_default();
            keep_under_legacy(document, field.name, odd);
            notes.note(reason::TIME);
        }
        times.push((field, time));
    }
    let time_of = |name: &str| times.iter().find(|(field, _)| field.name == name).and_then(|(_, time)| *time);
    let (created, updated) = (time_of("createdAt"), time_of("updatedAt"));
    for (field, time) in &times {
        let time = match field.name {
            "createdAt" => time.or(updated).or(Some(notes.now)),
            "updatedAt" | "startedAt" => time.or(created).or(updated).or(Some(notes.now)),
            _ if field.shape == Shape::Time => time.or(Some(notes.now)),
            _ => *time,
        };
        match time {
            Some(time) => {
                document.insert(field.name.to_owned(), time.to_string().into());
            }
            None if document.contains_key(field.name) => {
                document.insert(field.name.to_owned(), Value::Null);
            }
            None => {}
        }
    }
}

fn is_worth_keeping(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{PROJECTS, RUNS, Record};
    use super::*;
    use serde_json::json;

    fn settled(record: &Record, value: Value) -> (Value, Vec<&'static str>) {
        let mut notes = Notes { now: Timestamp::from_micros(0), naive: &in_utc, reasons: Vec::new() };
        let Value::Object(mut document) = value else { unreachable!() };
        settle_times(&mut document, record.fields, &mut notes);
        (Value::Object(document), notes.reasons)
    }

    fn in_utc(naive: chrono::NaiveDateTime) -> Option<Timestamp> {
        Some(Timestamp::from_micros(naive.and_utc().timestamp_micros()))
    }

    #[test]
    fn a_time_that_nobody_can_read_takes_the_other_and_is_kept() {
        let (document, reasons) = settled(
            &RUNS,
            json!({"createdAt": "yesterday", "updatedAt": "2026-01-06T10:00:00-03:30", "startedAt": "soon",
                   "finishedAt": 5}),
        );
        assert_eq!(document["createdAt"], "2026-01-06T13:30:00.000000Z");
        assert_eq!(document["startedAt"], document["createdAt"]);
        assert_eq!(document["finishedAt"], Value::Null);
        assert_eq!(
            document["legacy"],
            json!({"createdAt": "yesterday", "startedAt": "soon", "finishedAt": 5})
        );
        assert_eq!(reasons, [reason::TIME]);
    }

    #[test]
    fn a_time_without_a_zone_is_told_and_read_in_the_one_of_the_import() {
        let (document, reasons) =
            settled(&RUNS, json!({"createdAt": "2026-01-01 10:00:00", "updatedAt": "2026-01-01T10:00:00Z"}));
        assert_eq!(document["createdAt"], document["updatedAt"]);
        assert_eq!(reasons, [reason::ZONE]);
    }

    #[test]
    fn both_unreadable_become_the_time_of_the_import() {
        let (document, _) = settled(&PROJECTS, json!({"createdAt": "yesterday", "updatedAt": "2026/01/07"}));
        assert_eq!(document["createdAt"], "1970-01-01T00:00:00.000000Z");
        assert_eq!(document["updatedAt"], document["createdAt"]);
    }

    #[test]
    fn the_first_version_kept_its_amounts_in_the_document() {
        let mut notes = Notes { now: Timestamp::from_micros(0), naive: &in_utc, reasons: Vec::new() };
        let Value::Object(mut document) =
            json!({"budget": {"planned": null, "amount": 9}, "cost": {"total": 3}})
        else {
            unreachable!()
        };
        amounts_of_version_1(&mut document, &mut notes);
        assert_eq!(document["budget"], 9);
        assert_eq!(document["actualCost"], 3);
    }
}
