//! Commands for profiles and capabilities of agents.

use pilotdeck_domain::{Document, Map, Value};
use pilotdeck_services::App;
use pilotdeck_shell::door::{Answer, agents};
use pilotdeck_wire::{DataBody, DeletedBody, ListBody, StoredBody};
use tauri::State;

#[tauri::command]
pub(crate) async fn list_profiles(app: State<'_, App>, filter: Option<Map>) -> Answer<ListBody<Document>> {
    agents::list_profiles(&app, filter).await
}

#[tauri::command]
pub(crate) async fn get_profile(app: State<'_, App>, id: String) -> Answer<DataBody<Document>> {
    agents::get_profile(&app, id).await
}

#[tauri::command]
pub(crate) async fn create_profile(app: State<'_, App>, body: Value) -> Answer<StoredBody<Document>> {
    agents::create_profile(&app, &body).await
}

#[tauri::command]
pub(crate) async fn update_profile(
    app: State<'_, App>,
    id: String,
    body: Value,
) -> Answer<DataBody<Document>> {
    agents::update_profile(&app, id, &body).await
}

#[tauri::command]
pub(crate) async fn delete_profile(app: State<'_, App>, id: String) -> Answer<DeletedBody> {
    agents::delete_profile(&app, id).await
}

#[tauri::command]
pub(crate) async fn list_capabilities(
    app: State<'_, App>,
    filter: Option<Map>,
) -> Answer<ListBody<Document>> {
    agents::list_capabilities(&app, filter).await
}

#[tauri::command]
pub(crate) async fn get_capability(app: State<'_, App>, id: String) -> Answer<DataBody<Document>> {
    agents::get_capability(&app, id).await
}

#[tauri::command]
pub(crate) async fn create_capability(app: State<'_, App>, body: Value) -> Answer<StoredBody<Document>> {
    agents::create_capability(&app, &body).await
}

#[tauri::command]
pub(crate) async fn update_capability(
    app: State<'_, App>,
    id: String,
    body: Value,
) -> Answer<DataBody<Document>> {
    agents::update_capability(&app, id, &body).await
}

#[tauri::command]
pub(crate) async fn delete_capability(app: State<'_, App>, id: String) -> Answer<DeletedBody> {
    agents::delete_capability(&app, id).await
}
