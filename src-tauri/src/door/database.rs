//! The database itself, as the window asks for it.

use pilotdeck_services::App;
use pilotdeck_wire::DataBody;
use pilotdeck_wire::database::{DatabaseFigures, IntegrityReport, database_body, integrity_body};

use super::Answer;

/// `GET /api/admin/database`.
pub async fn get_database_figures(app: &App) -> Answer<DataBody<DatabaseFigures>> {
    Ok(database_body(app.database.figures().await?))
}

/// `POST /api/admin/integrity`.
pub async fn check_integrity(app: &App) -> Answer<DataBody<IntegrityReport>> {
    Ok(integrity_body(app.integrity.check().await?))
}
