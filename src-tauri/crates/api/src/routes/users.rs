//! Users, for administrators who are signed in.

use axum::extract::State;
use http::StatusCode;
use pilotdeck_wire::input::{NewPasswordInput, UserInput, UserPatch};
use pilotdeck_wire::users::{UserEntry, user_body, users_body};
use pilotdeck_wire::{DataBody, DoneBody};

use crate::answer::{Answer, json, ok};
use crate::body::{JsonObject, SMALL};
use crate::credential::Administrator;
use crate::request::Id;
use crate::server::Server;

/// Lists the users, by name.
#[utoipa::path(
    get, path = "/api/users", tag = "users", operation_id = "listUsers",
    responses((status = 200, body = DataBody<Vec<UserEntry>>)), security(("session" = [])),
)]
pub(crate) async fn list_users(State(server): State<Server>, caller: Administrator) -> Answer {
    Ok(ok(&users_body(server.app.users.list().await?, Some(&caller.user.id))))
}

/// Makes a user.
#[utoipa::path(
    post, path = "/api/users", tag = "users", operation_id = "createUser", request_body = UserInput,
    responses((status = 201, body = DataBody<UserEntry>)), security(("session" = [])),
)]
pub(crate) async fn create_user(
    State(server): State<Server>,
    caller: Administrator,
    JsonObject(body): JsonObject<SMALL>,
) -> Answer {
    let made = server.app.users.create(&body).await?;
    Ok(json(StatusCode::CREATED, &user_body(made, Some(&caller.user.id))))
}

/// Gives a user another role, disables or enables it: from its next request on. The last administrator stays.
#[utoipa::path(
    patch, path = "/api/users/{id}", tag = "users", operation_id = "updateUser", request_body = UserPatch,
    params(("id" = String, Path)),
    responses((status = 200, body = DataBody<UserEntry>)), security(("session" = [])),
)]
pub(crate) async fn update_user(
    State(server): State<Server>,
    caller: Administrator,
    Id(id): Id,
    JsonObject(body): JsonObject<SMALL>,
) -> Answer {
    Ok(ok(&user_body(server.app.users.update(&id, &body).await?, Some(&caller.user.id))))
}

/// Sets the password of another user, whose sessions end.
#[utoipa::path(
    post, path = "/api/users/{id}/password", tag = "users", operation_id = "resetUserPassword",
    request_body = NewPasswordInput, params(("id" = String, Path)),
    responses((status = 200, body = DoneBody)), security(("session" = [])),
)]
pub(crate) async fn reset_user_password(
    State(server): State<Server>,
    caller: Administrator,
    Id(id): Id,
    JsonObject(body): JsonObject<SMALL>,
) -> Answer {
    server.app.users.reset_password(&id, &body, Some(&caller.user.id)).await?;
    Ok(ok(&DoneBody::DONE))
}
