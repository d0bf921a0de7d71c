//! Agent profiles.

use axum::extract::State;
use pilotdeck_domain::{EnabledFilter, Profile};
use pilotdeck_services::Noun;
use pilotdeck_wire::agents::{created_body, deleted_body, list_body, one_body};
use pilotdeck_wire::input::{ProfileInput, ProfilePatch};
use pilotdeck_wire::{DataBody, DeletedBody, ListBody, StoredBody};

use crate::answer::{Answer, created_or_known, ok};
use crate::body::JsonObject;
use crate::credential::UserCaller;
use crate::request::{Id, Query};
use crate::server::Server;

/// Lists profiles, last changed first.
#[utoipa::path(
    get, path = "/api/agent/profiles", tag = "profiles", operation_id = "listProfiles",
    params(
        ("enabled" = Option<bool>, Query),
        ("limit" = Option<u32>, Query),
        ("offset" = Option<u32>, Query),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses((status = 200, body = ListBody<Profile>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn list_profiles(
    State(server): State<Server>,
    _: UserCaller,
    Query(query): Query,
) -> Answer {
    let filter = EnabledFilter::from_query(&query)?;
    Ok(ok(&list_body(server.app.profiles.list(filter).await?)))
}

/// Makes a profile, or tells the one that has this id.
#[utoipa::path(
    post, path = "/api/agent/profiles", tag = "profiles", operation_id = "createProfile", request_body = ProfileInput,
    responses(
        (status = 201, body = StoredBody<Profile>),
        (status = 200, body = StoredBody<Profile>, description = "The id was known"),
    ),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn create_profile(
    State(server): State<Server>,
    _: UserCaller,
    JsonObject(body): JsonObject,
) -> Answer {
    let stored = server.app.profiles.create(body).await?;
    Ok(created_or_known(stored.created, &created_body(Noun::Profile, stored)))
}

/// Tells one profile.
#[utoipa::path(
    get, path = "/api/agent/profiles/{id}", tag = "profiles", operation_id = "getProfile", params(("id" = String, Path)),
    responses((status = 200, body = DataBody<Profile>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn get_profile(State(server): State<Server>, _: UserCaller, Id(id): Id) -> Answer {
    Ok(ok(&one_body(server.app.profiles.get(id).await?)))
}

/// Changes some fields of a profile.
#[utoipa::path(
    patch, path = "/api/agent/profiles/{id}", tag = "profiles", operation_id = "updateProfile",
    params(("id" = String, Path)), request_body = ProfilePatch,
    responses((status = 200, body = DataBody<Profile>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn update_profile(
    State(server): State<Server>,
    _: UserCaller,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Answer {
    Ok(ok(&one_body(server.app.profiles.update(id, body).await?)))
}

/// Deletes a profile.
#[utoipa::path(
    delete, path = "/api/agent/profiles/{id}", tag = "profiles", operation_id = "deleteProfile",
    params(("id" = String, Path)),
    responses((status = 200, body = DeletedBody)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn delete_profile(State(server): State<Server>, _: UserCaller, Id(id): Id) -> Answer {
    server.app.profiles.delete(id.clone()).await?;
    Ok(ok(&deleted_body(Noun::Profile, id)))
}
