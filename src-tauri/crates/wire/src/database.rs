//! Answers about the database itself: its figures, and whether it is whole.

use pilotdeck_domain::Timestamp;
use pilotdeck_services as services;
use serde::Serialize;
use utoipa::ToSchema;

use crate::DataBody;

/// What a check of the database found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IntegrityReport {
    /// It came to its end and found nothing.
    pub ok: bool,
    /// A sentence for each problem, at most 100.
    pub problems: Vec<String>,
    /// When it ended.
    pub checked_at: Timestamp,
    /// How long it took.
    pub seconds: f64,
    /// The hourly sums agree with the records that they sum up.
    pub rollups_ok: bool,
}

/// How large the database is and what it holds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseFigures {
    /// The name of its file.
    pub file: String,
    /// Its size in bytes, with what is still in the WAL.
    pub bytes: u64,
    /// The size of the WAL file.
    pub wal_bytes: u64,
    /// Of `bytes`, what waits for new rows.
    pub free_bytes: u64,
    /// The size of a page.
    pub page_size: u64,
    /// The version of its schema.
    pub schema_version: i32,
    /// The version of SQLite.
    #[schema(value_type = String)]
    pub sqlite_version: &'static str,
    /// `normal`, or `full`: every commit is flushed before its answer.
    #[schema(value_type = String)]
    pub synchronous: &'static str,
    /// When this server opened it.
    pub opened_at: Timestamp,
    /// Rows by kind of record.
    pub rows: DatabaseRows,
}

/// Rows by kind of record.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "each field is the name of what it counts")]
pub struct DatabaseRows {
    pub projects: u64,
    pub runs: u64,
    pub events: u64,
    pub usage: u64,
    pub profiles: u64,
    pub capabilities: u64,
    pub users: u64,
}

/// `normal` or `full`, as `PM_SYNCHRONOUS` names them.
pub(crate) fn durability(synchronous_full: bool) -> &'static str {
    if synchronous_full { "full" } else { "normal" }
}

/// `POST /api/admin/integrity`.
pub fn integrity_body(report: services::IntegrityReport) -> DataBody<IntegrityReport> {
    DataBody::new(IntegrityReport {
        ok: report.ok,
        problems: report.problems,
        checked_at: report.checked_at,
        seconds: report.seconds,
        rollups_ok: report.rollups_ok,
    })
}

/// `GET /api/admin/database`.
pub fn database_body(figures: services::DatabaseFigures) -> DataBody<DatabaseFigures> {
    let rows = figures.rows;
    DataBody::new(DatabaseFigures {
        file: figures.file,
        bytes: figures.bytes,
        wal_bytes: figures.wal_bytes,
        free_bytes: figures.free_bytes,
        page_size: figures.page_size,
        schema_version: figures.schema_version,
        sqlite_version: figures.sqlite_version,
        synchronous: durability(figures.synchronous_full),
        opened_at: figures.opened_at,
        rows: DatabaseRows {
            projects: rows.projects,
            runs: rows.runs,
            events: rows.events,
            usage: rows.usage,
            profiles: rows.profiles,
            capabilities: rows.capabilities,
            users: rows.users,
        },
    })
}
