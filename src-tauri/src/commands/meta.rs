//! The command that tells what this PilotDeck is.

use pilotdeck_services::App;
use pilotdeck_shell::door::{Answer, meta};
use pilotdeck_wire::DataBody;
use pilotdeck_wire::meta::Meta;
use tauri::State;

#[tauri::command]
pub(crate) async fn get_meta(app: State<'_, App>) -> Answer<DataBody<Meta>> {
    meta::get_meta(&app).await
}
