//! SECURITY.md G: files, and what never reaches a log.

use serde_json::{Value, json};

use crate::cli::{Home, Server};

/// A word that stands in every secret and field below, and must not stand in the log.
const CANARY: &str = "canary-4711-canary-4711";

#[cfg(unix)]
#[test]
fn g1_the_folder_and_every_file_in_it_are_ours_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let home = Home::new();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let mut command = home.command(&["serve"]);
    command.env("PM_ADMIN_TOKEN", CANARY);
    let server = Server::start(command);
    assert_eq!(server.send("POST", "/api/agent/events", &json!({ "title": "one" })).0, 201);
    // A restore leaves the most kinds of files: the rollback copy, and for a moment the upload and the staging file.
    let backup = home.path("copy.db");
    let made = home.command(&["backup", "--out", "copy.db"]).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    assert_eq!(mode(&backup), 0o600);
    assert_eq!(server.terminate(), Some(0));
    let restored = home.command(&["restore", "--from", "copy.db"]).output().unwrap();
    assert!(restored.status.success(), "{restored:?}");

    assert_eq!(mode(&home.path("data")), 0o700);
    let files = home.data_files();
    assert!(files.iter().any(|name| name.starts_with("pm.db.bak.")), "{files:?}");
    for name in files {
        assert_eq!(mode(&home.path("data").join(&name)), 0o600, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn g1_a_data_folder_that_is_a_link_is_refused() {
    let home = Home::new();
    std::fs::create_dir(home.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(home.path("elsewhere"), home.path("data")).unwrap();
    let refused = home.command(&["serve"]).output().unwrap();
    assert!(!refused.status.success());
    assert!(!home.path("elsewhere/pm.db").exists(), "{refused:?}");
}

#[test]
fn g2_there_is_one_sqlite_and_it_is_new_enough() {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap();
    assert_eq!(lock.matches("name = \"libsqlite3-sys\"").count(), 1);
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}

/// A system call that opens a file, with the functions that led to it, the innermost first.
#[cfg(target_os = "linux")]
#[derive(Debug)]
struct Opened {
    file: String,
    frames: Vec<String>,
}

#[cfg(target_os = "linux")]
impl Opened {
    /// By SQLite's own file functions, and not by some Rust that SQLite called.
    fn is_by_sqlite(&self) -> bool {
        let until_rust = self.frames.iter().take_while(|frame| !frame.contains("::"));
        until_rust.into_iter().any(|frame| frame.starts_with("unix") || frame.starts_with("sqlite3"))
    }
}

/// `command` as a program that `strace` runs and watches: each thread's calls in a file `folder/trace.<thread>`.
#[cfg(target_os = "linux")]
fn traced(command: &std::process::Command, folder: &std::path::Path) -> std::process::Command {
    std::fs::create_dir(folder).unwrap();
    let mut strace = std::process::Command::new("strace");
    strace.args(["-ff", "-k", "-s", "4096", "-e", "trace=open,openat,openat2,creat", "-o"]);
    strace.arg(folder.join("trace")).arg(command.get_program()).args(command.get_args());
    strace.current_dir(command.get_current_dir().unwrap()).stdin(std::process::Stdio::null());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => strace.env(name, value),
            None => strace.env_remove(name),
        };
    }
    strace
}

/// What the files of [`traced`] tell.
#[cfg(target_os = "linux")]
fn opened_in(folder: &std::path::Path) -> Vec<Opened> {
    let mut opened: Vec<Opened> = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let trace = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(trace.trim_end().ends_with("+++"), "a thread's trace has no end: {trace}");
        for line in trace.lines() {
            // ` > /path/of/program(function+0x1f) [0x20b1d]`
            if let Some(frame) = line.strip_prefix(" > ") {
                let function = frame.split_once('(').map_or("", |(_, rest)| rest);
                let function = function.rsplit_once("+0x").map_or(function, |(name, _)| name);
                opened.last_mut().unwrap().frames.push(function.to_owned());
            } else if let Some(path) = line.split('"').nth(1) {
                let file = path.rsplit('/').next().unwrap().to_owned();
                opened.push(Opened { file, frames: Vec::new() });
            }
        }
    }
    opened
}

/// Why this machine cannot trace, if it cannot.
#[cfg(target_os = "linux")]
fn find_hindrance(home: &Home) -> Option<String> {
    let folder = home.path("trial");
    let tried = traced(&home.command(&["--version"]), &folder).output();
    match tried {
        Err(error) => Some(format!("strace cannot be run ({error})")),
        Ok(output) if !output.status.success() => {
            let said = String::from_utf8_lossy(&output.stderr);
            Some(format!(
                "strace may not trace, or knows no -k ({})",
                said.lines().next().unwrap_or_default()
            ))
        }
        Ok(_) => None,
    }
}

