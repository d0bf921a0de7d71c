//! Backups out, backups in: one consistent file of the whole database, and the way back. The phases of a restore stand in
//! `restore.rs`.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use pilotdeck_storage::{Db, snapshot};
use tempfile::TempPath;
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf, Take};
use tokio::sync::Semaphore;

use crate::auth::Auth;
use crate::error::{Error, Result};
use crate::live::Live;
use crate::restore_progress::{ProgressBoard, RestoreProgress, RestoreTurn};
use crate::settings::Settings;
use crate::{deploy, files};

/// How often long work says how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// Backup and restore of this database. Clones are the same one.
#[derive(Clone)]
pub struct Backup(pub(crate) Arc<Inner>);

/// What backups and restores work with.
pub(crate) struct Inner {
    pub(crate) db: Db,
    pub(crate) live: Live,
    pub(crate) auth: Auth,
    pub(crate) settings: Arc<Settings>,
    maintenance: AtomicBool,
    /// One restore at a time.
    restoring: Arc<Semaphore>,
    pub(crate) progress: ProgressBoard,
    /// One copy at a time: two would take twice the space and be no sooner.
    copying: Semaphore,
}

impl Backup {
    /// For the one who holds the database's lock: leftovers of a crash are removed.
    pub(crate) fn new(db: Db, live: Live, auth: Auth, settings: Arc<Settings>) -> Backup {
        files::sweep(&settings.db_file);
        Backup(Arc::new(Inner {
            db,
            live,
            auth,
            settings,
            maintenance: AtomicBool::new(false),
            restoring: Arc::new(Semaphore::new(1)),
            progress: ProgressBoard::default(),
            copying: Semaphore::new(1),
        }))
    }

    /// Whether a restore is putting its file in place: then only health, meta and admin calls answer.
    pub fn maintenance(&self) -> bool {
        self.0.maintenance.load(Ordering::Acquire)
    }

    /// How far the restore is that is running, if one is.
    pub fn restore_progress(&self) -> RestoreProgress {
        self.0.progress.get()
    }

    /// Makes a backup to be read and thrown away: flushed, checked, without login sessions.
    pub async fn create(&self) -> Result<BackupFile> {
        let scratch = files::scratch(&self.0.settings.db_file, "backup")?.into_temp_path();
        self.copy_to(&scratch).await?;
        let file = tokio::fs::File::open(&scratch).await?;
        let size = file.metadata().await?.len();
        Ok(BackupFile { file: file.take(size), _scratch: Some(scratch), file_name: self.file_name(), size })
    }

    /// Makes a backup that stays, at `path`, which must not exist. Gives its size.
    pub async fn write_to(&self, path: &Path) -> Result<u64> {
        let _turn = self.0.copying.acquire().await.map_err(|closed| Error::Internal(closed.into()))?;
        backup_file(self.0.db.path(), path).await
    }

    /// The name a backup made now has: `pm_backup_YYYYMMDDTHHMMSSZ.db`.
    pub fn file_name(&self) -> String {
        format!("pm_backup_{}.db", files::compact(self.0.settings.clock.now()))
    }

    async fn copy_to(&self, scratch: &Path) -> Result<()> {
        let _turn = self.0.copying.acquire().await.map_err(|closed| Error::Internal(closed.into()))?;
        let (live, copy) = (self.0.db.path().to_owned(), scratch.to_owned());
        blocking(move || copy_file(&live, &copy)).await
    }

    /// The right to restore, for one at a time and for none while a deploy may replace the program.
    pub(crate) fn begin_restore(&self) -> Result<RestoreTurn> {
        let permit = Arc::clone(&self.0.restoring)
            .try_acquire_owned()
            .map_err(|_| Error::BusyJob("A restore is already running".to_owned()))?;
        let turn = RestoreTurn::new(self.0.progress.clone(), permit);
        if deploy::is_running(&self.0.settings)? {
            return Err(Error::BusyJob("A deploy is running".to_owned()));
        }
        Ok(turn)
    }

    pub(crate) fn enter_maintenance(&self) -> Maintenance {
        self.0.maintenance.store(true, Ordering::Release);
        Maintenance(self.clone())
    }
}

/// Backs up the database `db_file` to the new file `path`, whether or not a PilotDeck has it open. Gives its size.
pub async fn backup_file(db_file: &Path, path: &Path) -> Result<u64> {
    let (live, path) = (db_file.to_owned(), path.to_owned());
    blocking(move || {
        let folder = files::folder(&path).to_owned();
        let scratch = tempfile::Builder::new().prefix(".pm_backup_").tempfile_in(folder)?.into_temp_path();
        copy_file(&live, &scratch)?;
        let size = std::fs::metadata(&scratch)?.len();
        scratch.persist_noclobber(&path).map_err(|failed| failed.error)?;
        crate::platform::sync_folder(&path);
        Ok(size)
    })
    .await
}

fn copy_file(live: &Path, copy: &Path) -> Result<()> {
    files::ensure_space(copy, std::fs::metadata(live)?.len())?;
    let mut last_told = Instant::now();
    let mut tell = |done: u64, total: u64| {
        if last_told.elapsed() >= PROGRESS_EVERY {
            last_told = Instant::now();
            tracing::info!("{done} of {total} pages copied");
        }
    };
    Ok(snapshot::backup(live, copy, &mut tell)?)
}

/// Maintenance mode, until it is dropped.
pub(crate) struct Maintenance(Backup);

impl Drop for Maintenance {
    fn drop(&mut self) {
        self.0.0.maintenance.store(false, Ordering::Release);
    }
}

/// A backup, to be read from start to end. One that was made for this goes away with it, whether or not it was read.
pub struct BackupFile {
    // Closed before the file is removed: Windows removes no open file.
    file: Take<tokio::fs::File>,
    _scratch: Option<TempPath>,
    /// What to call it.
    pub file_name: String,
    /// Its length in bytes.
    pub size: u64,
}

impl BackupFile {
    /// One that stays.
    pub(crate) fn stored(file: std::fs::File, file_name: String, size: u64) -> BackupFile {
        let file = tokio::fs::File::from_std(file).take(size);
        BackupFile { file, _scratch: None, file_name, size }
    }
}

impl AsyncRead for BackupFile {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.file).poll_read(cx, buf)
    }
}

/// Runs `work` off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|failed| Error::Internal(failed.into()))?
}

/// The path with its links followed, for comparing.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| -> Option<PathBuf> { path.canonicalize().ok() };
    real(one).is_some_and(|one| real(other) == Some(one))
}
