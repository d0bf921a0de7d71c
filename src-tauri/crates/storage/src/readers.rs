//! The readers: a few threads, each with a read-only connection of its own and its cached statements.
//! Each job runs in one deferred transaction, so it sees one moment of the database.

use std::path::Path;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender};
use rusqlite::{Connection, OpenFlags};

use crate::{Error, Result, db};

pub(crate) enum ReadJob {
    Run(Box<dyn FnOnce(&Connection) + Send>),
    Stop,
}

const THREADS: usize = 4;

pub(crate) struct Readers {
    queue: Sender<ReadJob>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(crate) fn start(path: &Path) -> Result<Self> {
        let (queue, jobs) = crossbeam_channel::unbounded::<ReadJob>();
        let threads = (0..THREADS)
            .map(|number| {
                let conn = open(path)?;
                let jobs = jobs.clone();
                std::thread::Builder::new()
                    .name(format!("db-reader-{number}"))
                    .spawn(move || run(&conn, &jobs))
                    .map_err(|_| Error::Closed)
            })
            .collect::<Result<_>>()?;
        Ok(Self { queue, threads })
    }

    pub(crate) fn queue(&self) -> Sender<ReadJob> {
        self.queue.clone()
    }

    /// Ends the threads after what is queued. Jobs sent later are dropped, which tells their callers.
    pub(crate) fn stop(self) {
        for _ in &self.threads {
            let _ = self.queue.send(ReadJob::Stop);
        }
        for thread in self.threads {
            // A reader that panicked has been logged by the panic hook; there is nothing left to save.
            let _ = thread.join();
        }
    }
}

/// A read-only connection to a live database of ours.
pub(crate) fn open(path: &Path) -> Result<Connection> {
    let conn = db::open_connection(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.pragma_update(None, "query_only", true)?;
    // 2 MiB a reader: the working set of a screen, not of the file.
    conn.pragma_update(None, "cache_size", -2048)?;
    Ok(conn)
}

fn run(conn: &Connection, jobs: &Receiver<ReadJob>) {
    while let Ok(ReadJob::Run(job)) = jobs.recv() {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(conn)));
        if outcome.is_err() {
            tracing::error!("a read panicked; its caller was told of an internal error");
        }
        if !conn.is_autocommit() {
            let _ = conn.execute_batch("ROLLBACK");
        }
    }
}
