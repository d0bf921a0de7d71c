//! A person who may sign in. The hash of the password is not part of it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::Timestamp;

/// A person who may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Its id.
    pub id: String,
    /// The name to sign in with.
    pub username: String,
    /// What the person may do; `admin` for the first one.
    pub role: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it last signed in.
    #[schema(required)]
    pub last_login_at: Option<Timestamp>,
}
