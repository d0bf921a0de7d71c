//! The one writer: a thread that owns the write connection. It takes all jobs that wait, runs each in a savepoint of one
//! transaction, commits, and only then answers (group commit). A job that fails rolls back alone.

use std::cell::Cell;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use pilotdeck_domain::Timestamp;
use rusqlite::Connection;

use crate::rollups::{self, Deltas};
use crate::search::Work;
use crate::stamps::Stamps;
use crate::totals::SharedTotals;
use crate::{Change, Error, Kind, Result, meta};

/// When an acknowledged write survives a power cut (SECURITY.md §3). Every acknowledged write survives a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Class A: flushed to the disk before the answer.
    Flushed,
    /// Class B: flushed within a second.
    Batched,
}

/// Without a job for so long the writer is idle. Callers that send one write after the other come back sooner.
const IDLE_AFTER: Duration = Duration::from_millis(2);
/// The most jobs one commit carries: bounds what the last of them waits.
const BATCH: usize = 256;
/// Jobs that may wait before callers are told to come back.
pub(crate) const QUEUE: usize = 4096;
/// Class B promises a second; half of it leaves room for a slow disk.
const FLUSH_AFTER: Duration = Duration::from_millis(500);
/// The checkpoint thread is woken each time the WAL has grown by so many pages (16 MiB): often enough that little is left
/// for the writer, seldom enough that pages written again and again are copied once.
const CHECKPOINT_PAGES: i32 = 4096;
/// Pages in the WAL at which the writer itself checkpoints (64 MiB): with no commit beside it the WAL starts over.
const INLINE_CHECKPOINT_PAGES: i32 = 16_384;

/// The write half of a transaction; dereferences to the connection for reading.
pub struct WriteTx<'w> {
    conn: &'w Connection,
    stamps: &'w Stamps,
    pending: &'w mut Pending,
}

/// What the batch has to do beside its rows.
#[derive(Default)]
pub(crate) struct Pending {
    changes: Vec<Change>,
    deltas: Deltas,
}

impl Deref for WriteTx<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        self.conn
    }
}

impl<'w> WriteTx<'w> {
    /// A time later than every stamp given before in this file.
    pub fn stamp(&mut self) -> Timestamp {
        self.stamps.next()
    }

    /// A stamp that is also later than `previous`, the one the record carries: an imported record may come from the future.
    pub fn stamp_after(&mut self, previous: Timestamp) -> Timestamp {
        self.stamps.next().max(previous.next())
    }

    pub(crate) fn publish(&mut self, change: Change) {
        self.pending.changes.push(change);
    }

    pub(crate) fn deltas(&mut self) -> &mut Deltas {
        &mut self.pending.deltas
    }

