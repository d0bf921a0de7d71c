//! Answers about backups that are kept, and about a restore while it runs.

use pilotdeck_domain::Timestamp;
use pilotdeck_services::{BackupKind, Report, RestorePhase, RestoreProgress as Progress, StoredBackup};
use serde::Serialize;
use utoipa::ToSchema;

use crate::DataBody;

/// A backup that is kept on the server.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupEntry {
    /// The name of its file, which is its id.
    pub name: String,
    /// Why it was made.
    #[schema(value_type = BackupKindWord)]
    pub kind: BackupKind,
    /// Its size in bytes.
    pub size: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How far a restore is.
#[derive(Debug, Serialize, ToSchema)]
pub struct RestoreProgress {
    /// What it is doing.
    #[schema(value_type = RestorePhaseWord)]
    pub phase: RestorePhase,
    /// Of that phase, what is done: bytes, rows or pages.
    pub done: u64,
    /// Of that phase, all there is to do; 0 where it is not known.
    pub total: u64,
}

/// Why a backup was made.
// Only for the description.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase", as = BackupKind)]
#[expect(dead_code, reason = "only its schema is used")]
enum BackupKindWord {
    /// What a restore replaced.
    Rollback,
    /// What was there before a newer schema.
    Migration,
    /// The older server's file before its import.
    Import,
    /// Made by the clock.
    Scheduled,
}

/// The phases of a restore, in their order.
// Only for the description.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase", as = RestorePhase)]
#[expect(dead_code, reason = "only its schema is used")]
enum RestorePhaseWord {
    Idle,
    Receiving,
    Inspecting,
    Staging,
    Waiting,
    Saving,
    Copying,
    Finishing,
}

/// `GET /api/admin/backups`.
pub fn backups_body(backups: Vec<StoredBackup>) -> DataBody<Vec<BackupEntry>> {
    let entry = |backup: StoredBackup| BackupEntry {
        name: backup.name,
        kind: backup.kind,
        size: backup.size,
        created_at: backup.created_at,
    };
    DataBody::new(backups.into_iter().map(entry).collect())
}

/// `POST /api/admin/restore/inspect`, `POST /api/admin/backups/{name}/inspect`.
pub fn inspected_body(report: Report) -> DataBody<Report> {
    DataBody::new(report)
}

/// `GET /api/admin/restore`.
pub fn restore_progress_body(progress: Progress) -> DataBody<RestoreProgress> {
    DataBody::new(RestoreProgress { phase: progress.phase, done: progress.done, total: progress.total })
}
