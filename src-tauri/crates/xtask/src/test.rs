//! `cargo xtask test`: everything CI runs, one step after the other, the quick ones first.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::ValueEnum;

use crate::programs::{
    built, cargo, complain, desktop_target, find_answer, npm, root, run as run_command, say, target,
};
use crate::system::{self, Missing, provide};
use crate::ui;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these areas
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Area>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Area {
    /// rustfmt
    Format,
    /// clippy, without the window
    Lint,
    /// formatting, lints and tests of everything in Rust but the window
    Rust,
    /// lint, types, unit tests and build of the interface
    Ui,
    /// the interface in Chromium, against the real server
    Browser,
    /// lint, build and tests of the real window
    Desktop,
}

struct Step {
    name: &'static str,
    areas: &'static [Area],
    work: fn() -> Result<Done>,
}

/// How a step that did not fail ended.
enum Done {
    Passed,
    LeftOut(String),
}

enum Outcome {
    Passed(Duration),
    Failed(Duration),
    LeftOut(String),
    NotReached,
}

const STEPS: &[Step] = &[
    Step { name: "Rust formatting", areas: &[Area::Rust, Area::Format], work: check_format },
    Step { name: "Rust lints", areas: &[Area::Rust, Area::Lint], work: lint_rust },
    Step { name: "Rust tests", areas: &[Area::Rust], work: test_rust },
    Step { name: "Documentation examples", areas: &[Area::Rust], work: test_documentation },
    Step {
        name: "Interface packages",
        areas: &[Area::Ui, Area::Browser, Area::Desktop],
        work: install_interface,
    },
    Step { name: "Interface lints", areas: &[Area::Ui], work: || run_script("lint") },
    Step { name: "Interface types", areas: &[Area::Ui], work: || run_script("typecheck") },
    Step { name: "Interface tests", areas: &[Area::Ui], work: || run_script("test") },
    Step { name: "Interface build", areas: &[Area::Ui, Area::Browser, Area::Desktop], work: build_interface },
    Step { name: "Browser tests", areas: &[Area::Browser], work: test_browser },
    Step { name: "Window lints", areas: &[Area::Desktop], work: lint_window },
    Step { name: "Window build", areas: &[Area::Desktop], work: build_window },
    Step { name: "Window tests", areas: &[Area::Desktop], work: test_window },
];

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let steps: Vec<_> = STEPS.iter().filter(|step| is_wanted(step, &arguments.only)).collect();
    let started = Instant::now();
    let mut outcomes: Vec<(&str, Outcome)> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let outcome = if outcomes.iter().any(|(_, outcome)| matches!(outcome, Outcome::Failed(_))) {
            Outcome::NotReached
        } else {
            say(&format!("\n== {}/{} {} ==", index + 1, steps.len(), step.name));
            take(step)
        };
        outcomes.push((step.name, outcome));
    }
    say(&summary(&outcomes, started.elapsed()));
    let failed = outcomes.iter().any(|(_, outcome)| matches!(outcome, Outcome::Failed(_)));
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn is_wanted(step: &Step, only: &[Area]) -> bool {
    only.is_empty() || step.areas.iter().any(|area| only.contains(area))
}

fn take(step: &Step) -> Outcome {
    let started = Instant::now();
    match (step.work)() {
        Ok(Done::Passed) => {
            say(&format!("-- {}: passed in {}", step.name, told(started.elapsed())));
            Outcome::Passed(started.elapsed())
        }
        Ok(Done::LeftOut(reason)) => {
            say(&format!("-- {}: left out; {reason}", step.name));
            Outcome::LeftOut(reason)
        }
        Err(error) => {
            complain(&format!("-- {}: FAILED after {}; {error:#}", step.name, told(started.elapsed())));
            Outcome::Failed(started.elapsed())
        }
    }
}

