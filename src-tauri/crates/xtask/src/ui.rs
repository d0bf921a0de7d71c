//! The interface: installing its packages and building it, each only when something changed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::programs::{find_answer, npm, root, run, say};
use crate::system::{FOR_THE_INTERFACE, Missing, provide};

/// What Vite needs.
const NODE: (u32, u32) = (20, 19);

/// The version of Node, when it is new enough and npm is beside it.
pub(crate) fn find_node() -> Option<String> {
    let version = find_answer(Command::new("node").arg("--version"))?;
    let npm_is_there = find_answer(npm(["--version"]).current_dir(root())).is_some();
    (npm_is_there && is_new_enough(&version)).then_some(version)
}

fn is_new_enough(version: &str) -> bool {
    let mut parts = version.trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= NODE
}

/// Installs and builds what changed. The interface is worth having, but the server serves agents without it: where there
/// is no Node, that is said and no error.
pub(crate) fn bring_up_to_date() -> Result<()> {
    match provide(FOR_THE_INTERFACE) {
        Ok(()) => {
            install()?;
            build_if_changed()
        }
        Err(Missing(what)) => {
            say(&format!("The interface is not built: {what}"));
            Ok(())
        }
    }
}

/// Whether there is an interface to embed. The window does not compile without.
pub(crate) fn is_built() -> bool {
    root().join("ui/dist/index.html").is_file()
}

/// `npm ci`, unless what is installed is newer than the lock file.
pub(crate) fn install() -> Result<()> {
    let ui = root().join("ui");
    let wanted = changed_at(&ui.join("package-lock.json")).context("ui/package-lock.json is missing")?;
    // npm writes this file last, so a broken installation has none.
    if changed_at(&ui.join("node_modules/.package-lock.json")).is_some_and(|installed| installed >= wanted) {
        say("The interface's packages are installed.");
        return Ok(());
    }
    run(&mut npm(["ci", "--no-audit", "--no-fund"]))
}

/// `npm run build`, unless what was built is newer than every source.
fn build_if_changed() -> Result<()> {
    let ui = root().join("ui");
    let built = changed_at(&ui.join("dist/index.html"));
    if built.is_some() && built >= newest_source(&ui)? {
        say("The interface is built.");
        return Ok(());
    }
    run(&mut npm(["run", "build"]))
}

fn newest_source(ui: &Path) -> Result<Option<SystemTime>> {
    let mut newest = None;
    for entry in fs::read_dir(ui).with_context(|| format!("cannot read {}", ui.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        if !["node_modules", "dist", "e2e"].iter().any(|not_built| name == *not_built) {
            newest = newest.max(newest_below(&entry.path())?);
        }
    }
    Ok(newest)
}

/// The youngest file or folder; folders count because a deleted file shows only in its folder.
fn newest_below(path: &Path) -> Result<Option<SystemTime>> {
    let mut newest = changed_at(path);
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            newest = newest.max(newest_below(&entry?.path())?);
        }
    }
    Ok(newest)
}

fn changed_at(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_is_taken_from_20_19_on() {
        for (version, taken) in
            [("v20.19.0", true), ("v22.12.1", true), ("v20.18.3", false), ("v18.20.4", false), ("", false)]
        {
            assert_eq!(is_new_enough(version), taken, "{version}");
        }
    }

    #[test]
    fn what_was_built_and_installed_does_not_count_as_a_source() {
        let ui = tempfile::tempdir().unwrap();
        for folder in ["src", "dist", "node_modules"] {
            fs::create_dir(ui.path().join(folder)).unwrap();
            fs::write(ui.path().join(folder).join("a.ts"), "").unwrap();
        }
        let later = changed_at(&ui.path().join("src/a.ts")).unwrap() + std::time::Duration::from_secs(60);
        let touch = |name: &str| {
            fs::File::options().write(true).open(ui.path().join(name)).unwrap().set_modified(later).unwrap();
        };

        touch("dist/a.ts");
        touch("node_modules/a.ts");
        assert!(newest_source(ui.path()).unwrap() < Some(later));

        touch("src/a.ts");
        assert_eq!(newest_source(ui.path()).unwrap(), Some(later));
    }
}