#[cfg(target_os = "linux")]
#[test]
fn g2_nothing_but_sqlite_opens_the_database_and_its_wal() {
    let home = Home::new();
    if let Some(hindrance) = find_hindrance(&home) {
        eprintln!("g2: left out, {hindrance}");
        return;
    }
    let admin = format!("Content-Type: application/octet-stream\r\nX-PM-Token: {CANARY}\r\n");

    // The server, from its first start to its end, with all that it does to files in between.
    let mut command = home.command(&["serve"]);
    command.env("PM_ADMIN_TOKEN", CANARY);
    let server = Server::start(traced(&command, &home.path("of-server")));
    let children = format!("/proc/{0}/task/{0}/children", server.process());
    let process = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
    assert_eq!(server.send("POST", "/api/projects", &json!({ "id": "p", "name": "Apollo" })).0, 201);
    assert_eq!(server.send("POST", "/api/agent/events", &json!({ "projectId": "p" })).0, 201);
    let (status, backup) = server.exchange("GET /api/admin/backup", &admin, b"");
    assert_eq!(status, 200);
    assert_eq!(server.send("DELETE", "/api/projects/p", &Value::Null).0, 200);
    let (status, answer) = server.exchange("POST /api/admin/restore", &admin, &backup);
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
    assert_eq!(server.send("GET", "/api/projects/p", &Value::Null).0, 200);
    assert_eq!(server.send("POST", "/api/agent/usage", &json!({ "promptTokens": 1 })).0, 200);
    assert_eq!(server.terminate_by(process), Some(0));

    // The command line, and a start on a file of the older server.
    std::fs::write(home.path("copy.db"), backup).unwrap();
    let run = |command: std::process::Command, folder: &str| {
        let output = traced(&command, &home.path(folder)).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    run(home.command(&["restore", "--from", "copy.db"]), "of-restore");
    run(home.command(&["backup", "--out", "again.db"]), "of-backup");
    std::fs::create_dir(home.path("older")).unwrap();
    std::fs::copy(crate::legacy::SAMPLE, home.path("older/pm.db")).unwrap();
    let mut command = home.command(&["reset-password"]);
    command.env("PM_DB_FILE", home.path("older/pm.db"));
    run(command, "of-import");

    for folder in ["of-server", "of-restore", "of-backup", "of-import"] {
        let opened = opened_in(&home.path(folder));
        let of_database = |file: &str| matches!(file, "pm.db" | "pm.db-wal" | "pm.db-shm" | "pm.db-journal");
        let (database, others): (Vec<_>, Vec<_>) =
            opened.iter().partition(|opened| of_database(&opened.file));
        for file in ["pm.db", "pm.db-wal", "pm.db-shm"] {
            assert!(database.iter().any(|opened| opened.file == file), "{folder} never opened {file}");
        }
        // The trace can tell: other files are opened by Rust.
        let is_by_rust = |frame: &String| frame.contains("std::fs::");
        let of_rust = others.iter().find(|opened| opened.frames.iter().any(is_by_rust)).unwrap();
        assert!(!of_rust.is_by_sqlite(), "{folder}: {of_rust:#?}");
        for opened in database {
            assert!(opened.is_by_sqlite(), "{folder}: {opened:#?}");
        }
    }
}

#[test]
fn g3_secrets_bodies_and_queries_are_in_no_log_however_detailed() {
    let home = Home::new();
    let log = std::fs::File::create(home.path("log")).unwrap();
    let mut command = home.command(&["serve"]);
    command.env("PM_DEBUG", "1").env("PM_ADMIN_TOKEN", CANARY).env("PM_SECRET_KEY", CANARY);
    command.stderr(log);
    let server = Server::start(command);
    let told = |status: u16, method: &str, path: &str, body: &Value| {
        assert_eq!(server.send(method, path, body).0, status, "{method} {path}");
    };
    let everywhere = json!({
        "id": CANARY, "name": CANARY, "title": CANARY, "message": CANARY, "agentId": CANARY, "notes": CANARY,
        "data": { CANARY: CANARY }, "promptTokens": 1,
    });
    told(201, "POST", "/api/projects", &everywhere);
    told(201, "POST", "/api/agent/runs", &everywhere);
    told(201, "POST", "/api/agent/events", &everywhere);
    told(200, "POST", "/api/agent/usage", &everywhere);
    told(400, "POST", "/api/agent/actions", &everywhere);
    told(401, "POST", "/api/auth/login", &json!({ "username": CANARY, "password": CANARY }));
    told(200, "GET", &format!("/api/projects?q={CANARY}"), &Value::Null);
    told(400, "GET", &format!("/api/agent/events?since={CANARY}"), &Value::Null);
    told(404, "GET", &format!("/api/projects/{CANARY}-unknown"), &Value::Null);
    drop(server);
    let log = std::fs::read_to_string(home.path("log")).unwrap();
    assert!(!log.is_empty(), "with PM_DEBUG there is something to read");
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("canary")).collect();
    assert!(lines.is_empty(), "{lines:#?}");
}
