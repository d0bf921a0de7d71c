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
