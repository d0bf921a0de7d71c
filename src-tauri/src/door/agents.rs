//! Profiles and capabilities of agents, as the window asks for them.

use pilotdeck_domain::{Document, EnabledFilter, Map, Value};
use pilotdeck_services::{App, Noun};
use pilotdeck_wire::agents::{created_body, deleted_body, list_body, one_body};
use pilotdeck_wire::{DataBody, DeletedBody, ListBody, StoredBody};

use super::{Answer, object, query};

/// `GET /api/agent/profiles`.
pub async fn list_profiles(app: &App, filter: Option<Map>) -> Answer<ListBody<Document>> {
    let filter = EnabledFilter::from_query(&query(filter)?)?;
    Ok(list_body(app.profiles.list(filter).await?))
}

/// `GET /api/agent/profiles/{id}`.
pub async fn get_profile(app: &App, id: String) -> Answer<DataBody<Document>> {
    Ok(one_body(app.profiles.get(id).await?))
}

/// `POST /api/agent/profiles`.
pub async fn create_profile(app: &App, body: &Value) -> Answer<StoredBody<Document>> {
    Ok(created_body(Noun::Profile, app.profiles.create(object(body)?).await?))
}

/// `PATCH /api/agent/profiles/{id}`.
pub async fn update_profile(app: &App, id: String, body: &Value) -> Answer<DataBody<Document>> {
    Ok(one_body(app.profiles.update(id, object(body)?).await?))
}

/// `DELETE /api/agent/profiles/{id}`.
pub async fn delete_profile(app: &App, id: String) -> Answer<DeletedBody> {
    app.profiles.delete(id.clone()).await?;
    Ok(deleted_body(Noun::Profile, id))
}

/// `GET /api/agent/capabilities`.
pub async fn list_capabilities(app: &App, filter: Option<Map>) -> Answer<ListBody<Document>> {
    let filter = EnabledFilter::from_query(&query(filter)?)?;
    Ok(list_body(app.capabilities.list(filter).await?))
}

/// `GET /api/agent/capabilities/{id}`.
pub async fn get_capability(app: &App, id: String) -> Answer<DataBody<Document>> {
    Ok(one_body(app.capabilities.get(id).await?))
}

/// `POST /api/agent/capabilities`.
pub async fn create_capability(app: &App, body: &Value) -> Answer<StoredBody<Document>> {
    Ok(created_body(Noun::Capability, app.capabilities.create(object(body)?).await?))
}

/// `PATCH /api/agent/capabilities/{id}`.
pub async fn update_capability(app: &App, id: String, body: &Value) -> Answer<DataBody<Document>> {
    Ok(one_body(app.capabilities.update(id, object(body)?).await?))
}

/// `DELETE /api/agent/capabilities/{id}`.
pub async fn delete_capability(app: &App, id: String) -> Answer<DeletedBody> {
    app.capabilities.delete(id.clone()).await?;
    Ok(deleted_body(Noun::Capability, id))
}
