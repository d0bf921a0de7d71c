//! Backups and restores of a whole app, on files.

use std::collections::HashSet;

use pilotdeck_domain::{ProjectFilter, TokenStatsFilter};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;

use super::*;
use crate::testing::{body, field, time};
use crate::{App, Clock, LiveFilter, LiveMessage, LoginRequest, StartError};

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/fixtures/legacy-sample.db");

fn settings(folder: &TempDir) -> Settings {
    let mut settings = Settings::new(folder.path().join("pm.db"));
    settings.clock = Clock::settable(time("2026-12-01T14:30:05Z"));
    settings
}

async fn app_in(folder: &TempDir) -> App {
    App::open(settings(folder)).await.unwrap()
}

async fn backup_bytes(app: &App) -> Vec<u8> {
    let mut bytes = Vec::new();
    app.backup.create().await.unwrap().read_to_end(&mut bytes).await.unwrap();
    bytes
}

async fn upload(app: &App, bytes: &[u8], dry_run: bool) -> Result<RestoreOutcome> {
    let mut upload = app.backup.receive(Some(bytes.len() as u64)).await?;
    for chunk in bytes.chunks(60_000) {
        upload.write(chunk).await?;
    }
    upload.restore(dry_run).await
}

fn admin() -> LoginRequest {
    LoginRequest { username: "admin".into(), password: "admin".into(), local: true, presented_cookie: None }
}

fn names(folder: &TempDir) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| files::name(&entry.unwrap().path())).collect();
    names.sort();
    names
}

fn scratch_files(folder: &TempDir) -> Vec<String> {
    names(folder).into_iter().filter(|name| name.starts_with(".pm_")).collect()
}

#[tokio::test]
async fn what_was_backed_up_is_all_back_after_a_restore() {
    let folder = tempfile::tempdir().unwrap();
    let app = app_in(&folder).await;
    app.projects.create(body(json!({"id": "p", "name": "Apollo"}))).await.unwrap();
    app.events.create(body(json!({"id": "e", "projectId": "p", "title": "t"}))).await.unwrap();
    app.usage.record(body(json!({"id": "u", "projectId": "p", "totalTokens": 5}))).await.unwrap();
    let cookie = app.auth.login(admin()).await.unwrap().cookie_value;
    let backup = backup_bytes(&app).await;
    app.projects.delete("p".into()).await.unwrap();
    let last = app.projects.create(body(json!({"id": "q", "name": "Later"}))).await.unwrap();
    app.usage.record(body(json!({"id": "v", "totalTokens": 7}))).await.unwrap();
    let mut listener = app.live.subscribe(LiveFilter::default(), None);

    let outcome = upload(&app, &backup, false).await.unwrap();

    assert_eq!(outcome.db_file, "pm.db");
    assert_eq!(outcome.previous_db_backup.as_deref(), Some("pm.db.bak.20261201T143005Z"));
    assert_eq!(outcome.report.rows["projects"], 1);
    assert!(app.projects.get("p".into()).await.is_ok() && app.projects.get("q".into()).await.is_err());
    assert!(app.events.get("e".into()).await.is_ok());
    let tokens = app.stats.tokens(TokenStatsFilter::default()).await.unwrap();
    assert_eq!(serde_json::to_value(&tokens).unwrap()["totals"]["totalTokens"], 5, "the sums in memory too");
    assert!(app.auth.session(&cookie).await.is_none(), "sessions end");
    assert!(matches!(listener.next().await, Some(LiveMessage::Reset { .. })));
    let patched = app.projects.update("p".into(), body(json!({"progress": 5}))).await.unwrap();
    assert!(
        field(&patched, "updatedAt").as_str() > field(&last, "updatedAt").as_str(),
        "later than any stamp ever given"
    );
    assert!(!app.backup.maintenance());
    assert_eq!(scratch_files(&folder), Vec::<String>::new());

    let previous = folder.path().join("pm.db.bak.20261201T143005Z");
    app.backup.restore_file(&previous, false).await.unwrap();
    assert!(app.projects.get("q".into()).await.is_ok(), "the copy of before is whole");
    assert!(names(&folder).contains(&"pm.db.bak.20261201T143005Z-2".to_owned()), "one second, two copies");
    app.close().await;
}

