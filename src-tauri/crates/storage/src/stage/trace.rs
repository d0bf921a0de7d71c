//! SECURITY.md R7: every statement that a staging runs is one of ours, on the file that is filled and on the one that is read.

#![expect(clippy::disallowed_methods, reason = "makes files as a stranger would")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::thread::LocalKey;

use rusqlite::OpenFlags;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use super::tests::{SAMPLE, edit, stage_file};
use super::*;

type Statements = BTreeSet<String>;

thread_local! {
    static OF_STAGING: RefCell<Statements> = RefCell::default();
    static OF_SOURCE: RefCell<Statements> = RefCell::default();
}

/// Notes what runs on the connection of the file that is filled, triggers included.
pub(crate) fn staging(conn: &Connection) {
    conn.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(|event| note(&OF_STAGING, &event)));
}

/// The same for the connection of the foreign file.
pub(crate) fn source(conn: &Connection) {
    conn.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(|event| note(&OF_SOURCE, &event)));
}

fn note(list: &'static LocalKey<RefCell<Statements>>, event: &TraceEvent<'_>) {
    if let TraceEvent::Stmt(_, text) = event {
        list.with_borrow_mut(|statements| statements.insert((*text).to_owned()));
    }
}

/// What ran while `file` was staged: on the staging file, on the source, and why it was not taken.
fn statements_of(file: &Path) -> (Statements, Statements, Option<Refused>) {
    OF_STAGING.take();
    OF_SOURCE.take();
    let folder = tempfile::tempdir().unwrap();
    let refused = stage_file(file, folder.path()).err();
    (OF_STAGING.take(), OF_SOURCE.take(), refused)
}

/// The sample, and the same as a file of ours.
fn clean_files(folder: &Path) -> [PathBuf; 2] {
    let legacy = folder.join("legacy.db");
    std::fs::copy(SAMPLE, &legacy).unwrap();
    let (_, ours) = stage_file(&legacy, folder).unwrap();
    let conn = Connection::open_with_flags(&ours, OpenFlags::default()).unwrap();
    // As it is marked by the tests' own wrapping, it would not be taken as a hash a second time.
    conn.execute("UPDATE users SET password_hash = ?1", ["a".repeat(64)]).unwrap();
    [legacy, ours]
}

/// SQL wherever a file can hold text: in names of tables, columns and indexes, in defaults, and in every column of every
/// record that is text.
fn fill_with_sql(file: &Path) {
    const NAME: &str = "canary'); DROP TABLE users; DELETE FROM projects; --";
    let sql = NAME.replace('\'', "''");
    edit(
        file,
        &format!(
            "PRAGMA foreign_keys = OFF;
             CREATE TABLE \"{NAME}\" (id PRIMARY KEY, \"{NAME}\" TEXT DEFAULT (hex('canary')) REFERENCES users (id));
             CREATE INDEX \"canary {NAME}\" ON \"{NAME}\" (\"{NAME}\");
             INSERT INTO \"{NAME}\" VALUES ('{sql}', NULL);
             CREATE TABLE notes (text); INSERT INTO notes VALUES ('DROP TABLE projects'); ANALYZE"
        ),
    );
    let conn = Connection::open_with_flags(file, OpenFlags::default()).unwrap();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    for record in [
        &legacy::PROJECTS,
        &legacy::RUNS,
        &legacy::EVENTS,
        &legacy::PROFILES,
        &legacy::CAPABILITIES,
        &legacy::USAGE,
    ] {
        let table = record.table;
        let columns: Vec<String> = conn
            .prepare(&format!("SELECT name FROM pragma_table_info('{table}') WHERE type = 'TEXT'"))
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        assert!(columns.len() > 3, "{table}: {columns:?}");
        for column in columns {
            let value = match column.as_str() {
                // The older server's runs refer to projects, whose ids change here.
                "project_id" => "NULL".to_owned(),
                "id" => format!("'{sql}' || rowid"),
                "payload_json" => format!("json_object('name', '{sql}', 'title', '{sql}', '{sql}', '{sql}')"),
                _ => format!("'{sql}'"),
            };
            conn.execute(&format!("UPDATE {table} SET {column} = {value}"), []).unwrap();
        }
    }
    conn.execute(&format!("UPDATE users SET username = '{sql}'"), []).unwrap();
    conn.execute(&format!("UPDATE meta SET value = '{sql}'"), []).unwrap();
}

/// Statements that differ from file to file: what SQLite makes of a table or an index, asked by its quoted name.
fn is_question_about_a_name(statement: &str) -> bool {
    let Some(rest) = statement.strip_prefix("PRAGMA main.") else { return false };
    let Some((pragma, name)) = rest.split_once("('") else { return false };
    let Some(name) = name.strip_suffix("')") else { return false };
    ["table_info", "table_xinfo", "index_list", "index_xinfo"].contains(&pragma)
        && !name.replace("''", "").contains('\'')
}

#[test]
fn r7_only_our_statements_run_whatever_a_file_holds() {
    let folder = tempfile::tempdir().unwrap();
    for file in clean_files(folder.path()) {
        let (staging, source, refused) = statements_of(&file);
        assert!(refused.is_none(), "{refused:?}");
        assert!(staging.len() > 20 && source.len() > 20, "{staging:#?}\n{source:#?}");
        assert!(staging.iter().any(|text| text.starts_with("INSERT INTO projects")), "{staging:#?}");
        assert!(source.iter().any(|text| text.contains("FROM main.projects")), "{source:#?}");

        fill_with_sql(&file);
        let (staging_of_sql, source_of_sql, refused) = statements_of(&file);
        assert!(refused.is_none(), "odd, but no reason to refuse it: {refused:?}");
        assert_eq!(staging_of_sql, staging);
        let more: Vec<_> = source_of_sql.difference(&source).collect();
        assert!(more.iter().any(|text| text.contains("canary")), "the trace sees the names: {more:#?}");
        for text in more {
            assert!(is_question_about_a_name(text), "{text}");
        }
    }
}

#[test]
fn r7_a_file_with_a_trigger_gets_no_statement_but_questions() {
    let folder = tempfile::tempdir().unwrap();
    for file in clean_files(folder.path()) {
        let (_, source, _) = statements_of(&file);
        edit(
            &file,
            "CREATE TABLE notes (text);
             CREATE TRIGGER canary AFTER INSERT ON notes BEGIN UPDATE users SET password_hash = 'canary'; END",
        );
        let (staging, source_of_trigger, refused) = statements_of(&file);
        assert!(matches!(refused, Some(Refused::NotTrusted(_))), "{refused:?}");
        assert_eq!(staging, Statements::new());
        assert!(!source_of_trigger.is_empty());
        for text in source_of_trigger.difference(&source) {
            assert!(is_question_about_a_name(text), "{text}");
        }
    }
}
