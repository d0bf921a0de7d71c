//! What each person prefers: a free JSON object that the interface alone understands.

use pilotdeck_domain::{Document, Map, Value};
use pilotdeck_storage::{Db, Durability, preferences};

use crate::clock::Clock;
use crate::error::{Error, Result};

/// Preferences by their owner: the id of a user, or [`Preferences::WINDOW`].
#[derive(Clone)]
pub struct Preferences {
    db: Db,
    clock: Clock,
}

impl Preferences {
    /// The owner in the desktop app, where nobody signs in.
    pub const WINDOW: &'static str = preferences::WINDOW;

    pub(crate) fn new(db: Db, clock: Clock) -> Preferences {
        Preferences { db, clock }
    }

    /// What `owner` prefers; an empty object at first.
    pub async fn get(&self, owner: &str) -> Result<Document> {
        let owner = owner.to_owned();
        let stored = self.db.read(move |conn| Ok::<_, Error>(preferences::find(conn, &owner)?)).await?;
        document(stored.unwrap_or_else(|| "{}".to_owned()))
    }

    /// Replaces what `owner` prefers.
    pub async fn set(&self, owner: &str, body: Map) -> Result<Document> {
        let text = Value::Object(body).to_string();
        if text.len() > preferences::MAX_BYTES {
            let most = preferences::MAX_BYTES / 1024;
            return Err(Error::TooLarge(format!("Preferences may have at most {most} KiB")));
        }
        let (owner, value, now) = (owner.to_owned(), text.clone(), self.clock.now());
        let set = self
            .db
            .write(Durability::Flushed, move |tx| Ok::<_, Error>(preferences::set(tx, &owner, &value, now)?));
        set.await?;
        document(text)
    }
}

fn document(text: String) -> Result<Document> {
    Document::from_stored(text).map_err(|error| Error::Internal(error.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{app, body};

    #[tokio::test]
    async fn each_owner_has_an_object_of_its_own() {
        let app = app().await;
        assert_eq!(app.preferences.get("user-1").await.unwrap().as_str(), "{}");
        let mine = app.preferences.set("user-1", body(json!({ "theme": "dark" }))).await.unwrap();
        app.preferences.set(Preferences::WINDOW, body(json!({ "theme": "light" }))).await.unwrap();
        assert_eq!(app.preferences.get("user-1").await.unwrap(), mine);
        assert_eq!(app.preferences.get("window").await.unwrap().as_str(), r#"{"theme":"light"}"#);
        app.preferences.set("user-1", body(json!({ "lang": "zh" }))).await.unwrap();
        assert_eq!(app.preferences.get("user-1").await.unwrap().as_str(), r#"{"lang":"zh"}"#, "replaced");
    }
}
