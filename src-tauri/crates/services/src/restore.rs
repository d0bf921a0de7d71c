//! The phases of a restore (SECURITY.md, R): receive, inspect, stage; then, under maintenance, copy what is there, put the
//! new pages in place in one transaction, and settle. Also the import of an older server's file at start, and inspecting.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pilotdeck_domain::Timestamp;
use pilotdeck_storage::{self as storage, Connection, Db, Refused, Report, StageOptions, snapshot};
use serde::Serialize;
use tempfile::TempPath;
use tokio::io::AsyncWriteExt;

use crate::backup::{Backup, blocking, is_same_file};
use crate::error::{Error, Result};
use crate::restore_progress::{ProgressBoard, RestorePhase, RestoreTurn};
use crate::settings::Settings;
use crate::zone::ImportZone;
use crate::{files, passwords, platform, recover};

/// What a restore needs beside the file itself: the staged file, the copy of the old data, and the WAL of the swap.
const SPACE_FACTOR: u64 = 3;
/// How often a full write queue is asked again; during maintenance nothing new joins it.
const QUEUE_TRIES: u32 = 200;
const QUEUE_PAUSE: Duration = Duration::from_millis(50);
/// How often a person who waits is told how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RestoreOutcome {
    /// The name of the database file.
    pub db_file: String,
    /// The name of the copy of what was there before; none after a dry run.
    pub previous_db_backup: Option<String>,
    /// What was found in the file.
    pub report: Report,
}

/// A file that is being received. Dropped, it is gone.
pub struct Upload {
    backup: Backup,
    turn: RestoreTurn,
    file: tokio::fs::File,
    scratch: TempPath,
    declared: u64,
    received: u64,
    /// The most bytes it takes.
    limit: u64,
}

impl Backup {
    /// Begins to receive a file: refused while another restore runs, when it is declared too large, or when there is no
    /// space for it.
    pub async fn receive(&self, declared: Option<u64>) -> Result<Upload> {
        self.receive_up_to(self.0.settings.restore_max, declared)
    }

    /// The same with another limit than that for uploads.
    pub(crate) fn receive_up_to(&self, limit: u64, declared: Option<u64>) -> Result<Upload> {
        let turn = self.begin_restore()?;
        let db_file = &self.0.settings.db_file;
        let declared = declared.unwrap_or_default();
        check_size(declared, limit)?;
        files::ensure_space(db_file, declared.saturating_mul(SPACE_FACTOR))?;
        let (file, scratch) = files::scratch(db_file, "restore")?.into_parts();
        let file = tokio::fs::File::from_std(file);
        self.0.progress.set(RestorePhase::Receiving, 0, declared);
        Ok(Upload { backup: self.clone(), turn, file, scratch, declared, received: 0, limit })
    }

    /// Restores from a file of this machine, with the rows of its WAL if it has one. The file itself is not changed.
    pub async fn restore_file(&self, path: &Path, dry_run: bool) -> Result<RestoreOutcome> {
        let turn = self.begin_restore()?;
        if is_same_file(path, &self.0.settings.db_file) {
            return Err(Error::BackupRefused("The file is the database that is in use".to_owned()));
        }
        let size = tokio::fs::metadata(path).await?.len();
        files::ensure_space(&self.0.settings.db_file, size.saturating_mul(SPACE_FACTOR))?;
        let source = Source::of_file(path, &self.0.settings).await?;
        self.restore(turn, source, dry_run).await
    }

    /// Runs in a task of its own: a caller who hangs up does not stop a restore half-way.
    async fn restore(&self, turn: RestoreTurn, source: Source, dry_run: bool) -> Result<RestoreOutcome> {
        let backup = self.clone();
        let task = tokio::spawn(async move {
            let outcome = backup.stage_and_swap(source, dry_run).await;
            drop(turn);
            outcome
        });
        task.await.map_err(|failed| Error::Internal(failed.into()))?
    }

