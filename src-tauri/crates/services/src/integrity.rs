//! Whether the database is whole. Knows when to stop looking; what is looked at stands in storage.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use pilotdeck_domain::Timestamp;
use pilotdeck_storage::Db;
use pilotdeck_storage::check::{self, Limits};
use tokio::sync::Semaphore;

use crate::backup::blocking;
use crate::error::{Error, Result};
use crate::settings::Settings;

const GIB: u64 = 1024 * 1024 * 1024;
/// The time a check may take: once, and once more per GiB, as for a file that is restored (SECURITY.md R3).
const LIMIT: Duration = Duration::from_secs(60);

/// Checks this database. Clones are the same one.
#[derive(Clone)]
pub struct Integrity {
    db: Db,
    settings: Arc<Settings>,
    /// One at a time: it reads every page.
    checking: Arc<Semaphore>,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq)]
pub struct IntegrityReport {
    /// It came to its end and found nothing.
    pub ok: bool,
    /// A sentence for each problem, at most 100.
    pub problems: Vec<String>,
    /// When it ended.
    pub checked_at: Timestamp,
    /// How long it took.
    pub seconds: f64,
    /// The hourly sums agree with the records.
    pub rollups_ok: bool,
}

impl Integrity {
    pub(crate) fn new(db: Db, settings: Arc<Settings>) -> Integrity {
        Integrity { db, settings, checking: Arc::new(Semaphore::new(1)) }
    }

    /// Checks structure, references and roll-ups while everything else goes on. A caller who hangs up ends it.
    pub async fn check(&self) -> Result<IntegrityReport> {
        let turn = Arc::clone(&self.checking)
            .try_acquire_owned()
            .map_err(|_| Error::BusyJob("An integrity check is already running".to_owned()))?;
        let path = self.db.path().to_owned();
        let hung_up = StopOnDrop::default();
        let stop = Arc::clone(&hung_up.0);
        let begun = Instant::now();
        let (findings, limit) = blocking(move || {
            let _turn = turn;
            let limit = limit_for(std::fs::metadata(&path)?.len());
            Ok((check::check(&path, Limits { deadline: begun + limit, stop })?, limit))
        })
        .await?;
        let mut problems = findings.problems;
        if findings.stopped {
            problems.insert(
                0,
                format!("The check was stopped after {} seconds, before its end", limit.as_secs()),
            );
            problems.truncate(check::MOST_PROBLEMS);
        }
        if !problems.is_empty() {
            tracing::warn!(?problems, "the database was checked and is not as it should be");
        }
        Ok(IntegrityReport {
            ok: problems.is_empty(),
            rollups_ok: !findings.rollups_differ && !findings.stopped,
            problems,
            checked_at: self.settings.clock.now(),
            seconds: begun.elapsed().as_millis() as f64 / 1e3,
        })
    }
}

fn limit_for(size: u64) -> Duration {
    LIMIT + LIMIT * u32::try_from(size.div_ceil(GIB)).unwrap_or(u32::MAX / 120)
}

/// Tells the check that nobody waits for it any more.
#[derive(Default)]
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
