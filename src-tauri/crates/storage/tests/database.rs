//! The open database from outside: group commit, rollback of one job, stamps, copies.

#![expect(clippy::unwrap_used, reason = "a failing test is what it should be here")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use futures_executor::block_on;
use pilotdeck_domain::{
    Event, EventFilter, Map, Project, SeriesKey, Timestamp, TokenStatsFilter, UsageRecord, Zone,
};
use pilotdeck_storage::{
    Change, Db, Durability, Error, OpenError, Options, events, meta, projects, snapshot, usage,
};
use serde_json::{Value, json};

const NOW: i64 = 1_790_000_000_000_000;

type Seen = Arc<Mutex<Vec<Change>>>;

fn open_seeing(path: &Path) -> (Db, Seen) {
    let seen = Seen::default();
    let told = Arc::clone(&seen);
    let ticks = AtomicI64::new(NOW);
    let db = Db::open(Options {
        path: path.to_owned(),
        synchronous_full: false,
        clock: Arc::new(move || Timestamp::from_micros(ticks.fetch_add(1000, Ordering::Relaxed))),
        on_commit: Arc::new(move |changes| told.lock().unwrap().extend(changes)),
    })
    .unwrap();
    (db, seen)
}

fn open(path: &Path) -> Db {
    open_seeing(path).0
}

fn map(value: Value) -> Map {
    value.as_object().cloned().unwrap()
}

fn project(id: &str) -> Project {
    Project::create(map(json!({ "id": id, "name": id })), "unused".into(), Timestamp::from_micros(NOW))
        .unwrap()
}

fn event(id: &str, ts: i64) -> Event {
    Event::create(
        map(json!({ "id": id, "title": id, "projectId": "p" })),
        "unused".into(),
        Timestamp::from_micros(ts),
    )
    .unwrap()
}

fn record(id: &str, ts: i64, tokens: i64, model: &str) -> UsageRecord {
    let body = json!({ "id": id, "promptTokens": tokens, "cost": 0.1, "model": model, "projectId": "p" });
    UsageRecord::create(map(body), "unused".into(), Timestamp::from_micros(ts)).unwrap()
}

fn count(db: &Db) -> u64 {
    block_on(db.read(projects::count)).unwrap()
}

#[test]
fn a_failing_job_takes_back_its_own_rows_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let (db, seen) = open_seeing(&folder.path().join("pm.db"));
    let kept = db.write(Durability::Flushed, |tx| projects::insert(tx, &project("kept")));
    let failed = db.write(Durability::Flushed, |tx| {
        projects::insert(tx, &project("lost"))?;
        Err::<(), Error>(Error::Corrupt("on purpose".into()))
    });
    let (kept, failed) = block_on(async { (kept.await, failed.await) });
    assert!(kept.is_ok());
    assert!(matches!(failed, Err(Error::Corrupt(text)) if text == "on purpose"));
    assert_eq!(count(&db), 1);
    let ids: Vec<String> = seen.lock().unwrap().iter().map(|change| change.id.clone()).collect();
    assert_eq!(ids, ["kept"], "what was taken back is not published");
}

#[test]
fn a_panicking_job_is_taken_back_and_the_writer_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder.path().join("pm.db"));
    let panicked = block_on(db.write::<(), Error>(Durability::Batched, |tx| {
        projects::insert(tx, &project("lost"))?;
        panic!("on purpose")
    }));
    assert!(matches!(panicked, Err(Error::Closed)));
    block_on(db.write(Durability::Flushed, |tx| projects::insert(tx, &project("next")))).unwrap();
    assert_eq!(count(&db), 1);
}

#[test]
fn what_was_acknowledged_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pm.db");
    let db = open(&path);
    block_on(db.write(Durability::Batched, |tx| events::insert(tx, &event("e1", NOW)))).unwrap();
    let last = db.last_stamp();
    db.close();
    assert!(matches!(block_on(db.read(projects::count)), Err(Error::Closed)));
    let again = open(&path);
    assert!(block_on(again.read(|conn| events::find_document(conn, "e1"))).unwrap().is_some());
    assert!(again.last_stamp() >= last);
}

