//! The backups that are kept, and how far a restore is, as the window asks for them.

use pilotdeck_services::{App, Report};
use pilotdeck_wire::DataBody;
use pilotdeck_wire::admin::{RestoreData, restored_body};
use pilotdeck_wire::backups::{
    BackupEntry, RestoreProgress, backups_body, inspected_body, restore_progress_body,
};

use super::Answer;

/// `GET /api/admin/backups`.
pub async fn list_backups(app: &App) -> Answer<DataBody<Vec<BackupEntry>>> {
    Ok(backups_body(app.stored_backups.list().await?))
}

/// `POST /api/admin/backups/{name}/inspect`.
pub async fn inspect_stored_backup(app: &App, name: &str) -> Answer<DataBody<Report>> {
    Ok(inspected_body(app.stored_backups.inspect(name).await?))
}

/// `POST /api/admin/backups/{name}/restore`.
pub async fn restore_stored_backup(app: &App, name: &str) -> Answer<DataBody<RestoreData>> {
    Ok(restored_body(app.stored_backups.restore(name).await?))
}

/// `GET /api/admin/restore`.
pub fn get_restore_progress(app: &App) -> DataBody<RestoreProgress> {
    restore_progress_body(app.backup.restore_progress())
}
