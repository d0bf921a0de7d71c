//! The backups that lie beside the database: rollback copies, copies from before a migration or an import, scheduled ones.
//! They are listed, downloaded and restored from, never changed. A stored file is as hostile as an upload: it is copied and
//! goes the same way. A name from outside is only ever compared with the list, never made a path of.

use std::cmp::Reverse;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

use pilotdeck_domain::Timestamp;
use pilotdeck_storage::{self as storage, Report};
use serde::Serialize;
use tokio::io::AsyncReadExt;

use crate::backup::{Backup, BackupFile, blocking};
use crate::error::{Error, Noun, Result};
use crate::restore::{RestoreOutcome, Upload};
use crate::{files, platform};

/// The folder of scheduled backups, beside the database.
const SCHEDULED: &str = "backups";
/// Copied at once.
const CHUNK: usize = 1024 * 1024;

/// Why a backup was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BackupKind {
    /// What a restore replaced: `pm.db.bak.<time>`.
    Rollback,
    /// What was there before a newer schema: `pm.db.v<version>.<time>`.
    Migration,
    /// The older server's file before its import: `pm.db.legacy.<time>`.
    Import,
    /// `backups/pm_backup_<time>.db`.
    Scheduled,
}

/// A backup that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBackup {
    /// Its file's name, which is its id: `[A-Za-z0-9._-]+` (SECURITY.md P2).
    pub name: String,
    /// Why it was made.
    pub kind: BackupKind,
    /// Its size in bytes.
    pub size: u64,
    /// When it was made, as its name tells.
    pub created_at: Timestamp,
}

/// The backups beside this database. Clones are the same ones.
#[derive(Clone)]
pub struct StoredBackups {
    backup: Backup,
}

/// A listed file, and where it is.
struct Found {
    entry: StoredBackup,
    path: PathBuf,
    /// Of several copies made in one second.
    number: u32,
}

impl StoredBackups {
    pub(crate) fn new(backup: Backup) -> StoredBackups {
        StoredBackups { backup }
    }

    /// All of them, newest first.
    pub async fn list(&self) -> Result<Vec<StoredBackup>> {
        Ok(self.find_all().await?.into_iter().map(|found| found.entry).collect())
    }

    /// One of them, to be read from start to end.
    pub async fn get(&self, name: &str) -> Result<BackupFile> {
        let found = self.find(name).await?;
        self.open(found).await
    }

    /// Tells what is in it.
    pub async fn inspect(&self, name: &str) -> Result<Report> {
        self.copy(name).await?.inspect().await
    }

    /// Restores from it, as from an upload. It stays as it is; what is there now becomes a rollback copy of its own.
    pub async fn restore(&self, name: &str) -> Result<RestoreOutcome> {
        self.copy(name).await?.restore(false).await
    }

    /// No limit but the disk: it was made here, and a database that outgrew the limit for uploads must find its way back.
    async fn copy(&self, name: &str) -> Result<Upload> {
        let found = self.find(name).await?;
        if storage::has_wal(&found.path) {
            let name = found.entry.name;
            return Err(Error::BackupRefused(format!(
                "{name} has changes beside it that are not in it: close the program that has it open"
            )));
        }
        let mut file = self.open(found).await?;
        let mut upload = self.backup.receive_up_to(u64::MAX, Some(file.size))?;
        let mut piece = vec![0; CHUNK];
        loop {
            match file.read(&mut piece).await? {
                0 => return Ok(upload),
                read => upload.write(&piece[..read]).await?,
            }
        }
    }

    async fn find(&self, name: &str) -> Result<Found> {
        let found = self.find_all().await?.into_iter().find(|found| found.entry.name == name);
        found.ok_or_else(|| Error::not_found(Noun::Backup, name))
    }

    async fn find_all(&self) -> Result<Vec<Found>> {
        let db_file = self.backup.0.settings.db_file.clone();
        blocking(move || Ok(find_all(&db_file))).await
    }

    async fn open(&self, found: Found) -> Result<BackupFile> {
        let db_file = self.backup.0.settings.db_file.clone();
        let Found { entry: StoredBackup { name, .. }, path, .. } = found;
        let gone = Error::not_found(Noun::Backup, name.clone());
        blocking(move || {
            let Ok(file) = platform::open_to_read(&path) else { return Err(gone) };
            let metadata = file.metadata()?;
            // Looked at again: it may be another one than was listed.
            if !is_plain(&metadata, &live_files(&db_file)) {
                return Err(gone);
            }
            Ok(BackupFile::stored(file, name, metadata.len()))
        })
        .await
    }
}

