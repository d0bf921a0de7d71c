//! Commands for the people who may sign in by browser.

use pilotdeck_domain::Value;
use pilotdeck_services::App;
use pilotdeck_shell::door::{Answer, users};
use pilotdeck_wire::users::UserEntry;
use pilotdeck_wire::{DataBody, DoneBody};
use tauri::State;

#[tauri::command]
pub(crate) async fn list_users(app: State<'_, App>) -> Answer<DataBody<Vec<UserEntry>>> {
    users::list_users(&app).await
}

#[tauri::command]
pub(crate) async fn create_user(app: State<'_, App>, body: Value) -> Answer<DataBody<UserEntry>> {
    users::create_user(&app, &body).await
}

#[tauri::command]
pub(crate) async fn update_user(app: State<'_, App>, id: String, body: Value) -> Answer<DataBody<UserEntry>> {
    users::update_user(&app, &id, &body).await
}

#[tauri::command]
pub(crate) async fn reset_user_password(app: State<'_, App>, id: String, body: Value) -> Answer<DoneBody> {
    users::reset_user_password(&app, &id, &body).await
}
