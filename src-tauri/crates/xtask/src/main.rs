//! `cargo xtask`: the project's own commands, alike on Linux, macOS and Windows. Runs programs, never a shell; knows
//! nothing of what PilotDeck does.

mod bench;
mod programs;
mod start;
mod system;
mod test;
mod ui;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Starts, tests and measures PilotDeck")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Installs what is missing, builds, and opens the window; without a display, runs the headless server
    Start(start::Arguments),
    /// Runs everything CI runs: formatting, lints, Rust, interface, browser and desktop tests
    Test(test::Arguments),
    /// Measures the release server under load, beside the limits of this machine
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Start(arguments) => start::run(&arguments),
        Task::Test(arguments) => test::run(&arguments),
        Task::Bench(arguments) => bench::run(&arguments),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            programs::complain(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
