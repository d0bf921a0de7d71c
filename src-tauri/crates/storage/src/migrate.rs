//! The schema and its history: `migrations/NNNN_*.sql`, counted by `PRAGMA user_version`.

use std::path::Path;
use std::sync::LazyLock;

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use crate::{Error, Result};

/// Marks a file as ours: "PDK1".
pub const APPLICATION_ID: i32 = 0x5044_4B31;

const SCRIPTS: [&str; 4] = [
    include_str!("../../../../migrations/0001_initial.sql"),
    include_str!("../../../../migrations/0002_event_search.sql"),
    include_str!("../../../../migrations/0003_users.sql"),
    include_str!("../../../../migrations/0004_agent_keys.sql"),
];

/// The schema version this build writes.
pub const SCHEMA_VERSION: i32 = SCRIPTS.len() as i32;

static MIGRATIONS: LazyLock<Migrations<'static>> =
    LazyLock::new(|| Migrations::new(SCRIPTS.iter().map(|sql| M::up(sql)).collect()));

/// Brings `conn` to the current schema, all or nothing.
pub(crate) fn to_latest(conn: &mut Connection) -> Result<()> {
    MIGRATIONS.to_latest(conn).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
        other => Error::Corrupt(other.to_string()),
    })
}

/// Makes a new file of our schema (a rollback-journal file: the caller chooses when it becomes WAL).
pub(crate) fn create(path: &Path) -> Result<Connection> {
    let mut conn = crate::db::open_connection(path, rusqlite::OpenFlags::default())?;
    #[cfg(test)]
    crate::stage::trace::staging(&conn);
    to_latest(&mut conn)?;
    Ok(conn)
}

/// An empty database as it was at `version`: what a file of ours of that version must look like.
pub(crate) fn in_memory_at(version: i32) -> Result<Connection> {
    let mut conn = Connection::open_in_memory()?;
    let count = usize::try_from(version).unwrap_or_default();
    MIGRATIONS.to_version(&mut conn, count).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
        other => Error::Corrupt(other.to_string()),
    })?;
    Ok(conn)
}

/// What the header of a file says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) application_id: i32,
    pub(crate) user_version: i32,
}

pub(crate) fn identity(conn: &Connection) -> Result<Identity> {
    Ok(Identity {
        application_id: conn.query_row("PRAGMA application_id", [], |row| row.get(0))?,
        user_version: conn.query_row("PRAGMA user_version", [], |row| row.get(0))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_run_on_an_empty_file_and_mark_it_as_ours() {
        let folder = tempfile::tempdir().unwrap();
        let conn = create(&folder.path().join("new.db")).unwrap();
        let identity = identity(&conn).unwrap();
        assert_eq!(identity, Identity { application_id: APPLICATION_ID, user_version: SCHEMA_VERSION });
    }

    #[test]
    fn the_numbers_of_the_migrations_have_no_gaps() {
        let mut names: Vec<String> =
            std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../migrations"))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
        names.sort();
        assert_eq!(names.len(), SCRIPTS.len(), "every script is embedded");
        for (index, name) in names.iter().enumerate() {
            assert!(name.starts_with(&format!("{:04}_", index + 1)), "{name}");
        }
    }
}
