//! Files of the older server, of its description and of ours, taken in.

#![expect(clippy::disallowed_methods, reason = "looks into the file beside the server")]

use std::path::PathBuf;

use rusqlite::OpenFlags;
use serde_json::json;

use super::*;

pub(crate) const SAMPLE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/fixtures/legacy-sample.db");
const NOW: &str = "2026-12-01T00:00:00.000000Z";

/// Runs `sql` on the file as a program of somebody else would.
pub(crate) fn edit(path: &Path, sql: &str) {
    let conn = Connection::open_with_flags(path, OpenFlags::default()).unwrap();
    conn.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Takes `source` in; times without a zone are UTC, hashes are marked.
pub(crate) fn stage_file(source: &Path, folder: &Path) -> std::result::Result<(Report, PathBuf), Refused> {
    let staging = tempfile::Builder::new().tempfile_in(folder).unwrap().into_temp_path().keep().unwrap();
    let options = StageOptions {
        now: Timestamp::parse(NOW).unwrap(),
        naive: &|naive| Some(Timestamp::from_micros(naive.and_utc().timestamp_micros())),
        password: &|hash| (hash.len() == 64).then(|| format!("wrapped:{hash}")),
        progress: &|_, _| {},
    };
    Ok((stage(source, &staging, &options)?, staging))
}

/// Every row of every table that is not made from others.
pub(crate) fn content(path: &Path) -> Vec<String> {
    let conn = crate::readers::open(path).unwrap();
    let mut lines = Vec::new();
    for table in [
        "projects",
        "agent_runs",
        "agent_events",
        "agent_profiles",
        "agent_capabilities",
        "token_usage_records",
        "users",
        "meta",
        "usage_hourly",
        "events_hourly",
    ] {
        let mut statement = conn.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells: Vec<String> =
                (0..columns).map(|index| format!("{:?}", row.get_ref(index).unwrap())).collect();
            lines.push(format!("{table}: {}", cells.join(" | ")));
        }
    }
    lines
}

fn document(path: &Path, table: &str, id: &str) -> Value {
    let conn = crate::readers::open(path).unwrap();
    let sql = format!("SELECT payload_json FROM {table} WHERE id = ?1");
    let text: String = conn.query_row(&sql, [id], |row| row.get(0)).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_row_of_the_sample_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (report, _) = stage_file(Path::new(SAMPLE), folder.path()).unwrap();
    assert_eq!(
        serde_json::to_value(&report).unwrap(),
        json!({
            "kind": "legacy", "version": 4, "size": 249_856,
            "rows": {"projects": 21, "agent_runs": 7, "agent_events": 12, "agent_profiles": 4, "agent_capabilities": 2,
                     "token_usage_records": 8, "users": 1},
            "changed": {"numberNotFinite": 1, "otherType": 3, "statusSuccess": 1, "timeUnreadable": 3,
                        "timeWithoutZone": 48},
            "refused": {}, "leftBehind": [], "newestEvent": "2026-11-22T19:01:35.620855Z"
        })
    );
}

#[test]
fn what_was_taken_is_taken_again_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let (_, first) = stage_file(Path::new(SAMPLE), folder.path()).unwrap();
    let conn = Connection::open_with_flags(&first, OpenFlags::default()).unwrap();
    conn.execute("UPDATE users SET password_hash = ?1", ["a".repeat(64)]).unwrap();
    drop(conn);
    let (report, second) = stage_file(&first, folder.path()).unwrap();
    assert_eq!(report.kind, SourceKind::PilotDeck);
    assert_eq!((report.changed, report.refused), (BTreeMap::new(), BTreeMap::new()));
    let without_users =
        |path: &Path| content(path).into_iter().filter(|line| !line.starts_with("users")).collect::<Vec<_>>();
    assert_eq!(without_users(&first), without_users(&second));
}

#[test]
fn the_source_is_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    std::fs::copy(SAMPLE, &copy).unwrap();
    stage_file(&copy, folder.path()).unwrap();
    assert_eq!(std::fs::read(&copy).unwrap(), std::fs::read(SAMPLE).unwrap());
}

#[test]
fn unreadable_times_and_odd_values_are_kept_under_legacy() {
    let folder = tempfile::tempdir().unwrap();
    let (_, staged) = stage_file(Path::new(SAMPLE), folder.path()).unwrap();
    let project = document(&staged, "projects", "proj-time-bad");
    assert_eq!(project["createdAt"], NOW);
    assert_eq!(project["legacy"], json!({"createdAt": "yesterday", "updatedAt": "2026/01/07"}));
    let run = document(&staged, "agent_runs", "run-odd");
    assert_eq!(run["title"], "{\"a\":1}");
    assert_eq!(run["finishedAt"], Value::Null);
    assert_eq!(run["legacy"], json!({"finishedAt": "5"}));
    assert_eq!(document(&staged, "token_usage_records", "usage-badts")["legacy"], json!({"ts": "soon"}));
    assert_eq!(document(&staged, "agent_runs", "run-ghost")["projectId"], Value::Null, "the column counts");
    assert_eq!(document(&staged, "agent_runs", "run-full")["status"], "completed");
}

