//! Opens a foreign database file without trusting it: header first, then a connection of its own with everything off that a
//! file could use against us, then its schema as data, then its integrity. Knows what a file must look like, not what its
//! rows mean.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::{APPLICATION_ID, Error, SCHEMA_VERSION};

mod header;
mod schema;

pub(crate) use schema::{Layout, TableColumns};

/// The newest schema version of the older server.
pub(crate) const LEGACY_VERSIONS: std::ops::RangeInclusive<i32> = 1..=4;

/// No value and no row of ours comes near it; it stops expressions that blow a value up.
const VALUE_LIMIT: i32 = 16 * 1024 * 1024;
const GIB: u64 = 1024 * 1024 * 1024;
/// Instructions of SQLite's machine between two looks at the clock: about a millisecond.
const STEPS_BETWEEN_LOOKS: i32 = 20_000;

/// Why a file is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It is no database of ours or of the older server.
    #[error("{0}")]
    NotABackup(String),
    /// It was written by a newer PilotDeck.
    #[error("the file has schema version {found}; this PilotDeck reads up to {ours}")]
    TooNew {
        /// Version of the file.
        found: i64,
        /// The newest version we read.
        ours: i64,
    },
    /// It is a database, but something in it is damaged or has no business there.
    #[error("{0}")]
    NotTrusted(String),
    /// It could not be read from the disk.
    #[error("the file could not be read")]
    Unreadable(#[source] std::io::Error),
    /// The copy of our own could not be written.
    #[error(transparent)]
    Storage(#[from] Error),
}

/// Whose schema a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// Ours.
    PilotDeck,
    /// That of the older server, or of its description.
    Legacy,
}

/// An inspected file, open for reading its rows.
pub(crate) struct Source {
    pub(crate) conn: Connection,
    pub(crate) kind: SourceKind,
    pub(crate) version: i32,
    pub(crate) size: u64,
    pub(crate) layout: Layout,
}

/// Opens and judges `path`. A WAL beside it is ignored: see [`crate::stage::take_file`].
pub(crate) fn open(path: &Path) -> Result<Source, Refused> {
    let header = header::read(path)?;
    let kind = judge_identity(header.application_id, header.user_version)?;
    let conn = open_untrusted(path, deadline_for(header.size)).map_err(of_source)?;
    let layout = schema::read(&conn, kind, header.user_version)?;
    check_integrity(&conn)?;
    Ok(Source { conn, kind, version: header.user_version, size: header.size, layout })
}

fn judge_identity(application_id: i32, user_version: i32) -> Result<SourceKind, Refused> {
    let too_new = |ours: i32| Refused::TooNew { found: i64::from(user_version), ours: i64::from(ours) };
    match (application_id, user_version) {
        (APPLICATION_ID, version) if version > SCHEMA_VERSION => Err(too_new(SCHEMA_VERSION)),
        (APPLICATION_ID, 1..) => Ok(SourceKind::PilotDeck),
        (0, version) if LEGACY_VERSIONS.contains(&version) => Ok(SourceKind::Legacy),
        (0, version) if version > *LEGACY_VERSIONS.end() => Err(too_new(*LEGACY_VERSIONS.end())),
        _ => Err(Refused::NotABackup("The file is a database, but not one of PilotDeck".into())),
    }
}

fn deadline_for(size: u64) -> Instant {
    Instant::now() + Duration::from_secs(60 + 60 * size.div_ceil(GIB))
}

/// Memory is bounded per connection (small cache, value limit, bounded schema). SQLite's heap limit is not used: it counts
/// the whole process, so a greedy file would make the live database fail, and a hard limit cannot be lifted again.
fn open_untrusted(path: &Path, deadline: Instant) -> rusqlite::Result<Connection> {
    // Immutable: no lock, no WAL, no journal, and hostile CHECKs are never asked.
    let uri = format!("file:{}?mode=ro&immutable=1", uri_path(path));
    #[expect(clippy::disallowed_methods, reason = "a hostile file is opened unlike one of ours")]
    let conn = Connection::open_with_flags(
        uri,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    #[cfg(test)]
    crate::stage::trace::source(&conn);
    for (switch, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
    ] {
        conn.set_db_config(switch, on)?;
    }
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_LENGTH, VALUE_LIMIT),
        (Limit::SQLITE_LIMIT_COLUMN, 200),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 50),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        conn.set_limit(limit, value)?;
    }
    conn.progress_handler(STEPS_BETWEEN_LOOKS, Some(move || Instant::now() >= deadline))?;
    // The first pragma that reads the schema comes last: by then everything above holds.
    conn.pragma_update(None, "mmap_size", 0).or_else(accept_row)?;
    conn.pragma_update(None, "cell_size_check", true)?;
    conn.pragma_update(None, "ignore_check_constraints", true)?;
    conn.pragma_update(None, "cache_size", -8192)?;
    Ok(conn)
}

/// `PRAGMA mmap_size=0` answers with a row on some builds.
fn accept_row(error: rusqlite::Error) -> rusqlite::Result<()> {
    match error {
        rusqlite::Error::ExecuteReturnedResults => Ok(()),
        other => Err(other),
    }
}

/// SQLite's URIs give `?`, `#` and `%` a meaning; Windows paths need a slash in front and slashes inside.
pub(crate) fn uri_path(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() };
    let mut uri = String::with_capacity(text.len() + 8);
    if cfg!(windows) && !text.starts_with('/') {
        uri.push('/');
    }
    for character in text.chars() {
        match character {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            other => uri.push(other),
        }
    }
    uri
}

fn check_integrity(conn: &Connection) -> Result<(), Refused> {
    let first: String =
        conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(of_source)?;
    if first != "ok" {
        return Err(Refused::NotTrusted(format!("The file is damaged: {}", first_line(&first))));
    }
    let orphan: Option<String> = conn
        .prepare("PRAGMA foreign_key_check")
        .and_then(|mut check| check.query([])?.next()?.map(|row| row.get(0)).transpose())
        .map_err(of_source)?;
    match orphan {
        None => Ok(()),
        Some(table) => Err(Refused::NotTrusted(format!("A row of {table} refers to one that is not there"))),
    }
}

fn first_line(text: &str) -> String {
    text.lines().find(|line| !line.starts_with("***")).unwrap_or(text).chars().take(200).collect()
}

/// Whatever SQLite says while it reads the file is the file's fault.
pub(crate) fn of_source(error: rusqlite::Error) -> Refused {
    let sentence = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            return Refused::NotABackup("The file is not a database that SQLite can read".into());
        }
        Some(ErrorCode::OperationInterrupted) => "Checking the file took too long".into(),
        Some(ErrorCode::TooBig) => "The file holds a value of more than 16 MiB".into(),
        Some(ErrorCode::SystemIoFailure) => "The file could not be read to its end".into(),
        _ => format!("The file is damaged: {error}"),
    };
    Refused::NotTrusted(sentence)
}

#[cfg(test)]
mod tests;