/// What `PRAGMA synchronous` says inside a job: 1 is NORMAL, 2 is FULL.
fn level_of(db: &Db, durability: Durability) -> i64 {
    block_on(db.write(durability, |tx| {
        projects::reorder(tx, &[])?;
        Ok::<i64, Error>(tx.query_row("PRAGMA synchronous", [], |row| row.get(0))?)
    }))
    .unwrap()
}

#[test]
fn class_a_commits_at_full_and_class_b_at_normal_unless_all_is_to_be_flushed() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder.path().join("pm.db"));
    assert_eq!(level_of(&db, Durability::Batched), 1);
    assert_eq!(level_of(&db, Durability::Flushed), 2);
    assert_eq!(level_of(&db, Durability::Batched), 1);
    let strict = Db::open(Options {
        path: folder.path().join("strict.db"),
        synchronous_full: true,
        clock: Arc::new(|| Timestamp::from_micros(NOW)),
        on_commit: Arc::new(|_| {}),
    })
    .unwrap();
    assert_eq!(level_of(&strict, Durability::Batched), 2);
}

#[test]
fn a_class_b_write_is_followed_by_a_flush_of_its_own_accord() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder.path().join("pm.db"));
    block_on(db.write(Durability::Batched, |tx| {
        let mut noted = event("e1", NOW);
        noted.ts = tx.stamp();
        events::insert(tx, &noted)
    }))
    .unwrap();
    let stamped = db.last_stamp();
    let noted = || block_on(db.read(|conn| meta::find_time(conn, "stamps.highest"))).unwrap();
    assert_eq!(noted(), None);
    for _ in 0..100 {
        std::thread::sleep(std::time::Duration::from_millis(50));
        if noted() == Some(stamped) {
            return; // The flush is a commit at FULL, and it leaves this note.
        }
    }
    panic!("nothing was flushed");
}

#[test]
fn a_second_process_is_kept_out_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pm.db");
    let _first = open(&path);
    let second = Db::open(Options {
        path,
        synchronous_full: false,
        clock: Arc::new(|| Timestamp::from_micros(NOW)),
        on_commit: Arc::new(|_| {}),
    });
    assert!(matches!(second, Err(OpenError::InUse { .. })));
}

#[test]
fn a_newer_file_and_a_foreign_one_are_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    for (name, sql, word) in [
        ("newer.db", "PRAGMA application_id = 0x50444B31; PRAGMA user_version = 99", "newer PilotDeck"),
        ("foreign.db", "CREATE TABLE photos (id); PRAGMA user_version = 7", "no PilotDeck database"),
        ("legacy.db", "CREATE TABLE projects (id); PRAGMA user_version = 4", "older server"),
    ] {
        let path = folder.path().join(name);
        #[expect(clippy::disallowed_methods, reason = "makes a file that is not ours")]
        rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let before = std::fs::read(&path).unwrap();
        let error = Db::open(Options {
            path: path.clone(),
            synchronous_full: false,
            clock: Arc::new(|| Timestamp::from_micros(NOW)),
            on_commit: Arc::new(|_| {}),
        })
        .err()
        .unwrap();
        assert!(error.to_string().contains(word), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), before, "{name} is as it was");
    }
}

/// A file of ours from before the first schema, with `sql` run in it.
fn older_file(path: &Path, sql: &str) {
    #[expect(clippy::disallowed_methods, reason = "makes a file that an older version left")]
    rusqlite::Connection::open(path)
        .unwrap()
        .execute_batch(&format!("PRAGMA application_id = 0x50444B31; {sql}"))
        .unwrap();
}

fn copies_beside(path: &Path) -> Vec<std::path::PathBuf> {
    let folder = std::fs::read_dir(path.parent().unwrap()).unwrap();
    let is_copy = |name: &Path| name.to_string_lossy().contains("pm.db.v0.");
    folder.map(|entry| entry.unwrap().path()).filter(|name| is_copy(name)).collect()
}

#[test]
fn an_older_file_is_copied_before_it_is_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pm.db");
    older_file(&path, "CREATE TABLE kept (id INTEGER); INSERT INTO kept VALUES (7)");
    let db = open(&path);
    block_on(db.write(Durability::Flushed, |tx| projects::insert(tx, &project("new")))).unwrap();
    let copies = copies_beside(&path);
    assert_eq!(copies.len(), 1, "{copies:?}");
    #[expect(clippy::disallowed_methods, reason = "looks into the copy")]
    let copy = rusqlite::Connection::open(&copies[0]).unwrap();
    let kept: i64 = copy.query_row("SELECT id FROM kept", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 7);
}

