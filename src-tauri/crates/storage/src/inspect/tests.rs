//! Hostile, damaged and merely foreign files.

#![expect(clippy::disallowed_methods, reason = "looks into the file beside the server")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;

use super::*;
use crate::stage::tests::{SAMPLE, content, edit, stage_file};

fn sample(folder: &Path) -> PathBuf {
    let path = folder.join("sample.db");
    std::fs::copy(SAMPLE, &path).unwrap();
    path
}

fn refusal(path: &Path) -> Refused {
    match open(path) {
        Ok(_) => panic!("{} was let in", path.display()),
        Err(refused) => refused,
    }
}

/// The sample with `sql` run on it, and what is said of it.
fn refusal_of_sample_after(sql: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    edit(&path, sql);
    match refusal(&path) {
        Refused::NotTrusted(text) | Refused::NotABackup(text) => text,
        other => panic!("{sql}: {other:?}"),
    }
}

#[test]
fn whatever_could_run_or_is_missing_is_refused() {
    let hostile = [
        (
            "CREATE TRIGGER t AFTER INSERT ON agent_events BEGIN UPDATE users SET password_hash = 'x'; END",
            "trigger",
        ),
        ("ALTER TABLE projects RENAME TO p; CREATE VIEW projects AS SELECT * FROM p", "view"),
        ("ALTER TABLE projects ADD COLUMN x TEXT GENERATED ALWAYS AS (hex(id)) VIRTUAL", "generated column"),
        ("CREATE TABLE other (a TEXT, b TEXT AS (hex(a)) STORED)", "generated column"),
        ("CREATE INDEX i ON projects (length(payload_json))", "expression"),
        ("CREATE INDEX i ON projects (id) WHERE length(payload_json) > 3", "expression"),
        ("CREATE VIRTUAL TABLE search USING fts5 (text)", "virtual table"),
        ("CREATE VIRTUAL TABLE dbs USING dbstat", "virtual table"),
        ("DROP TABLE agent_profiles", "lacks the table agent_profiles"),
        ("ALTER TABLE users DROP COLUMN last_login_at", "lacks the column last_login_at"),
        ("ALTER TABLE projects DROP COLUMN budget", "lacks the column budget"),
        ("DROP TABLE meta", "not one of PilotDeck"),
    ];
    for (sql, word) in hostile {
        let text = refusal_of_sample_after(sql);
        assert!(text.contains(word), "{sql}: {text}");
    }
}

#[test]
fn a_trigger_that_says_it_is_a_table_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    let conn = Connection::open_with_flags(&path, OpenFlags::default()).unwrap();
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false).unwrap();
    conn.execute_batch(
        "PRAGMA writable_schema = ON;
         INSERT INTO sqlite_schema VALUES ('table', 'quiet', 'projects', 0,
           'CREATE TRIGGER quiet AFTER INSERT ON projects BEGIN DELETE FROM users; END');",
    )
    .unwrap();
    drop(conn);
    assert!(matches!(refusal(&path), Refused::NotTrusted(_)));
}

#[test]
fn a_plain_table_that_is_not_ours_is_told_and_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    edit(&path, "CREATE TABLE notes (text); CREATE INDEX notes_text ON notes (text); ANALYZE");
    assert_eq!(open(&path).unwrap().layout.left_behind, ["notes"]);
}

#[test]
fn what_is_no_database_is_refused_before_sqlite_sees_it() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(SAMPLE).unwrap();
    let mut odd_pages = whole.clone();
    odd_pages[16..18].copy_from_slice(&1000_u16.to_be_bytes());
    let noise: Vec<u8> = (0..8192_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let files: [(&str, &[u8]); 7] = [
        ("empty", b""),
        ("short", &whole[..99]),
        ("cut off", &whole[..whole.len() - 1]),
        ("no page", &whole[..100]),
        ("noise", &noise),
        ("gzip", &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]),
        ("odd page size", &odd_pages),
    ];
    for (name, bytes) in files {
        let path = folder.path().join("file.db");
        std::fs::write(&path, bytes).unwrap();
        assert!(matches!(refusal(&path), Refused::NotABackup(_)), "{name}");
    }
}

