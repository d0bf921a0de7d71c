//! Keys of agents (SECURITY.md K2): looked up in memory, kept in the database by their digest. The key itself is told once, to
//! the one who makes it. Knows no routes: what a key opens stands at the door and in `scope.rs`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use constant_time_eq::constant_time_eq;
use pilotdeck_domain::{AgentKey, Event, Map, Timestamp, new_id};
use pilotdeck_storage::agent_keys::{self as table, StoredKey};
use pilotdeck_storage::{Db, Durability, WriteTx, events};
use serde_json::json;

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::passwords::sha256_hex;
use crate::sessions::uninterrupted;

/// How every key begins, so that it is known for one wherever it is found.
const PREFIX: &str = "pdk_";
/// "Last used" is written at most this often.
const SECONDS_BETWEEN_NOTES: i64 = 60;

/// A key that was made a moment ago, with the text that nobody is told again.
#[derive(Clone)]
pub struct NewAgentKey {
    /// What it opens.
    pub agent_key: AgentKey,
    /// `pdk_<id>_<secret>`.
    pub key: String,
}

/// The keys of this server. Clones share them.
#[derive(Clone)]
pub struct AgentKeys(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Clock,
    held: Mutex<HashMap<String, Held>>,
    /// Whether one of them is not revoked: asked with every request.
    any: AtomicBool,
    /// Changes happen one after the other, so that memory and database never disagree.
    turn: tokio::sync::Mutex<()>,
}

struct Held {
    key: Arc<AgentKey>,
    digest: String,
    last_used_at: Option<Timestamp>,
}

impl From<StoredKey> for Held {
    fn from(StoredKey { key, digest }: StoredKey) -> Held {
        Held { last_used_at: key.last_used_at, key: Arc::new(key), digest }
    }
}

impl AgentKeys {
    pub(crate) async fn open(db: Db, clock: Clock) -> Result<AgentKeys> {
        let (held, any, turn) = (Mutex::default(), AtomicBool::new(false), tokio::sync::Mutex::new(()));
        let keys = AgentKeys(Arc::new(Inner { db, clock, held, any, turn }));
        keys.reload().await?;
        Ok(keys)
    }

    /// Whether a token means to be a key, good or not.
    pub fn is_key(token: &str) -> bool {
        token.trim().starts_with(PREFIX)
    }

    /// The key of this text, if it is good now. Counts as a use.
    pub fn find(&self, token: &str) -> Option<Arc<AgentKey>> {
        let token = token.trim();
        let (id, _) = token.strip_prefix(PREFIX)?.split_once('_')?;
        let digest = sha256_hex(token);
        let now = self.0.clock.now();
        let mut held = self.held();
        let found = held.get_mut(id)?;
        // Digests are compared, in constant time: what is equal in them tells nothing about the key.
        if !constant_time_eq(found.digest.as_bytes(), digest.as_bytes()) || !found.key.is_good(now) {
            return None;
        }
        let is_due = found.last_used_at.is_none_or(|last| now >= last.plus_seconds(SECONDS_BETWEEN_NOTES));
        if is_due {
            found.last_used_at = Some(now);
        }
        let key = Arc::clone(&found.key);
        drop(held);
        if is_due {
            self.note_use(key.id.clone(), now);
        }
        Some(key)
    }

    /// Whether the key of this id is still good: for what stays open, as live streams do.
    pub fn is_good(&self, id: &str) -> bool {
        let now = self.0.clock.now();
        self.held().get(id).is_some_and(|held| held.key.is_good(now))
    }

    /// Whether there is a key that is not revoked; an expired one counts.
    pub(crate) fn any(&self) -> bool {
        self.0.any.load(Ordering::Acquire)
    }

    /// All keys, newest first; revoked ones stay listed.
    pub fn list(&self) -> Vec<AgentKey> {
        let told = |held: &Held| AgentKey { last_used_at: held.last_used_at, ..AgentKey::clone(&held.key) };
        let mut keys: Vec<AgentKey> = self.held().values().map(told).collect();
        keys.sort_by(|one, other| other.created_at.cmp(&one.created_at).then_with(|| one.id.cmp(&other.id)));
        keys
    }

