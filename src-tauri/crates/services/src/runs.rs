//! Runs of agents. An agent may tell of a run twice, or only of its end: neither makes a second one.

use pilotdeck_domain::stats::RunFacets;
use pilotdeck_domain::{Document, Map, Run, RunFilter, Value, new_id};
use pilotdeck_storage::{Db, Durability, Listing, runs as table};

use crate::clock::Clock;
use crate::error::{Error, Noun, Result};
use crate::refusals::Refusals;
use crate::scope::Scope;
use crate::stored::{Stored, check_seen, found, take_seen};

/// Ids of opencode's sessions: a PATCH of an unknown one makes its run, because that plugin may never POST it.
const SESSION_PREFIX: &str = "ses_";
/// Another name that a body may have for `agentId`.
const ALIAS: &str = "agent";

/// The runs of this database.
#[derive(Clone)]
pub struct Runs {
    db: Db,
    clock: Clock,
    refusals: Refusals,
    scope: Scope,
}

impl Runs {
    pub(crate) fn new(db: Db, clock: Clock, refusals: Refusals) -> Runs {
        Runs { db, clock, refusals, scope: Scope::default() }
    }

    /// The same, for a call of this reach.
    #[must_use]
    pub fn within(&self, scope: Scope) -> Runs {
        Runs { scope, ..self.clone() }
    }

    /// The runs that match, by the time they were made.
    pub async fn list(&self, filter: RunFilter) -> Result<Listing> {
        self.db.read(move |conn| Ok(table::list(conn, &filter)?)).await
    }

    /// How many of the runs that match have which status, agent and project.
    pub async fn facets(&self, filter: RunFilter) -> Result<RunFacets> {
        self.db.read(move |conn| Ok(table::facets(conn, &filter)?)).await
    }

    /// One run, by its id or else the newest with that `sessionId`.
    pub async fn get(&self, id: String) -> Result<Document> {
        let run = self.db.read(move |conn| found(table::find_document(conn, &id)?, Noun::Run, &id)).await?;
        self.scope.check_document(&run)?;
        Ok(run)
    }

    /// Makes a run, or answers with the one that has this id.
    pub async fn create(&self, mut body: Map) -> Result<Stored> {
        self.scope.claim_agent(&mut body, ALIAS)?;
        let scope = self.scope.clone();
        let id = Run::id_of(&body)?.unwrap_or_else(|| new_id("run-"));
        let prepared = Run::create(body, id.clone(), self.clock.now());
        self.db
            .write(Durability::Batched, move |tx| {
                if let Some(known) = table::find_exact(tx, &id)? {
                    scope.check_document(&known)?;
                    return Ok(Stored::known(id, known));
                }
                let mut run = prepared?;
                scope.claim_project(&mut run.project_id)?;
                run.updated_at = tx.stamp();
                Ok::<_, Error>(Stored::made(id, table::insert(tx, &run)?))
            })
            .await
    }

    /// Changes some fields of a run, unless the caller saw an older version.
    pub async fn update(&self, id: String, mut patch: Map) -> Result<Stored> {
        let seen = take_seen(&mut patch)?;
        self.scope.claim_agent(&mut patch, ALIAS)?;
        let scope = self.scope.clone();
        let now = self.clock.now();
        let refusals = self.refusals.clone();
        self.db
            .write(Durability::Batched, move |tx| {
                let Some(mut run) = table::find(tx, &id)? else {
                    // Who saw a version of it means a run that was there.
                    if seen.is_some() || !makes_a_run(&id, &patch) {
                        return Err(Error::not_found(Noun::Run, id));
                    }
                    let mut run = Run::from_session_patch(&id, patch, now)?;
                    scope.claim_project(&mut run.project_id)?;
                    run.updated_at = tx.stamp();
                    return Ok(Stored::made(id, table::insert(tx, &run)?));
                };
                scope.check_project(run.project_id.as_deref())?;
                scope.check_agent(run.agent_id.as_ref())?;
                let is_fresh = check_seen(seen.as_ref(), run.updated_at, || run.to_document());
                if let Some(project_id) = &run.project_id {
                    refusals.note(project_id, run.agent_id.as_deref(), &is_fresh);
                }
                is_fresh?;
                run.patch(patch)?;
                scope.check_project(run.project_id.as_deref())?;
                run.updated_at = tx.stamp_after(run.updated_at);
                let document = table::update(tx, &run)?;
                Ok(Stored::known(run.id, document))
            })
            .await
    }
}

