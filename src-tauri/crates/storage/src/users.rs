//! The table `users`.

use pilotdeck_domain::{Timestamp, User};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::Result;
use crate::writer::WriteTx;

const COLUMNS: &str = "id, username, role, created_at, updated_at, last_login_at, password_hash, disabled";

/// The most users a file may have: each costs a restore a run of argon2.
pub const MOST: u64 = 1000;

/// A user with what a sign-in is checked against. The hash never leaves the services.
#[derive(Clone)]
pub struct StoredUser {
    /// The user.
    pub user: User,
    /// PHC text, or a wrapped older hash.
    pub password_hash: String,
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<StoredUser> {
    let time = |index: usize| -> rusqlite::Result<Timestamp> {
        let text: String = row.get(index)?;
        Timestamp::parse(&text).ok_or_else(|| {
            rusqlite::Error::FromSqlConversionFailure(index, rusqlite::types::Type::Text, "no time".into())
        })
    };
    let last_login: Option<String> = row.get(5)?;
    Ok(StoredUser {
        user: User {
            id: row.get(0)?,
            username: row.get(1)?,
            role: row.get(2)?,
            disabled: row.get(7)?,
            created_at: time(3)?,
            updated_at: time(4)?,
            last_login_at: last_login.as_deref().and_then(Timestamp::parse),
        },
        password_hash: row.get(6)?,
    })
}

/// The user `id`.
pub fn find(conn: &Connection, id: &str) -> Result<Option<StoredUser>> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE id = ?1");
    Ok(conn.prepare_cached(&sql)?.query_row([id], from_row).optional()?)
}

/// The user of this name.
pub fn find_by_name(conn: &Connection, username: &str) -> Result<Option<StoredUser>> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE username = ?1");
    Ok(conn.prepare_cached(&sql)?.query_row([username], from_row).optional()?)
}

/// All users, by name.
pub fn list(conn: &Connection) -> Result<Vec<StoredUser>> {
    let sql = format!("SELECT {COLUMNS} FROM users ORDER BY username");
    let users = conn.prepare_cached(&sql)?.query_map([], from_row)?.collect::<rusqlite::Result<_>>()?;
    Ok(users)
}

/// Adds a user.
pub fn insert(tx: &mut WriteTx<'_>, stored: &StoredUser) -> Result<()> {
    let StoredUser { user, password_hash } = stored;
    tx.prepare_cached(
        "INSERT INTO users (id, username, role, created_at, updated_at, last_login_at, password_hash, disabled)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        user.id,
        user.username,
        user.role,
        user.created_at.to_string(),
        user.updated_at.to_string(),
        user.last_login_at.map(|time| time.to_string()),
        password_hash,
        user.disabled,
    ])?;
    Ok(())
}

/// Replaces a password's hash. False when there is no such user.
pub fn set_password(tx: &mut WriteTx<'_>, id: &str, password_hash: &str, now: Timestamp) -> Result<bool> {
    let changed = tx
        .prepare_cached("UPDATE users SET password_hash = ?2, updated_at = ?3 WHERE id = ?1")?
        .execute(params![id, password_hash, now.to_string()])?;
    Ok(changed > 0)
}

/// Sets what a user may do.
pub fn set_rights(tx: &mut WriteTx<'_>, user: &User) -> Result<()> {
    tx.prepare_cached("UPDATE users SET role = ?2, disabled = ?3, updated_at = ?4 WHERE id = ?1")?
        .execute(params![user.id, user.role, user.disabled, user.updated_at.to_string()])?;
    Ok(())
}

/// Notes a sign-in.
pub fn touch_login(tx: &mut WriteTx<'_>, id: &str, now: Timestamp) -> Result<()> {
    tx.prepare_cached("UPDATE users SET last_login_at = ?2 WHERE id = ?1")?
        .execute([id, &now.to_string()])?;
    Ok(())
}
