//! The open database: the threads that own its connections, and the two ways in, [`Db::read`] and [`Db::write`].

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TrySendError};
use futures_channel::oneshot;
use pilotdeck_domain::overview::Span;
use pilotdeck_domain::stats::TokenStats;
use pilotdeck_domain::{Timestamp, Zone};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::overview::Hourly;
use crate::readers::{ReadJob, Readers};
use crate::stamps::{ReadClock, Stamps};
use crate::totals::SharedTotals;
use crate::writer::{Answer, Durability, Job, QUEUE, State, WriteJob, WriteTx, Writer};
use crate::{APPLICATION_ID, Change, Error, Result, SCHEMA_VERSION, meta, migrate, snapshot};

/// SQLite 3.51.3: earlier ones can damage a WAL when it starts over (SECURITY.md G2).
const OLDEST_SQLITE: i32 = 3_051_003;

/// How to open a database.
pub struct Options {
    /// The file; made when it is missing.
    pub path: PathBuf,
    /// Flush every commit before its answer (`PM_SYNCHRONOUS=full`).
    pub synchronous_full: bool,
    /// Reads the clock.
    pub clock: ReadClock,
    /// Told what each commit changed, after it.
    pub on_commit: Arc<dyn Fn(Vec<Change>) + Send + Sync>,
}

/// Why a database was not opened; the file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Written by a newer PilotDeck.
    #[error(
        "{path} was written by a newer PilotDeck (schema {found}, this one knows up to {ours}); start that version, or restore a backup made by this one"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i32,
        /// What this build knows.
        ours: i32,
    },
    /// A file of the older server: it has to be imported first.
    #[error("{path} is a database of the older server (version {version})")]
    Legacy {
        /// The file.
        path: PathBuf,
        /// Its `user_version`.
        version: i32,
    },
    /// Some other program's file.
    #[error("{path} is no PilotDeck database ({reason})")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        reason: String,
    },
    /// Another PilotDeck has it open.
    #[error("{path} is in use by another PilotDeck")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// SQLite refuses write-ahead logging there, as on network file systems.
    #[error(
        "{path} cannot use write-ahead logging (SQLite chose {mode:?}): the folder may be on a network file system"
    )]
    NoWal {
        /// The file.
        path: PathBuf,
        /// The journal mode it got.
        mode: String,
    },
    /// A migration failed; the file is as it was.
    #[error("{path} could not be brought to the current schema; it is unchanged, and a copy is at {backup}")]
    Migration {
        /// The file.
        path: PathBuf,
        /// The copy made before.
        backup: PathBuf,
        /// What failed.
        #[source]
        source: Error,
    },
    /// Linked with an SQLite that can damage a WAL when it starts over.
    #[error("this build uses SQLite {}, which is too old to be trusted with a database", rusqlite::version())]
    OldSqlite,
    /// The file or its lock file cannot be opened.
    #[error("{path} cannot be opened: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// SQLite failed.
    #[error("{path} cannot be opened: {source}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Error,
    },
}

/// An open database. Clones share it.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    writes: Sender<Job>,
    reads: Sender<ReadJob>,
    stamps: Stamps,
    totals: SharedTotals,
    threads: Mutex<Option<Threads>>,
}

struct Threads {
    writer: JoinHandle<()>,
    checkpointer: JoinHandle<()>,
    readers: Readers,
    /// Holding it open keeps other processes out (F8).
    _lock: std::fs::File,
}