#[tokio::test]
async fn a_dry_run_tells_what_is_in_a_file_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let app = app_in(&folder).await;
    app.projects.create(body(json!({"id": "p", "name": "Apollo"}))).await.unwrap();
    let outcome = upload(&app, &std::fs::read(SAMPLE).unwrap(), true).await.unwrap();
    assert_eq!((outcome.report.rows["projects"], outcome.previous_db_backup), (21, None));
    assert_eq!(app.projects.list(ProjectFilter::default()).await.unwrap().total, 1);
    assert_eq!(inspect_file(Path::new(SAMPLE), &settings(&folder)).await.unwrap(), outcome.report);
    app.close().await;
}

#[tokio::test]
async fn what_is_no_backup_is_refused_and_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let app = app_in(&folder).await;
    app.projects.create(body(json!({"id": "p", "name": "Apollo"}))).await.unwrap();
    let mut newer = backup_bytes(&app).await;
    newer[60..64].copy_from_slice(&99_u32.to_be_bytes());
    let mut torn = backup_bytes(&app).await;
    torn.truncate(torn.len() - 4096);
    assert!(matches!(upload(&app, b"", false).await, Err(Error::NotABackup(_))));
    assert!(matches!(upload(&app, b"nonsense", false).await, Err(Error::NotABackup(_))));
    assert!(matches!(upload(&app, &newer, false).await, Err(Error::BackupTooNew { found: 99, .. })));
    assert!(matches!(upload(&app, &torn, false).await, Err(Error::BackupRefused(_))));
    assert!(app.projects.get("p".into()).await.is_ok());
    assert!(!names(&folder).iter().any(|name| name.contains(".bak.")));
    assert_eq!(scratch_files(&folder), Vec::<String>::new());
    app.close().await;
}

#[tokio::test]
async fn one_restore_at_a_time_and_none_that_is_too_large() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(&folder);
    settings.restore_max = 1000;
    let app = App::open(settings).await.unwrap();
    assert!(matches!(app.backup.receive(Some(1001)).await, Err(Error::TooLarge(_))));
    let mut first = app.backup.receive(None).await.unwrap();
    assert!(matches!(app.backup.receive(None).await, Err(Error::BusyJob(_))));
    first.write(&[0; 1000]).await.unwrap();
    assert!(matches!(first.write(&[0]).await, Err(Error::TooLarge(_))));
    drop(first);
    assert_eq!(scratch_files(&folder), Vec::<String>::new());
    assert!(app.backup.receive(None).await.is_ok(), "an upload that was given up makes room");
    app.close().await;
}

#[tokio::test]
async fn a_backup_that_nobody_reads_to_its_end_leaves_no_file_and_no_session() {
    let folder = tempfile::tempdir().unwrap();
    let app = app_in(&folder).await;
    let cookie = app.auth.login(admin()).await.unwrap();
    assert_eq!(cookie.user.username, "admin");
    for _ in 0..5 {
        let mut backup = app.backup.create().await.unwrap();
        assert_eq!(backup.file_name, "pm_backup_20261201T143005Z.db");
        backup.read_exact(&mut [0; 16]).await.unwrap();
    }
    assert_eq!(scratch_files(&folder), Vec::<String>::new());
    let kept = folder.path().join("kept.db");
    let size = app.backup.write_to(&kept).await.unwrap();
    assert_eq!(std::fs::metadata(&kept).unwrap().len(), size);
    assert!(app.backup.write_to(&kept).await.is_err(), "no file is written over");
    snapshot::verify(&kept).unwrap();
    app.close().await;
}

