//! Agent capabilities.

use axum::extract::State;
use pilotdeck_domain::{Capability, EnabledFilter};
use pilotdeck_services::Noun;
use pilotdeck_wire::agents::{created_body, deleted_body, list_body, one_body};
use pilotdeck_wire::input::{CapabilityInput, CapabilityPatch};
use pilotdeck_wire::{DataBody, DeletedBody, ListBody, StoredBody};

use crate::answer::{Answer, created_or_known, ok};
use crate::body::JsonObject;
use crate::credential::UserCaller;
use crate::request::{Id, Query};
use crate::server::Server;

/// Lists capabilities, last changed first.
#[utoipa::path(
    get, path = "/api/agent/capabilities", tag = "capabilities", operation_id = "listCapabilities",
    params(
        ("enabled" = Option<bool>, Query),
        ("limit" = Option<u32>, Query),
        ("offset" = Option<u32>, Query),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses((status = 200, body = ListBody<Capability>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn list_capabilities(
    State(server): State<Server>,
    _: UserCaller,
    Query(query): Query,
) -> Answer {
    let filter = EnabledFilter::from_query(&query)?;
    Ok(ok(&list_body(server.app.capabilities.list(filter).await?)))
}

/// Makes a capability, or tells the one that has this id.
#[utoipa::path(
    post, path = "/api/agent/capabilities", tag = "capabilities", operation_id = "createCapability", request_body = CapabilityInput,
    responses(
        (status = 201, body = StoredBody<Capability>),
        (status = 200, body = StoredBody<Capability>, description = "The id was known"),
    ),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn create_capability(
    State(server): State<Server>,
    _: UserCaller,
    JsonObject(body): JsonObject,
) -> Answer {
    let stored = server.app.capabilities.create(body).await?;
    Ok(created_or_known(stored.created, &created_body(Noun::Capability, stored)))
}

/// Tells one capability.
#[utoipa::path(
    get, path = "/api/agent/capabilities/{id}", tag = "capabilities", operation_id = "getCapability", params(("id" = String, Path)),
    responses((status = 200, body = DataBody<Capability>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn get_capability(State(server): State<Server>, _: UserCaller, Id(id): Id) -> Answer {
    Ok(ok(&one_body(server.app.capabilities.get(id).await?)))
}

/// Changes some fields of a capability.
#[utoipa::path(
    patch, path = "/api/agent/capabilities/{id}", tag = "capabilities", operation_id = "updateCapability",
    params(("id" = String, Path)), request_body = CapabilityPatch,
    responses((status = 200, body = DataBody<Capability>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn update_capability(
    State(server): State<Server>,
    _: UserCaller,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Answer {
    Ok(ok(&one_body(server.app.capabilities.update(id, body).await?)))
}

/// Deletes a capability.
#[utoipa::path(
    delete, path = "/api/agent/capabilities/{id}", tag = "capabilities", operation_id = "deleteCapability",
    params(("id" = String, Path)),
    responses((status = 200, body = DeletedBody)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn delete_capability(State(server): State<Server>, _: UserCaller, Id(id): Id) -> Answer {
    server.app.capabilities.delete(id.clone()).await?;
    Ok(ok(&deleted_body(Noun::Capability, id)))
}
