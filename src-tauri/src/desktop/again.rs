//! A start that met an earlier window on its way out: on Linux the name of the one instance is still taken then, by a process
//! that answers nobody any more. The start is made anew, a few times, instead of failing.

use pilotdeck_shell::failure::Failure;

/// Counts the starts; given from one to the next.
#[cfg(target_os = "linux")]
const STARTS: &str = "PILOTDECK_STARTS";
/// A window that ends takes up to ten seconds.
#[cfg(target_os = "linux")]
const MOST_STARTS: u32 = 12;

/// Starts anew when `failure` is of that kind. Only returns when it is not, or when it lasts too long.
#[cfg(target_os = "linux")]
pub(super) fn start_again_after(failure: &Failure) {
    use std::os::unix::process::CommandExt;

    let starts = std::env::var(STARTS).ok().and_then(|count| count.parse().ok()).unwrap_or(1_u32);
    if !failure.message.contains("single-instance") || starts >= MOST_STARTS {
        return;
    }
    std::thread::sleep(std::time::Duration::from_secs(1));
    if let Ok(program) = std::env::current_exe() {
        let error = std::process::Command::new(program)
            .args(std::env::args_os().skip(1))
            .env(STARTS, (starts + 1).to_string())
            .exec();
        tracing::error!("starting again failed: {error}");
    }
}

/// Elsewhere the plugin's lock ends with its process.
#[cfg(not(target_os = "linux"))]
pub(super) fn start_again_after(_failure: &Failure) {}