    async fn stage_and_swap(&self, source: Source, dry_run: bool) -> Result<RestoreOutcome> {
        let settings = Arc::clone(&self.0.settings);
        let progress = self.0.progress.clone();
        let staging = files::scratch(&settings.db_file, "restore")?.into_temp_path();
        let (staging, report) = blocking(move || {
            let report = stage(source.path(), &staging, &settings, &progress)?;
            Ok((staging, report))
        })
        .await?;
        let db_file = files::name(&self.0.settings.db_file);
        if dry_run {
            return Ok(RestoreOutcome { db_file, previous_db_backup: None, report });
        }
        let previous = self.swap(staging).await?;
        tracing::info!(rows = ?report.rows, "a database was restored; the one before is {previous}");
        Ok(RestoreOutcome { db_file, previous_db_backup: Some(previous), report })
    }

    /// Phases 4 to 7. Gives the name of the rollback copy.
    async fn swap(&self, staging: TempPath) -> Result<String> {
        let maintenance = self.enter_maintenance();
        let rooms = &self.0;
        let rollback = files::scratch(&rooms.settings.db_file, "restore")?.into_temp_path();
        let job = Swap {
            db: rooms.db.clone(),
            db_file: rooms.settings.db_file.clone(),
            now: rooms.settings.clock.now(),
            staging,
            rollback,
            progress: rooms.progress.clone(),
        };
        rooms.progress.set(RestorePhase::Waiting, 0, 0);
        self.wait_for_the_queue().await?;
        let swapped = rooms.db.exclusive(move |live| job.run(live)).await;
        if !matches!(swapped, Ok(_) | Err(Error::RestoreRolledBack(_))) {
            // Nothing was replaced.
            return swapped;
        }
        let forgotten = rooms.auth.forget_everything().await;
        // Service first: who is told to read anew does so at once.
        drop(maintenance);
        rooms.live.reset();
        forgotten.and(swapped)
    }

    /// Returns when everything that was queued for writing has been answered.
    async fn wait_for_the_queue(&self) -> Result<()> {
        for _ in 0..QUEUE_TRIES {
            match self.0.db.exclusive(|_| Ok::<_, Error>(())).await {
                Err(Error::Busy) => tokio::time::sleep(QUEUE_PAUSE).await,
                answered => return answered,
            }
        }
        Err(Error::Busy)
    }
}

impl Upload {
    /// Takes the next bytes; refused beyond the limit.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.received = self.received.saturating_add(bytes.len() as u64);
        check_size(self.received, self.limit)?;
        self.file.write_all(bytes).await?;
        self.backup.0.progress.set(RestorePhase::Receiving, self.received, self.declared.max(self.received));
        Ok(())
    }

    /// How many bytes have come.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Only tells what is in what was received.
    pub async fn inspect(self) -> Result<Report> {
        Ok(self.restore(true).await?.report)
    }

    /// Restores from what was received; with `dry_run` only tells what is in it.
    pub async fn restore(mut self, dry_run: bool) -> Result<RestoreOutcome> {
        self.file.flush().await?;
        let Upload { backup, turn, file, scratch, received, .. } = self;
        drop(file);
        files::ensure_space(&backup.0.settings.db_file, received.saturating_mul(SPACE_FACTOR))?;
        backup.restore(turn, Source::Scratch(scratch), dry_run).await
    }
}

/// Tells what is in a file, without a database of our own. The file is not changed.
pub async fn inspect_file(path: &Path, settings: &Settings) -> Result<Report> {
    let settings = settings.clone();
    let folder = std::env::temp_dir();
    let scratch_of = move || {
        Ok::<_, Error>(tempfile::Builder::new().prefix(".pm_inspect_").tempfile_in(&folder)?.into_temp_path())
    };
    let path = path.to_owned();
    blocking(move || {
        let staging = scratch_of()?;
        if storage::has_wal(&path) {
            let copy = scratch_of()?;
            storage::copy_with_wal(&path, &copy).map_err(of_refusal)?;
            return stage(&copy, &staging, &settings, &ProgressBoard::default());
        }
        stage(&path, &staging, &settings, &ProgressBoard::default())
    })
    .await
}

