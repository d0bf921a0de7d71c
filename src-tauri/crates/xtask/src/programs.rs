//! Where things lie and how other programs are run.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    // Asked at run time first: a clone that was moved together with its target folder still works.
    let manifest =
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&manifest).ancestors().nth(3).map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// The folder that holds `debug` and `release`: this program lies in one of them, wherever the user keeps it.
pub(crate) fn target() -> Result<PathBuf> {
    let program = std::env::current_exe().context("this program cannot find itself")?;
    program.ancestors().nth(2).map(Path::to_path_buf).context("this program lies outside a target folder")
}

/// The window has a target folder of its own, so that building it and building without it do not undo each other.
pub(crate) fn desktop_target() -> Result<PathBuf> {
    Ok(target()?.join("desktop"))
}

/// A program built into `target`.
pub(crate) fn built(target: &Path, release: bool, name: &str) -> PathBuf {
    let profile = if release { "release" } else { "debug" };
    target.join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Cargo, in the workspace's folder.
pub(crate) fn cargo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// npm, in the interface's folder.
pub(crate) fn npm<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(arguments).current_dir(root().join("ui"));
    command
}

/// The program of this name on the PATH.
pub(crate) fn find_on_path(name: &str) -> Option<PathBuf> {
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ".bat"] } else { &[""] };
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| endings.iter().map(move |ending| folder.join(format!("{name}{ending}"))))
        .find(|program| program.is_file())
}

/// Runs a command with our output and input, showing it first; an exit code other than 0 is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = spelled(command);
    say(&format!("$ {shown}"));
    let status = command.status().with_context(|| format!("could not run {shown}"))?;
    if !status.success() {
        bail!("{shown}: {}", told(status));
    }
    Ok(())
}

/// What a command printed, trimmed; `None` when it is not there or failed.
pub(crate) fn find_answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Hands the terminal over to the command: on Unix it takes this process's place, so that Ctrl-C and SIGTERM reach it
/// and nothing else; elsewhere this process waits for it and leaves Ctrl-C to it.
pub(crate) fn become_command(command: &mut Command) -> Result<ExitCode> {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let error = command.exec();
        Err(error).with_context(|| format!("could not run {}", spelled(command)))
    }
    #[cfg(not(unix))]
    {
        ctrlc::set_handler(|| {}).context("could not leave Ctrl-C to the program")?;
        let status = command.status().with_context(|| format!("could not run {}", spelled(command)))?;
        Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
    }
}

/// The command as one would type it.
pub(crate) fn spelled(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = if program.is_absolute() { program.file_stem() } else { Some(command.get_program()) };
    std::iter::once(program.unwrap_or_default())
        .chain(command.get_args())
        .map(|word| quoted(&word.to_string_lossy()))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A word as a shell would take it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,+@%\\".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{word}'") }
}

fn told(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("failed with exit code {code}"),
        None => format!("was ended ({status})"),
    }
}

/// A line on standard output. Nobody listening is no error.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// A line on standard error.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_folder_with_the_lock_file() {
        assert!(root().join("Cargo.lock").is_file());
        assert!(root().join("src-tauri").is_dir());
    }

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("xvfb-run");
        command.args(["-s", "-screen 0 1280x900x24", "pkgconfig(webkit2gtk-4.1)", ""]);
        assert_eq!(spelled(&command), "xvfb-run -s '-screen 0 1280x900x24' 'pkgconfig(webkit2gtk-4.1)' ''");
    }

    #[test]
    fn a_missing_program_has_no_answer_and_is_not_on_the_path() {
        assert_eq!(find_answer(&mut Command::new("no-such-program-anywhere")), None);
        assert_eq!(find_on_path("no-such-program-anywhere"), None);
    }
}
