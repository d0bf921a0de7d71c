//! What the owner of the window prefers.

use pilotdeck_domain::{Document, Value};
use pilotdeck_services::{App, Preferences};
use pilotdeck_wire::DataBody;

use super::{Answer, object};

/// `GET /api/auth/preferences`.
pub async fn get_preferences(app: &App) -> Answer<DataBody<Document>> {
    Ok(DataBody::new(app.preferences.get(Preferences::WINDOW).await?))
}

/// `PUT /api/auth/preferences`.
pub async fn set_preferences(app: &App, body: &Value) -> Answer<DataBody<Document>> {
    Ok(DataBody::new(app.preferences.set(Preferences::WINDOW, object(body)?).await?))
}
