//! The table `agent_keys`: what each key opens, and the digest that it is known by.

use pilotdeck_domain::{AgentKey, Right, Timestamp};
use rusqlite::{Connection, Row, params};

use crate::Result;
use crate::writer::WriteTx;

pub(crate) const TABLE: &str = "agent_keys";

/// The columns in the order of [`read`].
pub(crate) const COLUMNS: &str =
    "id, digest, name, agent_id, project_ids, rights, created_at, expires_at, last_used_at, revoked_at";

/// A key with what is kept of its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// The key.
    pub key: AgentKey,
    /// SHA-256 of its text, hex.
    pub digest: String,
}

/// All keys that can be read. Of others nobody could tell what they open: they open nothing.
pub fn list(conn: &Connection) -> Result<Vec<StoredKey>> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM agent_keys"))?;
    let mut rows = statement.query([])?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        keys.extend(read(row)?);
    }
    Ok(keys)
}

/// Reads a row, also one of a foreign file; none when any part of it is not as we write it.
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Option<StoredKey>> {
    let cell = |index: usize| row.get_ref(index).map(|cell| cell.as_str_or_null());
    let cells = (0..10).map(cell).collect::<rusqlite::Result<Vec<_>>>()?;
    let Ok(cells) = cells.into_iter().collect::<std::result::Result<Vec<_>, _>>() else { return Ok(None) };
    Ok(from_cells(&cells))
}

fn from_cells(cells: &[Option<&str>]) -> Option<StoredKey> {
    let &[id, digest, name, agent_id, projects, rights, created, expires, used, revoked] = cells else {
        return None;
    };
    let time = |cell: Option<&str>| match cell {
        None => Some(None),
        Some(text) => Timestamp::parse(text).map(Some),
    };
    let digest = digest?;
    let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    let key = AgentKey {
        id: id?.to_owned(),
        name: name?.to_owned(),
        agent_id: agent_id?.to_owned(),
        project_ids: match projects {
            None => None,
            Some(list) => Some(serde_json::from_str(list).ok()?),
        },
        rights: rights?.split(' ').map(Right::parse).collect::<Option<_>>()?,
        created_at: time(created)??,
        expires_at: time(expires)?,
        last_used_at: time(used)?,
        revoked_at: time(revoked)?,
    };
    (is_digest && key.is_sound()).then(|| StoredKey { key, digest: digest.to_owned() })
}

/// Adds a key.
pub fn insert(conn: &Connection, stored: &StoredKey) -> Result<()> {
    let StoredKey { key, digest } = stored;
    let rights: Vec<&str> = key.rights.iter().map(|right| right.word()).collect();
    let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
    conn.prepare_cached(&format!(
        "INSERT INTO agent_keys ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
    ))?
    .execute(params![
        key.id,
        digest,
        key.name,
        key.agent_id,
        key.project_ids.as_ref().map(|ids| serde_json::json!(ids).to_string()),
        rights.join(" "),
        key.created_at.to_string(),
        text(key.expires_at),
        text(key.last_used_at),
        text(key.revoked_at),
    ])?;
    Ok(())
}

/// Notes a use.
pub fn touch(tx: &mut WriteTx<'_>, id: &str, now: Timestamp) -> Result<()> {
    tx.prepare_cached("UPDATE agent_keys SET last_used_at = ?2 WHERE id = ?1")?
        .execute([id, &now.to_string()])?;
    Ok(())
}

/// Revokes a key. One that was revoked keeps its time.
pub fn revoke(tx: &mut WriteTx<'_>, id: &str, now: Timestamp) -> Result<()> {
    tx.prepare_cached("UPDATE agent_keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL")?
        .execute([id, &now.to_string()])?;
    Ok(())
}
