//! What PilotDeck means to reach on two cores that it shares with the load. A missed target is told, not an error.

use std::time::Duration;

use crate::growing::{Grown, Reading};
use crate::limits::SqliteLimits;
use crate::report::{Report, time, whole};
use crate::writing::Written;

const LARGE: u64 = 1_000_000;

pub(crate) fn set_targets(report: &mut Report, limits: &SqliteLimits, written: &Written, grown: &Grown) {
    set_writing_targets(report, limits, written);
    set_reading_targets(report, &grown.readings);
    set_backup_targets(report, grown);
    set_size_targets(report, grown);
}

fn set_writing_targets(report: &mut Report, limits: &SqliteLimits, written: &Written) {
    let part = |value: f64, of: f64| {
        Some((
            value / of,
            format!("{:.0} % ({} of {} a second)", value / of * 100.0, whole(value), whole(of)),
        ))
    };
    let append = part(written.append.per_second(), written.bare_append.per_second());
    report.at_least("append, 64 connections", "≥ 25 % of bare axum with the same body", append, 0.25);
    let cpu = written.append.server_cpu.map(|cpu| cpu.div_f64(written.append.requests.max(1) as f64));
    report.at_most("CPU of one append", "≤ 80 µs", cpu.map(duration), 80e-6);
    let aim = "≥ 60 % of SQLite alone";
    report.at_least("batch of 100 events", aim, part(written.batch, limits.events_by_100), 0.6);
    report.at_least("batch of 50 usage records", aim, part(written.usage, limits.usage_by_50), 0.6);
    let health = part(written.health.per_second(), written.bare_health.per_second());
    report.at_least("health", "≥ 85 % of bare axum", health, 0.85);
}

fn set_reading_targets(report: &mut Report, readings: &[Reading]) {
    let middle = readings.iter().find(|reading| (1..LARGE).contains(&reading.rows));
    let last = readings.iter().find(|reading| reading.rows >= LARGE);
    let growth = |of: fn(&Reading) -> Duration| {
        let (before, after) = (of(middle?), of(last?));
        let ratio = after.as_secs_f64() / before.as_secs_f64();
        Some((ratio, format!("{ratio:.2} × ({} → {})", time(before), time(after))))
    };
    let timeline = growth(|reading| reading.timeline);
    report.at_most("timeline of 200, p50 from 100k to 1M rows", "≤ 1.2 ×", timeline, 1.2);
    let sums = growth(|reading| reading.sums);
    report.at_most("stats/tokens unfiltered, p50 from 100k to 1M records", "≤ 1.2 ×", sums, 1.2);
    let sums = last.map(|reading| duration(reading.sums));
    report.at_most("stats/tokens unfiltered, p50 at 1M records", "< 1 ms", sums, 1e-3);
    let filtered = last.map(|reading| duration(reading.slowest_filtered));
    report.at_most("stats/tokens filtered, p50 at 1M records", "≤ 50 ms", filtered, 0.05);
}

fn set_backup_targets(report: &mut Report, grown: &Grown) {
    let backed_up = &grown.backed_up;
    let times = backed_up.backup.as_secs_f64() / backed_up.copy.as_secs_f64();
    let shown = format!("{times:.2} × ({} against {})", time(backed_up.backup), time(backed_up.copy));
    let size = whole(backed_up.file_size as f64 / 1e6);
    // A small file is copied faster than anything can be asked over HTTP.
    let backup = (grown.rows() >= LARGE).then(|| (times, format!("{shown}, {size} MB")));
    report.at_most("backup under load", "≤ 3 × cp", backup, 3.0);
    let wait = duration(backed_up.longest_wait_beside_backup);
    report.at_most("longest wait of a writer beside the backup", "≤ 50 ms", Some(wait), 0.05);
}

/// Promised for a million rows; a smaller file says nothing about them.
fn set_size_targets(report: &mut Report, grown: &Grown) {
    let is_large = grown.rows() >= LARGE;
    let megabytes = |mebibytes: f64| (mebibytes, format!("{mebibytes:.0} MB"));
    let idle = grown.memory_idle.filter(|_| is_large).map(|memory| megabytes(memory.resident));
    report.at_most("resident, idle at 1M rows", "≤ 60 MB", idle, 60.0);
    let busy = grown.memory_busy.filter(|_| is_large).map(|memory| megabytes(memory.peak));
    report.at_most("resident, under load at 1M rows", "≤ 100 MB", busy, 100.0);
    let restart = is_large.then(|| duration(grown.restart));
    report.at_most("restart at 1M rows", "≤ 50 ms", restart, 0.05);
}

fn duration(duration: Duration) -> (f64, String) {
    (duration.as_secs_f64(), time(duration))
}
