//! The admin calls about backups that are kept, about a restore while it runs, and about the database itself.

#![expect(clippy::disallowed_methods, reason = "plays another program beside the server")]
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use http::Method;
use pilotdeck_testkit::{Answer, TestApp, a_project, json};
use serde_json::Value;

use crate::backup::scratch_files;
use crate::legacy::SAMPLE;
use crate::restore::restore;

const OCTETS: &str = "application/octet-stream";
/// The rollback copy of the first restore of a test.
const ROLLBACK: &str = "pm.db.bak.20260211T143000Z";

async fn call(app: &TestApp, path: &str) -> Answer {
    app.admin().call("POST", path).await
}

async fn backup(app: &TestApp) -> Vec<u8> {
    app.admin().get("/api/admin/backup").await.expect(200).bytes
}

/// An app with the project "new", and the rollback copy of a restore in which there is "old".
async fn restored_once() -> TestApp {
    let app = TestApp::start().await;
    app.post("/api/projects", a_project("new")).await.expect(201);
    let file = backup(&app).await;
    app.delete("/api/projects/proj-new").await.expect(200);
    app.post("/api/projects", a_project("old")).await.expect(201);
    restore(&app, file).await.expect(200);
    app
}

async fn names(app: &TestApp) -> Vec<String> {
    let list = app.admin().get("/api/admin/backups").await.expect(200).data();
    list.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
}

fn write_beside(app: &TestApp, name: &str, content: &[u8]) -> PathBuf {
    let path = app.folder().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    path
}

#[tokio::test]
async fn kept_backups_are_listed_newest_first_with_why_and_when_they_were_made() {
    let app = restored_once().await;
    write_beside(&app, "pm.db.v1.20260211142900123456", b"one");
    write_beside(&app, "pm.db.legacy.20250101T000000Z", b"three");
    write_beside(&app, "backups/pm_backup_20260212T030000Z.db", b"seven");
    for other in
        ["pm.db.corrupt.20260211T143000Z", "pm.db.notes", "backups/pm_backup_20260212T030000Z.db.sha256"]
    {
        write_beside(&app, other, b"x");
    }
    std::fs::create_dir(app.folder().join("pm.db.bak.20260101T000000Z")).unwrap();
    let list = app.admin().get("/api/admin/backups").await.expect(200).data();
    let size = std::fs::metadata(app.folder().join(ROLLBACK)).unwrap().len();
    assert_eq!(
        list,
        json!([
            { "name": "pm_backup_20260212T030000Z.db", "kind": "scheduled", "size": 5, "createdAt": "2026-02-12T03:00:00.000000Z" },
            { "name": ROLLBACK, "kind": "rollback", "size": size, "createdAt": "2026-02-11T14:30:00.000000Z" },
            { "name": "pm.db.v1.20260211142900123456", "kind": "migration", "size": 3, "createdAt": "2026-02-11T14:29:00.123456Z" },
            { "name": "pm.db.legacy.20250101T000000Z", "kind": "import", "size": 5, "createdAt": "2025-01-01T00:00:00.000000Z" },
        ])
    );
}

