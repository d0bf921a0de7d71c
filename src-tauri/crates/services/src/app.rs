//! The whole of PilotDeck behind its doors: opens the database, builds one service per noun, closes in order.

use std::ops::Deref;
use std::sync::Arc;

use pilotdeck_storage::{Db, OpenError, Options};

use crate::actions::Actions;
use crate::agent_keys::AgentKeys;
use crate::auth::Auth;
use crate::backup::Backup;
use crate::capabilities::Capabilities;
use crate::database::Database;
use crate::deploy::Deploy;
use crate::error::Error;
use crate::events::Events;
use crate::integrity::Integrity;
use crate::live::Live;
use crate::meta::MetaService;
use crate::preferences::Preferences;
use crate::profiles::Profiles;
use crate::projects::Projects;
use crate::refusals::Refusals;
use crate::runs::Runs;
use crate::settings::Settings;
use crate::stats::Stats;
use crate::stored_backups::StoredBackups;
use crate::usage::Usage;
use crate::users::Users;

/// A running PilotDeck. Clones are the same one.
#[derive(Clone)]
pub struct App(Arc<Rooms>);

/// The services, one per noun; reached through [`App`].
pub struct Rooms {
    /// Projects.
    pub projects: Projects,
    /// Runs of agents.
    pub runs: Runs,
    /// The timeline.
    pub events: Events,
    /// Actions on projects, and proposals.
    pub actions: Actions,
    /// Agent profiles.
    pub profiles: Profiles,
    /// Agent capabilities.
    pub capabilities: Capabilities,
    /// Usage records.
    pub usage: Usage,
    /// Sums over projects and usage.
    pub stats: Stats,
    /// Health, and what this server can do.
    pub meta: MetaService,
    /// Users, sessions, tokens.
    pub auth: Auth,
    /// Keys of agents.
    pub agent_keys: AgentKeys,
    /// Users, as administrators manage them.
    pub users: Users,
    /// What each person prefers.
    pub preferences: Preferences,
    /// Backup and restore.
    pub backup: Backup,
    /// The backups that are kept.
    pub stored_backups: StoredBackups,
    /// The figures of the database.
    pub database: Database,
    /// Checks of the database.
    pub integrity: Integrity,
    /// Deploy jobs.
    pub deploy: Deploy,
    /// Committed changes as they happen.
    pub live: Live,
    /// What it was started with.
    pub settings: Arc<Settings>,
    db: Db,
}

impl Deref for App {
    type Target = Rooms;

    fn deref(&self) -> &Rooms {
        &self.0
    }
}

/// Why PilotDeck did not start. `Display` is a sentence for the person who started it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database file cannot be opened as ours.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// Importing a file of the older server failed; it was left as it was.
    #[error("the database of the older server could not be imported: {0}")]
    Import(Error),
    /// Anything else.
    #[error(transparent)]
    Other(#[from] Error),
}

impl App {
    /// Opens the database, importing a file of the older server in place, and makes the first user on a fresh one.
    pub async fn open(settings: Settings) -> Result<App, StartError> {
        let settings = Arc::new(settings);
        let live = Live::new();
        let db = open_database(&settings, &live).await?;
        let auth = Auth::open(db.clone(), settings.clone()).await?;
        let events = Events::new(db.clone(), settings.clock.clone());
        let backup = Backup::new(db.clone(), live.clone(), auth.clone(), settings.clone());
        let refusals = Refusals::new(settings.clock.clone());
        Ok(App(Arc::new(Rooms {
            projects: Projects::new(db.clone(), settings.clock.clone(), refusals.clone()),
            runs: Runs::new(db.clone(), settings.clock.clone(), refusals.clone()),
            actions: Actions::new(db.clone(), refusals.clone()),
            profiles: Profiles::new(db.clone(), settings.clock.clone()),
            capabilities: Capabilities::new(db.clone(), settings.clock.clone()),
            usage: Usage::new(db.clone(), settings.clock.clone()),
            stats: Stats::new(db.clone(), settings.clock.clone(), refusals),
            agent_keys: auth.agent_keys().clone(),
            meta: MetaService::new(db.clone(), auth.clone(), settings.clone()),
            deploy: Deploy::new(settings.clone(), events.clone(), backup.clone()),
            users: Users::new(db.clone(), auth.clone(), settings.clock.clone()),
            preferences: Preferences::new(db.clone(), settings.clock.clone()),
            stored_backups: StoredBackups::new(backup.clone()),
            database: Database::new(db.clone(), settings.clone()),
            integrity: Integrity::new(db.clone(), settings.clone()),
            backup,
            events,
            auth,
            live,
            settings,
            db,
        })))
    }

