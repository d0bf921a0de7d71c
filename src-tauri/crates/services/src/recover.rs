//! When the database file cannot be opened at all: the damaged files step aside, together, and a staged one takes their
//! place. The only time that files are moved; an intent on disk lets the next start finish what a crash left.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::{files, platform};

/// What is being done, flushed before it is begun.
#[derive(Serialize, Deserialize)]
struct Intent {
    /// Added to the names of the damaged files: `corrupt.<time>`.
    aside: String,
    /// The name of the file that takes their place.
    incoming: String,
}

/// Moves the damaged `db_file` with its WAL aside and puts `incoming`, a whole file beside it, in its place. Gives the name
/// the damaged file has now. Nobody may have any of them open.
pub(crate) fn replace(db_file: &Path, incoming: &Path, time: &str) -> Result<String> {
    let intent = Intent { aside: format!("corrupt.{time}"), incoming: files::name(incoming) };
    let path = intent_file(db_file);
    let mut file = platform::create_private(&path)?;
    file.write_all(serde_json::to_string(&intent).map_err(io::Error::from)?.as_bytes())?;
    file.sync_all()?;
    platform::sync_folder(&path);
    carry_out(db_file, &intent)?;
    Ok(files::name(&aside(db_file, &intent, "")))
}

/// Finishes what a crash left undone. For the start, before the database is opened.
pub(crate) fn finish(db_file: &Path) -> Result<()> {
    let text = match fs::read_to_string(intent_file(db_file)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    match serde_json::from_str(&text) {
        Ok(intent) => carry_out(db_file, &intent),
        // Cut off before it was flushed: nothing was begun.
        Err(_) => Ok(fs::remove_file(intent_file(db_file))?),
    }
}

fn carry_out(db_file: &Path, intent: &Intent) -> Result<()> {
    let incoming = files::folder(db_file).join(&intent.incoming);
    // Once it is gone it is in place: what stands at `db_file` now is the new one.
    if incoming.exists() {
        for suffix in ["-wal", "-shm", ""] {
            let damaged = beside(db_file, suffix);
            if damaged.exists() {
                fs::rename(&damaged, aside(db_file, intent, suffix))?;
            }
        }
        platform::sync_folder(db_file);
        fs::rename(&incoming, db_file)?;
        platform::sync_folder(db_file);
    }
    fs::remove_file(intent_file(db_file))?;
    platform::sync_folder(db_file);
    Ok(())
}

fn intent_file(db_file: &Path) -> PathBuf {
    beside(db_file, ".intent")
}

fn aside(db_file: &Path, intent: &Intent, suffix: &str) -> PathBuf {
    beside(db_file, &format!(".{}{suffix}", intent.aside))
}

fn beside(db_file: &Path, suffix: &str) -> PathBuf {
    let mut name = db_file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(folder: &Path, name: &str) -> Option<String> {
        fs::read_to_string(folder.join(name)).ok()
    }

    #[test]
    fn a_crash_at_any_step_is_finished_by_the_next_start() {
        // Each case is the folder as it stands after so many of the steps.
        for done in 0..=4 {
            let folder = tempfile::tempdir().unwrap();
            let db_file = folder.path().join("pm.db");
            let moved =
                |name: &str, aside: &str, step| if done >= step { aside.to_owned() } else { name.to_owned() };
            let write = |name: String, text: &str| fs::write(folder.path().join(name), text).unwrap();
            write("pm.db.intent".into(), r#"{"aside":"corrupt.T","incoming":"pm.db.incoming"}"#);
            write(moved("pm.db-wal", "pm.db.corrupt.T-wal", 1), "old wal");
            write(moved("pm.db-shm", "pm.db.corrupt.T-shm", 2), "old shm");
            write(moved("pm.db", "pm.db.corrupt.T", 3), "old");
            write(moved("pm.db.incoming", "pm.db", 4), "new");
            finish(&db_file).unwrap();
            assert_eq!(read(folder.path(), "pm.db").as_deref(), Some("new"), "after step {done}");
            assert_eq!(read(folder.path(), "pm.db.corrupt.T").as_deref(), Some("old"));
            assert_eq!(read(folder.path(), "pm.db.corrupt.T-wal").as_deref(), Some("old wal"));
            assert_eq!(read(folder.path(), "pm.db.intent"), None);
            assert_eq!(read(folder.path(), "pm.db-wal"), None);
        }
    }

    #[test]
    fn an_intent_that_was_cut_off_began_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let db_file = folder.path().join("pm.db");
        fs::write(&db_file, "old").unwrap();
        fs::write(intent_file(&db_file), "{\"asi").unwrap();
        finish(&db_file).unwrap();
        assert_eq!(read(folder.path(), "pm.db").as_deref(), Some("old"));
        assert!(!intent_file(&db_file).exists());
    }
}