    /// Makes a key by `{name?, agentId, projectIds?, rights?, expiresAt?}`; `by` is the name of who does.
    pub async fn create(&self, body: &Map, by: &str) -> Result<NewAgentKey> {
        let id: String = rand::random::<[u8; 6]>().iter().map(|byte| format!("{byte:02x}")).collect();
        let text = format!("{PREFIX}{id}_{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()));
        let mut key = AgentKey::create(body, id, self.0.clock.now())?;
        let (keys, digest, by) = (self.clone(), sha256_hex(&text), by.to_owned());
        let agent_key = uninterrupted(async move {
            let _turn = keys.0.turn.lock().await;
            let written = keys.0.db.write(Durability::Flushed, move |tx| {
                key.created_at = tx.stamp();
                let stored = StoredKey { key, digest };
                table::insert(tx, &stored)?;
                tell(tx, "Agent key made", &stored.key, &by)?;
                Ok::<_, Error>(stored)
            });
            let stored = written.await?;
            let key = stored.key.clone();
            keys.held().insert(key.id.clone(), stored.into());
            keys.0.any.store(true, Ordering::Release);
            Ok(key)
        });
        Ok(NewAgentKey { agent_key: agent_key.await?, key: text })
    }

    /// Revokes a key: the next request with it is refused. False when there is none of this id.
    pub async fn revoke(&self, id: &str, by: &str) -> Result<bool> {
        let (keys, id, by) = (self.clone(), id.to_owned(), by.to_owned());
        uninterrupted(async move {
            let _turn = keys.0.turn.lock().await;
            let Some(known) = keys.held().get(&id).map(|held| Arc::clone(&held.key)) else {
                return Ok(false);
            };
            if known.revoked_at.is_some() {
                return Ok(true);
            }
            let written = keys.0.db.write(Durability::Flushed, move |tx| {
                let revoked = AgentKey { revoked_at: Some(tx.stamp()), ..AgentKey::clone(&known) };
                table::revoke(tx, &revoked.id, revoked.revoked_at.unwrap_or(revoked.created_at))?;
                tell(tx, "Agent key revoked", &revoked, &by)?;
                Ok::<_, Error>(revoked)
            });
            let revoked = written.await?;
            let mut held = keys.held();
            if let Some(held) = held.get_mut(&id) {
                held.key = Arc::new(revoked);
            }
            keys.note_whether_any(&held);
            Ok(true)
        })
        .await
    }

    /// Takes up the keys of the file. After a restore: what this process knows as revoked stays so.
    pub(crate) async fn reload(&self) -> Result<()> {
        let _turn = self.0.turn.lock().await;
        let revoked: HashMap<String, Timestamp> = {
            let held = self.held();
            held.values().filter_map(|held| Some((held.key.id.clone(), held.key.revoked_at?))).collect()
        };
        let mut stored = self.0.db.read(|conn| Ok::<_, Error>(table::list(conn)?)).await?;
        let mut again = Vec::new();
        for StoredKey { key, .. } in stored.iter_mut().filter(|stored| stored.key.revoked_at.is_none()) {
            if let Some(&at) = revoked.get(&key.id) {
                key.revoked_at = Some(at);
                again.push((key.id.clone(), at));
            }
        }
        if !again.is_empty() {
            let revoke = move |tx: &mut WriteTx<'_>| {
                again.iter().try_for_each(|(id, at)| table::revoke(tx, id, *at)).map_err(Error::from)
            };
            self.0.db.write(Durability::Flushed, revoke).await?;
        }
        let mut held = self.held();
        *held = stored.into_iter().map(|stored| (stored.key.id.clone(), stored.into())).collect();
        self.note_whether_any(&held);
        Ok(())
    }

    fn note_whether_any(&self, held: &HashMap<String, Held>) {
        self.0.any.store(held.values().any(|held| held.key.revoked_at.is_none()), Ordering::Release);
    }

    /// Nobody waits for this write: if it fails, the next use repeats it.
    fn note_use(&self, id: String, now: Timestamp) {
        let db = self.0.db.clone();
        tokio::spawn(async move {
            let touch = move |tx: &mut WriteTx<'_>| Ok::<_, Error>(table::touch(tx, &id, now)?);
            if let Err(error) = db.write(Durability::Batched, touch).await {
                tracing::debug!("agent keys: {error:?}");
            }
        });
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Changes of keys are told in the timeline (SECURITY.md G5), without anything of their secrets.
fn tell(tx: &mut WriteTx<'_>, title: &str, key: &AgentKey, by: &str) -> Result<()> {
    let mut body = Map::new();
    body.insert("type".to_owned(), json!("agent_key"));
    body.insert("title".to_owned(), json!(title));
    body.insert("message".to_owned(), json!(format!("{title} for {}, by {by}", key.agent_id)));
    body.insert("data".to_owned(), json!({ "keyId": key.id, "keyAgentId": key.agent_id, "by": by }));
    let mut event = Event::create(body, new_id("evt-"), key.created_at)?;
    event.ts = tx.stamp();
    events::insert(tx, &event)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestApp, app, body};

    fn keys(app: &TestApp) -> &AgentKeys {
        &app.agent_keys
    }

    #[tokio::test]
    async fn a_key_is_told_once_and_found_by_its_whole_text_alone() {
        let app = app().await;
        let made = keys(&app).create(&body(json!({ "agentId": "claude" })), "admin").await.unwrap();
        assert!(made.key.starts_with(&format!("pdk_{}_", made.agent_key.id)));
        assert_eq!(keys(&app).find(&made.key).unwrap().agent_id, "claude");
        let id = &made.agent_key.id;
        for wrong in [
            "",
            "pdk_",
            &made.key[..made.key.len() - 1],
            &format!("{}x", made.key),
            &format!("pdk_{id}_"),
            id,
        ] {
            assert!(keys(&app).find(wrong).is_none(), "{wrong}");
        }
        let other = keys(&app).create(&body(json!({ "agentId": "b" })), "admin").await.unwrap();
        let mixed = other.key.replace(&other.agent_key.id, id);
        assert!(keys(&app).find(&mixed).is_none(), "one key's secret under another's id");
    }

    #[tokio::test]
    async fn a_key_from_before_a_restore_stays_revoked() {
        let app = app().await;
        let made = keys(&app).create(&body(json!({ "agentId": "a" })), "admin").await.unwrap();
        let kept = keys(&app).create(&body(json!({ "agentId": "b" })), "admin").await.unwrap();
        let file = app.backup.create().await.unwrap();
        let path = app.settings.db_file.with_file_name("older.db");
        tokio::io::copy(&mut { file }, &mut tokio::fs::File::create(&path).await.unwrap()).await.unwrap();
        assert!(keys(&app).revoke(&made.agent_key.id, "admin").await.unwrap());
        let outcome = app.backup.restore_file(&path, false).await.unwrap();
        assert_eq!(outcome.report.rows["agent_keys"], 2);
        assert!(keys(&app).find(&made.key).is_none());
        assert!(keys(&app).find(&kept.key).is_some());
        let listed = keys(&app).list();
        assert_eq!(listed.len(), 2);
        keys(&app).reload().await.unwrap();
        assert!(keys(&app).find(&made.key).is_none(), "in the file too");
    }
}
