//! A backup while agents go on writing, beside `cp` of the same file under the same writers.

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::task::{JoinHandle, spawn_blocking, spawn_local};
use tokio::time::sleep;

use crate::bodies::write_event;
use crate::client::{Connection, Request};
use crate::server::{ADMIN_TOKEN, Server, ask};

const WRITERS: u64 = 8;
/// Each writer's pause between two events: together they send some 500 a second, more than fifty busy agents do.
const PAUSE: Duration = Duration::from_millis(15);

/// What was seen; the longest waits are those of single events.
pub(crate) struct BackedUp {
    pub(crate) file_size: u64,
    pub(crate) backup_size: u64,
    pub(crate) backup: Duration,
    pub(crate) copy: Duration,
    pub(crate) copy_flushed: Duration,
    pub(crate) longest_wait_alone: Duration,
    pub(crate) longest_wait_beside_copy: Duration,
    pub(crate) longest_wait_beside_backup: Duration,
}

pub(crate) async fn run(server: &Server, folder: &Path, first_event: u64) -> Result<BackedUp> {
    let file = folder.join("pm.db");
    let writers = Writers::start(server, first_event);

    sleep(Duration::from_secs(1)).await;
    writers.take_longest();
    sleep(Duration::from_secs(3)).await;
    let longest_wait_alone = writers.take_longest();

    let (copy_before, _) = copy(&file).await?;
    sleep(Duration::from_millis(500)).await;
    let (copy_again, copy_flushed) = copy(&file).await?;
    let longest_wait_beside_copy = writers.take_longest();

    sleep(Duration::from_secs(1)).await;
    writers.take_longest();
    let started = Instant::now();
    let backup_size = download(server).await?;
    let backup = started.elapsed();
    sleep(Duration::from_millis(200)).await;
    let longest_wait_beside_backup = writers.take_longest();

    writers.stop().await?;
    Ok(BackedUp {
        file_size: fs::metadata(&file)?.len(),
        backup_size,
        backup,
        copy: copy_before.min(copy_again),
        copy_flushed,
        longest_wait_alone,
        longest_wait_beside_copy,
        longest_wait_beside_backup,
    })
}

/// Times of a plain copy, and of a copy that has reached the disk.
async fn copy(file: &Path) -> Result<(Duration, Duration)> {
    let (from, to) = (file.to_path_buf(), PathBuf::from(file).with_extension("copy"));
    spawn_blocking(move || {
        let started = Instant::now();
        fs::copy(&from, &to)?;
        let copied = started.elapsed();
        fs::File::options().write(true).open(&to)?.sync_all()?;
        let flushed = started.elapsed();
        fs::remove_file(&to)?;
        Ok((copied, flushed))
    })
    .await
    .context("the copy broke off")?
}

/// Downloads a backup and throws it away; the disk of who downloads it is not what is measured.
async fn download(server: &Server) -> Result<u64> {
    let mut request = Request::default();
    request.begin("GET", "/api/admin/backup");
    request.header("X-PM-Token", ADMIN_TOKEN);
    let mut size = 0;
    let mut beginning = Vec::new();
    let mut connection = Connection::open(server.address).await?;
    let status = connection
        .exchange(&request, |piece| {
            size += piece.len() as u64;
            if beginning.len() < 16 {
                beginning.extend_from_slice(piece);
            }
        })
        .await?;
    ensure!(status == 200, "the backup was answered with {status}");
    ensure!(beginning.starts_with(b"SQLite format 3\0"), "the backup is no SQLite file");
    Ok(size)
}

/// Agents that report at a steady pace.
struct Writers {
    stopped: Rc<Cell<bool>>,
    longest: Rc<Cell<Duration>>,
    /// When the requests that are under way were sent: one that waits still counts.
    under_way: Rc<RefCell<Vec<Option<Instant>>>>,
    tasks: Vec<JoinHandle<Result<()>>>,
}

impl Writers {
    fn start(server: &Server, first_event: u64) -> Self {
        let mut writers = Self {
            stopped: Rc::default(),
            longest: Rc::default(),
            under_way: Rc::new(RefCell::new(vec![None; WRITERS as usize])),
            tasks: Vec::new(),
        };
        writers.tasks = (0..WRITERS).map(|writer| writers.start_one(server, writer, first_event)).collect();
        writers
    }

    fn start_one(&self, server: &Server, writer: u64, first_event: u64) -> JoinHandle<Result<()>> {
        let (stopped, longest) = (Rc::clone(&self.stopped), Rc::clone(&self.longest));
        let under_way = Rc::clone(&self.under_way);
        let address = server.address;
        spawn_local(async move {
            let mut connection = Connection::open(address).await?;
            let mut request = Request::default();
            let mut number = first_event + writer;
            while !stopped.get() {
                ask(&mut request, "POST", "/api/agent/events");
                write_event(number, &mut request.body);
                number += WRITERS;
                let sent = Instant::now();
                under_way.borrow_mut()[writer as usize] = Some(sent);
                let status = connection.exchange(&request, |_| {}).await?;
                under_way.borrow_mut()[writer as usize] = None;
                ensure!(status == 201, "an event beside the backup was answered with {status}");
                longest.set(longest.get().max(sent.elapsed()));
                sleep(PAUSE).await;
            }
            Ok(())
        })
    }

    /// The longest wait since the last call.
    fn take_longest(&self) -> Duration {
        let waiting = self.under_way.borrow().iter().flatten().map(Instant::elapsed).max();
        self.longest.replace(Duration::ZERO).max(waiting.unwrap_or_default())
    }

    async fn stop(self) -> Result<()> {
        self.stopped.set(true);
        for task in self.tasks {
            task.await.context("a writer broke off")??;
        }
        Ok(())
    }
}
