//! Login sessions (SECURITY.md S1, S3, S4): looked up in memory, kept in the database so that a restart ends none. A cookie's
//! value is known to the browser alone; we keep its digest. Knows no passwords.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pilotdeck_domain::{Timestamp, User};
use pilotdeck_storage::sessions::{self as table, StoredSession};
use pilotdeck_storage::{Db, Durability, WriteTx, users};

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::secret_key::SecretKey;

const IDLE_SECONDS: i64 = 24 * 60 * 60;
const LIFETIME_SECONDS: i64 = 7 * 24 * 60 * 60;
const MAX_PER_USER: usize = 20;

/// "Last seen" is written at most this often.
const SECONDS_BETWEEN_NOTES: i64 = 60;

/// A clock that is set right now and then steps back a little; that is no session from the future.
const CLOCK_STEP_SECONDS: i64 = 5;

/// One session as its user may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// Names the session; opens nothing.
    pub id: String,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// Whether the caller uses this one.
    pub is_current: bool,
}

/// What becomes of the user's other sessions when a new one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    Stay,
    End,
}

/// The sessions of this server. Clones share them.
#[derive(Clone)]
pub(crate) struct Sessions(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Clock,
    key: SecretKey,
    live: Mutex<HashMap<String, Session>>,
    /// Begins and ends happen one after the other, so that memory and database never disagree.
    turn: tokio::sync::Mutex<()>,
    begun: AtomicU64,
}

#[derive(Clone)]
struct Session {
    user: User,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    noted_at: Timestamp,
    /// Tells which is older where the clock does not.
    number: u64,
}

impl Session {
    fn is_valid(&self, now: Timestamp) -> bool {
        let latest = now.plus_seconds(CLOCK_STEP_SECONDS);
        self.created_at <= latest
            && self.last_seen_at <= latest
            && now <= self.last_seen_at.plus_seconds(IDLE_SECONDS)
            && now <= self.created_at.plus_seconds(LIFETIME_SECONDS)
    }
}

impl Sessions {
    /// Takes up the sessions that are still good.
    pub(crate) async fn open(db: Db, clock: Clock, key: SecretKey) -> Result<Sessions> {
        let stored = db.read(|conn| Ok::<_, Error>((table::list(conn)?, users::list(conn)?))).await?;
        let users: HashMap<String, User> =
            stored.1.into_iter().map(|user| (user.user.id.clone(), user.user)).collect();
        let now = clock.now();
        let (mut live, mut over) = (HashMap::new(), Vec::new());
        for (number, StoredSession { digest, user_id, created_at, last_seen_at }) in (0..).zip(stored.0) {
            let session = users.get(&user_id).map(|user| Session {
                user: user.clone(),
                created_at,
                last_seen_at,
                noted_at: last_seen_at,
                number,
            });
            match session.filter(|session| session.is_valid(now)) {
                Some(session) => drop(live.insert(digest, session)),
                None => over.push(digest),
            }
        }
        let begun = AtomicU64::new((live.len() + over.len()) as u64);
        let turn = tokio::sync::Mutex::new(());
        let sessions = Sessions(Arc::new(Inner { db, clock, key, live: Mutex::new(live), turn, begun }));
        sessions.forget_over(over);
        Ok(sessions)
    }

    /// Whose cookie this is, if its session is still good. Counts as a use.
    pub(crate) fn find_user(&self, cookie: &str) -> Option<User> {
        let digest = self.0.key.digest(cookie);
        let now = self.0.clock.now();
        let mut live = self.live();
        let session = live.get_mut(&digest)?;
        if !session.is_valid(now) {
            live.remove(&digest);
            drop(live);
            self.forget_over(vec![digest]);
            return None;
        }
        session.last_seen_at = session.last_seen_at.max(now);
        let user = session.user.clone();
        let is_due = now >= session.noted_at.plus_seconds(SECONDS_BETWEEN_NOTES);
        if is_due {
            session.noted_at = now;
        }
        drop(live);
        if is_due {
            self.in_background(Durability::Batched, move |tx| Ok(table::touch(tx, &digest, now)?));
        }
        Some(user)
    }

