//! Load: some connections that send one request after the other for a while, and what that measured.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::sleep_until;

use crate::client::{Connection, Request};
use crate::process::find_cpu_time;
use crate::server::Server;

/// Before measuring: connections are open, caches warm, statements prepared.
const WARM_UP: Duration = Duration::from_millis(300);

/// Latencies in microseconds, up to a minute, to three digits.
pub(crate) fn new_histogram() -> Result<Histogram<u64>> {
    Histogram::new_with_bounds(1, 60_000_000, 3).context("histogram bounds")
}

/// What a load measured.
pub(crate) struct Measured {
    pub(crate) requests: u64,
    pub(crate) elapsed: Duration,
    pub(crate) latency: Histogram<u64>,
    /// Answers that were not what they should be, by status.
    pub(crate) refused: BTreeMap<u16, u64>,
    pub(crate) server_cpu: Option<Duration>,
    pub(crate) client_cpu: Option<Duration>,
}

impl Measured {
    pub(crate) fn per_second(&self) -> f64 {
        self.requests as f64 / self.elapsed.as_secs_f64()
    }

    pub(crate) fn median(&self) -> Duration {
        Duration::from_micros(self.latency.value_at_quantile(0.5))
    }
}

/// A load to be run.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) server_pid: u32,
    pub(crate) connections: usize,
    pub(crate) duration: Duration,
}

struct Shared<F> {
    load: Load,
    measure_from: Instant,
    make: RefCell<F>,
    next: Cell<u64>,
    requests: Cell<u64>,
    latency: RefCell<Histogram<u64>>,
    refused: RefCell<BTreeMap<u16, u64>>,
}

impl Load {
    pub(crate) fn on(server: &Server, connections: usize, duration: Duration) -> Self {
        Self { address: server.address, server_pid: server.pid(), connections, duration }
    }

    /// Sends what `make` writes for the numbers from `first` on, over all connections, each number once. Also tells the
    /// number that would come next.
    pub(crate) async fn run(
        self,
        first: u64,
        make: impl FnMut(u64, &mut Request) + 'static,
    ) -> Result<(Measured, u64)> {
        let shared = Rc::new(Shared {
            load: self,
            measure_from: Instant::now() + WARM_UP,
            make: RefCell::new(make),
            next: Cell::new(first),
            requests: Cell::new(0),
            latency: RefCell::new(new_histogram()?),
            refused: RefCell::default(),
        });
        let workers: Vec<JoinHandle<Result<()>>> =
            (0..self.connections).map(|_| spawn_local(work(Rc::clone(&shared)))).collect();

        sleep_until(shared.measure_from.into()).await;
        let before = (find_cpu_time(self.server_pid), find_cpu_time(std::process::id()), Instant::now());
        sleep_until((shared.measure_from + self.duration).into()).await;
        let after = (find_cpu_time(self.server_pid), find_cpu_time(std::process::id()));
        let elapsed = before.2.elapsed();
        for worker in workers {
            worker.await.context("a connection of the load broke off")??;
        }

        let used = |before: Option<Duration>, after: Option<Duration>| Some(after? - before?);
        let measured = Measured {
            requests: shared.requests.get(),
            elapsed,
            latency: shared.latency.borrow().clone(),
            refused: shared.refused.borrow().clone(),
            server_cpu: used(before.0, after.0),
            client_cpu: used(before.1, after.1),
        };
        Ok((measured, shared.next.get()))
    }
}

async fn work<F: FnMut(u64, &mut Request)>(shared: Rc<Shared<F>>) -> Result<()> {
    let mut connection = Connection::open(shared.load.address).await?;
    let mut request = Request::default();
    let end = shared.measure_from + shared.load.duration;
    while Instant::now() < end {
        let number = shared.next.replace(shared.next.get() + 1);
        (shared.make.borrow_mut())(number, &mut request);
        let sent = Instant::now();
        let status = connection.exchange(&request, |_| {}).await?;
        let answered = Instant::now();
        if !(200..300).contains(&status) {
            *shared.refused.borrow_mut().entry(status).or_default() += 1;
        } else if answered >= shared.measure_from {
            // A slow answer counts as a wait even when it comes after the end, or was asked for before the beginning.
            shared.latency.borrow_mut().saturating_record((answered - sent).as_micros() as u64);
            shared.requests.set(shared.requests.get() + u64::from(answered < end));
        }
    }
    Ok(())
}