#[test]
fn passwords_are_wrapped_and_unknown_hashes_open_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    std::fs::copy(SAMPLE, &copy).unwrap();
    edit(&copy, "INSERT INTO users VALUES ('u2', 'bob', 'plain text', 'admin', 'x', '2026-01-01', NULL)");
    let (report, staged) = stage_file(&copy, folder.path()).unwrap();
    assert_eq!(report.changed["passwordUnreadable"], 1);
    let conn = crate::readers::open(&staged).unwrap();
    let admin = users::find_by_name(&conn, "admin").unwrap().unwrap();
    assert!(admin.password_hash.starts_with("wrapped:8c6976e5"), "{}", admin.password_hash);
    assert_eq!(admin.user.created_at.to_string(), "2026-11-22T19:01:32.810970Z");
    let bob = users::find_by_name(&conn, "bob").unwrap().unwrap();
    assert_eq!(bob.password_hash, NO_PASSWORD);
    assert_eq!(bob.user.created_at, bob.user.updated_at, "an unreadable time takes the other");
}

#[test]
fn rows_with_ids_that_nobody_could_use_are_refused_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    std::fs::copy(SAMPLE, &copy).unwrap();
    edit(
        &copy,
        "INSERT INTO agent_events (id, payload_json) VALUES (NULL, '{}'), ('', '{}'), ('a' || char(10), '{}'),
           (printf('%.*c', 257, 'x'), '{}'), (x'ff', '{}'), (printf('%.*c', 256, 'y'), '{}');
         CREATE TABLE copy AS SELECT * FROM agent_capabilities; DROP TABLE agent_capabilities;
         ALTER TABLE copy RENAME TO agent_capabilities;
         INSERT INTO agent_capabilities SELECT * FROM agent_capabilities WHERE id = 'cap-full'",
    );
    let (report, _) = stage_file(&copy, folder.path()).unwrap();
    assert_eq!(
        report.refused,
        BTreeMap::from([
            ("idEmpty".to_owned(), 3),
            ("idTooLong".to_owned(), 1),
            ("idTwice".to_owned(), 1),
            ("idWithControlCharacters".to_owned(), 1)
        ])
    );
    assert_eq!((report.rows["agent_events"], report.rows["agent_capabilities"]), (13, 2));
}

#[test]
fn a_document_that_is_no_json_is_made_from_the_columns() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    std::fs::copy(SAMPLE, &copy).unwrap();
    edit(&copy, "UPDATE projects SET payload_json = '{broken' WHERE id = 'proj-full'");
    let (report, staged) = stage_file(&copy, folder.path()).unwrap();
    assert_eq!(report.changed["documentUnreadable"], 1);
    let project = document(&staged, "projects", "proj-full");
    assert_eq!((&project["name"], &project["progress"]), (&json!("Everything set"), &json!(52)));
    assert_eq!(project["budget"].as_f64(), Some(5000.0));
    assert_eq!(project["legacy"], json!({"payload": "{broken"}));
}

const VERSION_1: &str = "
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE projects (id TEXT PRIMARY KEY, sort_order INTEGER NOT NULL DEFAULT 0, name TEXT NOT NULL,
    status TEXT NOT NULL, priority TEXT NOT NULL, category TEXT, progress INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, payload_json TEXT NOT NULL);
  CREATE TABLE agent_runs (id TEXT PRIMARY KEY, project_id TEXT, agent_id TEXT, status TEXT, created_at TEXT,
    updated_at TEXT, started_at TEXT, finished_at TEXT, payload_json TEXT NOT NULL,
    FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE SET NULL);
  CREATE TABLE agent_events (id TEXT PRIMARY KEY, ts TEXT, type TEXT, level TEXT, project_id TEXT, run_id TEXT,
    agent_id TEXT, title TEXT, message TEXT, payload_json TEXT NOT NULL);
  PRAGMA user_version = 1;
  INSERT INTO projects VALUES
    ('second', 5, 'B', 'planning', 'medium', NULL, 0, '2026-01-02', '2026-01-02', '{\"budget\":{\"planned\":7},\"cost\":{\"total\":3}}'),
    ('third', 5, 'C', 'planning', 'medium', NULL, 0, '2026-01-03', '2026-01-03', '{\"budget\":\"x\",\"actual_cost\":\"9\"}'),
    ('first', 0, 'A', 'planning', 'medium', NULL, 0, '2026-01-04', '2026-01-04', '{}');";

