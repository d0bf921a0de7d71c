//! The key-value table: `….lastUpdated` times, the highest stamp.

use pilotdeck_domain::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use crate::Result;

/// Last change to projects, their order included.
pub const PROJECTS_LAST_UPDATED: &str = "projects.lastUpdated";
/// Last change to runs.
pub const RUNS_LAST_UPDATED: &str = "agent_runs.lastUpdated";
/// Last change to profiles.
pub const PROFILES_LAST_UPDATED: &str = "agent_profiles.lastUpdated";
/// Last change to capabilities.
pub const CAPABILITIES_LAST_UPDATED: &str = "agent_capabilities.lastUpdated";
/// Last new usage record.
pub const USAGE_LAST_UPDATED: &str = "token_usage.lastUpdated";
/// The highest stamp given when it was last written down.
pub(crate) const HIGHEST_STAMP: &str = "stamps.highest";
/// How far the full-text index of events is.
pub(crate) const SEARCH_POSITION: &str = "search.position";

/// The value of `key`.
pub fn find(conn: &Connection, key: &str) -> Result<Option<String>> {
    Ok(conn
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?)
}

/// The value of `key` as a time.
pub fn find_time(conn: &Connection, key: &str) -> Result<Option<Timestamp>> {
    Ok(find(conn, key)?.as_deref().and_then(Timestamp::parse))
}

/// Sets `key`.
pub fn set(conn: &Connection, key: &str, value: &str) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
    )?
    .execute([key, value])?;
    Ok(())
}
