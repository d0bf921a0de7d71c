//! Commands for projects.

use pilotdeck_domain::{Document, Map, Value};
use pilotdeck_services::App;
use pilotdeck_shell::door::{Answer, projects};
use pilotdeck_wire::projects::{BatchData, ProjectListBody};
use pilotdeck_wire::{DataBody, DeletedBody};
use tauri::State;

#[tauri::command]
pub(crate) async fn list_projects(
    app: State<'_, App>,
    filter: Option<Map>,
) -> Answer<ProjectListBody<Document>> {
    projects::list_projects(&app, filter).await
}

#[tauri::command]
pub(crate) async fn get_project(app: State<'_, App>, id: String) -> Answer<DataBody<Document>> {
    projects::get_project(&app, id).await
}

#[tauri::command]
pub(crate) async fn create_project(app: State<'_, App>, body: Value) -> Answer<DataBody<Document>> {
    projects::create_project(&app, &body).await
}

#[tauri::command]
pub(crate) async fn update_project(
    app: State<'_, App>,
    id: String,
    body: Value,
) -> Answer<DataBody<Document>> {
    projects::update_project(&app, id, &body).await
}

#[tauri::command]
pub(crate) async fn delete_project(app: State<'_, App>, id: String) -> Answer<DeletedBody> {
    projects::delete_project(&app, id).await
}

#[tauri::command]
pub(crate) async fn reorder_projects(app: State<'_, App>, ids: Value) -> Answer<ProjectListBody<Document>> {
    projects::reorder_projects(&app, ids).await
}

#[tauri::command]
pub(crate) async fn batch_projects(
    app: State<'_, App>,
    body: Value,
) -> Answer<DataBody<BatchData<Document>>> {
    projects::batch_projects(&app, &body).await
}