#[test]
fn a_migration_that_fails_leaves_the_file_as_it_was_and_names_the_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pm.db");
    older_file(&path, "CREATE TABLE users (in_the_way INTEGER)");
    let before = std::fs::read(&path).unwrap();
    let error = Db::open(Options {
        path: path.clone(),
        synchronous_full: false,
        clock: Arc::new(|| Timestamp::from_micros(NOW)),
        on_commit: Arc::new(|_| {}),
    })
    .err()
    .unwrap();
    assert!(
        matches!(&error, OpenError::Migration { backup, .. } if *backup == copies_beside(&path)[0]),
        "{error}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_page_of_events_leads_to_the_older_ones_without_gap_or_repeat() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder.path().join("pm.db"));
    block_on(db.write(Durability::Batched, |tx| {
        for number in 0..25 {
            // Pairs share a time: the order of arrival decides between them.
            events::insert(tx, &event(&format!("e{number:02}"), NOW + number / 2))?;
        }
        Ok::<(), Error>(())
    }))
    .unwrap();
    let mut found = Vec::new();
    let mut filter = EventFilter { limit: 10, ..EventFilter::default() };
    loop {
        let wanted = filter.clone();
        let page = block_on(db.read(move |conn| events::list(conn, &wanted))).unwrap();
        let mut ids: Vec<String> =
            page.documents.iter().map(|event| event.to_map()["id"].as_str().unwrap().to_owned()).collect();
        ids.append(&mut found);
        found = ids;
        match page.next_cursor {
            Some(cursor) => filter.before = pilotdeck_domain::Cursor::decode(&cursor),
            None => break,
        }
    }
    assert_eq!(found, (0..25).map(|number| format!("e{number:02}")).collect::<Vec<_>>());
}

#[test]
fn token_sums_from_memory_from_the_roll_up_and_from_the_records_agree() {
    const MINUTE: i64 = 60_000_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pm.db");
    let db = open(&path);
    block_on(db.write(Durability::Batched, |tx| {
        for number in 0..600 {
            let model = if number % 3 == 0 { "a" } else { "b" };
            usage::insert(tx, &record(&format!("u{number}"), NOW + number * MINUTE, number, model))?;
        }
        Ok::<(), Error>(())
    }))
    .unwrap();
    let stats =
        |filter: TokenStatsFilter| block_on(db.read(move |conn| usage::token_stats(conn, &filter))).unwrap();
    let all = stats(TokenStatsFilter::default());
    assert_eq!(all.totals.records, 600);
    assert_eq!(all.totals.total_tokens, 599 * 600 / 2);
    assert_eq!(all.totals.cost, 60.0, "float noise is rounded away");
    assert_eq!(all, block_on(db.usage_totals(Zone::default())).unwrap());

    // Ranges that begin and end inside hours, on their edges, inside one hour, and that hold nothing.
    for (from, to) in [(0, 599), (7, 431), (7, 8), (30, 30), (200, 100), (100, 5000)] {
        let (since, until) = (NOW + from * MINUTE, NOW + to * MINUTE);
        let ranged = stats(TokenStatsFilter {
            since: Some(Timestamp::from_micros(since)),
            until: Some(Timestamp::from_micros(until)),
            model: Some("b".into()),
            ..TokenStatsFilter::default()
        });
        let expected: Vec<i64> = (0..600).filter(|n| n % 3 != 0 && (from..=to).contains(n)).collect();
        assert_eq!(ranged.totals.records, expected.len() as i64, "{from}..{to}");
        assert_eq!(ranged.totals.total_tokens, expected.iter().sum::<i64>(), "{from}..{to}");
    }
    db.close();
    assert_eq!(
        block_on(open(&path).usage_totals(Zone::default())).unwrap(),
        all,
        "a start reads the same sums again"
    );
}

