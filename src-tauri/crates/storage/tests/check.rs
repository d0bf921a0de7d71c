//! The check of a live database: it finds what another program did to the file.

#![expect(clippy::unwrap_used, reason = "a failing test is what it should be here")]
#![expect(clippy::disallowed_methods, reason = "plays another program")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use futures_executor::block_on;
use pilotdeck_domain::{Event, Map, Timestamp, UsageRecord};
use pilotdeck_storage::check::{Findings, Limits, check};
use pilotdeck_storage::{Db, Durability, Error, Options, events, usage};
use serde_json::{Value, json};

const NOW: i64 = 1_790_000_000_000_000;

fn map(value: Value) -> Map {
    value.as_object().cloned().unwrap()
}

/// A database with 30 events and 30 usage records over three hours.
fn filled(path: &Path) -> Db {
    let now = Timestamp::from_micros(NOW);
    let db = Db::open(Options {
        path: path.to_owned(),
        synchronous_full: false,
        clock: Arc::new(move || now),
        on_commit: Arc::new(|_| {}),
    })
    .unwrap();
    let written = db.write(Durability::Flushed, move |tx| {
        for number in 0..30 {
            let ts = now.plus_seconds(number / 10 * 3600);
            let id = number.to_string();
            let event = json!({ "id": id, "title": "t", "projectId": "p", "level": "warn" });
            events::insert(tx, &Event::create(map(event), "unused".into(), ts).unwrap())?;
            let record =
                json!({ "id": id, "promptTokens": 7, "cost": 0.1, "model": "m", "ts": ts.to_string() });
            usage::insert(tx, &UsageRecord::create(map(record), "unused".into(), ts).unwrap())?;
        }
        Ok::<_, Error>(())
    });
    block_on(written).unwrap();
    db
}

fn limits() -> Limits {
    Limits { deadline: Instant::now() + Duration::from_secs(60), stop: Arc::new(AtomicBool::new(false)) }
}

fn found_after(sql: &str) -> Findings {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pm.db");
    let db = filled(&path);
    let other = rusqlite::Connection::open(&path).unwrap();
    other.pragma_update(None, "foreign_keys", false).unwrap();
    other.execute_batch(sql).unwrap();
    let found = check(&path, limits()).unwrap();
    db.close();
    found
}

#[test]
fn a_whole_database_has_no_problems() {
    assert_eq!(found_after("SELECT 1"), Findings::default());
}

#[test]
fn a_roll_up_that_differs_from_its_records_is_found_however_it_differs() {
    for (sql, words) in [
        (
            "DELETE FROM events_hourly WHERE hour = (SELECT min(hour) FROM events_hourly)",
            "events_hourly lacks 10 events",
        ),
        (
            "UPDATE events_hourly SET events = 11 WHERE hour = (SELECT max(hour) FROM events_hourly)",
            "events_hourly has 11 events, the records have 10 events",
        ),
        (
            "INSERT INTO events_hourly VALUES ('2020-01-01T00', 'p', 'info', 3)",
            "events_hourly has 3 events without a record (hour 2020-01-01T00, project p, level info)",
        ),
        (
            "DELETE FROM usage_hourly WHERE hour = (SELECT min(hour) FROM usage_hourly)",
            "usage_hourly lacks 10 records",
        ),
        (
            "UPDATE usage_hourly SET promptTokens = promptTokens - 1",
            "usage_hourly has 10 records, 69 prompt tokens",
        ),
        ("UPDATE usage_hourly SET cost = cost + 0.000001", "usage_hourly has 10 records, 70 prompt tokens"),
        ("DELETE FROM token_usage_records WHERE id = '3'", "the records have 9 records"),
        ("DELETE FROM agent_events WHERE id = '3'", "the records have 9 events"),
    ] {
        let found = found_after(sql);
        assert!(found.rollups_differ && !found.stopped, "{sql}: {found:?}");
        assert!(found.problems[0].contains(words), "{sql}: {:?}", found.problems);
    }
}

#[test]
fn at_most_a_hundred_problems_are_told() {
    let found = found_after(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
         INSERT INTO events_hourly SELECT '2020-01-01T00', 'p' || i, 'info', 1 FROM n",
    );
    assert_eq!(found.problems.len(), 100);
}

#[test]
fn a_row_that_refers_to_nothing_is_found() {
    let found = found_after("INSERT INTO sessions VALUES ('d', 'nobody', '', '')");
    assert_eq!(found.problems, ["A row of sessions refers to a row of users that is not there"]);
    assert!(!found.rollups_differ);
}

#[test]
fn damaged_pages_are_problems_and_not_failures() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pm.db");
    filled(&path).close();
    let whole = std::fs::read(&path).unwrap();
    for page in 1..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..page * 4096 + 64].fill(0xff);
        std::fs::write(&path, bytes).unwrap();
        let found = check(&path, limits()).unwrap();
        assert!(!found.problems.is_empty(), "page {page}");
    }
    std::fs::write(&path, "no database".repeat(1000)).unwrap();
    assert!(!check(&path, limits()).unwrap().problems.is_empty());
}

#[test]
fn a_check_ends_at_its_limits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pm.db");
    let db = filled(&path);
    let late = Limits { deadline: Instant::now(), ..limits() };
    // So small a file may be done before the clock is looked at.
    let found = check(&path, late).unwrap();
    assert!(found.stopped || found == Findings::default());
    let big = rusqlite::Connection::open(&path).unwrap();
    big.execute_batch(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
         INSERT INTO meta SELECT 'k' || i, 'v' FROM n",
    )
    .unwrap();
    let stopped = Limits { stop: Arc::new(AtomicBool::new(true)), ..limits() };
    assert!(check(&path, stopped).unwrap().stopped);
    db.close();
}
