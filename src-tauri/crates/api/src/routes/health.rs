//! Health and meta: public, and answered during maintenance too.

use axum::extract::State;
use pilotdeck_wire::DataBody;
use pilotdeck_wire::meta::{HealthBody, Meta, health_body, meta_body};

use crate::answer::{Answer, ok};
use crate::credential::Anybody;
use crate::server::Server;

/// Tells whether the server is well.
#[utoipa::path(
    get, path = "/api/health", tag = "server", operation_id = "getHealth",
    responses((status = 200, body = HealthBody)),
)]
pub(crate) async fn get_health(State(server): State<Server>) -> Answer {
    Ok(ok(&health_body(server.app.meta.health().await)))
}

/// Tells what the server is, what it needs and what it can do.
#[utoipa::path(
    get, path = "/api/meta", tag = "server", operation_id = "getMeta",
    responses((status = 200, body = DataBody<Meta>)),
)]
pub(crate) async fn get_meta(State(server): State<Server>, caller: Anybody) -> Answer {
    Ok(ok(&meta_body(server.app.meta.get(caller.is_known, caller.is_local).await)))
}
