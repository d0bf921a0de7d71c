//! Commands for events.

use pilotdeck_domain::stats::EventFacets;
use pilotdeck_domain::{Document, Map};
use pilotdeck_services::App;
use pilotdeck_shell::door::{Answer, events};
use pilotdeck_wire::DataBody;
use pilotdeck_wire::events::EventListBody;
use tauri::State;

#[tauri::command]
pub(crate) async fn list_events(app: State<'_, App>, filter: Option<Map>) -> Answer<EventListBody<Document>> {
    events::list_events(&app, filter).await
}

#[tauri::command]
pub(crate) async fn get_event(app: State<'_, App>, id: String) -> Answer<DataBody<Document>> {
    events::get_event(&app, id).await
}

#[tauri::command]
pub(crate) async fn get_event_facets(
    app: State<'_, App>,
    filter: Option<Map>,
) -> Answer<DataBody<EventFacets>> {
    events::get_event_facets(&app, filter).await
}
