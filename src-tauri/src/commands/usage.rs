//! Commands for usage records.

use pilotdeck_domain::{Document, Map};
use pilotdeck_services::App;
use pilotdeck_shell::door::{Answer, usage};
use pilotdeck_wire::ListBody;
use tauri::State;

#[tauri::command]
pub(crate) async fn list_usage(app: State<'_, App>, filter: Option<Map>) -> Answer<ListBody<Document>> {
    usage::list_usage(&app, filter).await
}
