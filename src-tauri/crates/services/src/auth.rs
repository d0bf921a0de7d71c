//! Who is calling: users and their passwords, sessions, the two tokens (SECURITY.md A1–A5, S1–S4, K1, K3). Knows no
//! cookies' attributes and no headers: the doors bring what those held.

mod first_user;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use constant_time_eq::constant_time_eq_32;
use pilotdeck_domain::{Invalid, Map, User, Value};
use pilotdeck_storage::users::{self, StoredUser};
use pilotdeck_storage::{Connection, Db, Durability, WriteTx};
use sha2::{Digest, Sha256};

use crate::agent_keys::AgentKeys;
use crate::error::{Error, Noun, Result};
use crate::passwords::{self, DEFAULT_PASSWORD, Passwords, Verdict};
use crate::secret_key::SecretKey;
use crate::sessions::{Others, Sessions};
use crate::settings::{Secret, Settings};

pub use crate::sessions::SessionInfo;

/// Bound wider, a shorter token could be guessed.
const MIN_TOKEN_CHARS: usize = 16;

/// Somebody who wants to sign in.
#[derive(Clone)]
pub struct LoginRequest {
    /// As sent; trimmed here.
    pub username: String,
    /// As sent.
    pub password: String,
    /// Whether the request is a local one (SECURITY.md, "Words").
    pub local: bool,
    /// The session cookie the request came with; its session ends.
    pub presented_cookie: Option<String>,
}

impl LoginRequest {
    /// Reads `{username, password}`.
    pub fn from_body(
        body: &Map,
        local: bool,
        presented_cookie: Option<String>,
    ) -> Result<LoginRequest, Invalid> {
        let (username, password) = (text(body, "username")?, text(body, "password")?);
        Ok(LoginRequest { username, password, local, presented_cookie })
    }
}

/// Somebody who signed in.
#[derive(Clone)]
pub struct Login {
    /// Who.
    pub user: User,
    /// The password is the one everybody knows.
    pub must_change_password: bool,
    /// The value of the new session cookie; known to nobody else.
    pub cookie_value: String,
}

/// Whose session a request came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// The password is the one everybody knows.
    pub must_change_password: bool,
}

/// Users, sessions and tokens.
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

struct Inner {
    db: Db,
    settings: Arc<Settings>,
    key: SecretKey,
    passwords: Passwords,
    sessions: Sessions,
    agent_keys: AgentKeys,
    /// Ids of users known to have the default password.
    default_password_users: Mutex<HashSet<String>>,
}

impl Auth {
    /// Takes up the sessions, and makes the first user on a fresh file.
    pub(crate) async fn open(db: Db, settings: Arc<Settings>) -> Result<Auth> {
        let for_key = Arc::clone(&settings);
        let key = tokio::task::spawn_blocking(move || SecretKey::load(&for_key));
        let key = key.await.map_err(|failed| Error::Internal(failed.into()))??;
        let sessions = Sessions::open(db.clone(), settings.clock.clone(), key.clone()).await?;
        let agent_keys = AgentKeys::open(db.clone(), settings.clock.clone()).await?;
        let auth = Auth(Arc::new(Inner {
            db,
            settings,
            key,
            passwords: Passwords::new(),
            sessions,
            agent_keys,
            default_password_users: Mutex::default(),
        }));
        auth.ensure_default_user().await?;
        auth.judge_default_password().await?;
        auth.warn_about_settings();
        Ok(auth)
    }

    /// Signs a user in: the same refusal, after the same work, for an unknown name and a wrong password.
    pub async fn login(&self, request: LoginRequest) -> Result<Login> {
        let LoginRequest { username, password, local, presented_cookie } = request;
        let username = username.trim().to_owned();
        let found = self.0.db.read(move |conn| Ok::<_, Error>(users::find_by_name(conn, &username)?)).await?;
        let stored_hash = found.as_ref().map(|found| found.password_hash.clone());
        let verdict = self.0.passwords.verify(password, stored_hash).await?;
        let (Some(found), Verdict::Right { password, outdated }) = (found, verdict) else {
            return Err(Error::InvalidCredentials);
        };
        if found.user.disabled {
            return Err(Error::InvalidCredentials);
        }
        let is_default = password == DEFAULT_PASSWORD;
        if is_default && !local {
            tracing::warn!("the default password was refused: it was sent from elsewhere than this machine");
            return Err(Error::DefaultPasswordLocalOnly);
        }
        let new_hash = if outdated { Some(self.0.passwords.hash(password).await?) } else { None };
        let cookie_value = self.begin_session(&found, new_hash, presented_cookie.as_deref()).await?;
        // What was known from the start may be outdated: the file can be edited by other means than ours.
        if is_default {
            self.default_password_users().insert(found.user.id.clone());
        } else {
            self.default_password_users().remove(&found.user.id);
        }
        Ok(Login { user: found.user, must_change_password: is_default, cookie_value })
    }

