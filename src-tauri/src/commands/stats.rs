//! Commands for the sums of the screens.

use pilotdeck_domain::Map;
use pilotdeck_domain::overview::Overview;
use pilotdeck_domain::stats::{RunFigures, TokenSeriesRow, TokenStats};
use pilotdeck_services::App;
use pilotdeck_shell::door::{Answer, stats};
use pilotdeck_wire::DataBody;
use tauri::State;

#[tauri::command]
pub(crate) async fn get_overview(app: State<'_, App>, filter: Option<Map>) -> Answer<DataBody<Overview>> {
    stats::get_overview(&app, filter).await
}

#[tauri::command]
pub(crate) async fn get_token_stats(
    app: State<'_, App>,
    filter: Option<Map>,
) -> Answer<DataBody<TokenStats>> {
    stats::get_token_stats(&app, filter).await
}

#[tauri::command]
pub(crate) async fn get_token_series(
    app: State<'_, App>,
    filter: Option<Map>,
) -> Answer<DataBody<Vec<TokenSeriesRow>>> {
    stats::get_token_series(&app, filter).await
}

#[tauri::command]
pub(crate) async fn get_run_figures(
    app: State<'_, App>,
    filter: Option<Map>,
) -> Answer<DataBody<Vec<RunFigures>>> {
    stats::get_run_figures(&app, filter).await
}
