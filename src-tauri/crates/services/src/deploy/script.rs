//! Whether a file may be run as the deploy script (SECURITY.md D1). Knows nothing else of deploys.

use std::path::Path;

use crate::platform;

/// Refuses any file that somebody but us and root could have written, or could swap for another.
pub(crate) fn check(script: &Path) -> Result<(), &'static str> {
    if !script.is_absolute() {
        return Err("PM_DEPLOY_SCRIPT is no absolute path");
    }
    let file = script.symlink_metadata().map_err(|_| "the deploy script is missing")?;
    if file.is_symlink() {
        return Err("the deploy script is a link");
    }
    if !file.is_file() {
        return Err("the deploy script is no regular file");
    }
    if !platform::is_ours_or_roots(&file) {
        return Err("the deploy script belongs to another user");
    }
    if platform::is_writable_by_others(&file) {
        return Err("the deploy script can be written by other users");
    }
    if !platform::is_executable(&file) {
        return Err("the deploy script is not executable");
    }
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    fn refusal_for(mode: u32) -> Option<&'static str> {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("deploy.sh");
        fs::write(&script, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&script, Permissions::from_mode(mode)).unwrap();
        check(&script).err()
    }

    #[test]
    fn only_a_script_that_nobody_else_can_write_is_run() {
        assert_eq!(refusal_for(0o755), None);
        assert_eq!(refusal_for(0o700), None);
        for writable in [0o777, 0o775, 0o757, 0o722] {
            assert_eq!(
                refusal_for(writable),
                Some("the deploy script can be written by other users"),
                "{writable:o}"
            );
        }
        assert_eq!(refusal_for(0o644), Some("the deploy script is not executable"));
    }

    #[test]
    fn links_folders_missing_and_relative_paths_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (script, link) = (folder.path().join("deploy.sh"), folder.path().join("link.sh"));
        fs::write(&script, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink(&script, &link).unwrap();
        assert_eq!(check(&link), Err("the deploy script is a link"));
        assert_eq!(check(folder.path()), Err("the deploy script is no regular file"));
        assert_eq!(check(&folder.path().join("none.sh")), Err("the deploy script is missing"));
        assert_eq!(check(Path::new("deploy.sh")), Err("PM_DEPLOY_SCRIPT is no absolute path"));
    }

    #[test]
    fn a_script_of_another_user_is_refused() {
        if !rustix::process::geteuid().is_root() {
            return; // only root can give a file away
        }
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("deploy.sh");
        fs::write(&script, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::chown(&script, Some(12_345), None).unwrap();
        assert_eq!(check(&script), Err("the deploy script belongs to another user"));
    }
}
