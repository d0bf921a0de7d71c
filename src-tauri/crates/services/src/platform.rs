//! What differs between systems: file modes, ownership, process groups. One function each, with a Windows variant.
//! Knows nothing of deploys or keys.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::Path;
use std::process::Command;

pub(crate) use system::{detach, environment_names, is_root, kill_group, leave_session, own_group};
pub(crate) use system::{
    is_executable, is_open_to_others, is_ours_or_roots, is_same_file, is_writable_by_others,
};

/// Makes a new file that only we can read; an existing one, a link included, is an error.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    system::private(OpenOptions::new().write(true).create_new(true)).open(path)
}

/// Opens a file that only we can read for reading and writing, made if missing; a link is an error.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    if path.is_symlink() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "is a link"));
    }
    system::private(OpenOptions::new().read(true).write(true).create(true).truncate(false)).open(path)
}

/// Opens a file that is there for reading. A link is not followed, a pipe not waited for: what comes may be looked at before
/// it is read.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    system::unfollowed(OpenOptions::new().read(true)).open(path)
}

/// Takes a file that is there away from everybody else. Windows: the folder's access list does.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Flushes the folder of `path`, so that a new name in it survives a power cut. Windows has no such call.
pub(crate) fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent().filter(|_| cfg!(unix))
        && let Err(error) = File::open(folder).and_then(|folder| folder.sync_all())
    {
        tracing::debug!("could not flush a folder: {error}");
    }
}

#[cfg(unix)]
mod system {
    use super::*;
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
    use std::os::unix::process::CommandExt;

    use rustix::process::{Pid, Signal, geteuid, kill_process_group, setsid};

    pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
        options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
    }

    pub(super) fn unfollowed(options: &mut OpenOptions) -> &mut OpenOptions {
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(flags.bits().cast_signed())
    }

    /// Whether these are one file under two names.
    pub(crate) fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
        (one.dev(), one.ino()) == (other.dev(), other.ino())
    }

    pub(crate) fn is_ours_or_roots(file: &Metadata) -> bool {
        file.uid() == 0 || file.uid() == geteuid().as_raw()
    }

    pub(crate) fn is_writable_by_others(file: &Metadata) -> bool {
        file.mode() & 0o022 != 0
    }

    pub(crate) fn is_open_to_others(file: &Metadata) -> bool {
        file.mode() & 0o077 != 0
    }

    pub(crate) fn is_executable(file: &Metadata) -> bool {
        file.mode() & 0o111 != 0
    }

    pub(crate) fn is_root() -> bool {
        geteuid().is_root()
    }

    /// The only variables a deploy script gets.
    pub(crate) fn environment_names() -> &'static [&'static str] {
        &["PATH", "HOME", "LANG"]
    }

    /// The child leads a process group of its own, so that it can be killed with all it started.
    pub(crate) fn own_group(command: &mut Command) {
        command.process_group(0);
    }

    /// The child lives on when we end. On Unix it does the rest itself: see [`leave_session`].
    pub(crate) fn detach(_command: &mut Command) {}

    /// Leaves the terminal and the process group we were started in. Fails when we lead one already, which is as good.
    pub(crate) fn leave_session() {
        if let Err(error) = setsid() {
            tracing::debug!("already leading a session: {error}");
        }
    }

    pub(crate) fn kill_group(leader: u32) {
        let Some(leader) = i32::try_from(leader).ok().and_then(Pid::from_raw) else { return };
        if let Err(error) = kill_process_group(leader, Signal::KILL) {
            tracing::debug!("process group already gone: {error}");
        }
    }
}

#[cfg(windows)]
mod system {
    use super::*;
    use std::os::windows::fs::OpenOptionsExt;
    use std::os::windows::process::CommandExt;

    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    const DETACHED_PROCESS: u32 = 0x0000_0008;
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;

    // Files inherit the access list of the per-user data folder, which is ours alone (SECURITY.md G1).
    pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    pub(super) fn unfollowed(options: &mut OpenOptions) -> &mut OpenOptions {
        options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT)
    }

    /// Not known here, and not needed: locks belong to the handle that took them.
    pub(crate) fn is_same_file(_one: &Metadata, _other: &Metadata) -> bool {
        false
    }

    pub(crate) fn is_ours_or_roots(_file: &Metadata) -> bool {
        true
    }

    pub(crate) fn is_writable_by_others(_file: &Metadata) -> bool {
        false
    }

    pub(crate) fn is_open_to_others(_file: &Metadata) -> bool {
        false
    }

    pub(crate) fn is_executable(_file: &Metadata) -> bool {
        true
    }

    pub(crate) fn is_root() -> bool {
        false
    }

    /// Windows programs do not start without the last five.
    pub(crate) fn environment_names() -> &'static [&'static str] {
        &["PATH", "HOME", "LANG", "SystemRoot", "SystemDrive", "USERPROFILE", "ComSpec", "PATHEXT"]
    }

    pub(crate) fn own_group(command: &mut Command) {
        command.creation_flags(CREATE_NEW_PROCESS_GROUP);
    }

    pub(crate) fn detach(command: &mut Command) {
        command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
    }

    pub(crate) fn leave_session() {}

    pub(crate) fn kill_group(leader: u32) {
        let killed = Command::new("taskkill").args(["/T", "/F", "/PID", &leader.to_string()]).output();
        if let Err(error) = killed {
            tracing::debug!("taskkill: {error}");
        }
    }
}
