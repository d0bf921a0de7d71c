//! Commands for runs.

use pilotdeck_domain::stats::RunFacets;
use pilotdeck_domain::{Document, Map};
use pilotdeck_services::App;
use pilotdeck_shell::door::{Answer, runs};
use pilotdeck_wire::{CountedListBody, DataBody};
use tauri::State;

#[tauri::command]
pub(crate) async fn list_runs(app: State<'_, App>, filter: Option<Map>) -> Answer<CountedListBody<Document>> {
    runs::list_runs(&app, filter).await
}

#[tauri::command]
pub(crate) async fn get_run(app: State<'_, App>, id: String) -> Answer<DataBody<Document>> {
    runs::get_run(&app, id).await
}

#[tauri::command]
pub(crate) async fn get_run_facets(app: State<'_, App>, filter: Option<Map>) -> Answer<DataBody<RunFacets>> {
    runs::get_run_facets(&app, filter).await
}
