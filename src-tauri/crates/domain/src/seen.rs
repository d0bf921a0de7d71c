//! `ifUpdatedAt`: which version of a record its caller saw.

use serde_json::Value;

use crate::{Invalid, Map, Timestamp};

/// The name of the field.
const NAME: &str = "ifUpdatedAt";

/// The `updatedAt` that a caller saw, as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen(String);

impl Seen {
    /// Takes `ifUpdatedAt` out of a body; none if absent or `null`.
    pub fn take(body: &mut Map) -> Result<Option<Self>, Invalid> {
        let seen = Self::find(body);
        body.shift_remove(NAME);
        seen
    }

    pub(crate) fn find(body: &Map) -> Result<Option<Self>, Invalid> {
        match body.get(NAME) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(Self(text.clone()))),
            Some(_) => Err(Invalid::must_be(NAME, "the text of a time")),
        }
    }

    /// Whether the caller saw the version of this time: the same text, or the same instant written otherwise.
    #[must_use]
    pub fn matches(&self, stored: Timestamp) -> bool {
        Timestamp::parse(&self.0) == Some(stored)
    }

    /// The text as sent.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}