#[tokio::test]
async fn a_kept_backup_is_downloaded_as_it_lies_there() {
    let app = restored_once().await;
    let answer = app.admin().get(&format!("/api/admin/backups/{ROLLBACK}")).await.expect(200);
    assert_eq!(answer.header("content-type"), OCTETS);
    assert_eq!(answer.header("content-disposition"), format!("attachment; filename={ROLLBACK}"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-length"), answer.bytes.len().to_string());
    assert_eq!(answer.bytes, std::fs::read(app.folder().join(ROLLBACK)).unwrap());
    assert_eq!(names(&app).await, [ROLLBACK], "it stays");
}

#[tokio::test]
async fn a_kept_backup_is_restored_like_an_upload_and_stays_as_it_is() {
    let app = restored_once().await;
    let kept = app.folder().join(ROLLBACK);
    let before = (std::fs::read(&kept).unwrap(), std::fs::metadata(&kept).unwrap().modified().unwrap());
    let report = call(&app, &format!("/api/admin/backups/{ROLLBACK}/inspect")).await.expect(200).data();
    assert_eq!((&report["kind"], &report["rows"]["projects"]), (&json!("pilotdeck"), &json!(1)));
    app.get("/api/projects/proj-new").await.expect(200);
    let person = app.sign_in().await;
    let answer = call(&app, &format!("/api/admin/backups/{ROLLBACK}/restore")).await.expect(200).data();
    assert_eq!(answer["dbFile"], "pm.db");
    assert_eq!(answer["previousDbBackup"], format!("{ROLLBACK}-2"), "what was there has a copy of its own");
    assert_eq!(answer["report"], report);
    app.get("/api/projects/proj-old").await.expect(200);
    app.get("/api/projects/proj-new").await.expect_failure(404, "project_not_found");
    person.get("/api/auth/me").await.expect_failure(401, "not_signed_in");
    assert_eq!(
        (std::fs::read(&kept).unwrap(), std::fs::metadata(&kept).unwrap().modified().unwrap()),
        before
    );
    assert_eq!(names(&app).await, [format!("{ROLLBACK}-2"), ROLLBACK.to_owned()]);
    assert_eq!(scratch_files(&app), Vec::<String>::new());
    call(&app, &format!("/api/admin/backups/{ROLLBACK}-2/restore")).await.expect(200);
    app.get("/api/projects/proj-new").await.expect(200);
}

#[tokio::test]
async fn the_older_servers_file_is_kept_at_its_import_and_can_be_looked_into() {
    let app = TestApp::builder().on_copy_of(SAMPLE).build().await;
    let name = names(&app).await.pop().unwrap();
    assert!(name.starts_with("pm.db.legacy."), "{name}");
    let report = call(&app, &format!("/api/admin/backups/{name}/inspect")).await.expect(200).data();
    assert_eq!((&report["kind"], &report["rows"]["projects"]), (&json!("legacy"), &json!(21)));
}

#[tokio::test]
async fn p2_a_name_that_is_not_in_the_list_is_nothing() {
    let app = restored_once().await;
    write_beside(&app, "backups/pm.db.bak.20260101T000000Z", b"x");
    for name in [
        "..%2f..%2fpm.db",
        "..%2fpm.db",
        "%2e%2e",
        "pm.db",
        "pm.db-wal",
        "pm.db.key",
        "pm.db.lock",
        "C:%5C",
        "C:\\",
        "a:b",
        "CON",
        "x",
        "%ff",
        "pm.db.bak.20260211T143000Z%00",
        "pm.db.bak.20260211T143000Z%2f",
        ".%2fpm.db.bak.20260211T143000Z",
        "PM.DB.BAK.20260211T143000Z",
        "backups%2fpm.db.bak.20260101T000000Z",
        "pm.db.bak.20260101T000000Z",
    ] {
        let path = format!("/api/admin/backups/{name}");
        app.admin().get(&path).await.expect_failure(404, "not_found");
        call(&app, &format!("{path}/inspect")).await.expect_failure(404, "not_found");
        call(&app, &format!("{path}/restore")).await.expect_failure(404, "not_found");
    }
    app.admin().get("/api/admin/backups/../../pm.db").await.expect_failure(404, "not_found");
}

#[cfg(unix)]
#[tokio::test]
async fn p2_no_link_is_followed_and_the_live_file_is_not_opened_under_another_name() {
    use std::os::unix::fs::symlink;
    let app = TestApp::start().await;
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("pm_backup_20260101T000000Z.db"), "secret").unwrap();
    symlink(
        outside.path().join("pm_backup_20260101T000000Z.db"),
        app.folder().join("pm.db.bak.20260101T000000Z"),
    )
    .unwrap();
    symlink(outside.path(), app.folder().join("backups")).unwrap();
    for (live, name) in [("pm.db", "pm.db.bak.20260101T000001Z"), ("pm.db-wal", "pm.db.bak.20260101T000002Z")]
    {
        std::fs::hard_link(app.folder().join(live), app.folder().join(name)).unwrap();
    }
    let pipe = app.folder().join("pm.db.bak.20260101T000003Z");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(names(&app).await, Vec::<String>::new());
    for second in 0..4 {
        let path = format!("/api/admin/backups/pm.db.bak.20260101T00000{second}Z");
        app.admin().get(&path).await.expect_failure(404, "not_found");
        call(&app, &format!("{path}/restore")).await.expect_failure(404, "not_found");
    }
}

#[tokio::test]
async fn r_a_kept_file_is_as_hostile_as_an_upload() {
    let app = restored_once().await;
    let own = backup(&app).await;
    let evil = write_beside(&app, "pm.db.bak.20260101T000001Z", &own);
    let db = rusqlite::Connection::open(&evil).unwrap();
    db.execute_batch("CREATE TRIGGER t AFTER INSERT ON agent_events BEGIN DELETE FROM projects; END")
        .unwrap();
    drop(db);
    write_beside(&app, "pm.db.bak.20260101T000002Z", &own[..own.len() - 1]);
    write_beside(&app, "pm.db.bak.20260101T000003Z", b"");
    let wal = write_beside(&app, "pm.db.bak.20260101T000004Z", &own);
    std::fs::write(wal.with_file_name("pm.db.bak.20260101T000004Z-wal"), "rows").unwrap();
    for (second, code) in
        [(1, "backup_refused"), (2, "not_a_backup"), (3, "not_a_backup"), (4, "backup_refused")]
    {
        let path = format!("/api/admin/backups/pm.db.bak.20260101T00000{second}Z");
        call(&app, &format!("{path}/inspect")).await.expect_failure(400, code);
        call(&app, &format!("{path}/restore")).await.expect_failure(400, code);
    }
    app.get("/api/projects/proj-new").await.expect(200);
    assert_eq!(names(&app).await.len(), 5, "nothing was restored, nothing went away");
    assert_eq!(scratch_files(&app), Vec::<String>::new());
}

#[tokio::test]
async fn a_kept_file_over_the_limit_of_uploads_is_still_the_way_back() {
    let app =
        restored_once().await.stop().await.settings(|settings| settings.restore_max = 1000).build().await;
    restore(&app, std::fs::read(SAMPLE).unwrap()).await.expect_failure(413, "too_large");
    call(&app, &format!("/api/admin/backups/{ROLLBACK}/restore")).await.expect(200);
}

#[tokio::test]
async fn inspecting_an_upload_tells_what_is_in_it_and_replaces_nothing() {
    let app = TestApp::start().await;
    let before = app.get("/api/projects").await.text();
    let inspect = async |file: Vec<u8>| {
        app.admin().send(Method::POST, "/api/admin/restore/inspect", Some(OCTETS), file).await
    };
    let report = inspect(std::fs::read(SAMPLE).unwrap()).await.expect(200).data();
    assert_eq!(
        (&report["kind"], &report["version"], &report["rows"]["projects"]),
        (&json!("legacy"), &json!(4), &json!(21))
    );
    inspect(Vec::new()).await.expect_failure(400, "missing_field");
    inspect(b"noise".repeat(1000)).await.expect_failure(400, "not_a_backup");
    assert_eq!(app.get("/api/projects").await.text(), before);
    assert_eq!(names(&app).await, Vec::<String>::new());
    assert_eq!(scratch_files(&app), Vec::<String>::new());
}

#[tokio::test]
async fn r1_a_kept_backup_waits_for_its_turn_like_an_upload() {
    let app = restored_once().await;
    let first = app.app.backup.receive(None).await.unwrap();
    call(&app, &format!("/api/admin/backups/{ROLLBACK}/restore")).await.expect_failure(409, "busy_job");
    call(&app, &format!("/api/admin/backups/{ROLLBACK}/inspect")).await.expect_failure(409, "busy_job");
    drop(first);
    call(&app, &format!("/api/admin/backups/{ROLLBACK}/restore")).await.expect(200);
}

async fn progress(app: &TestApp) -> (String, u64, u64) {
    let data = app.admin().get("/api/admin/restore").await.expect(200).data();
    let number = |name: &str| data[name].as_u64().unwrap();
    (data["phase"].as_str().unwrap().to_owned(), number("done"), number("total"))
}

/// A backup with so many rows that a restore of it takes a while.
async fn large_backup(app: &TestApp) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.db");
    app.post("/api/agent/events", json!({ "id": "e", "message": "x".repeat(300) })).await.expect(201);
    std::fs::write(&file, backup(app).await).unwrap();
    let db = rusqlite::Connection::open(&file).unwrap();
    db.execute_batch(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
         INSERT INTO agent_events (id, ts, type, level, payload_json)
         SELECT 'e' || i, ts, type, level, json_set(payload_json, '$.id', 'e' || i) FROM agent_events, n WHERE id = 'e'",
    )
    .unwrap();
    drop(db);
    std::fs::read(&file).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_progress_of_a_restore_is_told_while_it_runs() {
    let app = TestApp::start().await;
    let file = large_backup(&app).await;
    let size = file.len() as u64;
    assert_eq!(progress(&app).await, ("idle".to_owned(), 0, 0));

    // While the bytes come in.
    let mut upload = app.app.backup.receive(Some(size)).await.unwrap();
    upload.write(&file[..1000]).await.unwrap();
    assert_eq!(progress(&app).await, ("receiving".to_owned(), 1000, size));
    drop(upload);
    assert_eq!(progress(&app).await.0, "idle", "who hangs up leaves nothing behind");

    let agent = app.admin();
    let restoring = tokio::spawn(async move {
        agent.send(Method::POST, "/api/admin/restore", Some(OCTETS), file).await.expect(200);
    });
    let (mut phases, mut staged) = (BTreeSet::new(), Vec::new());
    while !restoring.is_finished() {
        let (phase, done, total) = progress(&app).await;
        assert!(done <= total, "{phase} {done} of {total}");
        if phase == "staging" {
            staged.push((done, total));
        }
        phases.insert(phase);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    restoring.await.unwrap();
    assert!(staged.is_sorted() && staged.len() > 3, "{staged:?}");
    assert!(staged.iter().any(|(done, total)| 0 < *done && done < total && *total > 20_000), "{staged:?}");
    assert!(
        phases.contains("saving") || phases.contains("copying") || phases.contains("finishing"),
        "{phases:?}"
    );
    assert_eq!(progress(&app).await, ("idle".to_owned(), 0, 0));
}

#[tokio::test]
async fn a_restore_that_fails_is_no_longer_under_way() {
    let app = TestApp::start().await;
    restore(&app, b"noise".repeat(1000)).await.expect_failure(400, "not_a_backup");
    assert_eq!(progress(&app).await, ("idle".to_owned(), 0, 0));
}

async fn integrity(app: &TestApp) -> Value {
    call(app, "/api/admin/integrity").await.expect(200).data()
}

#[tokio::test]
async fn a_whole_database_passes_its_check() {
    let app = TestApp::builder().on_copy_of(SAMPLE).build().await;
    app.post("/api/agent/events", json!({ "projectId": "p", "level": "error" })).await.expect(201);
    app.post("/api/agent/usage", json!({ "totalTokens": 5, "cost": 0.1, "model": "m" })).await.expect(200);
    let report = integrity(&app).await;
    assert!(report["seconds"].as_f64().unwrap() < 60.0);
    assert_eq!(report["checkedAt"], "2026-02-11T14:30:00.000000Z");
    assert_eq!(
        (&report["ok"], &report["problems"], &report["rollupsOk"]),
        (&json!(true), &json!([]), &json!(true)),
        "{report}"
    );
}

#[tokio::test]
async fn a_sum_that_another_program_changed_is_found() {
    let app = TestApp::start().await;
    app.post("/api/agent/events", json!({ "id": "e", "projectId": "p", "level": "error" })).await.expect(201);
    app.post("/api/agent/usage", json!({ "totalTokens": 5, "model": "m" })).await.expect(200);
    let other = rusqlite::Connection::open(app.db_file()).unwrap();
    other.execute("UPDATE usage_hourly SET totalTokens = 6", []).unwrap();
    other.execute("DELETE FROM events_hourly", []).unwrap();
    let report = integrity(&app).await;
    assert_eq!((&report["ok"], &report["rollupsOk"]), (&json!(false), &json!(false)));
    let problems = report["problems"].to_string();
    assert!(problems.contains("events_hourly lacks 1 events") && problems.contains("6 tokens"), "{problems}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_check_runs_at_a_time() {
    let app = TestApp::start().await;
    let checks: Vec<_> = (0..12)
        .map(|_| {
            let admin = app.admin();
            tokio::spawn(async move { admin.call("POST", "/api/admin/integrity").await })
        })
        .collect();
    let mut done = 0;
    for check in checks {
        let answer = check.await.unwrap();
        match answer.status {
            200 => done += 1,
            _ => assert_eq!((answer.status, answer.code()), (409, "busy_job"), "{answer}"),
        }
    }
    assert!(done > 0);
    assert_eq!(integrity(&app).await["ok"], true, "the turn is given back");
}

#[tokio::test]
async fn the_figures_of_the_database_are_told() {
    let app = TestApp::start().await;
    app.post("/api/projects", a_project("p")).await.expect(201);
    for _ in 0..3 {
        app.post("/api/agent/events", json!({ "title": "t" })).await.expect(201);
    }
    app.clock.advance(3600);
    let figures = app.admin().get("/api/admin/database").await.expect(200).data();
    assert_eq!(
        figures["rows"],
        json!({ "projects": 1, "runs": 0, "events": 3, "usage": 0, "profiles": 0, "capabilities": 0, "users": 1 })
    );
    assert_eq!((&figures["file"], &figures["synchronous"]), (&json!("pm.db"), &json!("normal")));
    assert_eq!(figures["openedAt"], "2026-02-11T14:30:00.000000Z");
    assert_eq!(figures["sqliteVersion"], rusqlite::version());
    let number = |name: &str| figures[name].as_u64().unwrap_or_else(|| panic!("{name} in {figures}"));
    assert_eq!(number("pageSize"), 4096);
    assert!(number("schemaVersion") >= 1 && number("walBytes") > 0 && number("freeBytes") < number("bytes"));
    let meta = app.anonymous().get("/api/meta").await.expect(200).data();
    assert_eq!(meta["databaseBytes"], figures["bytes"]);
}

#[tokio::test]
async fn g4_strangers_do_not_learn_how_large_the_database_is() {
    let app = TestApp::start().await;
    let stranger = app.anonymous().with("x-forwarded-for", "203.0.113.9");
    let meta = stranger.get("/api/meta").await.expect(200).data();
    assert!(meta.get("databaseBytes").is_none(), "{meta}");
    let known = app.agent().with("x-forwarded-for", "203.0.113.9");
    let meta = known.get("/api/meta").await.expect(200).data();
    assert!(meta["databaseBytes"].as_u64().unwrap() > 0, "{meta}");
}

#[tokio::test]
async fn only_the_admin_token_opens_the_calls_about_backups_and_the_database() {
    let app = restored_once().await;
    let kept = format!("/api/admin/backups/{ROLLBACK}");
    for (method, path) in [
        ("GET", "/api/admin/backups"),
        ("GET", &kept),
        ("POST", &format!("{kept}/inspect")),
        ("POST", &format!("{kept}/restore")),
        ("GET", "/api/admin/restore"),
        ("POST", "/api/admin/restore/inspect"),
        ("POST", "/api/admin/integrity"),
        ("GET", "/api/admin/database"),
    ] {
        for caller in [app.anonymous(), app.agent(), app.sign_in().await] {
            caller.call(method, path).await.expect_failure(401, "unauthorized");
        }
        let elsewhere = app.admin().with("x-forwarded-for", "203.0.113.9");
        elsewhere.call(method, path).await.expect_failure(403, "forbidden");
    }
    app.get("/api/projects/proj-new").await.expect(200);
}
