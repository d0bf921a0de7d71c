//! Users as administrators manage them: listed, made, given another role, disabled, given a new password. One
//! administrator always stays. Knows no cookies; signing in is in `auth`.

use pilotdeck_domain::{Invalid, Map, User, Value, is_same_username, new_id, read_role, read_username};
use pilotdeck_storage::users::{self, StoredUser};
use pilotdeck_storage::{Connection, Db, Durability, WriteTx};

use crate::auth::{Auth, text};
use crate::clock::Clock;
use crate::error::{Error, Noun, Result};
use crate::passwords;

/// A user as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserInfo {
    /// The user.
    pub user: User,
    /// How many sessions are open.
    pub sessions: u64,
}

/// Users, for administrators.
#[derive(Clone)]
pub struct Users {
    db: Db,
    auth: Auth,
    clock: Clock,
}

/// What an administrator changes.
struct UserPatch {
    role: Option<String>,
    disabled: Option<bool>,
}

impl UserPatch {
    fn from_body(body: &Map) -> Result<UserPatch, Invalid> {
        let role = match body.get("role") {
            None => None,
            Some(Value::String(role)) => Some(read_role("role", role)?),
            Some(_) => return Err(Invalid::field("role", "role must be admin or viewer")),
        };
        let disabled = match body.get("disabled") {
            None => None,
            Some(Value::Bool(disabled)) => Some(*disabled),
            Some(_) => return Err(Invalid::field("disabled", "disabled must be true or false")),
        };
        if role.is_none() && disabled.is_none() {
            return Err(Invalid::body("Nothing to change: send role or disabled"));
        }
        Ok(UserPatch { role, disabled })
    }

    fn apply(self, user: &User) -> User {
        let role = self.role.unwrap_or_else(|| user.role.clone());
        User { role, disabled: self.disabled.unwrap_or(user.disabled), ..user.clone() }
    }
}

impl Users {
    pub(crate) fn new(db: Db, auth: Auth, clock: Clock) -> Users {
        Users { db, auth, clock }
    }

    /// All users, by name.
    pub async fn list(&self) -> Result<Vec<UserInfo>> {
        let stored = self.db.read(|conn| Ok::<_, Error>(users::list(conn)?)).await?;
        let counts = self.auth.sessions().count_by_user();
        let info = |StoredUser { user, .. }| {
            let sessions = counts.get(&user.id).copied().unwrap_or_default();
            UserInfo { user, sessions }
        };
        Ok(stored.into_iter().map(info).collect())
    }

    /// Makes a user of `{username, password, role}`.
    pub async fn create(&self, body: &Map) -> Result<UserInfo> {
        let username = read_username("username", &text(body, "username")?)?;
        let role = read_role("role", &text(body, "role")?)?;
        let password = text(body, "password")?;
        passwords::check_new("password", &password, &username)?;
        let name = username.clone();
        // Looked at before as well: hashing is dear.
        self.db.read(move |conn| check_free(conn, &name)).await?;
        let password_hash = self.auth.passwords().hash(password).await?;
        let now = self.clock.now();
        let user = User {
            id: new_id("user-"),
            username,
            role,
            disabled: false,
            created_at: now,
            updated_at: now,
            last_login_at: None,
        };
        let stored = StoredUser { user: user.clone(), password_hash };
        let insert = move |tx: &mut WriteTx<'_>| {
            check_free(tx, &stored.user.username)?;
            Ok::<_, Error>(users::insert(tx, &stored)?)
        };
        self.db.write(Durability::Flushed, insert).await?;
        Ok(UserInfo { user, sessions: 0 })
    }

    /// Changes `{role, disabled}` of a user, from its next request on.
    pub async fn update(&self, id: &str, body: &Map) -> Result<UserInfo> {
        let patch = UserPatch::from_body(body)?;
        let is_switch = patch.disabled.is_some();
        let (id, now) = (id.to_owned(), self.clock.now());
        let change = move |tx: &mut WriteTx<'_>| {
            let before = get(tx, &id)?;
            let after = patch.apply(&before);
            if after == before {
                return Ok(before);
            }
            if leads(&before) && !leads(&after) {
                check_another_leads(tx, &id)?;
            }
            let after = User { updated_at: now, ..after };
            users::set_rights(tx, &after)?;
            Ok(after)
        };
        let user = self.auth.sessions().change_user(change).await?;
        if is_switch {
            self.auth.judge_changed(&user).await?;
        }
        let sessions = self.auth.sessions().count_by_user().remove(&user.id).unwrap_or_default();
        Ok(UserInfo { user, sessions })
    }

    /// Sets the password of a user by `{password}`, and ends the user's sessions. `caller` is the id of who does it, none in
    /// the app's window: the own password is changed with the current one (SECURITY.md A6).
    pub async fn reset_password(&self, id: &str, body: &Map, caller: Option<&str>) -> Result<()> {
        if caller == Some(id) {
            let text = "Your own password is changed with the current one: POST /api/auth/password";
            return Err(Error::Forbidden(text.to_owned()));
        }
        let password = text(body, "password")?;
        let user_id = id.to_owned();
        let user = self.db.read(move |conn| get(conn, &user_id)).await?;
        passwords::check_new("password", &password, &user.username)?;
        self.auth.set_password(id, &password).await
    }
}

