//! The table `agent_profiles`.

use pilotdeck_domain::{Document, EnabledFilter, Profile};
use rusqlite::{Connection, params};

use crate::query::Where;
use crate::records::{self, ListQuery};
use crate::writer::WriteTx;
use crate::{Change, Kind, Listing, Op, Result, meta};

const FIND: &str = "SELECT payload_json FROM agent_profiles WHERE id = ?1";

/// The profile `id`.
pub fn find(conn: &Connection, id: &str) -> Result<Option<Profile>> {
    Ok(records::find_map(conn, FIND, id)?.map(Profile::from_document))
}

/// The profile `id` as it is stored.
pub fn find_document(conn: &Connection, id: &str) -> Result<Option<Document>> {
    records::find_document(conn, FIND, id)
}

/// Adds a profile.
pub fn insert(tx: &mut WriteTx<'_>, profile: &Profile) -> Result<Document> {
    let document = profile.to_document();
    tx.prepare_cached(
        "INSERT INTO agent_profiles (id, name, role, enabled, createdAt, updatedAt, payload_json)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        profile.id,
        profile.name,
        profile.role,
        profile.enabled,
        profile.created_at.to_string(),
        profile.updated_at.to_string(),
        document.as_str(),
    ])?;
    changed(tx, Op::Created, &profile.id, &profile.updated_at.to_string(), Some(document.clone()))?;
    Ok(document)
}

/// Writes a changed profile.
pub fn update(tx: &mut WriteTx<'_>, profile: &Profile) -> Result<Document> {
    let document = profile.to_document();
    tx.prepare_cached(
        "UPDATE agent_profiles SET name = ?2, role = ?3, enabled = ?4, updatedAt = ?5, payload_json = ?6 WHERE id = ?1",
    )?
    .execute(params![
        profile.id,
        profile.name,
        profile.role,
        profile.enabled,
        profile.updated_at.to_string(),
        document.as_str(),
    ])?;
    changed(tx, Op::Updated, &profile.id, &profile.updated_at.to_string(), Some(document.clone()))?;
    Ok(document)
}

/// Deletes a profile. False when there was none.
pub fn delete(tx: &mut WriteTx<'_>, id: &str) -> Result<bool> {
    if tx.prepare_cached("DELETE FROM agent_profiles WHERE id = ?1")?.execute([id])? == 0 {
        return Ok(false);
    }
    let now = tx.stamp().to_string();
    changed(tx, Op::Deleted, id, &now, None)?;
    Ok(true)
}

fn changed(tx: &mut WriteTx<'_>, op: Op, id: &str, at: &str, document: Option<Document>) -> Result<()> {
    meta::set(tx, meta::PROFILES_LAST_UPDATED, at)?;
    tx.publish(Change {
        kind: Kind::Profile,
        op,
        id: id.to_owned(),
        project_id: None,
        run_id: None,
        document,
    });
    Ok(())
}

/// The profiles that match, last changed first.
pub fn list(conn: &Connection, filter: &EnabledFilter) -> Result<Listing> {
    let mut conditions = Where::default();
    if let Some(enabled) = filter.enabled {
        conditions.and("enabled = ?", [enabled.into()]);
    }
    ListQuery { table: "agent_profiles", key: "updatedAt", descending: true, conditions, count_all: true }
        .run(conn, &filter.page)
}
