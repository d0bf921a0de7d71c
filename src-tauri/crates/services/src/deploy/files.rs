//! The files of a deploy, beside the database: state, log, lock and the order for the runner. Knows no processes.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::DeployStatus;
use crate::platform;

/// Where the files of a deploy stand.
#[derive(Clone, Debug)]
pub(crate) struct DeployFiles {
    folder: PathBuf,
}

impl DeployFiles {
    /// In the folder of this database. Absolute, since the runner may start elsewhere.
    pub(crate) fn beside(db_file: &Path) -> DeployFiles {
        let absolute = std::path::absolute(db_file).unwrap_or_else(|_| db_file.to_owned());
        DeployFiles::within(absolute.parent().unwrap_or(Path::new(".")))
    }

    pub(crate) fn within(folder: &Path) -> DeployFiles {
        DeployFiles { folder: folder.to_owned() }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("deploy.log")
    }

    fn state(&self) -> PathBuf {
        self.folder.join("deploy.state.json")
    }

    /// What the runner is told; it holds secrets and is gone as soon as the runner has read it.
    pub(crate) fn job(&self) -> PathBuf {
        self.folder.join("deploy.job.json")
    }

    /// None before the first job, and when the file is no state of ours.
    pub(crate) fn read_status(&self) -> io::Result<Option<DeployStatus>> {
        match fs::read(self.state()) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)
                .inspect_err(|error| tracing::warn!("deploy.state.json cannot be read: {error}"))
                .ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Replaces the state as a whole: a reader sees the old or the new one.
    pub(crate) fn write_status(&self, status: &DeployStatus) -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".deploy.state.").tempfile_in(&self.folder)?;
        file.write_all(&serde_json::to_vec_pretty(status)?)?;
        file.as_file().sync_all()?;
        file.persist(self.state())?;
        platform::sync_folder(&self.state());
        Ok(())
    }

    /// The runner holds this for as long as it lives, whatever ends it; waits for it to be free.
    pub(crate) fn hold_lock(&self) -> io::Result<File> {
        let file = self.open_lock()?;
        file.lock()?;
        Ok(file)
    }

    pub(crate) fn runner_is_alive(&self) -> io::Result<bool> {
        match self.open_lock()?.try_lock() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn open_lock(&self) -> io::Result<File> {
        platform::open_private(&self.folder.join("deploy.lock"))
    }

    /// The last lines of the log; none without a log.
    pub(crate) fn read_log(&self, lines: usize) -> io::Result<Vec<String>> {
        let bytes = match fs::read(self.log()) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let text = String::from_utf8_lossy(&bytes);
        let all: Vec<&str> = text.lines().collect();
        Ok(all[all.len().saturating_sub(lines)..].iter().map(|line| (*line).to_owned()).collect())
    }
}
