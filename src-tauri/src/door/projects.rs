//! Projects, as the window asks for them.

use pilotdeck_domain::{Document, Map, ProjectFilter, Value};
use pilotdeck_services::App;
use pilotdeck_wire::projects::{
    BatchData, ProjectListBody, batch_body, created_body, deleted_body, list_body, one_body, updated_body,
};
use pilotdeck_wire::{DataBody, DeletedBody};

use super::{Answer, object, query};

/// `GET /api/projects`.
pub async fn list_projects(app: &App, filter: Option<Map>) -> Answer<ProjectListBody<Document>> {
    let filter = ProjectFilter::from_query(&query(filter)?)?;
    Ok(list_body(app.projects.list(filter).await?))
}

/// `GET /api/projects/{id}`.
pub async fn get_project(app: &App, id: String) -> Answer<DataBody<Document>> {
    Ok(one_body(app.projects.get(id).await?))
}

/// `POST /api/projects`.
pub async fn create_project(app: &App, body: &Value) -> Answer<DataBody<Document>> {
    Ok(created_body(app.projects.create(object(body)?).await?))
}

/// `PATCH /api/projects/{id}`.
pub async fn update_project(app: &App, id: String, body: &Value) -> Answer<DataBody<Document>> {
    Ok(updated_body(app.projects.update(id, object(body)?).await?))
}

/// `DELETE /api/projects/{id}`.
pub async fn delete_project(app: &App, id: String) -> Answer<DeletedBody> {
    app.projects.delete(id.clone()).await?;
    Ok(deleted_body(id))
}

/// `POST /api/projects/reorder`.
pub async fn reorder_projects(app: &App, ids: Value) -> Answer<ProjectListBody<Document>> {
    let body = Map::from_iter([("ids".to_owned(), ids)]);
    Ok(list_body(app.projects.reorder(body).await?))
}

/// `POST /api/projects/batch`.
pub async fn batch_projects(app: &App, body: &Value) -> Answer<DataBody<BatchData<Document>>> {
    Ok(batch_body(app.projects.batch(object(body)?).await?))
}