    /// Runs `fill` over a connection of the caller's own (a staging file): same table functions, nothing published.
    pub(crate) fn detached<T>(
        conn: &Connection,
        stamps: &Stamps,
        fill: impl FnOnce(&mut WriteTx<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut pending = Pending::default();
        let filled = fill(&mut WriteTx { conn, stamps, pending: &mut pending })?;
        rollups::apply(conn, &pending.deltas.merged())?;
        Ok(filled)
    }
}

/// Sends the caller its answer once the commit's fate is known.
pub(crate) type Answer = Box<dyn FnOnce(std::result::Result<(), &Error>) + Send>;

/// A closure of a caller. With a transaction it runs and says whether to keep what it did; with an error (no transaction
/// could begin) it only passes that on. The answer is sent once the commit's fate is known.
pub(crate) type RunJob =
    Box<dyn FnOnce(std::result::Result<&mut WriteTx<'_>, &Error>) -> (bool, Answer) + Send>;

pub(crate) struct WriteJob {
    pub(crate) durability: Durability,
    pub(crate) run: RunJob,
}

/// Runs on the write connection and gives back what tells its caller.
pub(crate) type RunExclusive = Box<dyn FnOnce(&mut Connection) -> Box<dyn FnOnce() + Send> + Send>;

pub(crate) enum Job {
    Write(WriteJob),
    /// Outside any transaction, with everything before it answered.
    Exclusive(RunExclusive),
    Stop,
}

thread_local! {
    /// Pages in the WAL after the last commit of this thread; SQLite's hook takes a plain function.
    static WAL_PAGES: Cell<i32> = const { Cell::new(0) };
}

pub(crate) struct Writer {
    pub(crate) conn: Connection,
    pub(crate) stamps: Stamps,
    pub(crate) always_full: bool,
    pub(crate) on_commit: std::sync::Arc<dyn Fn(Vec<Change>) + Send + Sync>,
    pub(crate) totals: SharedTotals,
    pub(crate) wake_checkpointer: Sender<()>,
    pub(crate) state: State,
}

/// What the writer remembers between batches.
#[derive(Default)]
pub(crate) struct State {
    full: Option<bool>,
    unflushed_since: Option<Instant>,
    /// Pages in the WAL after the last commit.
    wal_pages: i32,
    wake_at: i32,
    inline_checkpoint_at: i32,
    search: Work,
}

impl Writer {
    pub(crate) fn run(mut self, jobs: &Receiver<Job>) {
        self.conn.wal_hook(Some(|_, pages| {
            WAL_PAGES.set(pages);
            Ok(())
        }));
        self.state.search.note_events();
        let mut is_idle = false;
        loop {
            let first = match self.wait_for(is_idle) {
                None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(wait) => jobs.recv_timeout(wait),
            };
            is_idle = first.is_err();
            match first {
                Ok(job) => {
                    if !self.take(job, jobs) {
                        break;
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.index_some(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.state.unflushed_since.is_some_and(|since| since.elapsed() >= FLUSH_AFTER) {
                self.flush();
            }
        }
        self.flush();
        if let Err(error) = self.conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
            tracing::warn!(%error, "the last checkpoint failed; the WAL is kept and read at the next start");
        }
    }

    /// How long to wait for the next job before there is something else to do; none: for ever.
    fn wait_for(&self, is_idle: bool) -> Option<Duration> {
        let flush_in = self.state.unflushed_since.map(|since| FLUSH_AFTER.saturating_sub(since.elapsed()));
        let index_in = if is_idle { Duration::ZERO } else { IDLE_AFTER };
        let index_in = (!self.state.search.is_done()).then_some(index_in);
        flush_in.into_iter().chain(index_in).min()
    }

    /// One small step of the full-text index, in a transaction of its own. It needs no flush: what a power cut takes of it
    /// is done again.
    fn index_some(&mut self) {
        if self.state.search.is_done() {
            return;
        }
        let done = self
            .set_full(false)
            .and_then(|()| execute(&self.conn, "BEGIN IMMEDIATE"))
            .and_then(|()| self.state.search.step(&self.conn))
            .and_then(|()| execute(&self.conn, "COMMIT"));
        match done {
            Ok(()) => self.checkpoint_if_due(),
            Err(error) => {
                tracing::warn!(%error, "indexing events failed; it is tried again after the next ones");
                self.state.search = Work::default();
                if !self.conn.is_autocommit() {
                    let _ = self.conn.execute_batch("ROLLBACK");
                }
            }
        }
    }

    /// Runs `first` and what waits behind it; false when it is time to stop.
    fn take(&mut self, first: Job, jobs: &Receiver<Job>) -> bool {
        let mut batch = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next.take() {
            match job {
                Job::Write(job) => {
                    batch.push(job);
                    if batch.len() < BATCH {
                        next = jobs.try_recv().ok();
                    }
                }
                Job::Exclusive(job) => {
                    self.commit_batch(std::mem::take(&mut batch));
                    self.run_exclusive(job);
                }
                Job::Stop => {
                    self.commit_batch(batch);
                    return false;
                }
            }
        }
        self.commit_batch(batch);
        true
    }

    fn commit_batch(&mut self, batch: Vec<WriteJob>) {
        if batch.is_empty() {
            return;
        }
        let full = self.always_full || batch.iter().any(|job| job.durability == Durability::Flushed);
        let mut answers = Vec::with_capacity(batch.len());
        match self.try_commit(batch, full, &mut answers) {
            Ok(pending) => {
                // Before the answers: who listens from after an answer on does not hear what it answered.
                if pending.changes.iter().any(|change| change.kind == Kind::Event) {
                    self.state.search.note_events();
                }
                if !pending.changes.is_empty() {
                    (self.on_commit)(pending.changes);
                }
                for answer in answers {
                    answer(Ok(()));
                }
                self.note_flush(full);
                self.checkpoint_if_due();
            }
            Err(error) => {
                tracing::error!(%error, "a commit failed; nothing of it was kept");
                if !self.conn.is_autocommit() {
                    let _ = self.conn.execute_batch("ROLLBACK");
                }
                for answer in answers {
                    answer(Err(&error));
                }
            }
        }
    }

    fn try_commit(&mut self, batch: Vec<WriteJob>, full: bool, answers: &mut Vec<Answer>) -> Result<Pending> {
        let mut pending = Pending::default();
        let began = self.set_full(full).and_then(|()| execute(&self.conn, "BEGIN IMMEDIATE"));
        if let Err(error) = began {
            refuse(batch, &error);
            return Err(error);
        }
        let mut jobs = batch.into_iter();
        while let Some(job) = jobs.next() {
            let mark = pending.mark();
            execute(&self.conn, "SAVEPOINT job")?;
            let mut tx = WriteTx { conn: &self.conn, stamps: &self.stamps, pending: &mut pending };
            // A panicking job drops its answer, which its caller sees as an internal error.
            let outcome = catch_unwind(AssertUnwindSafe(|| (job.run)(Ok(&mut tx))));
            let keep = match outcome {
                Ok((keep, answer)) => {
                    answers.push(answer);
                    keep
                }
                Err(_) => {
                    tracing::error!("a write panicked; it was rolled back");
                    false
                }
            };
            if self.conn.is_autocommit() {
                // A full disk or an I/O error made SQLite roll back everything: nobody's write is there.
                refuse(jobs, &Error::DiskFull);
                return Err(Error::DiskFull);
            }
            if !keep {
                execute(&self.conn, "ROLLBACK TO job")?;
                pending.truncate(mark);
            }
            execute(&self.conn, "RELEASE job")?;
        }
        let deltas = pending.deltas.merged();
        rollups::apply(&self.conn, &deltas)?;
        execute(&self.conn, "COMMIT")?;
        self.totals.add(&deltas);
        Ok(pending)
    }

    fn run_exclusive(&mut self, job: RunExclusive) {
        self.flush();
        let answer = catch_unwind(AssertUnwindSafe(|| job(&mut self.conn)));
        if !self.conn.is_autocommit() {
            let _ = self.conn.execute_batch("ROLLBACK");
        }
        self.state.full = None;
        self.state.search.note_events();
        if let Err(error) = self.totals.reload(&self.conn) {
            tracing::error!(%error, "the usage totals could not be read again");
        }
        if let Ok(Some(highest)) = crate::db::highest_stamp(&self.conn, &self.stamps) {
            self.stamps.raise(highest);
        }
        match answer {
            Ok(answer) => answer(),
            // Its caller's channel went with it, which reads as an internal error.
            Err(_) => tracing::error!("an exclusive job panicked"),
        }
    }

    /// `synchronous` may not change inside a transaction, so it is set before each one that needs the other level.
    fn set_full(&mut self, full: bool) -> Result<()> {
        if self.state.full != Some(full) {
            self.conn.pragma_update(None, "synchronous", if full { "FULL" } else { "NORMAL" })?;
            self.state.full = Some(full);
        }
        Ok(())
    }

    fn note_flush(&mut self, full: bool) {
        if full {
            self.state.unflushed_since = None;
        } else {
            self.state.unflushed_since.get_or_insert_with(Instant::now);
        }
    }

    /// Makes every earlier class B commit safe against a power cut: a small commit at FULL flushes the WAL before it.
    fn flush(&mut self) {
        if self.state.unflushed_since.take().is_none() {
            return;
        }
        let highest = self.stamps.last().to_string();
        let flushed = self
            .set_full(true)
            .and_then(|()| execute(&self.conn, "BEGIN IMMEDIATE"))
            .and_then(|()| meta::set(&self.conn, meta::HIGHEST_STAMP, &highest))
            .and_then(|()| execute(&self.conn, "COMMIT"));
        if let Err(error) = flushed {
            tracing::warn!(%error, "flushing the WAL failed; it is tried again with the next write");
            if !self.conn.is_autocommit() {
                let _ = self.conn.execute_batch("ROLLBACK");
            }
        }
    }

    fn checkpoint_if_due(&mut self) {
        let pages = WAL_PAGES.get();
        if pages <= self.state.wal_pages || self.state.wake_at == 0 {
            // The WAL started over.
            self.state.wake_at = CHECKPOINT_PAGES;
            self.state.inline_checkpoint_at = INLINE_CHECKPOINT_PAGES;
        }
        self.state.wal_pages = pages;
        if pages >= self.state.inline_checkpoint_at {
            let _ = self.conn.execute_batch("PRAGMA wal_checkpoint(PASSIVE)");
            // A reader may hold it back; do not pay for a try at every commit.
            self.state.inline_checkpoint_at = pages + CHECKPOINT_PAGES;
        } else if pages >= self.state.wake_at {
            // A wake-up that is already waiting is enough.
            let _ = self.wake_checkpointer.try_send(());
            self.state.wake_at = pages + CHECKPOINT_PAGES;
        }
    }
}

impl Pending {
    fn mark(&self) -> (usize, rollups::Mark) {
        (self.changes.len(), self.deltas.mark())
    }

    fn truncate(&mut self, (changes, deltas): (usize, rollups::Mark)) {
        self.changes.truncate(changes);
        self.deltas.truncate(deltas);
    }
}

/// Tells the callers of jobs that will not run why.
fn refuse(jobs: impl IntoIterator<Item = WriteJob>, error: &Error) {
    for job in jobs {
        let (_, answer) = (job.run)(Err(error));
        answer(Err(error));
    }
}

fn execute(conn: &Connection, sql: &str) -> Result<()> {
    conn.prepare_cached(sql)?.execute([])?;
    Ok(())
}
