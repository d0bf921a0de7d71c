//! Commands for the backups that are kept, and for the progress of a restore.

use pilotdeck_services::{App, Report};
use pilotdeck_shell::door::{Answer, backups};
use pilotdeck_wire::DataBody;
use pilotdeck_wire::admin::RestoreData;
use pilotdeck_wire::backups::{BackupEntry, RestoreProgress};
use tauri::{AppHandle, State};

use super::ask::{self, Question};

#[tauri::command]
pub(crate) async fn list_backups(app: State<'_, App>) -> Answer<DataBody<Vec<BackupEntry>>> {
    backups::list_backups(&app).await
}

#[tauri::command]
pub(crate) async fn inspect_stored_backup(app: State<'_, App>, id: String) -> Answer<DataBody<Report>> {
    backups::inspect_stored_backup(&app, &id).await
}

/// Asks natively first: a script in the page cannot answer that (SECURITY.md T4).
#[tauri::command]
pub(crate) async fn restore_stored_backup(
    handle: AppHandle,
    app: State<'_, App>,
    id: String,
) -> Answer<DataBody<RestoreData>> {
    ask::confirmed(&handle, Question::Restore { name: &id }).await?;
    backups::restore_stored_backup(&app, &id).await
}

#[tauri::command]
pub(crate) fn get_restore_progress(app: State<'_, App>) -> DataBody<RestoreProgress> {
    backups::get_restore_progress(&app)
}