#[test]
fn days_of_every_zone_are_exact_whether_summed_from_memory_the_roll_up_or_the_records() {
    const STEP: i64 = 7 * 60_000_000 + 123_456;
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder.path().join("pm.db"));
    // Five days and a half, over the spring change of Berlin.
    let start = Timestamp::parse("2026-03-27T05:10:00Z").unwrap().micros();
    let times: Vec<Timestamp> =
        (0..1_100).map(|number| Timestamp::from_micros(start + number * STEP)).collect();
    let stored = times.clone();
    block_on(db.write(Durability::Batched, move |tx| {
        for (number, time) in (0..).zip(stored) {
            usage::insert(tx, &record(&format!("u{number}"), time.micros(), number, "a"))?;
        }
        Ok::<(), Error>(())
    }))
    .unwrap();
    for name in
        ["UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Pacific/Honolulu"]
    {
        let zone = Zone::parse(name).unwrap();
        let mut expected = BTreeMap::<String, i64>::new();
        for (number, time) in (0..).zip(&times) {
            *expected.entry(zone.day(*time).to_string()).or_default() += number;
        }
        let expected: Vec<_> = expected.into_iter().collect();
        let from_memory = block_on(db.usage_totals(zone)).unwrap();
        let filter = TokenStatsFilter { model: Some("a".into()), zone, ..TokenStatsFilter::default() };
        let ranged =
            TokenStatsFilter { since: Some(times[0]), until: times.last().copied(), ..filter.clone() };
        let read = |filter: TokenStatsFilter| {
            block_on(db.read(move |conn| {
                Ok::<_, Error>((
                    usage::token_stats(conn, &filter)?,
                    usage::token_series(conn, SeriesKey::Model, &filter)?,
                ))
            }))
            .unwrap()
        };
        for (stats, series) in [read(filter), read(ranged)] {
            let days: Vec<_> =
                stats.by_day.iter().map(|row| (row.day.clone(), row.sums.total_tokens)).collect();
            assert_eq!(days, expected, "{name}");
            assert_eq!(stats, from_memory, "{name}");
            let days: Vec<_> = series.iter().map(|row| (row.day.clone(), row.sums.total_tokens)).collect();
            assert_eq!(days, expected, "{name}");
        }
    }
}

fn records_in_memory(db: &Db) -> i64 {
    block_on(db.usage_totals(Zone::default())).unwrap().totals.records
}

#[test]
fn a_backup_is_one_whole_file_and_an_exclusive_copy_brings_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let live = folder.path().join("pm.db");
    let copy = folder.path().join("copy.db");
    let db = open(&live);
    block_on(db.write(Durability::Flushed, |tx| {
        usage::insert(tx, &record("u1", NOW, 5, "a"))?;
        projects::insert(tx, &project("p"))
    }))
    .unwrap();
    snapshot::backup(&live, &copy, &mut |_, _| {}).unwrap();
    assert!(!folder.path().join("copy.db-wal").exists());

    block_on(db.write(Durability::Flushed, |tx| {
        projects::delete(tx, "p")?;
        usage::insert(tx, &record("u2", NOW, 7, "a"))
    }))
    .unwrap();
    assert_eq!((count(&db), records_in_memory(&db)), (0, 2));
    let stamped = db.last_stamp();
    block_on(db.exclusive(move |conn| snapshot::copy_over(conn, &copy, &mut |_, _| {}))).unwrap();
    assert_eq!((count(&db), records_in_memory(&db)), (1, 1), "content and memory are the copy's");
    assert!(db.last_stamp() >= stamped, "stamps never go back");
    block_on(db.write(Durability::Flushed, |tx| projects::insert(tx, &project("after")))).unwrap();
    assert_eq!(count(&db), 2);
}

#[test]
fn the_order_of_projects_survives_a_reorder_with_unknown_and_repeated_ids() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder.path().join("pm.db"));
    block_on(db.write(Durability::Flushed, |tx| {
        for id in ["a", "b", "c", "d"] {
            projects::insert(tx, &project(id))?;
        }
        projects::reorder(tx, &["c".into(), "nobody".into(), "c".into(), "b".into()])
    }))
    .unwrap();
    let list =
        block_on(db.read(|conn| projects::list(conn, &pilotdeck_domain::ProjectFilter::default()))).unwrap();
    let ids: Vec<Value> = list.documents.iter().map(|project| project.to_map()["id"].clone()).collect();
    assert_eq!(ids, ["c", "b", "a", "d"]);
    assert!(block_on(db.read(|conn| meta::find_time(conn, meta::PROJECTS_LAST_UPDATED))).unwrap().is_some());
}
