//! The figures of the database: how large it is and what it holds.

use std::sync::Arc;

use pilotdeck_domain::Timestamp;
use pilotdeck_storage::Db;
use pilotdeck_storage::figures::{self, RowCounts};

use crate::error::{Error, Result};
use crate::files;
use crate::settings::Settings;

/// Tells about the database itself.
#[derive(Clone)]
pub struct Database {
    db: Db,
    settings: Arc<Settings>,
    opened_at: Timestamp,
}

/// The figures of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseFigures {
    /// The name of its file.
    pub file: String,
    /// All its pages, those that are still in the WAL included.
    pub bytes: u64,
    /// The size of the WAL.
    pub wal_bytes: u64,
    /// Of `bytes`, pages that wait for new rows.
    pub free_bytes: u64,
    /// Size of a page.
    pub page_size: u64,
    /// The version of its schema.
    pub schema_version: i32,
    /// The version of SQLite.
    pub sqlite_version: &'static str,
    /// Every commit is flushed before its answer.
    pub synchronous_full: bool,
    /// When this server opened it.
    pub opened_at: Timestamp,
    /// Rows by table.
    pub rows: RowCounts,
}

impl Database {
    pub(crate) fn new(db: Db, settings: Arc<Settings>) -> Database {
        let opened_at = settings.clock.now();
        Database { db, settings, opened_at }
    }

    /// Measures the database.
    pub async fn figures(&self) -> Result<DatabaseFigures> {
        let figures = self.db.read(|conn| Ok::<_, Error>(figures::figures(conn)?)).await?;
        Ok(DatabaseFigures {
            file: files::name(&self.settings.db_file),
            bytes: figures.bytes,
            wal_bytes: figures::wal_bytes(self.db.path()),
            free_bytes: figures.free_bytes,
            page_size: figures.page_size,
            schema_version: figures.schema_version,
            sqlite_version: figures::sqlite_version(),
            synchronous_full: self.settings.synchronous_full,
            opened_at: self.opened_at,
            rows: figures.rows,
        })
    }
}