#[test]
fn the_first_version_lacks_tables_and_amounts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v1.db");
    edit(&path, VERSION_1);
    let (report, staged) = stage_file(&path, folder.path()).unwrap();
    assert_eq!((report.version, report.rows["projects"], report.rows["users"]), (1, 3, 0));
    let second = document(&staged, "projects", "second");
    assert_eq!((&second["budget"], &second["actualCost"]), (&json!(7), &json!(3)));
    let third = document(&staged, "projects", "third");
    assert_eq!((&third["budget"], &third["actualCost"]), (&json!(0), &json!(9)));
    assert_eq!(third["legacy"], json!({"budget": "x"}));
    let conn = crate::readers::open(&staged).unwrap();
    let order: Vec<String> = conn
        .prepare("SELECT id || sortOrder FROM projects ORDER BY sortOrder")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    assert_eq!(order, ["first0", "second1", "third2"]);
    assert_eq!(projects::last_updated(&conn).unwrap(), None, "nobody ever wrote one");
}

#[test]
fn the_second_version_is_the_first_with_columns_for_the_amounts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v2.db");
    edit(&path, VERSION_1);
    edit(
        &path,
        "ALTER TABLE projects ADD COLUMN budget REAL NOT NULL DEFAULT 0;
         ALTER TABLE projects ADD COLUMN actual_cost REAL NOT NULL DEFAULT 0;
         UPDATE projects SET budget = 12.5, actual_cost = 9e999; PRAGMA user_version = 2",
    );
    let (report, staged) = stage_file(&path, folder.path()).unwrap();
    let second = document(&staged, "projects", "second");
    assert_eq!((&second["budget"], &second["actualCost"]), (&json!(12.5), &json!(0)));
    assert_eq!(report.changed["numberNotFinite"], 3);
}

#[test]
fn a_file_of_the_description_has_camel_case_columns_and_counts_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("described.db");
    edit(
        &path,
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);
         CREATE TABLE projects (id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT, priority TEXT, category TEXT,
           progress REAL, createdAt TEXT, updatedAt TEXT, payload_json TEXT NOT NULL);
         CREATE TABLE agent_runs (id TEXT PRIMARY KEY, projectId TEXT, agentId TEXT, title TEXT, status TEXT,
           createdAt TEXT, updatedAt TEXT, startedAt TEXT, finishedAt TEXT, payload_json TEXT NOT NULL);
         CREATE TABLE agent_events (id TEXT PRIMARY KEY, ts TEXT, type TEXT, level TEXT, projectId TEXT, runId TEXT,
           agentId TEXT, title TEXT, payload_json TEXT NOT NULL);
         CREATE TABLE users (id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL,
           created_at TEXT NOT NULL);
         PRAGMA user_version = 3;
         INSERT INTO projects VALUES ('p', 'Column', 'paused', NULL, NULL, 52.7, '2026-01-01T00:00:00Z', NULL,
           '{\"name\":\"Payload\",\"priority\":\"high\",\"updatedAt\":\"2026-01-02T00:00:00Z\",\"budget\":4}');
         INSERT INTO agent_runs (id, projectId, status, payload_json) VALUES ('r', 'gone', 'success', '{\"sessionId\":\"s\"}');
         INSERT INTO agent_events (id, ts, title, payload_json) VALUES ('e', '2026-01-01', 'column', '{\"level\":\"warn\"}');
         INSERT INTO users VALUES ('u', 'ada', '00', '2026-01-01T00:00:00Z');",
    );
    let (report, staged) = stage_file(&path, folder.path()).unwrap();
    assert_eq!(report.rows.values().sum::<u64>(), 4);
    let project = document(&staged, "projects", "p");
    for (field, value) in [
        ("name", json!("Column")),
        ("priority", json!("high")),
        ("progress", json!(52)),
        ("updatedAt", json!("2026-01-02T00:00:00.000000Z")),
        ("budget", json!(4)),
    ] {
        assert_eq!(project[field], value, "{field}");
    }
    let run = document(&staged, "agent_runs", "r");
    assert_eq!((&run["status"], &run["projectId"]), (&json!("completed"), &json!("gone")));
    assert_eq!(document(&staged, "agent_events", "e")["title"], "column");
    let conn = crate::readers::open(&staged).unwrap();
    assert_eq!(users::find_by_name(&conn, "ada").unwrap().unwrap().user.role, "admin");
    assert!(runs::find_document(&conn, "s").unwrap().is_some(), "found by its session");
}

#[test]
fn sums_are_made_from_the_rows_and_stay_within_their_type() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    std::fs::copy(SAMPLE, &copy).unwrap();
    edit(
        &copy,
        "UPDATE token_usage_records SET total_tokens = 9223372036854775807, ts = '2026-02-06T10:00:00', source = 's',
           project_id = NULL, agent_id = NULL, workspace = NULL, model = NULL",
    );
    let (_, staged) = stage_file(&copy, folder.path()).unwrap();
    let conn = crate::readers::open(&staged).unwrap();
    let (records, tokens): (i64, i64) = conn
        .query_row("SELECT records, totalTokens FROM usage_hourly", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!((records, tokens), (8, i64::MAX));
    let events: i64 = conn.query_row("SELECT sum(events) FROM events_hourly", [], |row| row.get(0)).unwrap();
    assert_eq!(events, 12);
}
