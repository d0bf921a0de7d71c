//! Commands about the database itself.

use pilotdeck_services::App;
use pilotdeck_shell::door::{Answer, database};
use pilotdeck_wire::DataBody;
use pilotdeck_wire::database::{DatabaseFigures, IntegrityReport};
use tauri::State;

#[tauri::command]
pub(crate) async fn get_database_figures(app: State<'_, App>) -> Answer<DataBody<DatabaseFigures>> {
    database::get_database_figures(&app).await
}

#[tauri::command]
pub(crate) async fn check_integrity(app: State<'_, App>) -> Answer<DataBody<IntegrityReport>> {
    database::check_integrity(&app).await
}
