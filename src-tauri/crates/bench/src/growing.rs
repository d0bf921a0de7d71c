//! A file that grows to a million events and as many usage records: reading at each size, restart, memory, backup.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::task::spawn_local;

use crate::backup::{self, BackedUp};
use crate::bodies::{self, Selection, WriteRows, project_id};
use crate::client::{Connection, Request};
use crate::load::Load;
use crate::plan::{Bench, MANY, progress};
use crate::process::Memory;
use crate::report::{time, whole};
use crate::server::{Server, ask};
use crate::writing::append;

/// Rows of one batch while filling.
const FILL: u64 = 1000;
const POSTERS: u64 = 4;

/// Median times of reading at one size.
pub(crate) struct Reading {
    pub(crate) rows: u64,
    pub(crate) timeline: Duration,
    pub(crate) sums: Duration,
    pub(crate) slowest_filtered: Duration,
}

/// What was measured on the way.
pub(crate) struct Grown {
    pub(crate) readings: Vec<Reading>,
    pub(crate) restart: Duration,
    pub(crate) memory_idle: Option<Memory>,
    pub(crate) memory_busy: Option<Memory>,
    pub(crate) backed_up: BackedUp,
}

impl Grown {
    /// How many rows the file has at the end, but for those added under load.
    pub(crate) fn rows(&self) -> u64 {
        self.readings.last().map_or(0, |reading| reading.rows)
    }
}

pub(crate) struct Growing<'a> {
    bench: &'a mut Bench,
    folder: &'a Path,
    /// Events in the file, and usage records in it.
    rows: u64,
}

impl<'a> Growing<'a> {
    pub(crate) async fn measure(bench: &'a mut Bench, folder: &'a Path) -> Result<Grown> {
        let mut server = Server::start(&bench.program, folder)?;
        let sizes = bench.extent.sizes;
        let mut growing = Self { bench, folder, rows: 0 };
        let mut readings = Vec::new();
        let mut restart = (Duration::ZERO, None);
        for size in sizes {
            growing.fill(&server, *size).await?;
            if sizes.last() == Some(size) {
                let (restarted, took, memory) = growing.restart(server).await?;
                server = restarted;
                restart = (took, memory);
            }
            readings.push(growing.read(&server).await?);
        }
        let memory_busy = growing.append(&server).await?;
        let backed_up = growing.back_up(&server).await?;
        server.stop()?;
        Ok(Grown { readings, restart: restart.0, memory_idle: restart.1, memory_busy, backed_up })
    }

    fn size(&self) -> String {
        format!("{} rows", whole(self.rows as f64))
    }

    /// Posts batches until there are `size` events and as many usage records.
    async fn fill(&mut self, server: &Server, size: u64) -> Result<()> {
        let missing = size - self.rows;
        if missing == 0 {
            return Ok(());
        }
        progress(&format!("filling up to {} rows", whole(size as f64)));
        let events: (&str, WriteRows) = ("/api/agent/events", bodies::write_events);
        let usage: (&str, WriteRows) = ("/api/agent/usage", bodies::write_past_usages);
        for (what, (path, write)) in [("events", events), ("usage records", usage)] {
            let started = Instant::now();
            post_batches(server, path, self.rows..size, write).await?;
            let rate = missing as f64 / started.elapsed().as_secs_f64();
            let what = format!("filling up to {} {what}, {FILL} a batch", whole(size as f64));
            self.bench.report.fact(what, format!("{} rows/s", whole(rate)));
        }
        self.rows = size;
        Ok(())
    }

    /// What screens ask for, by one reader; and whether the sums are those of all records.
    async fn read(&mut self, server: &Server) -> Result<Reading> {
        let size = self.size();
        progress(&format!("reading at {size}"));
        let timeline = format!("/api/agent/events?projectId={}&limit=200", project_id(bodies::HOT_PROJECT));
        let timeline =
            self.bench.read(server, &format!("timeline of 200, {size}"), &timeline).await?.median();
        let mut sums = Vec::new();
        for (name, selection) in [
            ("", Selection::All),
            (" of one project", Selection::HotProject),
            (" in a range inside hours", Selection::SinceUntil),
        ] {
            let path = format!("/api/stats/tokens{}", selection.query());
            self.check_sums(server, &path, selection).await?;
            let what = format!("stats/tokens{name}, {size}");
            sums.push(self.bench.read(server, &what, &path).await?.median());
        }
        let slowest_filtered = sums[1].max(sums[2]);
        Ok(Reading { rows: self.rows, timeline, sums: sums[0], slowest_filtered })
    }

