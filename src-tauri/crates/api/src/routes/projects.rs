//! Projects.

use axum::extract::State;
use http::StatusCode;
use pilotdeck_domain::{Project, ProjectFilter};
use pilotdeck_wire::input::{BatchInput, ProjectInput, ProjectPatch, ReorderInput};
use pilotdeck_wire::projects::{
    BatchData, ProjectListBody, batch_body, created_body, deleted_body, list_body, one_body, updated_body,
};
use pilotdeck_wire::{DataBody, DeletedBody};

use crate::answer::{Answer, json, ok};
use crate::body::{JsonObject, LARGE};
use crate::credential::UserCaller;
use crate::request::{Id, Query};
use crate::server::Server;

/// Lists projects in manual order.
#[utoipa::path(
    get, path = "/api/projects", tag = "projects", operation_id = "listProjects",
    params(
        ("status" = Option<String>, Query),
        ("priority" = Option<String>, Query),
        ("category" = Option<String>, Query),
        ("tag" = Option<String>, Query),
        ("q" = Option<String>, Query, description = "Text search"),
        ("limit" = Option<u32>, Query, description = "1 to 5000; all without it"),
        ("offset" = Option<u32>, Query),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses((status = 200, body = ProjectListBody<Project>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn list_projects(
    State(server): State<Server>,
    _: UserCaller,
    Query(query): Query,
) -> Answer {
    let filter = ProjectFilter::from_query(&query)?;
    Ok(ok(&list_body(server.app.projects.list(filter).await?)))
}

/// Makes a project.
#[utoipa::path(
    post, path = "/api/projects", tag = "projects", operation_id = "createProject", request_body = ProjectInput,
    responses((status = 201, body = DataBody<Project>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn create_project(
    State(server): State<Server>,
    _: UserCaller,
    JsonObject(body): JsonObject,
) -> Answer {
    Ok(json(StatusCode::CREATED, &created_body(server.app.projects.create(body).await?)))
}

/// Tells one project.
#[utoipa::path(
    get, path = "/api/projects/{id}", tag = "projects", operation_id = "getProject", params(("id" = String, Path)),
    responses((status = 200, body = DataBody<Project>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn get_project(State(server): State<Server>, _: UserCaller, Id(id): Id) -> Answer {
    Ok(ok(&one_body(server.app.projects.get(id).await?)))
}

/// Changes some fields of a project.
#[utoipa::path(
    patch, path = "/api/projects/{id}", tag = "projects", operation_id = "updateProject",
    params(("id" = String, Path)), request_body = ProjectPatch,
    responses((status = 200, body = DataBody<Project>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn update_project(
    State(server): State<Server>,
    _: UserCaller,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Answer {
    Ok(ok(&updated_body(server.app.projects.update(id, body).await?)))
}

/// The same as PATCH: fields that are not sent stay.
#[utoipa::path(
    put, path = "/api/projects/{id}", tag = "projects", operation_id = "putProject",
    params(("id" = String, Path)), request_body = ProjectPatch,
    responses((status = 200, body = DataBody<Project>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn put_project(
    State(server): State<Server>,
    _: UserCaller,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Answer {
    Ok(ok(&updated_body(server.app.projects.update(id, body).await?)))
}

/// Deletes a project; its runs, events and usage stay.
#[utoipa::path(
    delete, path = "/api/projects/{id}", tag = "projects", operation_id = "deleteProject",
    params(("id" = String, Path)),
    responses((status = 200, body = DeletedBody)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn delete_project(State(server): State<Server>, _: UserCaller, Id(id): Id) -> Answer {
    server.app.projects.delete(id.clone()).await?;
    Ok(ok(&deleted_body(id)))
}

/// Puts projects first, in this order.
#[utoipa::path(
    post, path = "/api/projects/reorder", tag = "projects", operation_id = "reorderProjects",
    request_body = ReorderInput,
    responses((status = 200, body = ProjectListBody<Project>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn reorder_projects(
    State(server): State<Server>,
    _: UserCaller,
    JsonObject(body): JsonObject,
) -> Answer {
    Ok(ok(&list_body(server.app.projects.reorder(body).await?)))
}

/// Applies many patches in one transaction; each fails alone.
#[utoipa::path(
    post, path = "/api/projects/batch", tag = "projects", operation_id = "batchProjects", request_body = BatchInput,
    responses((status = 200, body = DataBody<BatchData<Project>>)),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn batch_projects(
    State(server): State<Server>,
    UserCaller(caller): UserCaller,
    JsonObject(body): JsonObject<LARGE>,
) -> Answer {
    Ok(ok(&batch_body(server.app.projects.within(caller.scope()).batch(body).await?)))
}