/// A table of all steps, and last the line that machines read.
fn summary(outcomes: &[(&str, Outcome)], took: Duration) -> String {
    let mut text = format!("\n== Summary, {} ==\n", told(took));
    let (mut passed, mut failed) = (0, 0);
    for (name, outcome) in outcomes {
        let line = match outcome {
            Outcome::Passed(took) => {
                passed += 1;
                format!("passed      {}", told(*took))
            }
            Outcome::Failed(took) => {
                failed += 1;
                format!("FAILED      {}", told(*took))
            }
            Outcome::LeftOut(reason) => format!("left out    {reason}"),
            Outcome::NotReached => "not reached".to_owned(),
        };
        text.push_str(&format!("{name:<24}{line}\n"));
    }
    text.push_str(&format!("\n{passed} passed, {failed} failed"));
    text
}

fn told(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}

fn passed(command: &mut Command) -> Result<Done> {
    run_command(command).map(|()| Done::Passed)
}

// Rust

fn check_format() -> Result<Done> {
    passed(&mut cargo(["fmt", "--all", "--check"]))
}

fn lint_rust() -> Result<Done> {
    if let Err(Missing(what)) = provide(system::FOR_THE_SERVER) {
        say(&what);
    }
    let mut command = cargo(["clippy", "--workspace", "--all-targets"]);
    if !cfg!(target_os = "linux") {
        command.args(["--exclude", DESKTOP_TESTS]);
    }
    passed(command.args(["--", "-D", "warnings"]))
}

/// Needs a window that was built and the web view's driver, which is there on Linux only.
const DESKTOP_TESTS: &str = "pilotdeck-desktop-tests";

fn test_rust() -> Result<Done> {
    if let Err(Missing(what)) = provide(system::FOR_RUST_TESTS) {
        say(&what);
    }
    passed(tests_of().args(["--workspace", "--exclude", DESKTOP_TESTS]))
}

/// nextest runs the tests of all crates side by side; plain `cargo test` does where it is not installed.
fn tests_of() -> Command {
    if has_nextest() {
        cargo(["nextest", "run", "--no-fail-fast"])
    } else {
        cargo(["test", "--no-fail-fast", "--lib", "--bins", "--tests"])
    }
}

fn has_nextest() -> bool {
    find_answer(&mut cargo(["nextest", "--version"])).is_some()
}

fn test_documentation() -> Result<Done> {
    if has_documentation_tests(&root().join("src-tauri"))? {
        passed(&mut cargo(["test", "--workspace", "--doc", "--exclude", DESKTOP_TESTS]))
    } else {
        Ok(Done::LeftOut("there are none".to_owned()))
    }
}

