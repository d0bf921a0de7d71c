//! The key under which session cookies are digested (SECURITY.md S1): from `PM_SECRET_KEY`, else from a file beside the
//! database that only we can read. Another key ends every session. Knows no sessions.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::error::Result;
use crate::platform;
use crate::settings::{Secret, Settings};

const KEY_BYTES: usize = 32;

/// The session key; `Debug` does not show it.
#[derive(Clone)]
pub(crate) struct SecretKey(Hmac<Sha256>);

impl SecretKey {
    /// The key of this server: made at the first start.
    pub(crate) fn load(settings: &Settings) -> Result<SecretKey> {
        match &settings.secret_key {
            Some(secret) => SecretKey::from_secret(secret),
            None => SecretKey::from_bytes(&read_or_create(&key_file(&settings.db_file))?),
        }
    }

    fn from_secret(secret: &Secret) -> Result<SecretKey> {
        SecretKey::from_bytes(secret.expose().as_bytes())
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<SecretKey> {
        Ok(SecretKey(Hmac::new_from_slice(bytes).map_err(|error| anyhow!("session key: {error}"))?))
    }

    /// HMAC-SHA256 of `text`, in hexadecimal.
    pub(crate) fn digest(&self, text: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(b"pilotdeck session\0");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Where the key of this database stands: `pm.db.key` beside `pm.db`.
pub(crate) fn key_file(db_file: &Path) -> PathBuf {
    let mut name = db_file.as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}

fn read_or_create(path: &Path) -> Result<Vec<u8>> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return create(path),
        Err(error) => return Err(error.into()),
        // A link or a stranger's file is an attack or a mistake; going on would use a key that others know.
        Ok(file) if !file.is_file() || !platform::is_ours_or_roots(&file) => {
            return Err(anyhow!("{} is a link, no file, or belongs to another user", path.display()).into());
        }
        Ok(file) if platform::is_open_to_others(&file) => {
            tracing::warn!(
                "the key file could be read by other users: a new key is made and every session ends"
            );
        }
        Ok(_) => match read(path)? {
            Some(key) => return Ok(key),
            None => tracing::warn!("the key file is damaged: a new key is made and every session ends"),
        },
    }
    fs::remove_file(path)?;
    create(path)
}

/// None when the content is no key of ours, as after a crash between making and writing the file.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut text = String::new();
    let limit = u64::try_from(KEY_BYTES * 2 + 2).unwrap_or(u64::MAX);
    if File::open(path)?.take(limit).read_to_string(&mut text).is_err() {
        return Ok(None);
    }
    let digits = text.trim_end().as_bytes();
    let key: Option<Vec<u8>> = digits
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    Ok(key.filter(|_| digits.len() == KEY_BYTES * 2))
}

fn create(path: &Path) -> Result<Vec<u8>> {
    let key = rand::random::<[u8; KEY_BYTES]>().to_vec();
    let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let written = platform::create_private(path).and_then(|mut file| {
        file.write_all(digits.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    });
    match written {
        Ok(()) => platform::sync_folder(path),
        // Reading must go on in a folder that cannot be written (SECURITY.md F6); sessions then end with the process.
        Err(error) if cannot_write(&error) => {
            tracing::warn!("no key file can be written: sessions end with this process")
        }
        Err(error) => return Err(error.into()),
    }
    Ok(key)
}

fn cannot_write(error: &io::Error) -> bool {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem | StorageFull | QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(folder: &Path) -> Settings {
        Settings::new(folder.join("pm.db"))
    }

    fn digest_of(settings: &Settings) -> String {
        SecretKey::load(settings).unwrap().digest("cookie")
    }

    #[test]
    fn the_key_file_is_made_once_and_then_kept() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let first = digest_of(&settings);
        assert_eq!(digest_of(&settings), first);
        fs::remove_file(folder.path().join("pm.db.key")).unwrap();
        assert_ne!(digest_of(&settings), first, "another key gives another digest");
    }

    #[test]
    fn a_configured_key_needs_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings(folder.path());
        settings.secret_key = Secret::new("from the environment");
        let first = digest_of(&settings);
        assert!(!folder.path().join("pm.db.key").exists());
        settings.secret_key = Secret::new("another");
        assert_ne!(digest_of(&settings), first);
    }

    #[test]
    fn a_damaged_key_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        for content in ["", "zz", "0123", &"0".repeat(63), &"é".repeat(32)] {
            fs::write(folder.path().join("pm.db.key"), content).unwrap();
            let digest = digest_of(&settings);
            assert_eq!(digest_of(&settings), digest, "the new key is kept after {content:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_we_can_read_the_key_file_and_links_are_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let path = folder.path().join("pm.db.key");
        let first = digest_of(&settings);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_ne!(digest_of(&settings), first, "a key that others could read is worth nothing");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        fs::rename(&path, folder.path().join("elsewhere")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), &path).unwrap();
        assert!(SecretKey::load(&settings).is_err());
    }
}
