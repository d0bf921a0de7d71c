//! What this PilotDeck is, as the window asks for it.

use pilotdeck_services::App;
use pilotdeck_wire::DataBody;
use pilotdeck_wire::meta::{Meta, meta_body};

use super::Answer;

/// `GET /api/meta`, as a local caller sees it: the window is the owner of the file.
pub async fn get_meta(app: &App) -> Answer<DataBody<Meta>> {
    Ok(meta_body(app.meta.get(true, true).await))
}