impl Db {
    /// Opens `options.path`, migrates it when it is older, and starts the threads.
    pub fn open(options: Options) -> std::result::Result<Self, OpenError> {
        let path = options.path;
        let sqlite = |source: Error| OpenError::Sqlite { path: path.clone(), source };
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(OpenError::OldSqlite);
        }
        let lock = lock(&path)?;
        let mut conn = open_connection(&path, OpenFlags::default()).map_err(sqlite)?;
        bring_up_to_date(&mut conn, &path, &options.clock)?;
        let mode: String = conn
            .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
            .map_err(|error| sqlite(error.into()))?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(OpenError::NoWal { path, mode });
        }
        // 16 MiB hold the inner pages and the hot ends of every index that a write touches.
        conn.pragma_update(None, "cache_size", -16_384).map_err(|error| sqlite(error.into()))?;
        // Checkpoints belong to their own thread: inside commits they cost the writer several times its rate.
        conn.pragma_update(None, "wal_autocheckpoint", 0).map_err(|error| sqlite(error.into()))?;
        let stamps = Stamps::new(options.clock);
        if let Some(highest) = highest_stamp(&conn, &stamps).map_err(sqlite)? {
            stamps.raise(highest);
        }
        let totals = SharedTotals::default();
        totals.reload(&conn).map_err(sqlite)?;

        let readers = Readers::start(&path).map_err(sqlite)?;
        let (wake_checkpointer, wake_ups) = crossbeam_channel::bounded(1);
        let checkpoint_conn = open_connection(&path, OpenFlags::default()).map_err(sqlite)?;
        let (writes, jobs) = crossbeam_channel::bounded(QUEUE);
        let writer = Writer {
            conn,
            stamps: stamps.clone(),
            always_full: options.synchronous_full,
            on_commit: options.on_commit,
            totals: totals.clone(),
            wake_checkpointer,
            state: State::default(),
        };
        let io = |source| OpenError::Io { path: path.clone(), source };
        let writer = thread("db-writer", move || writer.run(&jobs)).map_err(io)?;
        let checkpointer =
            thread("db-checkpoint", move || checkpoint(&checkpoint_conn, &wake_ups)).map_err(io)?;
        let reads = readers.queue();
        let threads = Mutex::new(Some(Threads { writer, checkpointer, readers, _lock: lock }));
        Ok(Self { inner: Arc::new(Inner { path, writes, reads, stamps, totals, threads }) })
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Runs `job` in a read transaction on a reader thread: all it reads is of one moment.
    pub async fn read<T, E>(
        &self,
        job: impl FnOnce(&Connection) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let job = ReadJob::Run(Box::new(move |conn| {
            let outcome = in_snapshot(conn, job);
            // The caller may have gone; then nobody wants the answer.
            let _ = sender.send(outcome);
        }));
        self.inner.reads.send(job).map_err(|_| Error::Closed)?;
        answer.await.map_err(|_| Error::Closed)?
    }

    /// Runs `job` in the writer's transaction and answers after its commit. An error of the job takes back what it did, and
    /// only that. A job that panics answers [`Error::Closed`] and is taken back too.
    pub async fn write<T, E>(
        &self,
        durability: Durability,
        job: impl FnOnce(&mut WriteTx<'_>) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let job = WriteJob {
            durability,
            run: Box::new(move |tx| {
                let outcome = match tx {
                    Ok(tx) => job(tx),
                    Err(error) => Err(E::from(error.again())),
                };
                let keep = outcome.is_ok();
                let answer: Answer = Box::new(move |commit| {
                    let outcome = match commit {
                        Ok(()) => outcome,
                        Err(error) => outcome.and_then(|_| Err(E::from(error.again()))),
                    };
                    let _ = sender.send(outcome);
                });
                (keep, answer)
            }),
        };
        self.inner.writes.try_send(Job::Write(job)).map_err(|error| match error {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Disconnected(_) => Error::Closed,
        })?;
        answer.await.map_err(|_| Error::Closed)?
    }

    /// Runs `job` on the write connection outside any transaction, after everything queued before it was answered. What is
    /// kept in memory is read again afterwards. For replacing the whole content.
    pub async fn exclusive<T, E>(
        &self,
        job: impl FnOnce(&mut Connection) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let job = Job::Exclusive(Box::new(move |conn| {
            let outcome = job(conn);
            Box::new(move || {
                let _ = sender.send(outcome);
            })
        }));
        self.inner.writes.try_send(job).map_err(|_| Error::Busy)?;
        answer.await.map_err(|_| Error::Closed)?
    }

    /// Token sums over all records, from memory; only where the days of the zone do not begin on the hour of UTC, the
    /// records around midnight are read.
    pub async fn usage_totals(&self, zone: Zone) -> Result<TokenStats> {
        let sums = self.inner.totals.stats(zone);
        if sums.is_whole() { Ok(sums.finish_whole()) } else { self.read(|conn| sums.finish(conn)).await }
    }

    /// Usage and events by the hour, from memory.
    #[must_use]
    pub fn hourly(&self, span: Span) -> Hourly {
        self.inner.totals.hourly(span)
    }

    /// The last stamp given.
    #[must_use]
    pub fn last_stamp(&self) -> Timestamp {
        self.inner.stamps.last()
    }

    /// Makes every later stamp later than `at_least`.
    pub fn raise_stamp(&self, at_least: Timestamp) {
        self.inner.stamps.raise(at_least);
    }

    /// Commits what is queued, flushes, checkpoints and ends the threads. Later calls answer [`Error::Closed`]. Blocks.
    pub fn close(&self) {
        let threads = self.inner.threads.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(threads) = threads {
            threads.stop(&self.inner.writes);
        }
    }
}

