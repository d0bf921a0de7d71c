//! Answers about signing in. Neither passwords nor cookies are in them.

use pilotdeck_domain::{Timestamp, User};
use pilotdeck_services::SessionInfo;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};

use crate::DataBody;

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionData {
    /// The person.
    pub user: SessionUser,
    /// The password is the one everybody knows.
    pub must_change_password: bool,
}

/// A person, as far as the screens need to know.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct SessionUser {
    /// Its id.
    pub id: String,
    /// The name to sign in with.
    pub username: String,
    /// What the person may do.
    pub role: String,
}

/// One session of the person who is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionEntry {
    /// Names the session; opens nothing.
    pub id: String,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// Whether this request came with it.
    pub is_current: bool,
}

/// What a person prefers: a free object. Sent as it is stored.
#[derive(Debug, Serialize)]
pub struct PreferencesData;

impl utoipa::PartialSchema for PreferencesData {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("What a person prefers: any object of at most 16 KiB."))
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .into()
    }
}

impl ToSchema for PreferencesData {
    fn name() -> std::borrow::Cow<'static, str> {
        "Preferences".into()
    }
}

/// `POST /api/auth/login`, `GET /api/auth/me`, `POST /api/auth/password`.
pub fn session_body(user: User, must_change_password: bool) -> DataBody<SessionData> {
    let user = SessionUser { id: user.id, username: user.username, role: user.role };
    DataBody::new(SessionData { user, must_change_password })
}

/// `GET /api/auth/sessions`.
pub fn sessions_body(sessions: Vec<SessionInfo>) -> DataBody<Vec<SessionEntry>> {
    let entry = |session: SessionInfo| SessionEntry {
        id: session.id,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        is_current: session.is_current,
    };
    DataBody::new(sessions.into_iter().map(entry).collect())
}
