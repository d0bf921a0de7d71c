//! SECURITY.md R: a backup is hostile until its rows are copied. What a file may cost us is measured on the real program.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use serde_json::{Value, json};

use crate::cli::{Home, Server};
use crate::legacy::SAMPLE;

const ADMIN: &str = "Content-Type: application/octet-stream\r\nX-PM-Token: the-admin-token-of-this-test\r\n";
/// Takes SQLite a gigabyte and a second for each row that it asks it of.
const GREEDY: &str = "length(hex(zeroblob(400000000))) > 0";

/// The sample with a text of its schema replaced behind SQLite's back: its rows were never asked of the new one.
fn crafted(path: &Path, sql: &str) -> Vec<u8> {
    std::fs::copy(SAMPLE, path).unwrap();
    let conn = Connection::open_with_flags(path, OpenFlags::default()).unwrap();
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false).unwrap();
    conn.execute_batch(&format!("PRAGMA writable_schema = ON; {sql}")).unwrap();
    drop(conn);

    // Opened as anybody would, the greedy expression is asked: the small limit only spares this test the gigabyte.
    let trusting = Connection::open_with_flags(path, OpenFlags::default()).unwrap();
    trusting.set_limit(Limit::SQLITE_LIMIT_LENGTH, 1_000_000).unwrap();
    let asked = trusting.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap_err();
    assert_eq!(asked.sqlite_error_code(), Some(ErrorCode::TooBig), "the bait is alive");
    drop(trusting);
    std::fs::read(path).unwrap()
}

fn hostile_files(home: &Home) -> [(&'static str, Vec<u8>); 2] {
    let index = format!(
        "CREATE INDEX i ON projects (payload_json);
         UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON projects ({GREEDY})' WHERE name = 'i'"
    );
    let check = format!(
        "UPDATE sqlite_schema SET sql = rtrim(sql, ') ' || char(10)) || ', CHECK ({GREEDY}))' WHERE name = 'meta'"
    );
    [("index.db", index), ("check.db", check)].map(|(name, sql)| (name, crafted(&home.path(name), &sql)))
}

/// A figure in kilobytes of what Linux tells about a process.
#[cfg(target_os = "linux")]
fn kilobytes(process: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn r3_a_hostile_check_and_a_hostile_index_are_refused_at_once_and_for_little_memory() {
    let home = Home::new();
    for (name, file) in hostile_files(&home) {
        // A server of its own for each: what one took at most is never hidden behind another.
        let folder = Home::new();
        let mut command = folder.command(&["serve"]);
        command.env("PM_ADMIN_TOKEN", "the-admin-token-of-this-test");
        let server = Server::start(command);
        assert_eq!(server.send("POST", "/api/projects", &json!({ "id": "p", "name": "Kept" })).0, 201);
        let before = kilobytes(server.process(), "VmRSS:");

        let begun = Instant::now();
        let (status, answer) = server.exchange("POST /api/admin/restore", ADMIN, &file);
        let took = begun.elapsed();
        let more = kilobytes(server.process(), "VmHWM:").saturating_sub(before);

        let answer: Value = serde_json::from_slice(&answer).unwrap();
        println!("{name}, {} bytes: {answer} after {took:?}, {more} kB more at most", file.len());
        assert_eq!((status, &answer["code"]), (400, &json!("backup_refused")), "{name}: {answer}");
        assert!(took < Duration::from_secs(10), "{name}: {took:?}");
        assert!(more < 64 * 1024, "{name}: {more} kB");
        assert_eq!(server.send("GET", "/api/projects/p", &Value::Null).1["data"]["name"], "Kept");
        assert!(!folder.data_files().iter().any(|file| file.starts_with(".pm_") || file.contains(".bak.")));
    }
}

#[test]
fn r3_the_command_line_refuses_hostile_files_with_65() {
    let home = Home::new();
    for (name, _) in hostile_files(&home) {
        let begun = Instant::now();
        let refused = home.command(&["inspect", name]).output().unwrap();
        assert_eq!(refused.status.code(), Some(65), "{refused:?}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{name}: {:?}", begun.elapsed());
    }
}
