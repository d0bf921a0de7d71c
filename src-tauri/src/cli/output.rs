//! What the command line says: results on standard output, progress and complaints on standard error.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};

/// A line of result. Nobody reading any more is no fault of ours.
pub(super) fn say(line: &str) {
    let _nobody_reads = writeln!(std::io::stdout(), "{line}");
}

/// A line for the person in front of it.
pub(super) fn complain(line: &str) {
    let _nobody_reads = writeln!(std::io::stderr(), "{line}");
}

/// Progress of long work: one line that grows on a terminal, a line per tenth elsewhere.
pub(super) struct Progress {
    what: &'static str,
    shown: AtomicU64,
    step: u64,
}

impl Progress {
    pub(super) fn new(what: &'static str) -> Progress {
        let step = if std::io::stderr().is_terminal() { 1 } else { 10 };
        Progress { what, shown: AtomicU64::new(u64::MAX), step }
    }

    pub(super) fn report(&self, done: u64, total: u64) {
        let percent = (done.saturating_mul(100) / total.max(1)).min(100);
        let percent = percent - percent % self.step;
        if self.shown.swap(percent, Ordering::Relaxed) == percent {
            return;
        }
        let mut stderr = std::io::stderr();
        let _nobody_reads = if self.step == 1 {
            let end = if percent == 100 { "\n" } else { "" };
            write!(stderr, "\r{}: {percent} %{end}", self.what).and_then(|()| stderr.flush())
        } else {
            writeln!(stderr, "{}: {percent} %", self.what)
        };
    }
}
