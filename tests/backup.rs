//! Backups: whole, without sessions, gone when nobody reads them.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use pilotdeck_testkit::{ADMIN_TOKEN, TestApp, a_project, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::legacy::SAMPLE;

#[tokio::test]
async fn a_backup_is_a_database_file_with_a_name_and_nobody_keeps_it() {
    let app = TestApp::start().await;
    let answer = app.admin().get("/api/admin/backup").await.expect(200);
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=pm_backup_20260211T143000Z.db");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-length"), answer.bytes.len().to_string());
    assert!(answer.bytes.starts_with(b"SQLite format 3\0"));
    assert_eq!(answer.bytes[18..20], [1, 1], "it needs no WAL beside it");
    assert_eq!(scratch_files(&app), Vec::<String>::new());
}

#[tokio::test]
async fn only_the_admin_token_gets_a_backup() {
    let app = TestApp::start().await;
    app.get("/api/admin/backup").await.expect_failure(401, "unauthorized");
    app.sign_in().await.get("/api/admin/backup").await.expect_failure(401, "unauthorized");
}

#[tokio::test]
async fn a_restored_backup_opens_no_old_session() {
    let app = TestApp::start().await;
    let person = app.sign_in().await;
    person.get("/api/auth/me").await.expect(200);
    let backup = app.admin().get("/api/admin/backup").await.expect(200).bytes;
    crate::restore::restore(&app, backup).await.expect(200);
    person.get("/api/auth/me").await.expect_failure(401, "not_signed_in");
    app.sign_in().await.get("/api/auth/me").await.expect(200);
}

#[tokio::test]
async fn downloads_that_are_broken_off_leave_no_file() {
    let app = TestApp::builder().on_copy_of(SAMPLE).build().await;
    for _ in 0..50 {
        let mut socket = app.connect().await;
        let request = format!(
            "GET /api/admin/backup HTTP/1.1\r\nHost: localhost:{}\r\nX-PM-Token: {ADMIN_TOKEN}\r\n\r\n",
            app.port()
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        socket.read_exact(&mut [0; 100]).await.unwrap();
    }
    for _ in 0..100 {
        if scratch_files(&app).is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{:?}", scratch_files(&app));
}

#[tokio::test]
async fn backups_under_load_are_each_of_one_moment() {
    let app = TestApp::start().await;
    app.post("/api/projects", a_project("p")).await.expect(201);
    let writer = {
        let agent = app.agent();
        tokio::spawn(async move {
            for number in 0..60 {
                let bump = json!({"projectId": "proj-p", "actions": [{"id": format!("a{number}"), "type": "add_tag",
                    "params": {"tag": format!("t{number}")}}]});
                agent.post("/api/agent/actions", bump).await.expect(200);
            }
        })
    };
    let mut backups = Vec::new();
    while !writer.is_finished() {
        backups.push(app.admin().get("/api/admin/backup").await.expect(200).bytes);
    }
    writer.await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for backup in [backups.first().unwrap(), backups.last().unwrap()] {
        let file = folder.path().join("backup.db");
        std::fs::write(&file, backup).unwrap();
        let restored = TestApp::builder().on_copy_of(&file).build().await;
        let tags =
            restored.get("/api/projects/proj-p").await.expect(200).data()["tags"].as_array().unwrap().len();
        let events =
            restored.get("/api/agent/events?type=action&limit=2000").await.expect(200).body["total"].clone();
        assert_eq!(events, tags, "an action and its event are there together or not at all");
    }
}

pub(crate) fn scratch_files(app: &TestApp) -> Vec<String> {
    std::fs::read_dir(app.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".pm_"))
        .collect()
}
