//! What several nouns share: the answer to an idempotent create, the check of `ifUpdatedAt`, lists of items in a body.

use pilotdeck_domain::words::MAX_ITEMS;
use pilotdeck_domain::{Document, Invalid, Map, Seen, Timestamp, Value};

use crate::error::{Error, Noun, Result};

/// A record as stored, and whether this call made it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its id.
    pub id: String,
    /// The record.
    pub document: Document,
    /// False when the id was known: then this is the earlier record, unchanged.
    pub created: bool,
}

impl Stored {
    pub(crate) fn made(id: String, document: Document) -> Stored {
        Stored { id, document, created: true }
    }

    pub(crate) fn known(id: String, document: Document) -> Stored {
        Stored { id, document, created: false }
    }
}

/// Takes `ifUpdatedAt` out of a patch.
pub(crate) fn take_seen(patch: &mut Map) -> Result<Option<Seen>> {
    Ok(Seen::take(patch)?)
}

/// Fails when the caller saw another version than the stored one. Must run in the transaction that writes.
pub(crate) fn check_seen(
    seen: Option<&Seen>,
    stored: Timestamp,
    current: impl FnOnce() -> Document,
) -> Result<()> {
    match seen {
        Some(seen) if !seen.matches(stored) => {
            Err(Error::Conflict { expected: seen.text().to_owned(), actual: stored, current: current() })
        }
        _ => Ok(()),
    }
}

/// The record, or the error that names what is missing.
pub(crate) fn found<T>(record: Option<T>, kind: Noun, id: &str) -> Result<T> {
    record.ok_or_else(|| Error::not_found(kind, id))
}

/// Tells failures of one item, which the others survive, from failures of the database, which end the transaction.
/// Only for items that make all their checks before their first write.
pub(crate) fn own_failure<T>(outcome: Result<T>) -> Result<Result<T>> {
    match outcome {
        Err(
            error @ (Error::Invalid(_)
            | Error::NotFound { .. }
            | Error::Conflict { .. }
            | Error::Forbidden(_)),
        ) => Ok(Err(error)),
        Err(error) => Err(error),
        Ok(done) => Ok(Ok(done)),
    }
}

/// Takes the list `name` out of a body: at most [`MAX_ITEMS`] of anything.
pub(crate) fn take_items(body: &mut Map, name: &str) -> Result<Vec<Value>, Invalid> {
    match body.remove(name) {
        Some(Value::Array(items)) if items.len() > MAX_ITEMS => {
            Err(Invalid::field(name, format!("{name} must have at most {MAX_ITEMS} entries")))
        }
        Some(Value::Array(items)) => Ok(items),
        None => Err(Invalid::missing(name)),
        Some(_) => Err(Invalid::field(name, format!("{name} must be a list"))),
    }
}

/// An item of a list as an object.
pub(crate) fn item_object(item: Value) -> Result<Map, Invalid> {
    match item {
        Value::Object(map) => Ok(map),
        _ => Err(Invalid::body("each entry must be an object")),
    }
}