#[test]
fn versions_decide_who_may_read_a_file() {
    let cases = [
        ("PRAGMA user_version = 99", true),
        ("PRAGMA user_version = 5", true),
        ("PRAGMA user_version = 0", false),
        ("PRAGMA application_id = 7", false),
        ("PRAGMA user_version = 99; PRAGMA application_id = 1346652977", true),
        // Ours by its number, but with the tables of another.
        ("PRAGMA user_version = 1; PRAGMA application_id = 1346652977", false),
    ];
    assert_eq!(APPLICATION_ID, 1_346_652_977);
    for (sql, too_new) in cases {
        let folder = tempfile::tempdir().unwrap();
        let path = sample(folder.path());
        edit(&path, sql);
        assert_eq!(matches!(refusal(&path), Refused::TooNew { .. }), too_new, "{sql}");
    }
}

#[test]
fn an_unrelated_database_is_no_backup() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("unrelated.db");
    edit(&path, "CREATE TABLE cats (name); PRAGMA user_version = 2");
    assert!(matches!(refusal(&path), Refused::NotABackup(_)));
}

#[test]
fn a_file_that_would_keep_sqlite_busy_is_judged_at_once() {
    // Each of them takes SQLite seconds or gigabytes when it is asked.
    let greedy = "length(hex(zeroblob(400000000))) > 0";
    let crafted = [
        format!("CREATE INDEX i ON projects (id) WHERE {greedy}"),
        format!(
            "CREATE TABLE other (a CHECK ({greedy})); PRAGMA ignore_check_constraints = ON; INSERT INTO other VALUES (1)"
        ),
    ];
    for sql in crafted {
        let folder = tempfile::tempdir().unwrap();
        let path = sample(folder.path());
        let conn = Connection::open_with_flags(&path, OpenFlags::default()).unwrap();
        conn.set_limit(Limit::SQLITE_LIMIT_LENGTH, 1_000_000).unwrap();
        // The index cannot even be built with the limit on: an empty table has nothing to ask.
        conn.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM projects").unwrap();
        conn.execute_batch(&sql).unwrap();
        drop(conn);
        let begun = Instant::now();
        let _ = open(&path);
        assert!(begun.elapsed() < Duration::from_secs(1), "{sql}: {:?}", begun.elapsed());
    }
}

#[test]
fn a_schema_of_thousands_of_tables_is_refused_before_sqlite_reads_it() {
    let sql: String = (0..1500).map(|number| format!("CREATE TABLE t{number} (a);")).collect();
    let text = refusal_of_sample_after(&format!("BEGIN; {sql} COMMIT"));
    assert!(text.contains("larger than any of ours"), "{text}");
}

#[test]
fn a_row_that_refers_to_nothing_is_refused() {
    let text = refusal_of_sample_after(
        "PRAGMA foreign_keys = OFF; UPDATE agent_runs SET project_id = 'nowhere' WHERE id = 'run-full'",
    );
    assert!(text.contains("agent_runs"), "{text}");
}

#[test]
fn a_flipped_byte_is_refused_or_changes_nothing_that_we_read() {
    let folder = tempfile::tempdir().unwrap();
    let good = std::fs::read(SAMPLE).unwrap();
    let (_, staged) = stage_file(Path::new(SAMPLE), folder.path()).unwrap();
    let expected = content(&staged);
    let path = folder.path().join("flipped.db");
    let (mut refused, mut equal) = (0, 0);
    for place in 0..50 {
        let at = (place * good.len() / 50 + place * 131) % good.len();
        let mut bytes = good.clone();
        bytes[at] ^= 0xff;
        std::fs::write(&path, &bytes).unwrap();
        match stage_file(&path, folder.path()) {
            Err(Refused::NotABackup(_) | Refused::NotTrusted(_) | Refused::TooNew { .. }) => refused += 1,
            Err(other) => panic!("byte {at}: {other:?}"),
            Ok((_, staged)) if content(&staged) == expected => equal += 1,
            Ok(_) => panic!("byte {at} was taken for another value"),
        }
    }
    assert_eq!(refused + equal, 50, "{refused} refused, {equal} equal");
}

#[test]
fn names_that_mean_something_in_a_uri_open_the_file_they_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a?b#c%41.db");
    std::fs::copy(SAMPLE, &path).unwrap();
    open(&path).unwrap();
}
