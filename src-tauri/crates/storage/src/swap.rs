//! Puts a staged file in the place of a database: the last steps of a restore on the live connection, and the import of an
//! older server's file where it lies. No file is renamed or unlinked under anybody who has it open.

use std::path::{Path, PathBuf};

use pilotdeck_domain::Timestamp;
use rusqlite::{Connection, OpenFlags};

use crate::inspect::Refused;
use crate::stage::{Report, StageOptions, stage};
use crate::{Error, Result, db, meta, snapshot};

/// Keeps every PilotDeck away from a database file while it is held.
pub struct FileLock(#[expect(dead_code, reason = "held, not read")] std::fs::File);

/// Takes the lock of the database file `path`; refused while another PilotDeck has it open.
pub fn lock(path: &Path) -> std::result::Result<FileLock, crate::OpenError> {
    db::lock(path).map(FileLock)
}

/// Writes into a staged file that stamps up to `at_least` were given: it is then known in the very transaction that puts
/// the file in place.
pub fn remember_stamp(staging: &Path, at_least: Timestamp) -> Result<()> {
    let conn = db::open_connection(staging, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let known = meta::find_time(&conn, meta::HIGHEST_STAMP)?;
    if known.is_none_or(|known| known < at_least) {
        meta::set(&conn, meta::HIGHEST_STAMP, &at_least.to_string())?;
    }
    conn.close().map_err(|(_, error)| error)?;
    snapshot::flush(staging)
}

/// Checks what a page copy left in the live database, and moves it out of the WAL.
pub fn settle(live: &Connection) -> Result<()> {
    quick_check(live)?;
    // A reader may hold an older moment: then the next checkpoint does it. The content is in place either way.
    if let Err(error) = live.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        tracing::warn!(%error, "the checkpoint after a restore failed; the next one does it");
    }
    Ok(())
}

/// Makes `copy` of a database file that is not ours to write: with what is in its WAL, if it has one.
pub fn copy_with_wal(source: &Path, copy: &Path) -> std::result::Result<(), Refused> {
    let conn = db::open_connection(source, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(unreadable)?;
    // The copy is what is wanted, not a checkpoint of somebody else's file.
    conn.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .map_err(Error::from)?;
    snapshot::copy_file(&conn, copy).map_err(unreadable)
}

/// Whether `path` has rows that are not in it yet.
#[must_use]
pub fn has_wal(path: &Path) -> bool {
    ["-wal", "-journal"]
        .iter()
        .any(|suffix| std::fs::metadata(beside(path, suffix)).is_ok_and(|file| file.len() > 0))
}

fn unreadable(error: Error) -> Refused {
    match error {
        Error::DiskFull => Refused::Storage(Error::DiskFull),
        Error::Locked => Refused::NotTrusted("The file is in use by another program".to_owned()),
        _ => Refused::NotTrusted("The file could not be read".to_owned()),
    }
}

/// Turns the older server's file `path` into one of ours, where it is. `kept` becomes a whole copy of the old file before
/// anything changes; `staging` is scratch. Both are empty files of the caller's. Killed at any point, `path` is the old
/// database or the new one: SQLite's own transaction replaces its pages.
pub fn import_in_place(
    path: &Path,
    kept: &Path,
    staging: &Path,
    options: &StageOptions<'_>,
    keep: impl FnOnce() -> std::io::Result<()>,
) -> std::result::Result<Report, Refused> {
    let _lock = db::lock(path).map_err(|_| Error::Locked)?;
    let mut conn = db::open_connection(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    take_for_ourselves(&conn)?;
    snapshot::copy_file(&conn, kept)?;
    let report = stage(kept, staging, options)?;
    keep().map_err(Refused::Unreadable)?;
    snapshot::copy_over(&mut conn, staging, &mut |_, _| {})?;
    quick_check(&conn)?;
    Ok(report)
}

/// Ends WAL mode, which brings its rows into the file, and keeps other programs out until the connection closes.
fn take_for_ourselves(conn: &Connection) -> Result<()> {
    conn.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0))?;
    conn.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |row| row.get::<_, String>(0))?;
    conn.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
    Ok(())
}

fn quick_check(conn: &Connection) -> Result<()> {
    let finding: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if finding == "ok" { Ok(()) } else { Err(Error::Corrupt(finding)) }
}

/// `path` with `suffix` after its whole name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