impl Threads {
    fn stop(self, writes: &Sender<Job>) {
        // A thread that is gone already has nothing left to finish.
        let _ = writes.send(Job::Stop);
        let _ = self.writer.join();
        let _ = self.checkpointer.join();
        self.readers.stop();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(threads) = self.threads.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            threads.stop(&self.writes);
        }
    }
}

fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run)
}

/// Opens a connection with what every connection of ours needs. The only place that opens one.
#[expect(clippy::disallowed_methods, reason = "this is the home of opening")]
pub(crate) fn open_connection(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "mmap_size", 0)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// Holds the lock file beside the database; another process with it open means another PilotDeck.
pub(crate) fn lock(path: &Path) -> std::result::Result<std::fs::File, OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let io = |source| OpenError::Io { path: path.to_owned(), source };
    let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(name).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
        Err(std::fs::TryLockError::Error(source)) => Err(io(source)),
    }
}

fn bring_up_to_date(
    conn: &mut Connection,
    path: &Path,
    clock: &ReadClock,
) -> std::result::Result<(), OpenError> {
    let sqlite = |source: Error| OpenError::Sqlite { path: path.to_owned(), source };
    let identity = migrate::identity(conn).map_err(sqlite)?;
    let tables: i64 = conn
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|error| sqlite(error.into()))?;
    match (identity.application_id, identity.user_version) {
        (0, 0) if tables == 0 => migrate::to_latest(conn).map_err(sqlite),
        (APPLICATION_ID, SCHEMA_VERSION) => Ok(()),
        (APPLICATION_ID, found) if found > SCHEMA_VERSION => {
            Err(OpenError::Newer { path: path.to_owned(), found, ours: SCHEMA_VERSION })
        }
        (APPLICATION_ID, found) => {
            let (backup, scratch) = copy_names(path, found, clock());
            snapshot::migration_copy(conn, &scratch, &backup).map_err(sqlite)?;
            migrate::to_latest(conn).map_err(|source| OpenError::Migration {
                path: path.to_owned(),
                backup,
                source,
            })
        }
        (0, version @ 1..=4) => Err(OpenError::Legacy { path: path.to_owned(), version }),
        (application_id, version) => Err(OpenError::Foreign {
            path: path.to_owned(),
            reason: format!("application id {application_id}, version {version}"),
        }),
    }
}

/// `pm.db.v1.<time>`: the copy that is made before a migration; and what it is called while it is made, a name that is
/// swept at the next start.
fn copy_names(path: &Path, version: i32, now: Timestamp) -> (PathBuf, PathBuf) {
    let digits: String = now.to_string().chars().filter(char::is_ascii_digit).collect();
    let own = path.file_name().unwrap_or_default().to_string_lossy();
    let scratch = path.with_file_name(format!(".pm_backup_{own}_v{version}.{digits}"));
    (crate::swap::beside(path, &format!(".v{version}.{digits}")), scratch)
}

/// The highest stamp that the file remembers, as far as it can be one.
pub(crate) fn highest_stamp(conn: &Connection, stamps: &Stamps) -> Result<Option<Timestamp>> {
    let highest: Option<String> = conn.query_row(
        "SELECT max(stamp) FROM (
           SELECT max(ts) AS stamp FROM agent_events WHERE ts <= ?1
           UNION ALL SELECT max(updatedAt) FROM projects WHERE updatedAt <= ?1
           UNION ALL SELECT value FROM meta WHERE key = ?2 AND value <= ?1)",
        [&stamps.latest_plausible().to_string(), meta::HIGHEST_STAMP],
        |row| row.get(0),
    )?;
    Ok(highest.as_deref().and_then(Timestamp::parse))
}

fn in_snapshot<T, E: From<Error>>(
    conn: &Connection,
    job: impl FnOnce(&Connection) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    let begin = || -> Result<()> {
        conn.prepare_cached("BEGIN")?.execute([])?;
        Ok(())
    };
    begin()?;
    let outcome = job(conn);
    // Nothing was written: the end of the transaction only lets go of the snapshot.
    if let Ok(mut end) = conn.prepare_cached("ROLLBACK") {
        let _ = end.execute([]);
    }
    outcome
}

fn checkpoint(conn: &Connection, wake_ups: &Receiver<()>) {
    for () in wake_ups {
        // PASSIVE never waits for readers or the writer; what it cannot copy now, the next one does.
        if let Err(error) = conn.execute_batch("PRAGMA wal_checkpoint(PASSIVE)") {
            tracing::warn!(%error, "a checkpoint failed; the next one tries again");
        }
    }
}
