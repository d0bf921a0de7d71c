//! The figures as Markdown: limits, measurements, targets. Knows nothing of how they came about.

use std::fmt::Write;
use std::time::Duration;

use crate::load::Measured;

/// One line of the table of measurements.
struct Row {
    what: String,
    connections: usize,
    per_second: String,
    latencies: [Duration; 3],
    server_cpu: Option<Duration>,
    cores: Option<(f64, f64)>,
    refused: u64,
}

/// A figure to reach.
struct Target {
    what: &'static str,
    aim: String,
    measured: Option<String>,
    /// At least 1 when it is reached.
    ratio: f64,
}

/// All that was measured, in order.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    facts: Vec<(String, String)>,
    targets: Vec<Target>,
    checks: Vec<(String, bool)>,
}

impl Report {
    /// Adds a load, each request of which stands for `units` events, records or answers.
    pub(crate) fn add(
        &mut self,
        what: &str,
        unit: &str,
        connections: usize,
        measured: &Measured,
        units: u64,
    ) {
        let quantile = |q| Duration::from_micros(measured.latency.value_at_quantile(q));
        let share = |cpu: Option<Duration>| Some(cpu?.as_secs_f64() / measured.elapsed.as_secs_f64());
        let each = |cpu: Duration| cpu.div_f64((measured.requests * units).max(1) as f64);
        self.rows.push(Row {
            what: what.to_owned(),
            connections,
            per_second: format!("{} {unit}", whole(measured.per_second() * units as f64)),
            latencies: [quantile(0.5), quantile(0.99), quantile(0.999)],
            server_cpu: measured.server_cpu.map(each),
            cores: share(measured.server_cpu).zip(share(measured.client_cpu)),
            refused: measured.refused.values().sum(),
        });
        for (status, count) in &measured.refused {
            self.check(format!("{what}: {count} requests were answered with {status}"), *status == 503);
        }
    }

    /// Adds a single figure.
    pub(crate) fn fact(&mut self, what: impl Into<String>, value: impl Into<String>) {
        self.facts.push((what.into(), value.into()));
    }

    /// Adds something that must be so.
    pub(crate) fn check(&mut self, what: impl Into<String>, is_so: bool) {
        self.checks.push((what.into(), is_so));
    }

    /// Adds a target for a figure of which more is better.
    pub(crate) fn at_least(
        &mut self,
        what: &'static str,
        aim: &str,
        measured: Option<(f64, String)>,
        limit: f64,
    ) {
        let ratio = measured.as_ref().map_or(0.0, |(value, _)| value / limit);
        let measured = measured.map(|(_, shown)| shown);
        self.targets.push(Target { what, aim: aim.to_owned(), measured, ratio });
    }

    /// Adds a target for a figure of which less is better.
    pub(crate) fn at_most(
        &mut self,
        what: &'static str,
        aim: &str,
        measured: Option<(f64, String)>,
        limit: f64,
    ) {
        let ratio = measured.as_ref().map_or(0.0, |(value, _)| limit / value.max(f64::MIN_POSITIVE));
        let measured = measured.map(|(_, shown)| shown);
        self.targets.push(Target { what, aim: aim.to_owned(), measured, ratio });
    }

    /// Whether everything that must be so is so. Missed targets do not count here.
    pub(crate) fn is_correct(&self) -> bool {
        self.checks.iter().all(|(_, is_so)| *is_so)
    }

    pub(crate) fn to_markdown(&self, machine: &str) -> String {
        let mut text = format!("Machine: {machine}\n\n");
        self.write_facts(&mut text);
        self.write_rows(&mut text);
        self.write_targets(&mut text);
        self.write_checks(&mut text);
        text
    }

    fn write_facts(&self, text: &mut String) {
        text.push_str("| Figure | Value |\n| --- | --- |\n");
        for (what, value) in &self.facts {
            let _ = writeln!(text, "| {what} | {value} |");
        }
    }

    fn write_rows(&self, text: &mut String) {
        text.push_str(
            "\n| Load | Connections | Per second | p50 | p99 | p99.9 | Server CPU each | Cores server + client |\n\
             | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        );
        for row in &self.rows {
            let [p50, p99, p999] = row.latencies.map(time);
            let cpu = row.server_cpu.map_or_else(|| "–".to_owned(), time);
            let cores = row.cores.map_or_else(|| "–".to_owned(), |(s, c)| format!("{s:.2} + {c:.2}"));
            let refused = if row.refused > 0 { format!(" ({} refused)", row.refused) } else { String::new() };
            let _ = writeln!(
                text,
                "| {} | {} | {}{refused} | {p50} | {p99} | {p999} | {cpu} | {cores} |",
                row.what, row.connections, row.per_second
            );
        }
    }

    fn write_targets(&self, text: &mut String) {
        text.push_str("\n| Target | Aim | Measured | |\n| --- | --- | --- | --- |\n");
        for target in &self.targets {
            let (measured, verdict) = match &target.measured {
                None => ("–", "not measured".to_owned()),
                Some(shown) if target.ratio >= 1.0 => {
                    (shown.as_str(), format!("reached ({:.2}×)", target.ratio))
                }
                Some(shown) => (shown.as_str(), format!("**missed** ({:.2}×)", target.ratio)),
            };
            let _ = writeln!(text, "| {} | {} | {measured} | {verdict} |", target.what, target.aim);
        }
    }

    fn write_checks(&self, text: &mut String) {
        text.push('\n');
        for (what, is_so) in &self.checks {
            let _ = writeln!(text, "- {}: {what}", if *is_so { "correct" } else { "**WRONG**" });
        }
    }
}

/// A time with as many digits as one reads.
pub(crate) fn time(duration: Duration) -> String {
    let micros = duration.as_secs_f64() * 1e6;
    match micros {
        ..10.0 => format!("{micros:.1} µs"),
        ..1000.0 => format!("{micros:.0} µs"),
        ..10_000.0 => format!("{:.2} ms", micros / 1e3),
        ..1_000_000.0 => format!("{:.0} ms", micros / 1e3),
        _ => format!("{:.2} s", micros / 1e6),
    }
}

/// A number with its thousands set off.
pub(crate) fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_short_and_exact_enough() {
        assert_eq!(whole(0.4), "0");
        assert_eq!(whole(999.6), "1,000");
        assert_eq!(whole(1_234_567.0), "1,234,567");
        assert_eq!(time(Duration::from_nanos(3_250)), "3.2 µs");
        assert_eq!(time(Duration::from_micros(812)), "812 µs");
        assert_eq!(time(Duration::from_micros(1_230)), "1.23 ms");
        assert_eq!(time(Duration::from_millis(50)), "50 ms");
        assert_eq!(time(Duration::from_millis(1_500)), "1.50 s");
    }

    #[test]
    fn a_missed_target_is_named_and_is_no_error() {
        let mut report = Report::default();
        report.at_most("resident, idle", "≤ 60 MB", Some((120.0, "120 MB".to_owned())), 60.0);
        report.at_least("append", "≥ 25 %", Some((0.5, "50 %".to_owned())), 0.25);
        report.at_least("backup", "≥ 1", None, 1.0);
        let text = report.to_markdown("a machine");
        assert!(text.contains("| resident, idle | ≤ 60 MB | 120 MB | **missed** (0.50×) |"), "{text}");
        assert!(text.contains("| append | ≥ 25 % | 50 % | reached (2.00×) |"), "{text}");
        assert!(text.contains("| backup | ≥ 1 | – | not measured |"), "{text}");
        assert!(report.is_correct());
    }
}