    /// Finishes what was accepted, checkpoints and closes the database; live listeners end.
    pub async fn close(&self) {
        self.live.close();
        let db = self.db.clone();
        // Waits for the writer and the last checkpoint.
        if tokio::task::spawn_blocking(move || db.close()).await.is_err() {
            tracing::error!("closing the database panicked");
        }
    }
}

async fn open_database(settings: &Arc<Settings>, live: &Live) -> Result<Db, StartError> {
    crate::restore::check_before_opening(settings)?;
    match open_file(settings, live).await {
        Err(StartError::Database(OpenError::Legacy { .. })) => {
            crate::restore::import_in_place(settings.clone()).await.map_err(StartError::Import)?;
            open_file(settings, live).await
        }
        opened => opened,
    }
}

/// Opening may migrate, copy and build indexes for a while, so it runs off the async threads.
async fn open_file(settings: &Arc<Settings>, live: &Live) -> Result<Db, StartError> {
    let clock = settings.clock.clone();
    let hub = live.clone();
    let options = Options {
        path: settings.db_file.clone(),
        synchronous_full: settings.synchronous_full,
        clock: Arc::new(move || clock.now()),
        on_commit: Arc::new(move |changes| hub.publish(changes)),
    };
    match tokio::task::spawn_blocking(move || Db::open(options)).await {
        Ok(opened) => Ok(opened?),
        Err(broken) => Err(StartError::Other(Error::Internal(broken.into()))),
    }
}

#[cfg(test)]
mod tests {
    use pilotdeck_domain::ProjectFilter;
    use pilotdeck_storage::{Kind, Op};
    use serde_json::json;

    use super::*;
    use crate::live::{LiveFilter, LiveMessage};
    use crate::testing::{app, body, field};

    #[tokio::test]
    async fn a_listener_hears_every_commit_and_nothing_of_what_failed() {
        let app = app().await;
        let mut stream = app.live.subscribe(LiveFilter::default(), None);
        app.projects.create(body(json!({ "id": "p1", "name": "Apollo" }))).await.unwrap();
        app.projects.create(body(json!({ "id": "p1", "name": "again" }))).await.unwrap_err();
        let action = json!({ "id": "a1", "projectId": "p1", "action": "add_tag", "params": { "tag": "x" } });
        app.actions.apply(body(action.clone())).await.unwrap();
        app.actions.apply(body(action)).await.unwrap();
        app.projects.delete("p1".into()).await.unwrap();
        let mut heard = Vec::new();
        while heard.len() < 4 {
            match stream.next().await.unwrap() {
                LiveMessage::Change(entry) => {
                    heard.push((entry.change.kind, entry.change.op, entry.change.id.clone()))
                }
                other => panic!("{other:?}"),
            }
        }
        let expected = [
            (Kind::Project, Op::Created, "p1"),
            (Kind::Project, Op::Updated, "p1"),
            (Kind::Event, Op::Created, "a1"),
            (Kind::Project, Op::Deleted, "p1"),
        ];
        assert_eq!(heard, expected.map(|(kind, op, id)| (kind, op, id.to_owned())));
        app.close().await;
        assert!(stream.next().await.is_none(), "closing ends the listeners");
    }

    #[tokio::test]
    async fn what_was_acknowledged_is_there_after_closing_and_opening_again() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::new(folder.path().join("pm.db"));
        let app = App::open(settings.clone()).await.unwrap();
        let project =
            app.projects.create(body(json!({ "name": "Apollo", "own": [1.50, null] }))).await.unwrap();
        app.close().await;
        assert!(app.projects.list(ProjectFilter::default()).await.is_err(), "a closed app says so");
        drop(app);
        let app = App::open(settings).await.unwrap();
        let listed = app.projects.list(ProjectFilter::default()).await.unwrap();
        assert_eq!(listed.documents[0].as_str(), project.as_str());
        assert_eq!(listed.last_updated.map(|time| json!(time)), Some(field(&project, "updatedAt")));
    }

    #[tokio::test]
    async fn a_second_app_on_one_file_does_not_start() {
        let app = app().await;
        let second = App::open(Settings::new(app.settings.db_file.clone())).await;
        assert!(matches!(second.err(), Some(StartError::Database(OpenError::InUse { .. }))));
    }
}