fn get(conn: &Connection, id: &str) -> Result<User> {
    let found = users::find(conn, id)?;
    found.map(|found| found.user).ok_or_else(|| Error::not_found(Noun::User, id))
}

/// Whether this one can manage users.
fn leads(user: &User) -> bool {
    user.is_admin() && !user.disabled
}

fn check_another_leads(conn: &Connection, id: &str) -> Result<()> {
    let others = users::list(conn)?.into_iter().map(|stored| stored.user);
    let is_led = others.filter(|other| other.id != id).any(|other| leads(&other));
    if is_led { Ok(()) } else { Err(Error::LastAdmin) }
}

fn check_free(conn: &Connection, username: &str) -> Result<()> {
    let there = users::list(conn)?;
    if there.iter().any(|other| is_same_username(&other.user.username, username)) {
        return Err(Error::UserExists(username.to_owned()));
    }
    // A backup with more could not be restored.
    if there.len() as u64 >= users::MOST {
        return Err(Error::TooLarge(format!("There are {} users: no more are possible", users::MOST)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::auth::LoginRequest;
    use crate::testing::{TestApp, app, body};

    async fn create(app: &TestApp, username: &str, role: &str) -> UserInfo {
        let made = json!({ "username": username, "password": "correct horse 🐴", "role": role });
        app.users.create(&body(made)).await.unwrap()
    }

    async fn change(app: &TestApp, id: &str, patch: Value) -> Result<UserInfo> {
        app.users.update(id, &body(patch)).await
    }

    #[tokio::test]
    async fn two_administrators_who_demote_each_other_at_once_leave_one() {
        let app = app().await;
        let first = app.users.list().await.unwrap().remove(0).user.id;
        let second = create(&app, "ada", "admin").await.user.id;
        let (one, other) = tokio::join!(
            change(&app, &first, json!({ "role": "viewer" })),
            change(&app, &second, json!({ "disabled": true }))
        );
        let outcomes = [one, other];
        let refused = outcomes.iter().filter(|outcome| matches!(outcome, Err(Error::LastAdmin))).count();
        assert_eq!(refused, 1, "{outcomes:?}");
        assert_eq!(app.users.list().await.unwrap().iter().filter(|info| leads(&info.user)).count(), 1);
    }

    #[tokio::test]
    async fn a_disabled_administrator_does_not_count_and_a_change_of_nothing_changes_nothing() {
        let app = app().await;
        let first = app.users.list().await.unwrap().remove(0).user.id;
        let second = create(&app, "ada", "admin").await.user;
        change(&app, &second.id, json!({ "disabled": true })).await.unwrap();
        let refused = change(&app, &first, json!({ "disabled": true })).await;
        assert!(matches!(refused, Err(Error::LastAdmin)), "{refused:?}");
        app.settings.clock.advance(60);
        let same = change(&app, &first, json!({ "role": "admin", "disabled": false })).await.unwrap();
        assert_eq!(same.user.updated_at, same.user.created_at);
        let back = change(&app, &second.id, json!({ "disabled": false })).await.unwrap();
        assert!(back.user.updated_at > second.updated_at);
    }

    #[tokio::test]
    async fn a_password_that_is_reset_on_the_command_line_enables_nobody() {
        let app = app().await;
        let ada = create(&app, "ada", "viewer").await.user.id;
        change(&app, &ada, json!({ "disabled": true })).await.unwrap();
        app.auth.reset_password("ada", "another good one").await.unwrap();
        let body = body(json!({ "username": "ada", "password": "another good one" }));
        let login = app.auth.login(LoginRequest::from_body(&body, true, None).unwrap()).await;
        assert!(matches!(login.err(), Some(Error::InvalidCredentials)));
        change(&app, &ada, json!({ "disabled": false })).await.unwrap();
        app.auth.login(LoginRequest::from_body(&body, true, None).unwrap()).await.unwrap();
    }

    #[tokio::test]
    async fn a_disabled_account_with_the_default_password_is_no_danger_until_it_is_enabled() {
        let app = app().await;
        let first = app.users.list().await.unwrap().remove(0).user.id;
        create(&app, "ada", "admin").await;
        assert!(app.auth.must_change_password());
        change(&app, &first, json!({ "disabled": true })).await.unwrap();
        assert!(!app.auth.must_change_password());
        change(&app, &first, json!({ "disabled": false })).await.unwrap();
        assert!(app.auth.must_change_password());
    }
}