#[tokio::test]
async fn a_database_of_the_older_server_is_imported_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let db_file = folder.path().join("pm.db");
    std::fs::copy(SAMPLE, &db_file).unwrap();
    let app = app_in(&folder).await;
    assert_eq!(app.projects.list(ProjectFilter::default()).await.unwrap().total, 21);
    assert!(app.auth.login(admin()).await.unwrap().must_change_password);
    assert_eq!(std::fs::read(folder.path().join("pm.db.legacy.20261201T143005Z")).unwrap().len(), 249_856);
    assert_eq!(scratch_files(&folder), Vec::<String>::new());
    app.close().await;
    drop(app);
    let again = app_in(&folder).await;
    assert_eq!(again.projects.list(ProjectFilter::default()).await.unwrap().total, 21);
    assert_eq!(names(&folder).iter().filter(|name| name.contains("legacy")).count(), 1, "imported once");
    #[cfg(unix)]
    for name in names(&folder) {
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &folder.path().join(&name).metadata().unwrap().permissions(),
        );
        assert!(mode & 0o077 == 0 || name.ends_with(".lock"), "{name} is {mode:o}");
    }
    again.close().await;
}

/// The sample at `path` with one project more that is only in the WAL, as a crashed server leaves it.
#[expect(clippy::disallowed_methods, reason = "the older server opens its files without us")]
fn sample_with_wal(path: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let running = folder.path().join("running.db");
    std::fs::copy(SAMPLE, &running).unwrap();
    let conn = Connection::open(&running).unwrap();
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
         INSERT INTO projects SELECT 'in-the-wal', 99, name, status, priority, category, progress, created_at,
           updated_at, payload_json, budget, actual_cost FROM projects WHERE id = 'proj-min'",
    )
    .unwrap();
    std::fs::copy(&running, path).unwrap();
    std::fs::copy(folder.path().join("running.db-wal"), path.with_extension("db-wal")).unwrap();
}

#[tokio::test]
async fn rows_that_are_only_in_the_wal_are_taken_too() {
    let folder = tempfile::tempdir().unwrap();
    sample_with_wal(&folder.path().join("pm.db"));
    let app = app_in(&folder).await;
    assert!(app.projects.get("in-the-wal".into()).await.is_ok());
    let foreign = tempfile::tempdir().unwrap();
    let named = foreign.path().join("old.db");
    sample_with_wal(&named);
    let before = std::fs::read(&named).unwrap();
    let outcome = app.backup.restore_file(&named, true).await.unwrap();
    assert_eq!(outcome.report.rows["projects"], 22);
    assert_eq!(inspect_file(&named, &settings(&folder)).await.unwrap().rows["projects"], 22);
    assert_eq!(std::fs::read(&named).unwrap(), before, "the file itself is not changed");
    app.close().await;
}

#[tokio::test]
async fn a_file_that_cannot_be_imported_stops_the_start_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let db_file = folder.path().join("pm.db");
    let mut bytes = std::fs::read(SAMPLE).unwrap();
    bytes[4096..12_288].fill(0x55);
    std::fs::write(&db_file, &bytes).unwrap();
    assert!(matches!(
        App::open(settings(&folder)).await,
        Err(StartError::Import(_) | StartError::Database(_))
    ));
    assert!(std::fs::read(&db_file).unwrap()[4096..12_288].iter().all(|&byte| byte == 0x55));
    assert_eq!(scratch_files(&folder), Vec::<String>::new());
}

#[tokio::test]
async fn a_missing_database_with_copies_beside_it_is_not_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pm.db.bak.20260101T000000Z"), "x").unwrap();
    let Err(StartError::Other(Error::Forbidden(text))) = App::open(settings(&folder)).await else {
        panic!("started")
    };
    assert!(text.contains("pm.db.bak.20260101T000000Z"), "{text}");
    assert!(!folder.path().join("pm.db").exists());
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_steps_aside_for_a_restored_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pm.db"), "no database ".repeat(1000)).unwrap();
    assert!(App::open(settings(&folder)).await.is_err());
    let outcome = replace_damaged(Path::new(SAMPLE), &settings(&folder)).await.unwrap();
    assert_eq!(outcome.previous_db_backup.as_deref(), Some("pm.db.corrupt.20261201T143005Z"));
    let app = app_in(&folder).await;
    assert_eq!(app.projects.list(ProjectFilter::default()).await.unwrap().total, 21);
    assert!(names(&folder).contains(&"pm.db.corrupt.20261201T143005Z".to_owned()));
    app.close().await;
}