/// Whether a comment holds a code block that rustdoc would run. Asked because linking for nothing takes long.
fn has_documentation_tests(folder: &Path) -> Result<bool> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let found = if path.is_dir() {
            has_documentation_tests(&path)?
        } else {
            path.extension().is_some_and(|kind| kind == "rs") && opens_a_test(&fs::read_to_string(&path)?)
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

fn opens_a_test(source: &str) -> bool {
    let mut inside = false;
    source.lines().any(|line| {
        let line = line.trim_start();
        let fence = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")).map(str::trim_start);
        let Some(language) = fence.and_then(|text| text.strip_prefix("```")) else { return false };
        inside = !inside;
        inside && ["", "rust", "no_run", "should_panic"].contains(&language.trim())
    })
}

// Interface

fn without_node() -> Option<Done> {
    provide(system::FOR_THE_INTERFACE).err().map(|Missing(what)| Done::LeftOut(what))
}

fn install_interface() -> Result<Done> {
    match without_node() {
        Some(left_out) => Ok(left_out),
        None => ui::install().map(|()| Done::Passed),
    }
}

fn run_script(name: &str) -> Result<Done> {
    match without_node() {
        Some(left_out) => Ok(left_out),
        None => passed(&mut npm(["run", name])),
    }
}

fn build_interface() -> Result<Done> {
    run_script("build")
}

fn test_browser() -> Result<Done> {
    if let Err(Missing(what)) = provide(system::FOR_BROWSER_TESTS) {
        return Ok(Done::LeftOut(what));
    }
    run_command(&mut cargo(["build", "--package", "pilotdeck", "--bin", "pilotdeck-server"]))?;
    let mut command = npm(["run", "e2e"]);
    command.env("PILOTDECK_SERVER", built(&target()?, false, "pilotdeck-server"));
    passed(command.envs(system::find_chromium().map(|browser| ("CHROMIUM", browser))))
}

// Window

const WITH_WINDOW: [&str; 4] = ["--package", "pilotdeck", "--features", "desktop,custom-protocol"];

/// Why the window cannot be built here, if it cannot.
fn without_window() -> Option<Done> {
    if !ui::is_built() {
        return Some(Done::LeftOut("its interface is not built".to_owned()));
    }
    provide(system::FOR_THE_WINDOW).err().map(|Missing(what)| Done::LeftOut(what))
}

/// Shares what the lints before it have compiled, so it does not use the window's own target folder.
fn lint_window() -> Result<Done> {
    if let Some(left_out) = without_window() {
        return Ok(left_out);
    }
    passed(cargo(["clippy", "--all-targets"]).args(WITH_WINDOW).args(["--", "-D", "warnings"]))
}

fn build_window() -> Result<Done> {
    if let Some(left_out) = without_window() {
        return Ok(left_out);
    }
    let mut command = cargo(["build", "--bin", "pilotdeck"]);
    passed(command.args(WITH_WINDOW).arg("--target-dir").arg(desktop_target()?))
}

fn test_window() -> Result<Done> {
    if !cfg!(target_os = "linux") {
        return Ok(Done::LeftOut("the web view's driver is there on Linux only".to_owned()));
    }
    if let Some(left_out) = without_window() {
        return Ok(left_out);
    }
    if let Err(Missing(what)) = provide(system::FOR_DESKTOP_TESTS) {
        return Ok(Done::LeftOut(what));
    }
    let tests = ["test", "--package", DESKTOP_TESTS];
    run_command(cargo(tests).arg("--no-run"))?;
    let mut command = Command::new("xvfb-run");
    command.args(["-a", "-s", "-screen 0 1280x900x24", "dbus-run-session", "--"]);
    // One after the other: each has the display to itself.
    command.arg(cargo(tests).get_program()).args(tests).args(["--", "--test-threads=1"]);
    command.current_dir(root()).env("PILOTDECK_DESKTOP", built(&desktop_target()?, false, "pilotdeck"));
    passed(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_ends_with_the_line_that_machines_read() {
        let outcomes = [
            ("Rust tests", Outcome::Passed(Duration::from_secs(75))),
            ("Browser tests", Outcome::LeftOut("missing: Chromium".to_owned())),
            ("Window build", Outcome::Failed(Duration::from_millis(1250))),
            ("Window tests", Outcome::NotReached),
        ];
        let expected = "
== Summary, 1 min 20 s ==
Rust tests              passed      1 min 15 s
Browser tests           left out    missing: Chromium
Window build            FAILED      1.2 s
Window tests            not reached

1 passed, 1 failed";
        assert_eq!(summary(&outcomes, Duration::from_secs(80)), expected);
    }

    #[test]
    fn only_the_areas_asked_for_are_run_in_the_usual_order() {
        let names = |only: &[Area]| {
            STEPS.iter().filter(|step| is_wanted(step, only)).map(|step| step.name).collect::<Vec<_>>()
        };
        assert_eq!(names(&[]).len(), STEPS.len());
        assert_eq!(names(&[Area::Lint, Area::Format]), ["Rust formatting", "Rust lints"]);
        assert_eq!(names(&[Area::Browser]), ["Interface packages", "Interface build", "Browser tests"]);
    }

    #[test]
    fn a_code_block_in_a_comment_is_a_test_unless_it_says_otherwise() {
        assert!(opens_a_test("/// Adds.\n/// ```\n/// add();\n/// ```\n"));
        assert!(!opens_a_test("//! ```text\n//! a picture\n//! ```\nlet s = \"```\";"));
    }
}