    async fn check_sums(&mut self, server: &Server, path: &str, selection: Selection) -> Result<()> {
        let mut request = Request::default();
        ask(&mut request, "GET", path);
        let answer = Connection::open(server.address).await?.send(&request).await?.json()?;
        let counted = answer["data"]["totals"]["records"].as_u64().context("no totals in stats/tokens")?;
        let expected = selection.expected(self.rows);
        let what = format!("`{path}` counts {} records of {}", whole(counted as f64), whole(expected as f64));
        self.bench.report.check(what, counted == expected);
        Ok(())
    }

    /// Restarts three times; the median of the times, and the memory at rest.
    async fn restart(&mut self, server: Server) -> Result<(Server, Duration, Option<Memory>)> {
        progress("restart");
        server.stop()?;
        let mut times = Vec::new();
        for _ in 0..2 {
            let server = Server::start(&self.bench.program, self.folder)?;
            times.push(server.started_in);
            server.stop()?;
        }
        let server = Server::start(&self.bench.program, self.folder)?;
        times.push(server.started_in);
        times.sort();
        let size = self.size();
        self.bench.note_start(&format!("restart at {size} (median of 3)"), times[1]);
        tokio::time::sleep(Duration::from_secs(2)).await;
        let memory = self.bench.note_memory(&server, &format!("idle, {size}"));
        Ok((server, times[1], memory))
    }

    /// Appending to the large file; the memory after it and after the reading before it.
    async fn append(&mut self, server: &Server) -> Result<Option<Memory>> {
        let size = self.size();
        progress(&format!("events at {size}"));
        let (measured, _) = Load::on(server, MANY, self.bench.extent.each).run(self.rows, append).await?;
        self.bench.report.add(&format!("append event, {size}"), "events", MANY, &measured, 1);
        Ok(self.bench.note_memory(server, &format!("under load, {size}")))
    }

    async fn back_up(&mut self, server: &Server) -> Result<BackedUp> {
        progress("backup");
        let backed_up = backup::run(server, self.folder, self.rows).await?;
        let megabytes = |bytes: u64| format!("{} MB", whole(bytes as f64 / 1e6));
        for (what, value) in [
            ("backup, size of the file", megabytes(backed_up.file_size)),
            ("backup, bytes downloaded", megabytes(backed_up.backup_size)),
            ("backup under load", time(backed_up.backup)),
            ("cp of the file under the same load", time(backed_up.copy)),
            ("cp and flush", time(backed_up.copy_flushed)),
            ("longest wait of a writer, nothing beside it", time(backed_up.longest_wait_alone)),
            ("longest wait of a writer beside cp", time(backed_up.longest_wait_beside_copy)),
            ("longest wait of a writer beside the backup", time(backed_up.longest_wait_beside_backup)),
        ] {
            self.bench.report.fact(what, value);
        }
        self.bench.note_memory(server, "after the backup");
        Ok(backed_up)
    }
}

async fn post_batches(
    server: &Server,
    path: &'static str,
    rows: std::ops::Range<u64>,
    write: WriteRows,
) -> Result<()> {
    let mut tasks = Vec::new();
    for poster in 0..POSTERS {
        let address = server.address;
        let batches = rows.clone().step_by(FILL as usize).skip(poster as usize).step_by(POSTERS as usize);
        tasks.push(spawn_local(async move {
            let mut connection = Connection::open(address).await?;
            let mut request = Request::default();
            for first in batches {
                ask(&mut request, "POST", path);
                write(first, FILL, &mut request.body);
                let answer = connection.send(&request).await?;
                let none_failed = answer.json()?["data"]["failed"] == 0;
                ensure!(none_failed, "some rows of a batch to {path} were refused");
            }
            Ok(())
        }));
    }
    for task in tasks {
        task.await.context("filling broke off")??;
    }
    Ok(())
}
