//! Answers about users, for administrators. Passwords and hashes are not in them.

use pilotdeck_domain::Timestamp;
use pilotdeck_services::UserInfo;
use serde::Serialize;
use utoipa::ToSchema;

use crate::DataBody;

/// A user as administrators see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserEntry {
    /// Its id.
    pub id: String,
    /// The name to sign in with.
    pub username: String,
    /// `admin` or `viewer`.
    pub role: String,
    /// Cannot sign in.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it last signed in.
    #[schema(required)]
    pub last_login_at: Option<Timestamp>,
    /// How many sessions are open.
    pub sessions: u64,
    /// Whether this is the one who asks.
    pub is_self: bool,
}

impl UserEntry {
    fn new(info: UserInfo, caller: Option<&str>) -> UserEntry {
        let UserInfo { user, sessions } = info;
        UserEntry {
            is_self: caller == Some(&user.id),
            id: user.id,
            username: user.username,
            role: user.role,
            disabled: user.disabled,
            created_at: user.created_at,
            updated_at: user.updated_at,
            last_login_at: user.last_login_at,
            sessions,
        }
    }
}

/// `POST /api/users`, `PATCH /api/users/{id}`; `caller` is the id of who asks, none in the window.
pub fn user_body(user: UserInfo, caller: Option<&str>) -> DataBody<UserEntry> {
    DataBody::new(UserEntry::new(user, caller))
}

/// `GET /api/users`.
pub fn users_body(users: Vec<UserInfo>, caller: Option<&str>) -> DataBody<Vec<UserEntry>> {
    DataBody::new(users.into_iter().map(|user| UserEntry::new(user, caller)).collect())
}