fn makes_a_run(id: &str, patch: &Map) -> bool {
    id.starts_with(SESSION_PREFIX) && !matches!(patch.get("status"), None | Some(Value::Null))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{app, body, field};

    #[tokio::test]
    async fn a_repeated_run_is_the_stored_one_even_when_the_repeat_is_nonsense() {
        let app = app().await;
        let first = app.runs.create(body(json!({ "id": "r1", "title": "one" }))).await.unwrap();
        let again =
            app.runs.create(body(json!({ "id": "r1", "title": 7, "status": "no such" }))).await.unwrap();
        assert!(first.created && !again.created);
        assert_eq!(again.document.as_str(), first.document.as_str());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_thirty_two_posts_of_one_run_exactly_one_makes_it() {
        let app = app().await;
        let tries: Vec<_> = (0..32)
            .map(|_| {
                let runs = app.runs.clone();
                tokio::spawn(async move { runs.create(body(json!({ "sessionId": "ses_1" }))).await.unwrap() })
            })
            .collect();
        let mut made = 0;
        for attempt in tries {
            let stored = attempt.await.unwrap();
            assert_eq!(stored.id, "ses_1");
            made += usize::from(stored.created);
        }
        assert_eq!(made, 1);
    }

    #[tokio::test]
    async fn a_session_that_was_never_announced_gets_its_run_from_its_first_status() {
        let app = app().await;
        let patch = json!({ "status": "completed", "finishedAt": "2026-02-11T14:31:00Z" });
        let made = app.runs.update("ses_9".into(), body(patch.clone())).await.unwrap();
        assert!(made.created);
        assert_eq!(field(&made.document, "sessionId"), json!("ses_9"));
        assert_eq!(field(&made.document, "source"), json!("opencode"));
        assert_eq!(field(&made.document, "projectId"), Value::Null);
        let again = app.runs.update("ses_9".into(), body(patch)).await.unwrap();
        assert!(!again.created);
    }

    #[tokio::test]
    async fn every_other_unknown_run_is_not_found() {
        let app = app().await;
        let unknown = [
            ("r9", json!({ "status": "completed" })),
            ("ses_9", json!({})),
            ("ses_9", json!({ "status": null })),
            ("ses_9", json!({ "status": "completed", "ifUpdatedAt": "2026-02-11T14:31:00Z" })),
        ];
        for (id, patch) in unknown {
            let answer = app.runs.update(id.into(), body(patch.clone())).await;
            assert!(matches!(answer, Err(Error::NotFound { .. })), "{id} {patch}");
        }
        let bad = app.runs.update("ses_9".into(), body(json!({ "status": "no such" }))).await;
        assert!(matches!(bad, Err(Error::Invalid(_))));
        assert!(app.runs.get("ses_9".into()).await.is_err(), "a refused patch makes no run");
    }

    #[tokio::test]
    async fn a_run_is_found_by_its_session_and_a_stale_patch_is_refused() {
        let app = app().await;
        app.runs.create(body(json!({ "id": "r1", "sessionId": "s1" }))).await.unwrap();
        let run = app.runs.get("s1".into()).await.unwrap();
        let patch = json!({ "status": "success", "ifUpdatedAt": field(&run, "updatedAt") });
        let done = app.runs.update("s1".into(), body(patch.clone())).await.unwrap();
        assert_eq!((done.id.as_str(), done.created), ("r1", false));
        assert_eq!(field(&done.document, "status"), json!("completed"));
        assert!(matches!(app.runs.update("r1".into(), body(patch)).await, Err(Error::Conflict { .. })));
    }
}
