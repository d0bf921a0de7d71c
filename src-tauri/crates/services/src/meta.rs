//! Health, and what a client should know about this server before it asks for more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use pilotdeck_domain::Timestamp;
use pilotdeck_storage::{Db, figures, projects};

use crate::auth::Auth;
use crate::error::Error;
use crate::settings::Settings;

/// How long one look at the database answers for: health checks come often and must cost nothing.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A database that does not answer a trivial question in this time is not well.
const LOOK_LIMIT: Duration = Duration::from_secs(2);

/// Answers about the server itself.
#[derive(Clone)]
pub struct MetaService {
    db: Db,
    auth: Auth,
    settings: Arc<Settings>,
    health: Arc<LastLook>,
}

struct LastLook {
    started: Instant,
    /// Milliseconds after `started` from which on it is time to look again.
    due: AtomicU64,
    healthy: AtomicBool,
}

/// Whether the database answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// False: the database cannot be used.
    pub healthy: bool,
    /// The time now.
    pub timestamp: Timestamp,
}

/// What this server is and needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// What only callers learn that are local or known; none for others (SECURITY.md G4).
    pub inside: Option<MetaInside>,
    /// An agent token is configured or an agent key exists.
    pub agent_token_required: bool,
    /// An admin token is configured.
    pub admin_token_required: bool,
    /// Local agents need no token.
    pub open_mode: bool,
    /// Open mode opens projects and stats as well.
    pub open_projects: bool,
    /// `admin` still has the password everybody knows; told to local callers only.
    pub must_change_password: Option<bool>,
    /// Every commit is flushed before its answer, not only class A.
    pub synchronous_full: bool,
}

/// The part of [`Meta`] that tells about the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaInside {
    /// Our version.
    pub version: &'static str,
    /// The last change to projects.
    pub data_last_updated: Option<Timestamp>,
    /// How many projects there are.
    pub project_count: u64,
    /// The size of the database in bytes.
    pub database_bytes: u64,
}

impl MetaService {
    pub(crate) fn new(db: Db, auth: Auth, settings: Arc<Settings>) -> MetaService {
        let health =
            LastLook { started: Instant::now(), due: AtomicU64::new(0), healthy: AtomicBool::new(true) };
        MetaService { db, auth, settings, health: Arc::new(health) }
    }

    /// What this server is and needs, as far as this caller may know.
    pub async fn get(&self, known_caller: bool, local: bool) -> Meta {
        let open_mode = self.auth.open_mode();
        Meta {
            inside: if known_caller || local { Some(self.inside().await) } else { None },
            agent_token_required: !open_mode,
            admin_token_required: self.settings.admin_token.is_some(),
            open_mode,
            open_projects: self.settings.open_projects,
            must_change_password: local.then(|| self.auth.must_change_password()),
            synchronous_full: self.settings.synchronous_full,
        }
    }

    /// A database that cannot be read does not keep the rest from being told.
    async fn inside(&self) -> MetaInside {
        let read = self
            .db
            .read(|conn| {
                let bytes = figures::bytes(conn)?;
                Ok::<_, Error>((projects::last_updated(conn)?, projects::count(conn)?, bytes))
            })
            .await;
        let (data_last_updated, project_count, database_bytes) = read.unwrap_or_else(|error| {
            tracing::warn!("meta could not read the database: {error:?}");
            (None, 0, 0)
        });
        MetaInside { version: env!("CARGO_PKG_VERSION"), data_last_updated, project_count, database_bytes }
    }

    /// Whether the database answers, as of at most a second ago.
    pub async fn health(&self) -> Health {
        if self.health.is_due() {
            let look = self.db.read(|conn| Ok::<_, Error>(projects::count(conn)?));
            let healthy = matches!(tokio::time::timeout(LOOK_LIMIT, look).await, Ok(Ok(_)));
            self.health.healthy.store(healthy, Ordering::Relaxed);
        }
        Health { healthy: self.health.healthy.load(Ordering::Relaxed), timestamp: self.settings.clock.now() }
    }
}

impl LastLook {
    /// True for one caller per period; the others are answered with what is known.
    fn is_due(&self) -> bool {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let next = now.saturating_add(LOOK_EVERY.as_millis() as u64);
        let due = self.due.load(Ordering::Relaxed);
        now >= due && self.due.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use pilotdeck_domain::Map;
    use serde_json::json;

    use crate::testing::{app, body};

    #[tokio::test]
    async fn strangers_learn_nothing_about_the_data() {
        let app = app().await;
        let project = app.projects.create(body(json!({ "name": "Apollo" }))).await.unwrap();
        let inside = app.meta.get(false, true).await.inside.unwrap();
        assert_eq!(inside.project_count, 1);
        assert_eq!(
            inside.data_last_updated.map(|time| json!(time)),
            project.to_map().get("updatedAt").cloned()
        );
        assert!(app.meta.get(true, false).await.inside.is_some());
        let stranger = app.meta.get(false, false).await;
        assert_eq!((stranger.inside, stranger.must_change_password), (None, None));
        assert_eq!(app.meta.get(false, true).await.must_change_password, Some(true));
    }

    #[tokio::test]
    async fn a_database_that_is_gone_is_degraded_and_meta_still_answers() {
        let app = app().await;
        app.close().await;
        assert!(!app.meta.health().await.healthy);
        assert_eq!(app.meta.get(true, true).await.inside.unwrap().project_count, 0);
        assert!(app.projects.update("p1".into(), Map::new()).await.is_err());
    }
}
