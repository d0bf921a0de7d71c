//! Whole copies of a database: out of the live file for a backup, into it for a restore.
//! Nothing here opens a live file by other means than SQLite: closing any other handle would drop its locks.

use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::{APPLICATION_ID, Error, Result, db, migrate, search, sessions};

/// Told how far a copy is: pages done, pages in all.
pub type Progress<'p> = &'p mut dyn FnMut(u64, u64);

/// Pages copied between two reports of progress (64 MiB).
const STEP_PAGES: i32 = if cfg!(test) { 8 } else { 16_384 };

/// Copies the database at `live` (it may be open and written to) to the new file `copy`: one moment of it, without login
/// sessions and search index, flushed and checked. A file that fails is left for the caller to remove.
pub fn backup(live: &Path, copy: &Path, progress: Progress<'_>) -> Result<()> {
    let source = crate::readers::open(live)?;
    if migrate::identity(&source)?.application_id != APPLICATION_ID {
        return Err(Error::Corrupt("the file is no PilotDeck database".into()));
    }
    copy_file_with(&source, copy, progress)?;
    scrub(copy)?;
    flush_and_verify(copy)
}

/// Copies all pages of `source` to the new file `copy`, and flushes it.
pub(crate) fn copy_file(source: &Connection, copy: &Path) -> Result<()> {
    copy_file_with(source, copy, &mut |_, _| {})?;
    flush(copy)
}

/// The copy before a migration, without login sessions. It goes by the name `scratch` until it is flushed and checked.
pub(crate) fn migration_copy(source: &Connection, scratch: &Path, copy: &Path) -> Result<()> {
    copy_file_with(source, scratch, &mut |_, _| {})?;
    scrub(scratch)?;
    flush_and_verify(scratch)?;
    std::fs::rename(scratch, copy).map_err(io)?;
    // Its name, too. Windows has no such call.
    match copy.parent().filter(|_| cfg!(unix)) {
        Some(folder) => std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(io),
        None => Ok(()),
    }
}

/// The rollback copy before a restore: everything in the live database but login sessions, checked and flushed.
pub fn rollback_copy(live: &Connection, copy: &Path, progress: Progress<'_>) -> Result<()> {
    copy_file_with(live, copy, progress)?;
    scrub(copy)?;
    flush_and_verify(copy)
}

fn copy_file_with(source: &Connection, copy: &Path, progress: Progress<'_>) -> Result<()> {
    let mut target = db::open_connection(copy, OpenFlags::default())?;
    // The file is worth nothing before it is complete: SQLite keeps no journal of it and waits for no disk.
    target.pragma_update(None, "journal_mode", "OFF")?;
    target.pragma_update(None, "synchronous", "OFF")?;
    // An open read transaction pins the moment that is copied, whatever the writer does meanwhile.
    source.execute_batch("BEGIN")?;
    let copied = source
        .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(Error::from)
        .and_then(|()| {
            run_backup(source, &mut target, &mut |done, all| {
                // In steps: flushed all at once, a large file would keep the disk from the writer's own flushes.
                if let Err(error) = flush(copy) {
                    tracing::debug!(%error, "a step of the copy was not flushed; its end will be");
                }
                progress(done, all);
            })
        });
    source.execute_batch("ROLLBACK")?;
    copied
}

fn run_backup(source: &Connection, target: &mut Connection, progress: Progress<'_>) -> Result<()> {
    let backup = Backup::new(source, target)?;
    loop {
        match backup.step(STEP_PAGES)? {
            StepResult::Done => return Ok(()),
            StepResult::More => {
                let state = backup.progress();
                let all = u64::from(state.pagecount.unsigned_abs());
                progress(all - u64::from(state.remaining.unsigned_abs()), all);
            }
            _ => return Err(Error::Locked),
        }
    }
}

/// A backup is one file that any SQLite opens without a WAL beside it.
fn leave_wal_mode(conn: &Connection) -> Result<()> {
    conn.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    Ok(())
}

fn scrub(copy: &Path) -> Result<()> {
    let conn = db::open_connection(copy, OpenFlags::default())?;
    leave_wal_mode(&conn)?;
    conn.pragma_update(None, "synchronous", "OFF")?;
    // Overwrites the rows' bytes, so that a search through the file finds nothing.
    conn.pragma_update(None, "secure_delete", true)?;
    // The oldest files have none.
    if conn.table_exists(None, "sessions")? {
        sessions::delete_all(&conn)?;
    }
    conn.pragma_update(None, "secure_delete", false)?;
    search::clear(&conn)
}

pub(crate) fn flush(path: &Path) -> Result<()> {
    std::fs::OpenOptions::new().write(true).open(path).and_then(|file| file.sync_all()).map_err(io)
}

fn io(error: std::io::Error) -> Error {
    rusqlite::Error::ToSqlConversionFailure(error.into()).into()
}