/// Turns an older server's file at `settings.db_file` into one of ours, in place. A whole copy of the old one stays beside
/// it as `pm.db.legacy.<time>`.
pub(crate) async fn import_in_place(settings: Arc<Settings>) -> Result<Report> {
    blocking(move || {
        let db_file = &settings.db_file;
        let size = std::fs::metadata(db_file)?.len();
        files::ensure_space(db_file, size.saturating_mul(SPACE_FACTOR))?;
        let kept = files::scratch(db_file, "restore")?.into_temp_path();
        let staging = files::scratch(db_file, "restore")?.into_temp_path();
        let now = settings.clock.now();
        tracing::info!("{} is a database of the older server: importing it", files::name(db_file));
        let copy = kept.to_path_buf();
        let report = with_options(&settings, &ProgressBoard::default(), |options| {
            storage::import_in_place(db_file, &copy, &staging, options, || {
                let kept = files::keep(kept, db_file, "legacy", now)?;
                tracing::info!("the old database is kept as {}", files::name(&kept));
                Ok(())
            })
        })?;
        platform::make_private(db_file)?;
        tracing::info!(rows = ?report.rows, changed = ?report.changed, refused = ?report.refused, "imported");
        Ok(report)
    })
    .await
}

/// Restores from the file `path` where the database cannot be opened at all: the damaged files step aside as
/// `pm.db.corrupt.<time>`. Only when opening it failed; for the command line and the window.
pub async fn replace_damaged(path: &Path, settings: &Settings) -> Result<RestoreOutcome> {
    let source = Source::of_file(path, settings).await?;
    let settings = settings.clone();
    blocking(move || {
        let db_file = &settings.db_file;
        let _lock =
            storage::lock(db_file).map_err(|_| Error::BusyJob("The database is in use".to_owned()))?;
        let staging = files::scratch(db_file, "restore")?.into_temp_path();
        let report = stage(source.path(), &staging, &settings, &ProgressBoard::default())?;
        let now = settings.clock.now();
        let incoming = files::keep(staging, db_file, "incoming", now)?;
        let previous = recover::replace(db_file, &incoming, &files::compact(now))?;
        Ok(RestoreOutcome { db_file: files::name(db_file), previous_db_backup: Some(previous), report })
    })
    .await
}

/// Refuses to make an empty database where there should be one (SECURITY.md F5), and a zone that nobody knows.
pub(crate) fn check_before_opening(settings: &Settings) -> Result<()> {
    ImportZone::parse(settings.import_timezone.as_deref())?;
    let db_file = &settings.db_file;
    recover::finish(db_file)?;
    let traces = files::traces_of_missing(db_file);
    if traces.is_empty() {
        return Ok(());
    }
    let name = files::name(db_file);
    Err(Error::Forbidden(format!(
        "{name} is missing, but {} lies beside it: rename the copy you want to {name}, or move them all elsewhere to \
         start with an empty database",
        traces.join(", ")
    )))
}

/// A file to restore from.
enum Source {
    Scratch(TempPath),
    Local(PathBuf),
}

impl Source {
    async fn of_file(path: &Path, settings: &Settings) -> Result<Source> {
        let path = path.to_owned();
        let db_file = settings.db_file.clone();
        blocking(move || {
            if !storage::has_wal(&path) {
                return Ok(Source::Local(path));
            }
            let copy = files::scratch(&db_file, "restore")?.into_temp_path();
            storage::copy_with_wal(&path, &copy).map_err(of_refusal)?;
            Ok(Source::Scratch(copy))
        })
        .await
    }

    fn path(&self) -> &Path {
        match self {
            Source::Scratch(path) => path,
            Source::Local(path) => path,
        }
    }
}

