//! What the system tells about a process and the machine. Outside Linux there are no figures, only gaps.

use std::time::Duration;

/// Linux counts processor time for programs in hundredths of a second, whatever the kernel's own clock does.
const TICKS_PER_SECOND: u64 = 100;

/// Processor time a process has used, all its threads together.
pub(crate) fn find_cpu_time(pid: u32) -> Option<Duration> {
    parse_cpu_time(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn parse_cpu_time(stat: &str) -> Option<Duration> {
    // The program's name stands in parentheses and may hold spaces.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

/// Memory of a process in MiB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Memory {
    /// Resident now.
    pub(crate) resident: f64,
    /// Resident and its own: without files that are only mapped.
    pub(crate) anonymous: f64,
    /// The most that was resident since the process started.
    pub(crate) peak: f64,
}

pub(crate) fn find_memory(pid: u32) -> Option<Memory> {
    parse_memory(&std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

fn parse_memory(status: &str) -> Option<Memory> {
    let mebibytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
    };
    Some(Memory {
        resident: mebibytes("VmRSS")?,
        anonymous: mebibytes("RssAnon")?,
        peak: mebibytes("VmHWM")?,
    })
}

/// Cores, processor and kernel in one line.
pub(crate) fn describe_machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let model = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").map(|text| text.trim().to_owned());
    format!(
        "{cores} cores of {}, {} {}",
        model.as_deref().unwrap_or(std::env::consts::ARCH),
        std::env::consts::OS,
        kernel.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_behind_a_name_with_spaces_and_parentheses() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 900 0 3 0 150 50 0 0 20 0 5 0 100 1 2";
        assert_eq!(parse_cpu_time(stat), Some(Duration::from_secs(2)));
        assert_eq!(parse_cpu_time("rubbish"), None);
    }

    #[test]
    fn memory_is_told_in_mebibytes() {
        let status = "Name:\tx\nVmHWM:\t  4096 kB\nVmRSS:\t    2048 kB\nRssAnon:\t    1024 kB\n";
        assert_eq!(parse_memory(status), Some(Memory { resident: 2.0, anonymous: 1.0, peak: 4.0 }));
    }
}
