//! `cargo xtask bench`: measures the server from outside, over HTTP, beside the limits of the machine it runs on.
//! Prints Markdown; a missed target is told, a wrong result ends with exit code 1.

mod backup;
mod bodies;
mod client;
mod contention;
mod growing;
mod limits;
mod load;
mod plan;
mod process;
mod report;
mod server;
mod targets;
mod writing;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use clap::{Parser, Subcommand};
use tokio::task::LocalSet;

use crate::plan::Bench;

#[derive(Parser)]
#[command(name = "pilotdeck-bench", about = "Measures pilotdeck-server under load")]
struct Arguments {
    /// Shorter measurements, at most 100,000 rows
    #[arg(long)]
    quick: bool,
    /// The server to measure
    #[arg(long, env = "PILOTDECK_SERVER", value_name = "FILE")]
    server: Option<PathBuf>,
    /// Where the files are made that are measured; about 4 GB are needed
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    #[command(subcommand)]
    other: Option<Other>,
}

#[derive(Subcommand)]
enum Other {
    /// The server that the benchmark compares with
    #[command(hide = true)]
    BareAxum { port: u16 },
    /// Only the limits of this machine
    Limits,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    match arguments.other {
        Some(Other::BareAxum { port }) => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(limits::serve_bare(port))?;
            Ok(ExitCode::SUCCESS)
        }
        // One thread is enough for the load, and leaves the other cores to the server.
        None | Some(Other::Limits) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            LocalSet::new().block_on(&runtime, measure(&arguments))
        }
    }
}

async fn measure(arguments: &Arguments) -> Result<ExitCode> {
    // Beside the built programs, because a folder for temporary files is often kept in memory only.
    let program = std::env::current_exe()?;
    let beside = program.parent().context("this program has no folder")?;
    let folder = tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(arguments.folder.as_deref().unwrap_or(beside))
        .context("cannot make a folder for the measured files")?;
    let extent = if arguments.quick { plan::QUICK } else { plan::FULL };
    if arguments.other.is_some() {
        return print_limits(folder.path(), extent.each);
    }

    let server = arguments.server.clone().unwrap_or_else(|| beside.join(server_name()));
    ensure!(server.is_file(), "{} is not there; `cargo xtask bench` builds it", server.display());
    let server = std::path::absolute(server)?;
    let report = tokio::select! {
        report = Bench::run(extent, &server, folder.path()) => report?,
        _ = tokio::signal::ctrl_c() => bail!("ended by Ctrl-C"),
    };
    print(&report.to_markdown(&process::describe_machine()))?;
    Ok(if report.is_correct() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn server_name() -> String {
    format!("pilotdeck-server{}", std::env::consts::EXE_SUFFIX)
}

fn print_limits(folder: &Path, each: std::time::Duration) -> Result<ExitCode> {
    let limits = limits::measure_sqlite(folder, each)?;
    print(&format!(
        "events, rows/s: {:.0} one by one, {:.0} in groups of 64, {:.0} in groups of 100\n\
         usage records, rows/s: {:.0} in groups of 50\n",
        limits.events_alone, limits.events_by_64, limits.events_by_100, limits.usage_by_50
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn print(text: &str) -> Result<()> {
    std::io::stdout().lock().write_all(text.as_bytes()).context("cannot print")
}
