//! Search in an open database: the writer fills the index by itself, and again after whatever replaced the events.

#![expect(clippy::unwrap_used, reason = "a failing test is what it should be here")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use futures_executor::block_on;
use pilotdeck_domain::{Event, EventFilter, Timestamp};
use pilotdeck_storage::{Db, Durability, Error, Options, events, search, snapshot};
use serde_json::json;

const NOW: i64 = 1_790_000_000_000_000;

fn open(path: &Path) -> Db {
    let ticks = AtomicI64::new(NOW);
    Db::open(Options {
        path: path.to_owned(),
        synchronous_full: false,
        clock: Arc::new(move || Timestamp::from_micros(ticks.fetch_add(1000, Ordering::Relaxed))),
        on_commit: Arc::new(|_| {}),
    })
    .unwrap()
}

fn append(db: &Db, from: usize, count: usize, title: &'static str) {
    block_on(db.write(Durability::Batched, move |tx| {
        for number in from..from + count {
            let body =
                json!({ "id": format!("e{number}"), "title": title, "message": format!("number{number}x") });
            let now = tx.stamp();
            let event = Event::create(body.as_object().cloned().unwrap(), "unused".into(), now).unwrap();
            events::insert(tx, &event)?;
        }
        Ok::<(), Error>(())
    }))
    .unwrap();
}

fn count_behind(db: &Db) -> u64 {
    block_on(db.read(search::count_behind)).unwrap()
}

fn wait_until_indexed(db: &Db) {
    let begun = Instant::now();
    while count_behind(db) > 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "{} events still wait", count_behind(db));
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn count_found(db: &Db, q: &str) -> u64 {
    let filter = EventFilter { q: Some(q.into()), limit: 2_000, ..EventFilter::default() };
    block_on(db.read(move |conn| events::list(conn, &filter))).unwrap().total
}

#[test]
fn an_event_is_found_at_once_and_after_it_was_indexed() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder.path().join("pm.db"));
    for number in 0..20 {
        append(&db, number, 1, "部署 finished");
        assert_eq!(count_found(&db, &format!("部署 number{number}x")), 1);
        assert_eq!(count_found(&db, "finish"), number as u64 + 1);
    }
    wait_until_indexed(&db);
    assert_eq!(count_found(&db, "部署"), 20);
    assert_eq!(count_found(&db, "署部"), 0);
}

#[test]
fn the_index_goes_on_where_it_was_after_a_close_in_the_middle() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pm.db");
    let db = open(&path);
    append(&db, 0, 1_900, "word");
    let closing = Instant::now();
    db.close();
    assert!(closing.elapsed() < Duration::from_secs(5), "closing waits for no index");
    for _ in 0..3 {
        let db = open(&path);
        assert_eq!(count_found(&db, "word"), 1_900, "each once, whatever part is indexed");
        db.close();
    }
    let db = open(&path);
    wait_until_indexed(&db);
    assert_eq!(count_found(&db, "word"), 1_900);
    assert_eq!(count_found(&db, "number77x"), 1);
    db.close();
    let db = open(&path);
    assert_eq!(count_behind(&db), 0, "the position outlives a restart");
}

#[test]
fn writes_are_answered_while_the_index_is_filled() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder.path().join("pm.db"));
    append(&db, 0, 10_000, "word");
    let mut number = 10_000;
    while count_behind(&db) > 100 {
        append(&db, number, 1, "later");
        number += 1;
        std::thread::sleep(Duration::from_millis(4));
    }
    assert!(number > 10_000, "the index was not filled in one go");
    wait_until_indexed(&db);
    assert_eq!(count_found(&db, "later"), (number - 10_000) as u64);
}

#[test]
fn a_backup_carries_no_index_and_is_filled_again_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("pm.db"), folder.path().join("copy.db"));
    let db = open(&path);
    append(&db, 0, 300, "word");
    wait_until_indexed(&db);
    snapshot::backup(&path, &copy, &mut |_, _| {}).unwrap();
    assert_eq!(count_behind(&db), 0, "the live one keeps its own");
    let opened = open(&copy);
    assert_eq!(count_found(&opened, "word number29"), 11);
    wait_until_indexed(&opened);
    assert_eq!(count_found(&opened, "word number29"), 11);
}

#[test]
fn other_content_is_indexed_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("pm.db"), folder.path().join("other.db"));
    let source = open(&other);
    append(&source, 0, 300, "restored");
    wait_until_indexed(&source);
    let backup = folder.path().join("backup.db");
    snapshot::backup(&other, &backup, &mut |_, _| {}).unwrap();

    let db = open(&path);
    append(&db, 0, 700, "before");
    wait_until_indexed(&db);
    let staging = folder.path().join("staging.db");
    let taken = staging.clone();
    let options = pilotdeck_storage::StageOptions {
        now: Timestamp::from_micros(NOW),
        naive: &|_| None,
        password: &|_| None,
        progress: &|_, _| {},
    };
    pilotdeck_storage::stage(&backup, &staging, &options).unwrap();
    block_on(db.exclusive(move |conn| snapshot::copy_over(conn, &taken, &mut |_, _| {}))).unwrap();
    assert_eq!((count_found(&db, "restored"), count_found(&db, "before")), (300, 0));
    wait_until_indexed(&db);
    assert_eq!((count_found(&db, "restored"), count_found(&db, "before")), (300, 0));
    append(&db, 1_000, 5, "restored after");
    wait_until_indexed(&db);
    assert_eq!(count_found(&db, "restored"), 305);
    db.close();
    snapshot::verify(&path).unwrap();
}
