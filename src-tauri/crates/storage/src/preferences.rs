//! The table `preferences`: one free JSON object per owner.

use pilotdeck_domain::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use crate::Result;

/// The owner of the preferences of the desktop app, where nobody signs in.
pub const WINDOW: &str = "window";

/// The most bytes that an object may have as text.
pub const MAX_BYTES: usize = 16 * 1024;

/// What `owner` prefers, as JSON.
pub fn find(conn: &Connection, owner: &str) -> Result<Option<String>> {
    let mut statement = conn.prepare_cached("SELECT value_json FROM preferences WHERE owner = ?1")?;
    Ok(statement.query_row([owner], |row| row.get(0)).optional()?)
}

/// Sets what `owner` prefers.
pub fn set(conn: &Connection, owner: &str, value_json: &str, now: Timestamp) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO preferences (owner, value_json, updated_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (owner) DO UPDATE SET value_json = ?2, updated_at = ?3",
    )?
    .execute([owner, value_json, &now.to_string()])?;
    Ok(())
}
