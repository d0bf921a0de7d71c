//! Hostile, damaged and merely foreign files.

#![expect(clippy::disallowed_methods, reason = "looks into the file beside the server")]

use std::path::{Path, PathBuf};

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
        ("CREATE TABLE other (a TEXT CHECK (length(a) < 9))", "CHECK of its own"),
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

/// Takes SQLite a gigabyte and seconds for each row that it asks it of.
const GREEDY: &str = "length(hex(zeroblob(400000000))) > 0";

/// Two samples with rows that the greedy expression was never asked of: an index over it, and a CHECK.
fn crafted(folder: &Path) -> [PathBuf; 2] {
    [
        format!(
            "CREATE INDEX i ON projects (payload_json);
             PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON projects ({GREEDY})' WHERE name = 'i'"
        ),
        format!(
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = rtrim(sql, ') ' || char(10)) || ', CHECK ({GREEDY}))' WHERE name = 'meta'"
        ),
    ]
    .map(|sql| {
        let path = tempfile::Builder::new().tempfile_in(folder).unwrap().into_temp_path().keep().unwrap();
        std::fs::copy(SAMPLE, &path).unwrap();
        let conn = Connection::open_with_flags(&path, OpenFlags::default()).unwrap();
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false).unwrap();
        conn.execute_batch(&sql).unwrap();
        path
    })
}

#[test]
fn r3_a_file_that_would_keep_sqlite_busy_is_refused_for_its_schema() {
    let folder = tempfile::tempdir().unwrap();
    for (path, word) in
        crafted(folder.path()).iter().zip(["over an expression (i)", "CHECK of its own (in meta)"])
    {
        let Refused::NotTrusted(text) = refusal(path) else { panic!("{word}") };
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn r3_the_connection_alone_asks_no_hostile_check_and_ends_a_hostile_index() {
    let folder = tempfile::tempdir().unwrap();
    let [index, check] = crafted(folder.path());
    for path in [&index, &check] {
        // Opened as anybody would, each of them is asked: the small limit only spares this test the gigabyte.
        let trusting = Connection::open_with_flags(path, OpenFlags::default()).unwrap();
        trusting.set_limit(Limit::SQLITE_LIMIT_LENGTH, 1_000_000).unwrap();
        let Err(Refused::NotTrusted(text)) = check_integrity(&trusting) else { panic!("the bait is dead") };
        assert!(text.contains("more than 16 MiB"), "{text}");
    }
    let deadline = deadline_for(0);
    let Err(Refused::NotTrusted(text)) = check_integrity(&open_untrusted(&index, deadline).unwrap()) else {
        panic!("the index was asked")
    };
    assert!(text.contains("more than 16 MiB"), "{text}");
    check_integrity(&open_untrusted(&check, deadline).unwrap()).unwrap();
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

/// A file of ours as it was at `version`, with an event.
fn ours(folder: &Path, version: i32) -> PathBuf {
    let path = folder.join(format!("ours-{version}.db"));
    let conn = crate::migrate::in_memory_at(version).unwrap();
    conn.execute("VACUUM INTO ?1", [path.to_str().unwrap()]).unwrap();
    let event =
        r#"{"id":"e1","ts":"2026-01-01T00:00:00.000000Z","type":"note","level":"info","title":"found"}"#;
    edit(
        &path,
        &format!(
            "INSERT INTO agent_events (id, ts, type, level, title, payload_json)
             VALUES ('e1', '2026-01-01T00:00:00.000000Z', 'note', 'info', 'found', '{event}')"
        ),
    );
    path
}

#[test]
fn r5_files_of_every_version_of_ours_are_let_in_with_their_full_text() {
    let folder = tempfile::tempdir().unwrap();
    for version in 1..=SCHEMA_VERSION {
        let path = ours(folder.path(), version);
        if version >= 2 {
            edit(&path, "INSERT INTO event_search (rowid, text) VALUES (1, 'found')");
        }
        let (report, staged) = stage_file(&path, folder.path()).unwrap();
        assert_eq!((report.rows["agent_events"], report.left_behind), (1, vec![]), "version {version}");
        let staged = crate::readers::open(&staged).unwrap();
        assert_eq!(crate::search::count_behind(&staged).unwrap(), 1, "the index is filled anew");
        let backup = folder.path().join(format!("backup-{version}.db"));
        crate::snapshot::backup(&path, &backup, &mut |_, _| {}).unwrap();
        open(&backup).unwrap();
    }
}

#[test]
fn r5_a_table_of_full_text_whose_text_another_sqlite_wrote_is_let_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = ours(folder.path(), SCHEMA_VERSION);
    let conn = Connection::open_with_flags(&path, OpenFlags::default()).unwrap();
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false).unwrap();
    conn.execute_batch(
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, 'block BLOB', 'block  BLOB') WHERE name = 'event_search_data'",
    )
    .unwrap();
    drop(conn);
    open(&path).unwrap();
}

#[test]
fn r5_full_text_that_is_not_ours_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (version, sql) in [
        (
            1,
            "CREATE VIRTUAL TABLE event_search USING fts5 (text, content = '', columnsize = 0, tokenize = 'ascii')",
        ),
        (SCHEMA_VERSION, "CREATE VIRTUAL TABLE other USING fts5 (text)"),
        (SCHEMA_VERSION, "CREATE VIRTUAL TABLE event_search_other USING fts5 (text)"),
        (SCHEMA_VERSION, "CREATE VIRTUAL TABLE words USING fts5vocab (event_search, row)"),
        (
            SCHEMA_VERSION,
            "DROP TABLE event_search; CREATE VIRTUAL TABLE event_search USING fts5 (text, content = 'users')",
        ),
        (SCHEMA_VERSION, "DROP TABLE event_search; CREATE TABLE event_search (text)"),
        (SCHEMA_VERSION, "DROP TABLE event_search"),
    ] {
        let path = ours(folder.path(), version);
        edit(&path, sql);
        assert!(matches!(refusal(&path), Refused::NotTrusted(_)), "{sql}");
        std::fs::remove_file(&path).unwrap();
    }
}
