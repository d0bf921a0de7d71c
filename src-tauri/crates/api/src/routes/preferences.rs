//! What the person who is signed in prefers.

use axum::extract::State;
use pilotdeck_wire::DataBody;
use pilotdeck_wire::auth::PreferencesData;

use crate::answer::{Answer, ok};
use crate::body::JsonObject;
use crate::credential::SignedIn;
use crate::server::Server;

/// Tells what the person who is signed in prefers: the object that was last set, empty at first.
#[utoipa::path(
    get, path = "/api/auth/preferences", tag = "auth", operation_id = "getPreferences",
    responses((status = 200, body = DataBody<PreferencesData>)), security(("session" = [])),
)]
pub(crate) async fn get_preferences(State(server): State<Server>, caller: SignedIn) -> Answer {
    Ok(ok(&DataBody::new(server.app.preferences.get(&caller.user.id).await?)))
}

/// Replaces what the person who is signed in prefers: any object of at most 16 KiB.
#[utoipa::path(
    put, path = "/api/auth/preferences", tag = "auth", operation_id = "setPreferences",
    request_body = PreferencesData,
    responses((status = 200, body = DataBody<PreferencesData>)), security(("session" = [])),
)]
pub(crate) async fn set_preferences(
    State(server): State<Server>,
    caller: SignedIn,
    JsonObject(body): JsonObject,
) -> Answer {
    Ok(ok(&DataBody::new(server.app.preferences.set(&caller.user.id, body).await?)))
}
