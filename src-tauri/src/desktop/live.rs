//! Committed changes as events of the window: `change` with the same text the HTTP stream sends, `reset` when some were lost.

use pilotdeck_services::{App, LiveFilter, LiveMessage};
use pilotdeck_wire::live::change_text;
use tauri::{AppHandle, Emitter};

/// Forwards until the app closes.
pub(super) fn forward(handle: AppHandle, app: &App) {
    let live = app.live.clone();
    tauri::async_runtime::spawn(async move {
        let mut stream = live.subscribe(LiveFilter::default(), None);
        while let Some(message) = stream.next().await {
            let sent = match &message {
                LiveMessage::Change(change) => {
                    handle.emit_str("change", change.encoded(change_text).to_owned())
                }
                LiveMessage::Reset { .. } => {
                    // A slow reader was dropped. Listen again first: what the page reads anew then misses nothing.
                    stream = live.subscribe(LiveFilter::default(), None);
                    handle.emit("reset", ())
                }
            };
            if let Err(error) = sent {
                tracing::warn!("a change did not reach the window: {error}");
            }
        }
    });
}