    /// Who this session cookie belongs to, while it is good. Counts as a use of the session.
    pub async fn session(&self, cookie: &str) -> Option<SignedIn> {
        let user = self.0.sessions.find_user(cookie)?;
        let must_change_password = self.default_password_users().contains(&user.id);
        Some(SignedIn { user, must_change_password })
    }

    /// Ends the session of this cookie, if there is one.
    pub async fn logout(&self, cookie: &str) -> Result<()> {
        self.0.sessions.end(cookie).await
    }

    /// Changes the password of the one who is signed in, by `{currentPassword, newPassword}`. Every session of the user
    /// ends; the answer holds a new one.
    pub async fn change_password(&self, cookie: &str, body: &Map) -> Result<Login> {
        let signed_in = self.0.sessions.find_user(cookie).ok_or(Error::NotSignedIn)?;
        let (current, new) = (text(body, "currentPassword")?, text(body, "newPassword")?);
        passwords::check_new("newPassword", &new, &signed_in.username)?;
        let id = signed_in.id;
        let found = self.0.db.read(move |conn| Ok::<_, Error>(users::find(conn, &id)?)).await?;
        let found = found.ok_or(Error::NotSignedIn)?;
        let verdict = self.0.passwords.verify(current, Some(found.password_hash.clone())).await?;
        if verdict == Verdict::Wrong {
            return Err(Error::InvalidCredentials);
        }
        let hash = self.0.passwords.hash(new).await?;
        let (id, judged_hash, now) =
            (found.user.id.clone(), found.password_hash.clone(), self.0.settings.clock.now());
        let change = move |tx: &mut WriteTx<'_>| {
            let user = check_unchanged(tx, &id, &judged_hash)?;
            users::set_password(tx, &id, &hash, now)?;
            Ok(user)
        };
        let sessions = &self.0.sessions;
        let user = found.user;
        let cookie_value =
            sessions.begin(user.clone(), Some(cookie), Others::End, Durability::Flushed, change).await?;
        self.default_password_users().remove(&user.id);
        Ok(Login { user, must_change_password: false, cookie_value })
    }

    /// Sets a lost password anew and ends the user's sessions. For the command line; never over HTTP (SECURITY.md A8).
    pub async fn reset_password(&self, username: &str, new: &str) -> Result<()> {
        let name = username.trim().to_owned();
        let found = self.0.db.read(move |conn| Ok::<_, Error>(users::find_by_name(conn, &name)?)).await?;
        let user = found.ok_or_else(|| Error::not_found(Noun::User, username.trim()))?.user;
        passwords::check_new("password", new, &user.username)?;
        self.set_password(&user.id, new).await
    }

    /// The sessions of the one who is signed in, newest first.
    pub async fn list_sessions(&self, cookie: &str) -> Result<Vec<SessionInfo>> {
        let user = self.0.sessions.find_user(cookie).ok_or(Error::NotSignedIn)?;
        Ok(self.0.sessions.list(&user.id, Some(cookie)))
    }

    /// Ends one of the sessions that [`Auth::list_sessions`] names. False when there is none of this id.
    pub async fn end_session(&self, cookie: &str, id: &str) -> Result<bool> {
        let user = self.0.sessions.find_user(cookie).ok_or(Error::NotSignedIn)?;
        self.0.sessions.end_one(&user.id, id).await
    }

    /// Whether this is the agent token. Never, when none is configured.
    pub fn check_agent(&self, token: &str) -> bool {
        self.0.settings.agent_token.as_ref().is_some_and(|configured| is_same(configured, token))
    }

    /// Whether this is the admin token.
    pub fn check_admin(&self, token: &str) -> Result<()> {
        let configured = self.0.settings.admin_token.as_ref().ok_or(Error::AdminTokenNotConfigured)?;
        if is_same(configured, token) { Ok(()) } else { Err(Error::Unauthorized) }
    }

    /// No agent token and no agent key exists: local programs may post without (SECURITY.md K3).
    pub fn open_mode(&self) -> bool {
        self.0.settings.agent_token.is_none() && !self.0.agent_keys.any()
    }

    /// Whether somebody still has the password everybody knows.
    pub fn must_change_password(&self) -> bool {
        !self.default_password_users().is_empty()
    }

    /// Why this server must not listen beyond this machine (SECURITY.md B2, K1), each naming the variable to set. None:
    /// it may.
    pub fn wide_bind_refusals(&self) -> Vec<String> {
        let Settings { agent_token, admin_token, .. } = &*self.0.settings;
        let mut refusals = Vec::new();
        if self.must_change_password() {
            refusals.push(
                "the password is still the default one: set PM_ADMIN_PASSWORD, or change it".to_owned(),
            );
        }
        if self.open_mode() {
            refusals.push("agents need no token: set PM_AGENT_TOKEN, or make an agent key".to_owned());
        }
        for (name, token) in [("PM_AGENT_TOKEN", agent_token), ("PM_ADMIN_TOKEN", admin_token)] {
            if token.as_ref().is_some_and(|token| token.expose().trim().chars().count() < MIN_TOKEN_CHARS) {
                refusals
                    .push(format!("{name} has fewer than {MIN_TOKEN_CHARS} characters: set a longer one"));
            }
        }
        if has_equal_tokens(&self.0.settings) {
            refusals.push("PM_ADMIN_TOKEN and PM_AGENT_TOKEN are equal: set different ones".to_owned());
        }
        refusals
    }

    /// After the data were replaced: every session ends, and the keys and users that are there now are judged anew.
    pub async fn forget_everything(&self) -> Result<()> {
        self.0.agent_keys.reload().await?;
        self.0.sessions.end_everybody().await?;
        self.default_password_users().clear();
        self.ensure_default_user().await?;
        self.judge_default_password().await
    }

    /// The part of a login that writes. The hash is compared again: the password may have been changed, or the whole file
    /// replaced, while this one was being judged.
    async fn begin_session(
        &self,
        found: &StoredUser,
        new_hash: Option<String>,
        presented_cookie: Option<&str>,
    ) -> Result<String> {
        let durability = if new_hash.is_some() { Durability::Flushed } else { Durability::Batched };
        let (id, judged_hash, now) =
            (found.user.id.clone(), found.password_hash.clone(), self.0.settings.clock.now());
        let sign_in = move |tx: &mut WriteTx<'_>| {
            let user = check_unchanged(tx, &id, &judged_hash)?;
            if let Some(hash) = new_hash {
                users::set_password(tx, &id, &hash, now)?;
            }
            users::touch_login(tx, &id, now)?;
            Ok(user)
        };
        self.0.sessions.begin(found.user.clone(), presented_cookie, Others::Stay, durability, sign_in).await
    }

    /// Sets a password that was checked, and ends the user's sessions.
    pub(crate) async fn set_password(&self, user_id: &str, new: &str) -> Result<()> {
        let hash = self.0.passwords.hash(new.to_owned()).await?;
        let (id, now) = (user_id.to_owned(), self.0.settings.clock.now());
        let set = move |tx: &mut WriteTx<'_>| {
            users::set_password(tx, &id, &hash, now)?;
            Ok(())
        };
        self.0.sessions.end_all_of(user_id, set).await?;
        self.default_password_users().remove(user_id);
        Ok(())
    }

    pub(crate) fn agent_keys(&self) -> &AgentKeys {
        &self.0.agent_keys
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// After a user was disabled or enabled: whether somebody can sign in with the password everybody knows.
    pub(crate) async fn judge_changed(&self, user: &User) -> Result<()> {
        if user.disabled {
            self.default_password_users().remove(&user.id);
            return Ok(());
        }
        self.judge_default_password().await
    }

    fn warn_about_settings(&self) {
        if has_equal_tokens(&self.0.settings) {
            tracing::warn!("PM_ADMIN_TOKEN and PM_AGENT_TOKEN are equal: every agent may make admin calls");
        }
    }

    fn default_password_users(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.default_password_users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The user as it is now; fails when the stored hash is no longer the one the password was compared with, or the user was
/// disabled meanwhile.
fn check_unchanged(conn: &Connection, user_id: &str, judged_hash: &str) -> Result<User> {
    let now = users::find(conn, user_id)?;
    let unchanged = now.filter(|now| now.password_hash == judged_hash && !now.user.disabled);
    unchanged.map(|now| now.user).ok_or(Error::InvalidCredentials)
}

/// A text of a body that must be there.
pub(crate) fn text(body: &Map, name: &str) -> Result<String, Invalid> {
    match body.get(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.clone()),
        None | Some(Value::Null | Value::String(_)) => Err(Invalid::missing(name)),
        Some(_) => Err(Invalid::field(name, format!("{name} must be a text"))),
    }
}

/// Digests are compared, so that neither content nor length shows in the time it takes. A blank text is no token.
fn is_same(configured: &Secret, sent: &str) -> bool {
    let digest = |text: &str| -> [u8; 32] { Sha256::digest(text.as_bytes()).into() };
    let is_equal = constant_time_eq_32(&digest(configured.expose().trim()), &digest(sent.trim()));
    is_equal && !sent.trim().is_empty()
}

fn has_equal_tokens(settings: &Settings) -> bool {
    match (&settings.admin_token, &settings.agent_token) {
        (Some(admin), Some(agent)) => is_same(admin, agent.expose()),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
