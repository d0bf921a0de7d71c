//! Files beside the database: scratch that goes away, copies that stay. Knows no SQLite.

use std::io;
use std::path::{Path, PathBuf};

use pilotdeck_domain::Timestamp;
use tempfile::{NamedTempFile, TempPath};

use crate::error::{Error, Result};
use crate::platform;

/// Names of copies that mean "the data are here, not gone", after `pm.db.`.
const KEPT: [&str; 4] = ["bak.", "legacy.", "corrupt.", "v"];
const MOST_OF_ONE_NAME: u32 = 1000;

/// The folder of the database file.
pub(crate) fn folder(db_file: &Path) -> &Path {
    match db_file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The last part of a path as text: what callers see of it.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A new empty file that only we can read, gone when dropped; after a crash [`sweep`] takes it. `purpose`: `restore` or
/// `backup`.
pub(crate) fn scratch(db_file: &Path, purpose: &str) -> Result<NamedTempFile> {
    Ok(tempfile::Builder::new()
        .prefix(&scratch_prefix(db_file, purpose))
        .suffix(".db")
        .tempfile_in(folder(db_file))?)
}

fn scratch_prefix(db_file: &Path, purpose: &str) -> String {
    format!(".pm_{purpose}_{}_", name(db_file))
}

/// Removes what a crash left of this database's scratch files. Only for whoever holds the database's lock.
pub(crate) fn sweep(db_file: &Path) {
    let prefixes = ["restore", "backup"].map(|purpose| scratch_prefix(db_file, purpose));
    let Ok(entries) = std::fs::read_dir(folder(db_file)) else { return };
    for entry in entries.flatten() {
        let file_name = entry.file_name().to_string_lossy().into_owned();
        if prefixes.iter().any(|prefix| file_name.starts_with(prefix))
            && let Err(error) = std::fs::remove_file(entry.path())
        {
            tracing::warn!("a leftover file could not be removed ({file_name}): {error}");
        }
    }
}

/// Gives `scratch` its final name `pm.db.<word>.<time>`; never one that is taken: then `-2`, `-3` … follows.
pub(crate) fn keep(mut scratch: TempPath, db_file: &Path, word: &str, now: Timestamp) -> io::Result<PathBuf> {
    let base = format!("{}.{word}.{}", name(db_file), compact(now));
    for number in 1..=MOST_OF_ONE_NAME {
        let file_name = if number == 1 { base.clone() } else { format!("{base}-{number}") };
        let kept = folder(db_file).join(file_name);
        match scratch.persist_noclobber(&kept) {
            Ok(()) => {
                platform::sync_folder(&kept);
                return Ok(kept);
            }
            Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => scratch = taken.path,
            Err(failed) => return Err(failed.error),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

/// `YYYYMMDDTHHMMSSZ`.
pub(crate) fn compact(time: Timestamp) -> String {
    let text = time.to_string();
    let digits = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default().to_owned();
    format!(
        "{}{}{}T{}{}{}Z",
        digits(0..4),
        digits(5..7),
        digits(8..10),
        digits(11..13),
        digits(14..16),
        digits(17..19)
    )
}

/// Fails unless so many bytes are free where the database is.
pub(crate) fn ensure_space(db_file: &Path, bytes: u64) -> Result<()> {
    // Where free space cannot be asked, a full disk is met when it is met.
    match fs4::available_space(folder(db_file)) {
        Ok(free) if free < bytes => Err(Error::DiskFull),
        Ok(_) => Ok(()),
        Err(error) => {
            tracing::debug!("free space is not known: {error}");
            Ok(())
        }
    }
}

/// What lies beside a database file that is missing, and shows that it should not be.
pub(crate) fn traces_of_missing(db_file: &Path) -> Vec<String> {
    if db_file.symlink_metadata().is_ok() {
        return Vec::new();
    }
    let Ok(entries) = std::fs::read_dir(folder(db_file)) else { return Vec::new() };
    let own = name(db_file);
    let mut traces: Vec<String> = entries
        .flatten()
        .filter_map(|entry| {
            let file_name = entry.file_name().to_string_lossy().into_owned();
            let rest = file_name.strip_prefix(&own)?;
            let kept =
                rest.strip_prefix('.').is_some_and(|rest| KEPT.iter().any(|word| rest.starts_with(word)));
            let wal = rest == "-wal" && entry.metadata().is_ok_and(|file| file.len() > 0);
            (kept || wal).then_some(file_name)
        })
        .collect();
    traces.sort();
    traces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write_scratch(db_file: &Path, text: &str) -> TempPath {
        let scratch = scratch(db_file, "restore").unwrap();
        std::fs::write(scratch.path(), text).unwrap();
        scratch.into_temp_path()
    }

    #[test]
    fn two_copies_of_one_second_are_both_kept() {
        let folder = tempfile::tempdir().unwrap();
        let db_file = folder.path().join("pm.db");
        let now = Timestamp::parse("2026-02-11T14:30:05.123456Z").unwrap();
        let first = keep(write_scratch(&db_file, "one"), &db_file, "bak", now).unwrap();
        let second = keep(write_scratch(&db_file, "two"), &db_file, "bak", now).unwrap();
        assert_eq!(name(&first), "pm.db.bak.20260211T143005Z");
        assert_eq!(name(&second), "pm.db.bak.20260211T143005Z-2");
        assert_eq!(std::fs::read_to_string(first).unwrap(), "one");
        assert_eq!(std::fs::read_to_string(second).unwrap(), "two");
    }

    #[test]
    fn leftovers_of_a_crash_are_swept_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let db_file = folder.path().join("pm.db");
        let (_, left) = scratch(&db_file, "restore").unwrap().keep().unwrap();
        let (_, of_another) = scratch(&folder.path().join("other.db"), "restore").unwrap().keep().unwrap();
        let kept = folder.path().join("pm.db.bak.20260211T143005Z");
        std::fs::write(&kept, "").unwrap();
        sweep(&db_file);
        assert!(!left.exists());
        assert!(of_another.exists(), "it may be in use by another PilotDeck");
        assert!(kept.exists());
    }

    #[test]
    fn a_missing_database_is_told_by_what_lies_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let db_file = folder.path().join("pm.db");
        assert_eq!(traces_of_missing(&db_file), Vec::<String>::new(), "a fresh start");
        for name in ["pm.db.bak.20260211T143005Z", "pm.db-wal", "pm.db.lock", "pm.db.key", "other.db.bak.1"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        assert_eq!(traces_of_missing(&db_file), ["pm.db-wal", "pm.db.bak.20260211T143005Z"]);
        std::fs::write(&db_file, "").unwrap();
        assert_eq!(traces_of_missing(&db_file), Vec::<String>::new());
    }

    #[test]
    fn more_space_than_any_disk_has_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(ensure_space(&folder.path().join("pm.db"), u64::MAX), Err(Error::DiskFull)));
    }

    #[cfg(unix)]
    #[test]
    fn scratch_files_are_ours_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let scratch = scratch(&folder.path().join("pm.db"), "backup").unwrap();
        assert_eq!(scratch.as_file().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