/// What happens on the writer's thread while nobody else writes.
struct Swap {
    db: Db,
    db_file: PathBuf,
    now: Timestamp,
    staging: TempPath,
    rollback: TempPath,
    progress: ProgressBoard,
}

impl Swap {
    fn run(self, live: &mut Connection) -> Result<String> {
        snapshot::rollback_copy(live, &self.rollback, &mut self.progress.telling(RestorePhase::Saving))?;
        let rollback = files::keep(self.rollback, &self.db_file, "bak", self.now)?;
        // No stamp is given while this runs, so this is the highest there will be before the new content is in place.
        storage::remember_stamp(&self.staging, self.db.last_stamp())?;
        let mut copying = self.progress.telling(RestorePhase::Copying);
        if let Err(error) = snapshot::copy_over(live, &self.staging, &mut copying) {
            // The transaction did not commit: the data are as they were, and the copy is only in the way.
            let _ = std::fs::remove_file(&rollback);
            return Err(error.into());
        }
        self.progress.set(RestorePhase::Finishing, 0, 0);
        if let Err(error) = storage::settle(live) {
            tracing::error!(
                "the restored database failed its check, going back to {}: {error}",
                files::name(&rollback)
            );
            snapshot::copy_over(live, &rollback, &mut self.progress.telling(RestorePhase::Copying))?;
            storage::settle(live)?;
            return Err(Error::RestoreRolledBack(
                "its content failed the check after it was put in place".to_owned(),
            ));
        }
        Ok(files::name(&rollback))
    }
}

fn stage(source: &Path, staging: &Path, settings: &Settings, board: &ProgressBoard) -> Result<Report> {
    with_options(settings, board, |options| storage::stage(source, staging, options))
}

fn with_options<T>(
    settings: &Settings,
    board: &ProgressBoard,
    work: impl FnOnce(&StageOptions<'_>) -> std::result::Result<T, Refused>,
) -> Result<T> {
    let zone = ImportZone::parse(settings.import_timezone.as_deref())?;
    let last_told = Cell::new(Instant::now());
    // Until the first row: header, schema, integrity.
    board.set(RestorePhase::Inspecting, 0, 0);
    work(&StageOptions {
        now: settings.clock.now(),
        naive: &|naive| zone.instant(naive),
        password: &hash_to_keep,
        progress: &|done, total| {
            board.set(RestorePhase::Staging, done, total);
            if last_told.get().elapsed() >= PROGRESS_EVERY {
                last_told.set(Instant::now());
                tracing::info!("{done} of {total} rows");
            }
        },
    })
    .map_err(of_refusal)
}

/// The older server's bare SHA-256 is wrapped; a hash of ours stays; anything else opens nothing (SECURITY.md A5).
fn hash_to_keep(stored: &str) -> Option<String> {
    if stored.len() == 64 && stored.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return passwords::wrap_legacy(stored).ok();
    }
    passwords::is_ours(stored).then(|| stored.to_owned())
}

fn check_size(size: u64, limit: u64) -> Result<()> {
    if size <= limit {
        return Ok(());
    }
    Err(Error::TooLarge(format!("The file is larger than {limit} bytes (PM_RESTORE_MAX)")))
}

fn of_refusal(refused: Refused) -> Error {
    match refused {
        Refused::NotABackup(text) => Error::NotABackup(text),
        Refused::TooNew { found, ours } => Error::BackupTooNew { found, ours },
        Refused::NotTrusted(text) => Error::BackupRefused(text),
        Refused::Unreadable(error) => error.into(),
        // Damage of the staged file is a fault of ours, not of the live database.
        Refused::Storage(storage::Error::Corrupt(what)) => {
            Error::Internal(anyhow::anyhow!("staging: {what}"))
        }
        Refused::Storage(error) => error.into(),
    }
}

#[cfg(test)]
mod tests;
