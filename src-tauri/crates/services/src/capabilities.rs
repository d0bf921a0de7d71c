//! Agent capabilities: what an agent can be asked to do.

use pilotdeck_domain::{Capability, Document, EnabledFilter, Map, client_id, new_id};
use pilotdeck_storage::{Db, Durability, Listing, capabilities as table};

use crate::clock::Clock;
use crate::error::{Error, Noun, Result};
use crate::stored::{Stored, check_seen, found, take_seen};

/// The capabilities of this database.
#[derive(Clone)]
pub struct Capabilities {
    db: Db,
    clock: Clock,
}

impl Capabilities {
    pub(crate) fn new(db: Db, clock: Clock) -> Capabilities {
        Capabilities { db, clock }
    }

    /// The capabilities that match, last changed first.
    pub async fn list(&self, filter: EnabledFilter) -> Result<Listing> {
        self.db.read(move |conn| Ok(table::list(conn, &filter)?)).await
    }

    /// One capability.
    pub async fn get(&self, id: String) -> Result<Document> {
        self.db.read(move |conn| found(table::find_document(conn, &id)?, Noun::Capability, &id)).await
    }

    /// Makes a capability, or answers with the one that has this id.
    pub async fn create(&self, body: Map) -> Result<Stored> {
        let id = client_id(&body, "id")?.unwrap_or_else(|| new_id("cap-"));
        let prepared = Capability::create(body, id.clone(), self.clock.now());
        self.db
            .write(Durability::Flushed, move |tx| {
                if let Some(known) = table::find_document(tx, &id)? {
                    return Ok(Stored::known(id, known));
                }
                let mut capability = prepared?;
                capability.updated_at = tx.stamp();
                Ok::<_, Error>(Stored::made(id, table::insert(tx, &capability)?))
            })
            .await
    }

    /// Changes some fields, unless the caller saw an older version.
    pub async fn update(&self, id: String, mut patch: Map) -> Result<Document> {
        let seen = take_seen(&mut patch)?;
        self.db
            .write(Durability::Flushed, move |tx| {
                let mut capability = found(table::find(tx, &id)?, Noun::Capability, &id)?;
                check_seen(seen.as_ref(), capability.updated_at, || capability.to_document())?;
                capability.patch(patch)?;
                capability.updated_at = tx.stamp_after(capability.updated_at);
                Ok::<_, Error>(table::update(tx, &capability)?)
            })
            .await
    }

    /// Deletes a capability.
    pub async fn delete(&self, id: String) -> Result<()> {
        self.db
            .write(Durability::Flushed, move |tx| {
                if table::delete(tx, &id)? { Ok(()) } else { Err(Error::not_found(Noun::Capability, id)) }
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{app, body, field};

    #[tokio::test]
    async fn a_repeated_capability_is_the_stored_one_and_a_stale_patch_is_refused() {
        let app = app().await;
        let first = app.capabilities.create(body(json!({ "id": "x1", "name": "One" }))).await.unwrap();
        let again = app.capabilities.create(body(json!({ "id": "x1", "enabled": "perhaps" }))).await.unwrap();
        assert!(first.created && !again.created);
        assert_eq!(again.document.as_str(), first.document.as_str());
        let patch = json!({ "enabled": false, "ifUpdatedAt": field(&first.document, "updatedAt") });
        let patched = app.capabilities.update("x1".into(), body(patch.clone())).await.unwrap();
        assert_eq!(field(&patched, "enabled"), json!(false));
        assert!(matches!(
            app.capabilities.update("x1".into(), body(patch)).await,
            Err(Error::Conflict { .. })
        ));
    }

    #[tokio::test]
    async fn a_deleted_capability_is_gone() {
        let app = app().await;
        app.capabilities.create(body(json!({ "id": "x1" }))).await.unwrap();
        app.capabilities.delete("x1".into()).await.unwrap();
        assert!(matches!(app.capabilities.delete("x1".into()).await, Err(Error::NotFound { .. })));
        assert!(matches!(app.capabilities.get("x1".into()).await, Err(Error::NotFound { .. })));
        assert!(matches!(
            app.capabilities.update("x1".into(), Map::new()).await,
            Err(Error::NotFound { .. })
        ));
        assert_eq!(app.capabilities.list(EnabledFilter::default()).await.unwrap().total, 0);
    }
}
