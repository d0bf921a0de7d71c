//! Restores over the API: the file is hostile until its rows are copied, and nothing is lost on the way.

#![expect(clippy::disallowed_methods, reason = "looks into the file beside the server")]
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use http::Method;
use pilotdeck_testkit::{Answer, TestApp, a_project, json};
use serde_json::Value;

use crate::backup::scratch_files;
use crate::legacy::SAMPLE;

/// Restores from these bytes, sent as they are.
pub(crate) async fn restore(app: &TestApp, file: Vec<u8>) -> Answer {
    app.admin().send(Method::POST, "/api/admin/restore", Some("application/octet-stream"), file).await
}

fn sample() -> Vec<u8> {
    std::fs::read(SAMPLE).unwrap()
}

async fn backup(app: &TestApp) -> Vec<u8> {
    app.admin().get("/api/admin/backup").await.expect(200).bytes
}

fn kept_copies(app: &TestApp) -> BTreeSet<String> {
    std::fs::read_dir(app.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("pm.db.bak."))
        .collect()
}

fn form(field: &str, file_name: &str, file: &[u8]) -> (String, Vec<u8>) {
    let mut body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{file_name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    ("multipart/form-data; boundary=edge".to_owned(), body)
}

#[tokio::test]
async fn a_deleted_project_is_back_after_a_restore_and_the_file_before_is_named() {
    let app = TestApp::start().await;
    app.post("/api/projects", a_project("p")).await.expect(201);
    let file = backup(&app).await;
    app.delete("/api/projects/proj-p").await.expect(200);
    let (content_type, body) = form("file", "../../x.db", &file);
    let answer =
        app.admin().send(Method::POST, "/api/admin/restore", Some(&content_type), body).await.expect(200);
    assert_eq!(answer.data()["dbFile"], "pm.db");
    assert_eq!(answer.data()["previousDbBackup"], "pm.db.bak.20260211T143000Z");
    assert_eq!(answer.data()["report"]["kind"], "pilotdeck");
    assert_eq!(answer.data()["report"]["rows"]["projects"], 1);
    app.get("/api/projects/proj-p").await.expect(200);
    assert_eq!(kept_copies(&app).len(), 1);
    assert_eq!(scratch_files(&app), Vec::<String>::new());
    assert!(!app.folder().parent().unwrap().join("x.db").exists(), "the client's name means nothing");
}

#[tokio::test]
async fn a_dry_run_tells_and_replaces_nothing() {
    let app = TestApp::start().await;
    let before = app.get("/api/projects").await.text();
    let answer = app
        .admin()
        .send(Method::POST, "/api/admin/restore?dryRun=1", Some("application/octet-stream"), sample())
        .await
        .expect(200);
    assert_eq!(answer.data()["previousDbBackup"], Value::Null);
    assert_eq!(answer.data()["report"]["version"], 4);
    assert_eq!(answer.data()["report"]["newestEvent"], "2026-11-22T19:01:35.620855Z");
    assert_eq!(app.get("/api/projects").await.text(), before);
    assert!(kept_copies(&app).is_empty());
}

#[tokio::test]
async fn files_that_are_no_backups_of_ours_are_refused_and_nothing_changes() {
    let app = TestApp::start().await;
    app.post("/api/projects", a_project("p")).await.expect(201);
    let own = backup(&app).await;
    let patched = |at: usize, bytes: &[u8]| {
        let mut file = own.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    let cases: [(&str, Vec<u8>, &str); 7] = [
        ("noise", b"not a database at all".repeat(300), "not_a_backup"),
        ("gzip", [&[0x1f, 0x8b, 8, 0][..], &own].concat(), "not_a_backup"),
        ("cut off", own[..own.len() - 100].to_vec(), "not_a_backup"),
        ("another program's", patched(68, &[0, 0, 0, 7]), "not_a_backup"),
        ("newer", patched(60, &[0, 0, 0, 99]), "backup_too_new"),
        (
            "the newer of the older server",
            {
                let mut file = sample();
                file[63] = 5;
                file
            },
            "backup_too_new",
        ),
        ("a page overwritten", patched(own.len() - 4096, &[0x55; 4096]), "backup_refused"),
    ];
    for (name, file, code) in cases {
        let answer = restore(&app, file).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{name}: {answer}");
    }
    app.get("/api/projects/proj-p").await.expect(200);
    assert!(kept_copies(&app).is_empty());
    assert_eq!(scratch_files(&app), Vec::<String>::new());
}

#[tokio::test]
async fn a_request_without_a_file_says_so() {
    let app = TestApp::start().await;
    let (content_type, body) = form("other", "x.db", &sample());
    let admin = app.admin();
    let send = async |content_type: &str, body: Vec<u8>| {
        admin.send(Method::POST, "/api/admin/restore", Some(content_type), body).await
    };
    send(&content_type, body).await.expect_failure(400, "missing_field");
    send("application/octet-stream", Vec::new()).await.expect_failure(400, "missing_field");
    send("application/json", b"{}".to_vec()).await.expect_failure(415, "unsupported_media_type");
    app.post("/api/admin/restore", json!({})).await.expect_failure(401, "unauthorized");
}

#[tokio::test]
async fn a_file_over_the_limit_is_refused() {
    let app = TestApp::builder().settings(|settings| settings.restore_max = 100_000).build().await;
    restore(&app, sample()).await.expect_failure(413, "too_large");
    assert_eq!(scratch_files(&app), Vec::<String>::new());
}

#[tokio::test]
async fn a_second_restore_meanwhile_is_told_to_wait() {
    let app = TestApp::start().await;
    let first = app.app.backup.receive(None).await.unwrap();
    restore(&app, sample()).await.expect_failure(409, "busy_job");
    drop(first);
    restore(&app, sample()).await.expect(200);
}

#[tokio::test]
async fn stamps_go_on_growing_and_listeners_are_told_to_read_anew() {
    let app = TestApp::start().await;
    app.post("/api/projects", a_project("p")).await.expect(201);
    let file = backup(&app).await;
    app.clock.advance(3600);
    let last =
        app.patch("/api/projects/proj-p", json!({"progress": 5})).await.expect(200).data()["updatedAt"]
            .clone();
    app.clock.advance(-3600);
    let mut stream = app.stream("").await.ready().await;
    restore(&app, file).await.expect(200);
    let told = stream.next().await;
    assert_eq!(told.event, "reset", "{told:?}");
    let patched =
        app.patch("/api/projects/proj-p", json!({"progress": 6})).await.expect(200).data()["updatedAt"]
            .clone();
    assert!(patched.as_str() > last.as_str(), "{patched} after {last}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_told_to_read_anew_is_served_at_once() {
    let app = TestApp::start().await;
    app.post("/api/projects", a_project("p")).await.expect(201);
    let file = backup(&app).await;
    for _ in 0..5 {
        let mut stream = app.stream("").await.ready().await;
        let reader = async {
            assert_eq!(stream.next().await.event, "reset");
            app.get("/api/projects").await.expect(200);
        };
        let (restored, ()) = tokio::join!(restore(&app, file.clone()), reader);
        restored.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn restores_under_load_lose_nothing_that_was_acknowledged() {
    let app = TestApp::start().await;
    app.post("/api/projects", a_project("p")).await.expect(201);
    let file = backup(&app).await;
    let (stop, _) = tokio::sync::watch::channel(false);
    let mut callers = Vec::new();
    for caller in 0..24 {
        let (agent, mut stopped) = (app.agent(), stop.subscribe());
        callers.push(tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            for number in 0.. {
                if *stopped.borrow_and_update() {
                    break;
                }
                let answer = if caller % 4 == 0 {
                    agent.get("/api/agent/events?limit=20").await
                } else {
                    let id = format!("e-{caller}-{number}");
                    let answer =
                        agent.post("/api/agent/events", json!({"id": id, "projectId": "proj-p"})).await;
                    if answer.status == 201 {
                        acknowledged.push(id);
                    }
                    answer
                };
                match answer.status {
                    200 | 201 | 409 => {}
                    503 => assert!(!answer.header("retry-after").is_empty(), "{answer}"),
                    _ => panic!("{answer}"),
                }
            }
            acknowledged
        }));
    }
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        restore(&app, file.clone()).await.expect(200);
    }
    stop.send(true).unwrap();
    let mut acknowledged = BTreeSet::new();
    for caller in callers {
        acknowledged.extend(caller.await.unwrap());
    }
    assert!(acknowledged.len() > 20, "there was load: {}", acknowledged.len());
    let mut kept = ids_of_events(&app).await;
    for copy in kept_copies(&app) {
        let before = TestApp::builder().on_copy_of(app.folder().join(copy)).build().await;
        kept.extend(ids_of_events(&before).await);
    }
    let lost: Vec<_> = acknowledged.difference(&kept).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

async fn ids_of_events(app: &TestApp) -> BTreeSet<String> {
    let (mut ids, mut path) = (BTreeSet::new(), "/api/agent/events?limit=2000".to_owned());
    loop {
        let answer = app.get(&path).await.expect(200);
        ids.extend(
            answer.data().as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned()),
        );
        match answer.body["cursor"].as_str() {
            Some(cursor) if answer.body["hasMore"] == true => {
                path = format!("/api/agent/events?limit=2000&before={cursor}");
            }
            _ => return ids,
        }
    }
}

/// Runs the program on `folder` and kills it after `pause`, unless it is done by then.
fn run_and_kill(folder: &Path, args: &[&str], pause: Duration) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pilotdeck-server"))
        .args(args)
        .current_dir(folder)
        .env("PM_DB_FILE", folder.join("pm.db"))
        .env("PM_PORT", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(pause);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// How many projects the database has once it is started again; fails when it is damaged.
async fn projects_after_a_start(folder: &Path) -> u64 {
    let settings = pilotdeck_services::Settings::new(folder.join("pm.db"));
    let app = pilotdeck_services::App::open(settings).await.unwrap();
    let total = app.projects.list(Default::default()).await.unwrap().total;
    app.close().await;
    let db =
        rusqlite::Connection::open_with_flags(folder.join("pm.db"), rusqlite::OpenFlags::default()).unwrap();
    let finding: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(finding, "ok");
    total
}

#[tokio::test]
async fn a_restore_that_is_killed_leaves_the_old_data_or_the_new() {
    let template = TestApp::start().await;
    template.post("/api/projects", a_project("p")).await.expect(201);
    let db_file = template.db_file().to_owned();
    let stopped = template.stop().await;
    for step in 0..14 {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(&db_file, folder.path().join("pm.db")).unwrap();
        run_and_kill(folder.path(), &["restore", "--from", SAMPLE], Duration::from_millis(40 * step));
        let total = projects_after_a_start(folder.path()).await;
        assert!(total == 1 || total == 21, "killed at step {step}: {total} projects");
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(!name.starts_with(".pm_"), "{name} was left at step {step}");
            if name.starts_with("pm.db.bak.") {
                let copy = tempfile::tempdir().unwrap();
                std::fs::copy(folder.path().join(&name), copy.path().join("pm.db")).unwrap();
                assert_eq!(
                    projects_after_a_start(copy.path()).await,
                    1,
                    "a rollback file with its name is whole"
                );
            }
        }
    }
    drop(stopped);
}

#[tokio::test]
async fn an_import_that_is_killed_is_finished_by_the_next_start() {
    for step in 0..14 {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(SAMPLE, folder.path().join("pm.db")).unwrap();
        run_and_kill(folder.path(), &["serve"], Duration::from_millis(30 * step));
        assert_eq!(projects_after_a_start(folder.path()).await, 21, "killed at step {step}");
        let kept = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("pm.db.legacy."))
            .count();
        assert!(kept >= 1, "the old file is kept, killed at step {step}");
    }
}