#[tokio::test]
async fn a_zone_for_the_times_of_an_import_is_used_and_checked_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(SAMPLE, folder.path().join("pm.db")).unwrap();
    let mut settings = settings(&folder);
    settings.import_timezone = Some("Middle/Earth".into());
    assert!(App::open(settings.clone()).await.is_err());
    settings.import_timezone = Some("Asia/Shanghai".into());
    let app = App::open(settings).await.unwrap();
    let project = app.projects.get("proj-full".into()).await.unwrap();
    assert_eq!(field(&project, "createdAt"), "2026-01-01T00:00:00.000000Z");
    app.close().await;
}

#[tokio::test]
async fn a_swap_that_fails_its_check_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let app = app_in(&folder).await;
    app.projects.create(body(json!({"id": "p", "name": "Apollo"}))).await.unwrap();
    let staging = folder.path().join("staging.db");
    for number in 0..200 {
        app.events.create(body(json!({"id": format!("e{number}"), "title": "x".repeat(900)}))).await.unwrap();
    }
    app.backup.write_to(&staging).await.unwrap();
    let mut bytes = std::fs::read(&staging).unwrap();
    let last_page = bytes.len() - 4096;
    bytes[last_page..last_page + 8].fill(0xff);
    std::fs::write(&staging, bytes).unwrap();

    let failed = app.backup.swap(TempPath::try_from_path(staging).unwrap()).await;

    assert!(matches!(failed, Err(Error::RestoreRolledBack(_))), "{failed:?}");
    assert!(app.projects.get("p".into()).await.is_ok());
    assert!(app.events.create(body(json!({"title": "goes on"}))).await.is_ok());
    assert!(!app.backup.maintenance());
    app.close().await;
    drop(app);
    snapshot::verify(&folder.path().join("pm.db")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_write_that_was_acknowledged_is_in_the_rollback_file_or_in_the_live_one() {
    let folder = tempfile::tempdir().unwrap();
    let app = app_in(&folder).await;
    app.projects.create(body(json!({"id": "p", "name": "Apollo"}))).await.unwrap();
    let backup = backup_bytes(&app).await;
    let mut acknowledged: HashSet<String> = HashSet::new();
    for round in 0..5 {
        let writers: Vec<_> = (0..16)
            .map(|writer| {
                let app = app.clone();
                tokio::spawn(async move {
                    let mut done = Vec::new();
                    for number in 0..40 {
                        let id = format!("{round}-{writer}-{number}");
                        match app.events.create(body(json!({"id": id, "projectId": "p"}))).await {
                            Ok(_) => done.push(id),
                            Err(Error::Busy | Error::Maintenance) => {
                                tokio::time::sleep(Duration::from_millis(5)).await
                            }
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                    done
                })
            })
            .collect();
        let outcome = upload(&app, &backup, false).await.unwrap();
        for writer in writers {
            acknowledged.extend(writer.await.unwrap());
        }
        let previous = folder.path().join(outcome.previous_db_backup.unwrap());
        let mut kept = ids_of_events(&previous);
        kept.extend(ids_of_events(&folder.path().join("pm.db")));
        let lost: Vec<_> = acknowledged.difference(&kept).collect();
        assert!(lost.is_empty(), "{lost:?}");
        // What is in the live file now is replaced by the next round.
        acknowledged = ids_of_events(&folder.path().join("pm.db"));
    }
    app.close().await;
}

#[expect(clippy::disallowed_methods, reason = "looks from outside")]
fn ids_of_events(path: &Path) -> HashSet<String> {
    let conn = Connection::open(path).unwrap();
    let mut statement = conn.prepare("SELECT id FROM agent_events").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(std::result::Result::unwrap).collect()
}
