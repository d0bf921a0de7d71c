//! The people who may sign in by browser, as the window asks for them: it signs nobody in itself.

use pilotdeck_domain::Value;
use pilotdeck_services::App;
use pilotdeck_wire::users::{UserEntry, user_body, users_body};
use pilotdeck_wire::{DataBody, DoneBody};

use super::{Answer, object};

/// `GET /api/users`.
pub async fn list_users(app: &App) -> Answer<DataBody<Vec<UserEntry>>> {
    Ok(users_body(app.users.list().await?, None))
}

/// `POST /api/users`.
pub async fn create_user(app: &App, body: &Value) -> Answer<DataBody<UserEntry>> {
    Ok(user_body(app.users.create(&object(body)?).await?, None))
}

/// `PATCH /api/users/{id}`.
pub async fn update_user(app: &App, id: &str, body: &Value) -> Answer<DataBody<UserEntry>> {
    Ok(user_body(app.users.update(id, &object(body)?).await?, None))
}

/// `POST /api/users/{id}/password`.
pub async fn reset_user_password(app: &App, id: &str, body: &Value) -> Answer<DoneBody> {
    app.users.reset_password(id, &object(body)?, None).await?;
    Ok(DoneBody::DONE)
}
