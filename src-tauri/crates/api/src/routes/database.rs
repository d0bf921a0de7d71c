//! Admin calls about the database itself: its figures, and whether it is whole.

use axum::extract::State;
use pilotdeck_wire::DataBody;
use pilotdeck_wire::database::{DatabaseFigures, IntegrityReport, database_body, integrity_body};

use crate::answer::{Answer, ok};
use crate::credential::AdminCaller;
use crate::server::Server;

/// Tells how large the database is and what it holds.
#[utoipa::path(
    get, path = "/api/admin/database", tag = "admin", operation_id = "getDatabaseFigures",
    responses((status = 200, body = DataBody<DatabaseFigures>)), security(("adminToken" = [])),
)]
pub(crate) async fn get_database_figures(State(server): State<Server>, _: AdminCaller) -> Answer {
    Ok(ok(&database_body(server.app.database.figures().await?)))
}

/// Checks the database while it goes on serving: structure, references, and the hourly sums against the records.
#[utoipa::path(
    post, path = "/api/admin/integrity", tag = "admin", operation_id = "checkIntegrity",
    responses((status = 200, body = DataBody<IntegrityReport>)), security(("adminToken" = [])),
)]
pub(crate) async fn check_integrity(State(server): State<Server>, _: AdminCaller) -> Answer {
    Ok(ok(&integrity_body(server.app.integrity.check().await?)))
}