/// Both at once: one waits for the disk, the other for the processor.
fn flush_and_verify(path: &Path) -> Result<()> {
    std::thread::scope(|scope| {
        let flushing = scope.spawn(|| flush(path));
        let verified = verify(path);
        flushing.join().unwrap_or(Err(Error::Closed)).and(verified)
    })
}

/// Checks a file's structure and references; the error names the first finding.
pub fn verify(path: &Path) -> Result<()> {
    check(&db::open_connection(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)
}

/// The same on an open connection.
pub fn check(conn: &Connection) -> Result<()> {
    let finding: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if finding != "ok" {
        return Err(Error::Corrupt(finding));
    }
    let mut statement = conn.prepare("PRAGMA foreign_key_check")?;
    if let Some(row) = statement.query([])?.next()? {
        let table: String = row.get(0)?;
        return Err(Error::Corrupt(format!("a row of {table} points at a row that is not there")));
    }
    Ok(())
}

/// Replaces the whole content of `live` by that of `staging`, in one transaction that is flushed before it returns.
/// Readers go on seeing the old content until its commit. Killed in the middle, the old content is there at the next start.
pub fn copy_over(live: &mut Connection, staging: &Path, progress: Progress<'_>) -> Result<()> {
    let source = db::open_connection(staging, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    live.pragma_update(None, "synchronous", "FULL")?;
    // The transaction on `live` begins with the first step and ends with the last: steps are there to tell of.
    run_backup(&source, live, progress)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database of ours with as many projects, in WAL mode.
    fn with_projects(path: &Path, count: u32) -> Connection {
        let conn = migrate::create(path).unwrap();
        conn.execute_batch("PRAGMA journal_mode = WAL").unwrap();
        for number in 0..count {
            conn.execute(
                "INSERT INTO projects (id, sortOrder, name, createdAt, updatedAt, payload_json)
                 VALUES (?1, 0, 'p', '', '', ?2)",
                (number, "x".repeat(900)),
            )
            .unwrap();
        }
        conn
    }

    fn count(path: &Path) -> u32 {
        let conn = db::open_connection(path, OpenFlags::default()).unwrap();
        check(&conn).unwrap();
        conn.query_row("SELECT count(*) FROM projects", [], |row| row.get(0)).unwrap()
    }

    #[cfg(unix)]
    #[test]
    fn a_copy_in_steps_is_one_transaction_and_a_kill_between_them_leaves_the_old() {
        let folder = tempfile::tempdir().unwrap();
        let (live, staging) = (folder.path().join("pm.db"), folder.path().join("staging.db"));
        let mut conn = with_projects(&live, 3);
        with_projects(&staging, 500).close().unwrap();
        // So few that pages go to the WAL long before the commit.
        conn.pragma_update(None, "cache_size", 10).unwrap();
        let mut steps = 0;
        copy_over(&mut conn, &staging, &mut |done, total| {
            steps += 1;
            assert!(done < total);
            assert_eq!(count(&live), 3, "nobody sees a half of it");
            let wal = std::fs::metadata(crate::swap::beside(&live, "-wal")).unwrap().len();
            assert!(steps < 5 || wal > 100_000, "{wal}");
            // The files as a kill at this moment leaves them. Copied by another process: closing them would drop our locks.
            let killed = tempfile::tempdir().unwrap();
            let files = [live.clone(), crate::swap::beside(&live, "-wal")];
            let copied = std::process::Command::new("cp").args(&files).arg(killed.path()).status().unwrap();
            assert!(copied.success());
            assert_eq!(count(&killed.path().join("pm.db")), 3, "killed after step {steps}");
        })
        .unwrap();
        assert!(steps > 5, "{steps}");
        assert_eq!(count(&live), 500);
    }

    #[test]
    fn the_copy_before_a_migration_is_whole_and_has_no_sessions() {
        let folder = tempfile::tempdir().unwrap();
        let [live, scratch, copy] =
            ["pm.db", ".pm_backup_pm.db_v1", "pm.db.v1.x"].map(|name| folder.path().join(name));
        let conn = migrate::create(&live).unwrap();
        conn.execute_batch(
            "PRAGMA journal_mode = WAL;
             INSERT INTO users (id, username, password_hash, created_at, updated_at) VALUES ('u', 'ann', 'x', '', '');
             INSERT INTO sessions VALUES ('digest-of-a-cookie', 'u', '', '')",
        )
        .unwrap();
        migration_copy(&conn, &scratch, &copy).unwrap();
        assert!(!scratch.exists());
        let bytes = std::fs::read(&copy).unwrap();
        let contains = |text: &str| bytes.windows(text.len()).any(|found| found == text.as_bytes());
        assert!(contains("ann") && !contains("digest-of-a-cookie"));
        assert_eq!(bytes[18..20], [1, 1], "it needs no WAL beside it");
    }
}
