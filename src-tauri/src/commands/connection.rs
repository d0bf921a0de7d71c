//! Commands about the way out: where agents reach this window, and links that open outside.

use pilotdeck_services::App;
use pilotdeck_shell::door::Answer;
use pilotdeck_shell::door::links::external_address;
use pilotdeck_wire::{Code, ErrorBody};
use serde::Serialize;
use tauri::State;

use crate::desktop::Listener;

/// Where agents reach this PilotDeck, and whether they do.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectionInfo {
    address: String,
    port: u16,
    open_mode: bool,
    agent_token_required: bool,
    database_file: String,
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    listener_error: Option<String>,
}

#[tauri::command]
pub(crate) fn connection_info(app: State<'_, App>, listener: State<'_, Listener>) -> ConnectionInfo {
    let open_mode = app.auth.open_mode();
    ConnectionInfo {
        address: format!("http://127.0.0.1:{}", listener.port()),
        port: listener.port(),
        open_mode,
        agent_token_required: !open_mode,
        database_file: app.settings.db_file.display().to_string(),
        version: env!("CARGO_PKG_VERSION"),
        listener_error: listener.error(),
    }
}

#[tauri::command]
pub(crate) async fn open_external(url: String) -> Answer<()> {
    let address = external_address(&url)?;
    tauri_plugin_opener::open_url(&address, None::<&str>)
        .map_err(|error| ErrorBody::new(Code::Internal, format!("no browser could be opened: {error}")))
}