    /// Begins a session for `user` and gives the value of its cookie. `sign_in` runs first, in the same transaction, and gives
    /// the user as it is by then. The session of the presented cookie ends, and the oldest where the user has too many.
    pub(crate) async fn begin(
        &self,
        user: User,
        presented: Option<&str>,
        others: Others,
        durability: Durability,
        sign_in: impl FnOnce(&mut WriteTx<'_>) -> Result<User> + Send + 'static,
    ) -> Result<String> {
        let presented = presented.map(|cookie| self.0.key.digest(cookie));
        let sessions = self.clone();
        uninterrupted(async move {
            let _turn = sessions.0.turn.lock().await;
            let cookie = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
            let digest = sessions.0.key.digest(&cookie);
            let now = sessions.0.clock.now();
            let mut ending = sessions.too_old(&user.id, others);
            ending.extend(presented);
            let stored = StoredSession {
                digest: digest.clone(),
                user_id: user.id.clone(),
                created_at: now,
                last_seen_at: now,
            };
            let deleted = ending.clone();
            let written = sessions.0.db.write(durability, move |tx| {
                let user = sign_in(tx)?;
                for digest in &deleted {
                    table::delete(tx, digest)?;
                }
                table::insert(tx, &stored)?;
                Ok(user)
            });
            let user = match written.await {
                // Reading goes on without a disk to write to (SECURITY.md F4, F6): this session then ends with the process.
                Err(Error::ReadOnly | Error::DiskFull) if others == Others::Stay => {
                    tracing::warn!("a session could not be stored and is kept in memory only");
                    user
                }
                outcome => outcome?,
            };
            let number = sessions.0.begun.fetch_add(1, Ordering::Relaxed);
            let mut live = sessions.live();
            live.retain(|digest, _| !ending.contains(digest));
            live.insert(digest, Session { user, created_at: now, last_seen_at: now, noted_at: now, number });
            Ok(cookie)
        })
        .await
    }

    /// Ends the session of this cookie; none is fine.
    pub(crate) async fn end(&self, cookie: &str) -> Result<()> {
        let digest = self.0.key.digest(cookie);
        if !self.live().contains_key(&digest) {
            return Ok(());
        }
        self.end_digests(vec![digest]).await
    }

    /// Ends all sessions of a user. `and_also` runs first, in the same transaction.
    pub(crate) async fn end_all_of(
        &self,
        user_id: &str,
        and_also: impl FnOnce(&mut WriteTx<'_>) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let (sessions, user_id) = (self.clone(), user_id.to_owned());
        uninterrupted(async move {
            let _turn = sessions.0.turn.lock().await;
            let id = user_id.clone();
            let written = sessions.0.db.write(Durability::Flushed, move |tx| {
                and_also(tx)?;
                Ok::<_, Error>(table::delete_for_user(tx, &id, None)?)
            });
            written.await?;
            sessions.live().retain(|_, session| session.user.id != user_id);
            Ok(())
        })
        .await
    }

    /// Changes a user, in the file and in what the sessions know: it holds from the next request on. Those of a user who is
    /// disabled by it end.
    pub(crate) async fn change_user(
        &self,
        change: impl FnOnce(&mut WriteTx<'_>) -> Result<User> + Send + 'static,
    ) -> Result<User> {
        let sessions = self.clone();
        uninterrupted(async move {
            let _turn = sessions.0.turn.lock().await;
            let written = sessions.0.db.write(Durability::Flushed, move |tx| {
                let user = change(tx)?;
                if user.disabled {
                    table::delete_for_user(tx, &user.id, None)?;
                }
                Ok::<_, Error>(user)
            });
            let user = written.await?;
            let mut live = sessions.live();
            live.retain(|_, session| session.user.id != user.id || !user.disabled);
            for session in live.values_mut().filter(|session| session.user.id == user.id) {
                session.user = user.clone();
            }
            Ok(user)
        })
        .await
    }

    /// Ends every session there is, those that only the file knows included.
    pub(crate) async fn end_everybody(&self) -> Result<()> {
        let sessions = self.clone();
        uninterrupted(async move {
            let _turn = sessions.0.turn.lock().await;
            // Memory first: whatever becomes of the file, no old cookie opens the new data.
            sessions.live().clear();
            sessions.0.db.write(Durability::Flushed, |tx| Ok::<_, Error>(table::delete_all(tx)?)).await
        })
        .await
    }

    /// The good sessions of a user, newest first.
    pub(crate) fn list(&self, user_id: &str, current_cookie: Option<&str>) -> Vec<SessionInfo> {
        let current = current_cookie.map(|cookie| self.0.key.digest(cookie));
        let now = self.0.clock.now();
        let live = self.live();
        let mut own: Vec<_> =
            live.iter().filter(|(_, session)| session.user.id == user_id && session.is_valid(now)).collect();
        own.sort_by_key(|(_, session)| std::cmp::Reverse(session.number));
        own.into_iter()
            .map(|(digest, session)| SessionInfo {
                id: public_id(digest),
                created_at: session.created_at,
                last_seen_at: session.last_seen_at,
                is_current: current.as_ref() == Some(digest),
            })
            .collect()
    }

    /// How many good sessions each user has, by the user's id.
    pub(crate) fn count_by_user(&self) -> HashMap<String, u64> {
        let now = self.0.clock.now();
        let mut counts = HashMap::new();
        for session in self.live().values().filter(|session| session.is_valid(now)) {
            *counts.entry(session.user.id.clone()).or_default() += 1;
        }
        counts
    }

    /// Ends one session of a user by the id that [`Sessions::list`] gives. False when there is none.
    pub(crate) async fn end_one(&self, user_id: &str, id: &str) -> Result<bool> {
        let digests: Vec<String> = {
            let live = self.live();
            let named =
                live.iter().filter(|(digest, session)| session.user.id == user_id && public_id(digest) == id);
            named.map(|(digest, _)| digest.clone()).collect()
        };
        if digests.is_empty() {
            return Ok(false);
        }
        self.end_digests(digests).await?;
        Ok(true)
    }

    async fn end_digests(&self, digests: Vec<String>) -> Result<()> {
        let sessions = self.clone();
        uninterrupted(async move {
            let _turn = sessions.0.turn.lock().await;
            let deleted = digests.clone();
            // Flushed: an ended session must not be back after a power cut.
            let written = sessions.0.db.write(Durability::Flushed, move |tx| {
                deleted.iter().try_for_each(|digest| table::delete(tx, digest)).map_err(Error::from)
            });
            written.await?;
            sessions.live().retain(|digest, _| !digests.contains(digest));
            Ok(())
        })
        .await
    }

    /// What ends so that the user has room for one more.
    fn too_old(&self, user_id: &str, others: Others) -> Vec<String> {
        let keep = match others {
            Others::Stay => MAX_PER_USER - 1,
            Others::End => 0,
        };
        let live = self.live();
        let mut own: Vec<_> = live.iter().filter(|(_, session)| session.user.id == user_id).collect();
        own.sort_by_key(|(_, session)| std::cmp::Reverse(session.number));
        own.into_iter().skip(keep).map(|(digest, _)| digest.clone()).collect()
    }

    fn forget_over(&self, digests: Vec<String>) {
        if !digests.is_empty() {
            self.in_background(Durability::Batched, move |tx| {
                Ok(digests.iter().try_for_each(|digest| table::delete(tx, digest))?)
            });
        }
    }

    /// For writes nobody waits for: if one fails, the next use or the next start repeats it.
    fn in_background(
        &self,
        durability: Durability,
        job: impl FnOnce(&mut WriteTx<'_>) -> Result<()> + Send + 'static,
    ) {
        let db = self.0.db.clone();
        tokio::spawn(async move {
            if let Err(error) = db.write(durability, job).await {
                tracing::debug!("sessions: {error:?}");
            }
        });
    }

    fn live(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A digest opens nothing, but its beginning is enough as a name.
fn public_id(digest: &str) -> String {
    digest.chars().take(16).collect()
}

/// Runs to its end even when the caller hangs up: half a change would leave memory and database apart.
pub(crate) async fn uninterrupted<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(work).await.map_err(|failed| Error::Internal(failed.into()))?
}
