//! The table `agent_capabilities`.

use pilotdeck_domain::{Capability, Document, EnabledFilter};
use rusqlite::{Connection, params};

use crate::query::Where;
use crate::records::{self, ListQuery};
use crate::writer::WriteTx;
use crate::{Change, Kind, Listing, Op, Result, meta};

const FIND: &str = "SELECT payload_json FROM agent_capabilities WHERE id = ?1";

/// The capability `id`.
pub fn find(conn: &Connection, id: &str) -> Result<Option<Capability>> {
    Ok(records::find_map(conn, FIND, id)?.map(Capability::from_document))
}

/// The capability `id` as it is stored.
pub fn find_document(conn: &Connection, id: &str) -> Result<Option<Document>> {
    records::find_document(conn, FIND, id)
}

/// Adds a capability.
pub fn insert(tx: &mut WriteTx<'_>, capability: &Capability) -> Result<Document> {
    let document = capability.to_document();
    tx.prepare_cached(
        "INSERT INTO agent_capabilities (id, name, enabled, createdAt, updatedAt, payload_json)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        capability.id,
        capability.name,
        capability.enabled,
        capability.created_at.to_string(),
        capability.updated_at.to_string(),
        document.as_str(),
    ])?;
    changed(tx, Op::Created, &capability.id, &capability.updated_at.to_string(), Some(document.clone()))?;
    Ok(document)
}

/// Writes a changed capability.
pub fn update(tx: &mut WriteTx<'_>, capability: &Capability) -> Result<Document> {
    let document = capability.to_document();
    tx.prepare_cached(
        "UPDATE agent_capabilities SET name = ?2, enabled = ?3, updatedAt = ?4, payload_json = ?5 WHERE id = ?1",
    )?
    .execute(params![
        capability.id,
        capability.name,
        capability.enabled,
        capability.updated_at.to_string(),
        document.as_str(),
    ])?;
    changed(tx, Op::Updated, &capability.id, &capability.updated_at.to_string(), Some(document.clone()))?;
    Ok(document)
}

/// Deletes a capability. False when there was none.
pub fn delete(tx: &mut WriteTx<'_>, id: &str) -> Result<bool> {
    if tx.prepare_cached("DELETE FROM agent_capabilities WHERE id = ?1")?.execute([id])? == 0 {
        return Ok(false);
    }
    let now = tx.stamp().to_string();
    changed(tx, Op::Deleted, id, &now, None)?;
    Ok(true)
}

fn changed(tx: &mut WriteTx<'_>, op: Op, id: &str, at: &str, document: Option<Document>) -> Result<()> {
    meta::set(tx, meta::CAPABILITIES_LAST_UPDATED, at)?;
    tx.publish(Change {
        kind: Kind::Capability,
        op,
        id: id.to_owned(),
        project_id: None,
        run_id: None,
        document,
    });
    Ok(())
}

/// The capabilities that match, last changed first.
pub fn list(conn: &Connection, filter: &EnabledFilter) -> Result<Listing> {
    let mut conditions = Where::default();
    if let Some(enabled) = filter.enabled {
        conditions.and("enabled = ?", [enabled.into()]);
    }
    ListQuery { table: "agent_capabilities", key: "updatedAt", descending: true, conditions, count_all: true }
        .run(conn, &filter.page)
}
