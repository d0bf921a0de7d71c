//! The first user and the password everybody knows (SECURITY.md A1–A3). Knows no sign-in.

use pilotdeck_domain::{User, new_id};
use pilotdeck_storage::users::{self, StoredUser};
use pilotdeck_storage::{Connection, Durability, meta};

use super::Auth;
use crate::error::{Error, Result};
use crate::passwords::{self, DEFAULT_PASSWORD, Verdict};
use crate::settings::Secret;

/// The first user.
const ADMIN: &str = "admin";

/// The key of `meta` under which it is remembered what [`Auth::judge_default_password`] found.
pub(super) const JUDGED: &str = "auth.defaultPassword";

impl Auth {
    /// A file without users gets `admin`, with the configured password or the default one (SECURITY.md A1).
    pub(super) async fn ensure_default_user(&self) -> Result<()> {
        let has_users = self.0.db.read(|conn| Ok::<_, Error>(!users::list(conn)?.is_empty())).await?;
        if has_users {
            return Ok(());
        }
        let password = self.configured_password()?.unwrap_or(DEFAULT_PASSWORD).to_owned();
        let password_hash = self.0.passwords.hash(password).await?;
        let now = self.0.settings.clock.now();
        let user = User {
            id: new_id("user-"),
            username: ADMIN.to_owned(),
            role: "admin".to_owned(),
            created_at: now,
            updated_at: now,
            disabled: false,
            last_login_at: None,
        };
        let stored = StoredUser { user, password_hash };
        self.0.db.write(Durability::Flushed, move |tx| Ok::<_, Error>(users::insert(tx, &stored)?)).await
    }

    /// Finds out whether `admin` has the default password. A configured first password replaces it: nobody chose it.
    ///
    /// Finding out costs an argon2 run, so the result is remembered beside the data, under our key: a file from elsewhere
    /// cannot tell us that its password is a good one.
    pub(super) async fn judge_default_password(&self) -> Result<()> {
        let read = |conn: &Connection| {
            Ok::<_, Error>((users::find_by_name(conn, ADMIN)?, meta::find(conn, JUDGED)?))
        };
        let (Some(admin), remembered) = self.0.db.read(read).await? else {
            return Ok(());
        };
        if admin.user.disabled {
            return Ok(());
        }
        let mark = |word: &str| self.0.key.digest(&format!("password {word}\0{}", admin.password_hash));
        let is_default = if remembered.as_ref() == Some(&mark("changed")) {
            false
        } else if remembered.as_ref() == Some(&mark("default")) {
            true
        } else {
            let hash = admin.password_hash.clone();
            let verdict = self.0.passwords.verify_patiently(DEFAULT_PASSWORD.to_owned(), hash).await?;
            let is_default = verdict != Verdict::Wrong;
            let mark = mark(if is_default { "default" } else { "changed" });
            let remember =
                self.0.db.write(Durability::Batched, move |tx| Ok::<_, Error>(meta::set(tx, JUDGED, &mark)?));
            if let Err(error) = remember.await {
                tracing::debug!("the next start judges the password again: {error:?}");
            }
            is_default
        };
        if !is_default {
            return Ok(());
        }
        if let Some(password) = self.configured_password()? {
            match self.set_password(&admin.user.id, password).await {
                // A file that can only be read is still shown (SECURITY.md F6); its password stays what it is.
                Err(Error::ReadOnly | Error::DiskFull) => {
                    tracing::warn!("PM_ADMIN_PASSWORD could not be stored")
                }
                outcome => return outcome,
            }
        }
        self.default_password_users().insert(admin.user.id);
        tracing::warn!(
            "the password of admin is still the default one, accepted on this machine only: change it"
        );
        Ok(())
    }

    /// `PM_ADMIN_PASSWORD`, which must be a good one.
    fn configured_password(&self) -> Result<Option<&str>> {
        let Some(password) = self.0.settings.admin_password.as_ref().map(Secret::expose) else {
            return Ok(None);
        };
        passwords::check_new("PM_ADMIN_PASSWORD", password, ADMIN)?;
        Ok(Some(password))
    }
}
