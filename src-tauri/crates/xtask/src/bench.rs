//! `cargo xtask bench`: builds the release server and the benchmark, and runs it.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::programs::{self, become_command, built, cargo, target};
use crate::ui;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// About two minutes instead of about ten: shorter measurements, at most 100,000 rows
    #[arg(long)]
    quick: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    // The release server carries the interface inside, and its memory is measured too.
    ui::bring_up_to_date()?;
    programs::run(&mut cargo(["build", "--release", "--package", "pilotdeck", "--bin", "pilotdeck-server"]))?;
    programs::run(&mut cargo(["build", "--release", "--package", "pilotdeck-bench"]))?;

    let target = target()?;
    let mut benchmark = Command::new(built(&target, true, "pilotdeck-bench"));
    if std::env::var_os("PILOTDECK_SERVER").is_none() {
        benchmark.env("PILOTDECK_SERVER", built(&target, true, "pilotdeck-server"));
    }
    if arguments.quick {
        benchmark.arg("--quick");
    }
    become_command(&mut benchmark)
}
