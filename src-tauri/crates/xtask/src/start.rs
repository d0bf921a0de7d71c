//! `cargo xtask start`: from a fresh clone to a running PilotDeck.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::programs::{self, become_command, built, cargo, desktop_target, say, target};
use crate::system::{self, Missing, provide};
use crate::ui;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Run the server without a window, even where there is a display
    #[arg(long)]
    headless: bool,
    /// Build with optimisations
    #[arg(long)]
    release: bool,
    /// Arguments for the program that is started
    #[arg(last = true, value_name = "ARGS")]
    passed_on: Vec<OsString>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    if let Err(Missing(what)) = provide(system::FOR_THE_SERVER) {
        bail!("{what}");
    }
    ui::bring_up_to_date()?;
    let (program, why) = match why_headless(arguments.headless) {
        None => (build_window(arguments.release)?, "in a window".to_owned()),
        Some(why) => (build_server(arguments.release)?, format!("without a window ({why})")),
    };
    let settings = Settings::of(&arguments.passed_on);
    say(&format!("\nStarting PilotDeck {why}; agents and browsers reach it at {}", settings.address()));
    become_command(Command::new(program).args(&arguments.passed_on))
}

/// The reason to run without a window, if there is one.
fn why_headless(wished: bool) -> Option<String> {
    if wished {
        Some("as asked".to_owned())
    } else if !has_display() {
        Some("there is no display".to_owned())
    } else if !ui::is_built() {
        Some("its interface is not built".to_owned())
    } else {
        provide(system::FOR_THE_WINDOW).err().map(|Missing(what)| what)
    }
}

fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

fn build_window(release: bool) -> Result<std::path::PathBuf> {
    let target = desktop_target()?;
    let mut command = cargo([
        "build",
        "--package",
        "pilotdeck",
        "--bin",
        "pilotdeck",
        "--features",
        "desktop,custom-protocol",
    ]);
    command.arg("--target-dir").arg(&target).args(release.then_some("--release"));
    programs::run(&mut command)?;
    Ok(built(&target, release, "pilotdeck"))
}

fn build_server(release: bool) -> Result<std::path::PathBuf> {
    let mut command = cargo(["build", "--package", "pilotdeck", "--bin", "pilotdeck-server"]);
    programs::run(command.args(release.then_some("--release")))?;
    Ok(built(&target()?, release, "pilotdeck-server"))
}

/// The part of PilotDeck's own settings that tells where it can be reached.
struct Settings {
    host: String,
    port: String,
}

impl Settings {
    fn of(passed_on: &[OsString]) -> Self {
        let setting = |flag: &str, variable: &str, default: &str| {
            find_flag(passed_on, flag)
                .or_else(|| std::env::var(variable).ok().filter(|value| !value.trim().is_empty()))
                .unwrap_or_else(|| default.to_owned())
        };
        Self { host: setting("--host", "PM_HOST", "127.0.0.1"), port: setting("--port", "PM_PORT", "8689") }
    }

    fn address(&self) -> String {
        let host = match self.host.as_str() {
            "0.0.0.0" | "::" | "[::]" => "127.0.0.1".to_owned(),
            ipv6 if ipv6.contains(':') && !ipv6.starts_with('[') => format!("[{ipv6}]"),
            other => other.to_owned(),
        };
        format!("http://{host}:{}", self.port)
    }
}

/// The value of `--flag value` or `--flag=value`.
fn find_flag(arguments: &[OsString], flag: &str) -> Option<String> {
    let mut rest = arguments.iter().filter_map(|argument| argument.to_str());
    while let Some(argument) = rest.next() {
        if argument == flag {
            return rest.next().map(str::to_owned);
        }
        if let Some(value) = argument.strip_prefix(flag).and_then(|value| value.strip_prefix('=')) {
            return Some(value.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(arguments: &[&str]) -> String {
        Settings::of(&arguments.iter().map(OsString::from).collect::<Vec<_>>()).address()
    }

    #[test]
    fn the_address_follows_the_flags_that_are_passed_on() {
        assert_eq!(address(&["--host", "0.0.0.0", "--port=9000"]), "http://127.0.0.1:9000");
        assert_eq!(address(&["--port", "9000", "--host=::1"]), "http://[::1]:9000");
    }
}
