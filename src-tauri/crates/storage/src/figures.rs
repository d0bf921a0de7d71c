//! How large the database is: its file, its pages, its tables. Asked of SQLite; the files themselves are only measured, never
//! opened.

use std::path::Path;

use rusqlite::Connection;

use crate::swap::beside;
use crate::{Result, migrate};

/// The figures of a database at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// All its pages, those that are still in the WAL included.
    pub bytes: u64,
    /// Of these, pages that wait for new rows.
    pub free_bytes: u64,
    /// Size of a page.
    pub page_size: u64,
    /// The version of its schema.
    pub schema_version: i32,
    /// Rows by table.
    pub rows: RowCounts,
}

/// Rows by table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the name of what it counts")]
pub struct RowCounts {
    pub projects: u64,
    pub runs: u64,
    pub events: u64,
    pub usage: u64,
    pub profiles: u64,
    pub capabilities: u64,
    pub users: u64,
}

/// Measures the database.
pub fn figures(conn: &Connection) -> Result<Figures> {
    let page_size = number(conn, "PRAGMA page_size")?;
    Ok(Figures {
        bytes: bytes(conn)?,
        free_bytes: number(conn, "PRAGMA freelist_count")? * page_size,
        page_size,
        schema_version: migrate::identity(conn)?.user_version,
        rows: RowCounts {
            projects: number(conn, "SELECT count(*) FROM projects")?,
            runs: number(conn, "SELECT count(*) FROM agent_runs")?,
            events: number(conn, "SELECT count(*) FROM agent_events")?,
            usage: number(conn, "SELECT count(*) FROM token_usage_records")?,
            profiles: number(conn, "SELECT count(*) FROM agent_profiles")?,
            capabilities: number(conn, "SELECT count(*) FROM agent_capabilities")?,
            users: number(conn, "SELECT count(*) FROM users")?,
        },
    })
}

/// The size of the database, with what is still in its WAL.
pub fn bytes(conn: &Connection) -> Result<u64> {
    Ok(number(conn, "PRAGMA page_count")? * number(conn, "PRAGMA page_size")?)
}

/// The size of the WAL beside the database file `path`; 0 without one.
#[must_use]
pub fn wal_bytes(path: &Path) -> u64 {
    std::fs::metadata(beside(path, "-wal")).map_or(0, |file| file.len())
}

/// The version of the SQLite in this program.
#[must_use]
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

fn number(conn: &Connection, sql: &str) -> Result<u64> {
    let number: i64 = conn.query_row(sql, [], |row| row.get(0))?;
    Ok(number.unsigned_abs())
}
