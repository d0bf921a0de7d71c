//! Commands for what the owner of the window prefers.

use pilotdeck_domain::{Document, Value};
use pilotdeck_services::App;
use pilotdeck_shell::door::{Answer, preferences};
use pilotdeck_wire::DataBody;
use tauri::State;

#[tauri::command]
pub(crate) async fn get_preferences(app: State<'_, App>) -> Answer<DataBody<Document>> {
    preferences::get_preferences(&app).await
}

#[tauri::command]
pub(crate) async fn set_preferences(app: State<'_, App>, body: Value) -> Answer<DataBody<Document>> {
    preferences::set_preferences(&app, &body).await
}
