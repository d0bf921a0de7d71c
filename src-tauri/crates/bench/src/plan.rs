//! What is measured, and in which order.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;

use crate::growing::Growing;
use crate::limits::{SqliteLimits, measure_sqlite};
use crate::load::{Load, Measured};
use crate::process::{Memory, find_memory};
use crate::report::{Report, time, whole};
use crate::server::{Server, ask};
use crate::targets::set_targets;
use crate::writing::measure_writing;

/// Connections of a whole team, and of a few that send much at once.
pub(crate) const MANY: usize = 64;
pub(crate) const FEW: usize = 8;

/// How long and how far.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    /// Time of one measurement.
    pub(crate) each: Duration,
    /// Numbers of rows at which reading is measured.
    pub(crate) sizes: &'static [u64],
}

pub(crate) const QUICK: Extent = Extent { each: Duration::from_millis(1500), sizes: &[0, 100_000] };
pub(crate) const FULL: Extent = Extent { each: Duration::from_secs(5), sizes: &[0, 100_000, 1_000_000] };

/// What every part of the benchmark works with.
pub(crate) struct Bench {
    pub(crate) extent: Extent,
    pub(crate) program: PathBuf,
    pub(crate) report: Report,
}

impl Bench {
    /// Runs everything: the limits, then writing to a small file, then a file that grows.
    pub(crate) async fn run(extent: Extent, program: &Path, folder: &Path) -> Result<Report> {
        let mut bench = Bench { extent, program: program.to_owned(), report: Report::default() };
        progress("limits of this machine");
        let limits = measure_sqlite(folder, extent.each)?;
        bench.tell_limits(&limits);

        let small = folder.join("small");
        fs::create_dir(&small)?;
        let written = measure_writing(&mut bench, &small).await?;
        fs::remove_dir_all(&small)?;

        let large = folder.join("large");
        fs::create_dir(&large)?;
        let grown = Growing::measure(&mut bench, &large).await?;

        set_targets(&mut bench.report, &limits, &written, &grown);
        Ok(bench.report)
    }

    fn tell_limits(&mut self, limits: &SqliteLimits) {
        for (what, rate) in [
            ("SQLite alone, events one by one", limits.events_alone),
            ("SQLite alone, events in groups of 64", limits.events_by_64),
            ("SQLite alone, events in groups of 100", limits.events_by_100),
            ("SQLite alone, usage records in groups of 50", limits.usage_by_50),
        ] {
            self.report.fact(what, format!("{} rows/s", whole(rate)));
        }
    }

    /// One reader that asks for one thing again and again.
    pub(crate) async fn read(&mut self, server: &Server, what: &str, path: &str) -> Result<Measured> {
        let path = path.to_owned();
        let load = Load::on(server, 1, self.extent.each / 2);
        let (measured, _) = load.run(0, move |_, request| ask(request, "GET", &path)).await?;
        self.report.add(what, "answers", 1, &measured, 1);
        Ok(measured)
    }

    /// The memory of a server, noted under a name.
    pub(crate) fn note_memory(&mut self, server: &Server, what: &str) -> Option<Memory> {
        let memory = find_memory(server.pid())?;
        let Memory { resident, anonymous, peak } = memory;
        let value =
            format!("{resident:.0} MB resident, {anonymous:.0} MB of it its own, {peak:.0} MB at most");
        self.report.fact(format!("memory {what}"), value);
        Some(memory)
    }

    /// The time a server needed to start, noted under a name.
    pub(crate) fn note_start(&mut self, what: &str, took: Duration) {
        self.report.fact(format!("{what}, to the first health answer"), time(took));
    }
}

/// Where the benchmark is; on standard error, so that standard output is the report alone.
pub(crate) fn progress(what: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "… {what}");
}