fn find_all(db_file: &Path) -> Vec<Found> {
    let live = live_files(db_file);
    let own = files::name(db_file);
    let mut all = Vec::new();
    let folder = files::folder(db_file);
    find_in(folder, &live, &mut all, |name| read_name(&own, name));
    let scheduled = folder.join(SCHEDULED);
    if scheduled.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        find_in(&scheduled, &live, &mut all, read_scheduled_name);
    }
    all.sort_by_key(|found| Reverse((found.entry.created_at, found.number)));
    all
}

fn find_in(
    folder: &Path,
    live: &[Metadata],
    all: &mut Vec<Found>,
    read: impl Fn(&str) -> Option<(BackupKind, Timestamp, u32)>,
) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let Some((kind, created_at, number)) = read(&name).filter(|_| is_safe(&name)) else { continue };
        // Of the entry itself, not of what a link leads to.
        let Ok(metadata) = entry.metadata() else { continue };
        if is_plain(&metadata, live) {
            let size = metadata.len();
            let entry = StoredBackup { name: name.clone(), kind, size, created_at };
            all.push(Found { entry, path: folder.join(name), number });
        }
    }
}

/// A regular file, and not the live database under another name: closing that would drop SQLite's locks on it (G2).
fn is_plain(file: &Metadata, live: &[Metadata]) -> bool {
    file.is_file() && !live.iter().any(|live| platform::is_same_file(file, live))
}

fn live_files(db_file: &Path) -> Vec<Metadata> {
    let beside = |suffix: &str| {
        let mut name = db_file.as_os_str().to_owned();
        name.push(suffix);
        std::fs::metadata(name).ok()
    };
    ["", "-wal", "-shm"].into_iter().filter_map(beside).collect()
}

fn is_safe(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

/// What the name of a file beside the database `own` tells, if it is one that we give.
fn read_name(own: &str, name: &str) -> Option<(BackupKind, Timestamp, u32)> {
    let (word, time) = name.strip_prefix(own)?.strip_prefix('.')?.split_once('.')?;
    let kind = match word {
        "bak" => BackupKind::Rollback,
        "legacy" => BackupKind::Import,
        _ if is_version(word) => return Some((BackupKind::Migration, read_digits(time)?, 1)),
        _ => return None,
    };
    let (time, number) = match time.split_once('-') {
        Some((time, number)) => (time, number.parse().ok()?),
        None => (time, 1),
    };
    Some((kind, read_compact(time)?, number))
}

fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|version| version.parse::<u16>().is_ok())
}

fn read_scheduled_name(name: &str) -> Option<(BackupKind, Timestamp, u32)> {
    let time = name.strip_prefix("pm_backup_")?.strip_suffix(".db")?;
    Some((BackupKind::Scheduled, read_compact(time)?, 1))
}

/// `YYYYMMDDTHHMMSSZ`, as [`files::compact`] writes it.
fn read_compact(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    if (date.len(), time.len()) != (8, 6) {
        return None;
    }
    read_digits(&format!("{date}{time}000000"))
}

/// `YYYYMMDDHHMMSSffffff`.
fn read_digits(text: &str) -> Option<Timestamp> {
    if text.len() != 20 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| &text[from..to];
    Timestamp::parse(&format!(
        "{}-{}-{}T{}:{}:{}.{}Z",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(8, 10),
        part(10, 12),
        part(12, 14),
        part(14, 20)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_we_give_are_names_of_backups() {
        let kind = |name: &str| read_name("pm.db", name).map(|(kind, time, _)| (kind, time.to_string()));
        let time = |fraction: &str| format!("2026-02-11T14:30:05.{fraction}Z");
        assert_eq!(kind("pm.db.bak.20260211T143005Z"), Some((BackupKind::Rollback, time("000000"))));
        assert_eq!(kind("pm.db.bak.20260211T143005Z-2"), Some((BackupKind::Rollback, time("000000"))));
        assert_eq!(kind("pm.db.legacy.20260211T143005Z"), Some((BackupKind::Import, time("000000"))));
        assert_eq!(kind("pm.db.v1.20260211143005123456"), Some((BackupKind::Migration, time("123456"))));
        for other in [
            "pm.db",
            "pm.db-wal",
            "pm.db.key",
            "pm.db.lock",
            "pm.db.bak.",
            "pm.db.bak.20260211T143005Z-wal",
            "pm.db.bak.20261311T143005Z",
            "pm.db.bak.20260211T1430é5Z",
            "pm.db.corrupt.20260211T143005Z",
            "pm.db.v.20260211143005123456",
            "pm.db.v1.20260211T143005Z",
            "other.db.bak.20260211T143005Z",
        ] {
            assert_eq!(kind(other), None, "{other}");
        }
        assert!(read_scheduled_name("pm_backup_20260211T143005Z.db").is_some());
        assert!(read_scheduled_name("pm_backup_20260211T143005Z.db.sha256").is_none());
    }
}
