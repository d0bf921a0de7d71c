//! The table `sessions`: login sessions by the digest of their cookie.

use pilotdeck_domain::Timestamp;
use rusqlite::{Connection, params};

use crate::Result;
use crate::writer::WriteTx;

/// A session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// HMAC of the cookie's value, hex.
    pub digest: String,
    /// Whose it is.
    pub user_id: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
}

/// All sessions, oldest first.
pub fn list(conn: &Connection) -> Result<Vec<StoredSession>> {
    let mut statement = conn.prepare_cached(
        "SELECT digest, user_id, created_at, last_seen_at FROM sessions ORDER BY created_at",
    )?;
    let mut rows = statement.query([])?;
    let mut sessions = Vec::new();
    while let Some(row) = rows.next()? {
        let time = |index: usize| -> Result<Option<Timestamp>> {
            let text: String = row.get(index)?;
            Ok(Timestamp::parse(&text))
        };
        // A time that cannot be read makes a session nobody could judge: it is left out, that is, ended.
        if let (Some(created_at), Some(last_seen_at)) = (time(2)?, time(3)?) {
            sessions.push(StoredSession {
                digest: row.get(0)?,
                user_id: row.get(1)?,
                created_at,
                last_seen_at,
            });
        }
    }
    Ok(sessions)
}

/// Adds a session.
pub fn insert(tx: &mut WriteTx<'_>, session: &StoredSession) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO sessions (digest, user_id, created_at, last_seen_at) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        session.digest,
        session.user_id,
        session.created_at.to_string(),
        session.last_seen_at.to_string()
    ])?;
    Ok(())
}

/// Notes a use.
pub fn touch(tx: &mut WriteTx<'_>, digest: &str, now: Timestamp) -> Result<()> {
    tx.prepare_cached("UPDATE sessions SET last_seen_at = ?2 WHERE digest = ?1")?
        .execute([digest, &now.to_string()])?;
    Ok(())
}

/// Ends one session.
pub fn delete(tx: &mut WriteTx<'_>, digest: &str) -> Result<()> {
    tx.prepare_cached("DELETE FROM sessions WHERE digest = ?1")?.execute([digest])?;
    Ok(())
}

/// Ends the sessions of a user, but for the one with the digest `except`.
pub fn delete_for_user(tx: &mut WriteTx<'_>, user_id: &str, except: Option<&str>) -> Result<()> {
    tx.prepare_cached("DELETE FROM sessions WHERE user_id = ?1 AND digest IS NOT ?2")?
        .execute(params![user_id, except])?;
    Ok(())
}

/// Ends all sessions.
pub fn delete_all(conn: &Connection) -> Result<()> {
    conn.execute("DELETE FROM sessions", [])?;
    Ok(())
}
