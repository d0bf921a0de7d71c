//! The platform's part of keeping our files to ourselves (SECURITY.md G1). The only file here that differs by system.

use std::path::Path;

use crate::failure::{Exit, Failure};

/// Files this process makes from now on are readable by their owner alone.
pub fn keep_new_files_private() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
}

/// Makes the folder of the database if it is missing, and refuses one that is a link or belongs to somebody else.
pub fn prepare_folder(folder: &Path) -> Result<(), Failure> {
    create(folder).map_err(|error| {
        let sentence = format!("cannot make the data folder {}: {error}", folder.display());
        Failure::new(Exit::CannotCreate, sentence)
    })?;
    let found = std::fs::symlink_metadata(folder).map_err(|error| {
        Failure::new(Exit::Io, format!("cannot look at the data folder {}: {error}", folder.display()))
    })?;
    let refuse = |what: &str| {
        let sentence = format!(
            "the data folder {} {what}: PM_DB_FILE must name a file in a folder of your own",
            folder.display()
        );
        Err(Failure::new(Exit::Config, sentence))
    };
    if found.file_type().is_symlink() {
        return refuse("is a link");
    }
    if !found.is_dir() {
        return refuse("is not a folder");
    }
    if !is_ours(&found) {
        return refuse("belongs to another user");
    }
    Ok(())
}

#[cfg(unix)]
fn create(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create(folder: &Path) -> std::io::Result<()> {
    // Below the user's own folder, which Windows already keeps from other users.
    std::fs::create_dir_all(folder)
}

#[cfg(unix)]
fn is_ours(found: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    found.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_ours(_found: &std::fs::Metadata) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_missing_folder_is_made_for_the_owner_alone() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("deep/data");
        prepare_folder(&folder).unwrap();
        let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_link_to_a_folder_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let link = home.path().join("data");
        std::os::unix::fs::symlink(home.path(), &link).unwrap();
        let failure = prepare_folder(&link).unwrap_err();
        assert_eq!(failure.exit, Exit::Config);
        assert!(failure.message.contains("is a link"), "{failure}");
    }

    #[test]
    fn a_file_in_the_way_is_no_folder() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("data");
        std::fs::write(&file, "x").unwrap();
        assert_eq!(prepare_folder(&file).unwrap_err().exit, Exit::CannotCreate);
    }
}
