//! Actions: what agents do to projects. Each is one event and at most one change, both or neither, and one id counts once.
//! Proposals are only kept: a person decides.

use pilotdeck_domain::{
    Action, ActionCall, ActionItem, ActionRequest, Document, Event, Invalid, Map, Project, Proposal, Right,
    Timestamp, Value, new_id, parse_request,
};
use pilotdeck_storage::{Db, Durability, WriteTx, events, projects, runs};

use crate::error::{Error, Noun, Result};
use crate::refusals::Refusals;
use crate::scope::Scope;
use crate::stored::{Stored, check_seen, found, own_failure};

/// Another name that a body may have for `agentId`.
const ALIAS: &str = "proposedBy";

/// Actions on the projects of this database.
#[derive(Clone)]
pub struct Actions {
    db: Db,
    refusals: Refusals,
    scope: Scope,
}

/// The answer to each form of request (contract §8).
#[derive(Debug)]
pub enum ActionAnswer {
    /// To `{actions: […]}`.
    List(ActionsDone),
    /// To one action: one result.
    Flat(ActionsDone),
    /// To a proposal: its event.
    Proposal(Stored),
}

/// What became of the actions of one request.
#[derive(Debug)]
pub struct ActionsDone {
    /// One per action, in order.
    pub results: Vec<ActionResult>,
    /// Whether a project was changed.
    pub changed: bool,
    /// The last change to projects.
    pub last_updated: Option<Timestamp>,
}

/// What became of one action.
#[derive(Debug)]
pub struct ActionResult {
    /// Its id, as sent or made; none when it was sent without one and is refused as invalid.
    pub id: Option<String>,
    /// The project it named; of a known action, the project it was done to.
    pub project_id: Option<String>,
    /// The action as sent.
    pub sent: Value,
    /// Done or known, or why it was not done.
    pub outcome: Result<ActionDone>,
}

impl ActionResult {
    /// Whether a project was changed.
    pub fn changed(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|done| done.changed)
    }
}

/// An action that is in the timeline.
#[derive(Clone, Debug)]
pub struct ActionDone {
    /// False: an event with this id was there before, and nothing was done now.
    pub created: bool,
    /// Whether the project was changed.
    pub changed: bool,
    /// The project as it is now; none if a known action's project is gone.
    pub project: Option<Document>,
    /// The event of the action.
    pub event: Document,
}

impl Actions {
    pub(crate) fn new(db: Db, refusals: Refusals) -> Actions {
        Actions { db, refusals, scope: Scope::default() }
    }

    /// The same, for a call of this reach.
    #[must_use]
    pub fn within(&self, scope: Scope) -> Actions {
        Actions { scope, ..self.clone() }
    }

    /// Does what the body asks for, in whichever of the three forms it asks. All actions of a list share one transaction;
    /// each fails alone, and later ones see earlier ones.
    pub async fn apply(&self, mut body: Map) -> Result<ActionAnswer> {
        self.scope.claim_agent(&mut body, ALIAS)?;
        let request = parse_request(body)?;
        // The one right that no route can tell: a proposal changes nothing.
        let is_proposal = matches!(request, ActionRequest::Proposal(_));
        self.scope.check_right(if is_proposal { Right::Report } else { Right::Projects })?;
        match request {
            ActionRequest::List(items) => Ok(ActionAnswer::List(self.perform_all(items).await?)),
            ActionRequest::Flat(item) => Ok(ActionAnswer::Flat(self.perform_all(vec![item]).await?)),
            ActionRequest::Proposal(proposal) => Ok(ActionAnswer::Proposal(self.keep(proposal).await?)),
        }
    }

    async fn perform_all(&self, items: Vec<ActionItem>) -> Result<ActionsDone> {
        let touches_projects = items.iter().any(|item| item.call.as_ref().is_ok_and(may_change_project));
        let durability = if touches_projects { Durability::Flushed } else { Durability::Batched };
        let (refusals, scope) = (self.refusals.clone(), self.scope.clone());
        self.db
            .write(durability, move |tx| {
                let mut results = Vec::with_capacity(items.len());
                for item in items {
                    let agent_id = item.agent_id.clone();
                    let result = perform(tx, item, &scope)?;
                    let project_id = result.project_id.as_deref().unwrap_or_default();
                    refusals.note(project_id, agent_id.as_deref(), &result.outcome);
                    results.push(result);
                }
                let changed = results.iter().any(ActionResult::changed);
                Ok::<_, Error>(ActionsDone { results, changed, last_updated: projects::last_updated(tx)? })
            })
            .await
    }

    async fn keep(&self, proposal: Proposal) -> Result<Stored> {
        let scope = self.scope.clone();
        self.db
            .write(Durability::Batched, move |tx| {
                let id = proposal.id.clone().unwrap_or_else(|| new_id("act-"));
                if let Some(known) = events::find_document(tx, &id)? {
                    scope.check_document(&known)?;
                    return Ok(Stored::known(id, known));
                }
                let project_of_run = match &proposal.run_id {
                    Some(run_id) => runs::find_project_id(tx, run_id)?,
                    None => None,
                };
                let mut event = Event::of_proposal(proposal, id.clone(), project_of_run, tx.stamp());
                scope.check_run(tx, event.run_id.as_deref())?;
                scope.claim_project(&mut event.project_id)?;
                Ok::<_, Error>(Stored::made(id, events::insert(tx, &event)?))
            })
            .await
    }
}

fn may_change_project(call: &ActionCall) -> bool {
    !call.record_only && !matches!(call.action, Action::AppendNote { into_notes: false, .. })
}

/// One action: known by its id, or else checked and done.
fn perform(tx: &mut WriteTx<'_>, item: ActionItem, scope: &Scope) -> Result<ActionResult> {
    let id = item.id.clone().unwrap_or_else(|| new_id("act-"));
    if let Some(event) = events::find_document(tx, &id)? {
        if let Err(refused) = scope.check_document(&event) {
            let (project_id, sent) = (item.project_id, item.raw);
            return Ok(ActionResult { id: Some(id), project_id, sent, outcome: Err(refused) });
        }
        let project_id = text_of(&event, "projectId");
        let project = match &project_id {
            Some(project_id) => projects::find_document(tx, project_id)?,
            None => None,
        };
        let done = ActionDone { created: false, changed: false, project, event };
        return Ok(ActionResult { id: Some(id), project_id, sent: item.raw, outcome: Ok(done) });
    }
    let outcome = own_failure(perform_new(tx, &id, &item, scope))?;
    let id = if matches!(outcome, Err(Error::Invalid(_))) { item.id } else { Some(id) };
    Ok(ActionResult { id, project_id: item.project_id, sent: item.raw, outcome })
}

/// The checks in the order of the contract, then the change and its event. Nothing is written before the last check.
fn perform_new(tx: &mut WriteTx<'_>, id: &str, item: &ActionItem, scope: &Scope) -> Result<ActionDone> {
    let Some(project_id) = &item.project_id else {
        return Err(refusal(item).unwrap_or_else(|| Invalid::missing("projectId")).into());
    };
    scope.check_project(Some(project_id))?;
    scope.check_agent(item.agent_id.as_ref())?;
    scope.check_run(tx, item.run_id.as_deref())?;
    let stored = found(projects::find_document(tx, project_id)?, Noun::Project, project_id)?;
    let project = Project::from_document(stored.to_map());
    check_seen(item.seen.as_ref(), project.updated_at, || stored.clone())?;
    let call = item.call.as_ref().map_err(Invalid::clone)?;
    let now = tx.stamp_after(project.updated_at);
    let mut effect = call.effect(&project, now)?;
    let project = if effect.changed {
        effect.project.updated_at = now;
        projects::update(tx, &effect.project)?
    } else {
        stored
    };
    let event = Event::of_action(id.to_owned(), item, call, &effect, effect.project.updated_at, tx.stamp());
    let event = events::insert(tx, &event)?;
    Ok(ActionDone { created: true, changed: effect.changed, project: Some(project), event })
}

fn refusal(item: &ActionItem) -> Option<Invalid> {
    item.call.as_ref().err().cloned()
}

fn text_of(document: &Document, name: &str) -> Option<String> {
    document.to_map().get(name).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use pilotdeck_domain::EventFilter;
    use serde_json::json;

    use super::*;
    use crate::testing::{TestApp, app, body, field};

    async fn app_with_project() -> TestApp {
        let app = app().await;
        app.projects.create(body(json!({ "id": "p1", "name": "Apollo", "progress": 10 }))).await.unwrap();
        app
    }

    async fn list(app: &TestApp, request: Value) -> Vec<ActionResult> {
        match app.actions.apply(body(request)).await.unwrap() {
            ActionAnswer::List(done) => {
                assert_eq!(done.changed, done.results.iter().any(ActionResult::changed));
                done.results
            }
            other => panic!("{other:?}"),
        }
    }

    async fn flat(app: &TestApp, request: Value) -> ActionResult {
        match app.actions.apply(body(request)).await.unwrap() {
            ActionAnswer::Flat(mut done) => done.results.remove(0),
            other => panic!("{other:?}"),
        }
    }

    async fn progress(app: &TestApp) -> Value {
        field(&app.projects.get("p1".into()).await.unwrap(), "progress")
    }

    async fn event_count(app: &TestApp) -> usize {
        app.events.list(EventFilter::from_query(&[]).unwrap()).await.unwrap().documents.len()
    }

    #[tokio::test]
    async fn bumping_the_progress_twice_under_one_id_counts_once() {
        let app = app_with_project().await;
        let bump =
            json!({ "id": "a1", "projectId": "p1", "action": "bump_progress", "params": { "delta": 10 } });
        let first = flat(&app, bump.clone()).await.outcome.unwrap();
        assert!(first.created && first.changed);
        let again = flat(&app, bump).await.outcome.unwrap();
        assert!(!again.created && !again.changed);
        assert_eq!(again.event.as_str(), first.event.as_str());
        assert_eq!(progress(&app).await, json!(20));
        assert_eq!(event_count(&app).await, 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn under_thirty_two_callers_one_id_counts_once_and_thirty_two_ids_all_count() {
        let app = app_with_project().await;
        let bump = |id: String| {
            let actions = app.actions.clone();
            let request =
                json!({ "id": id, "projectId": "p1", "action": "bump_progress", "params": { "delta": 1 } });
            tokio::spawn(async move { actions.apply(body(request)).await.unwrap() })
        };
        for attempt in (0..32).map(|_| bump("same".into())).collect::<Vec<_>>() {
            attempt.await.unwrap();
        }
        assert_eq!(progress(&app).await, json!(11));
        for attempt in (0..32).map(|number| bump(format!("own-{number}"))).collect::<Vec<_>>() {
            attempt.await.unwrap();
        }
        assert_eq!(progress(&app).await, json!(43));
        assert_eq!(event_count(&app).await, 33);
    }

    #[tokio::test]
    async fn an_action_of_a_list_fails_alone_and_leaves_no_event() {
        let app = app_with_project().await;
        let results = list(
            &app,
            json!({ "projectId": "p1", "agentId": "a", "actions": [
                { "id": "x1", "type": "set_status", "params": { "status": "bogus" } },
                { "id": "x2", "type": "add_tag", "params": { "tag": "q" }, "ifUpdatedAt": "old" },
                { "id": "x3", "projectId": "nope", "type": "add_tag", "params": { "tag": "q" } },
                7,
                { "type": "no_such" },
                { "id": "x6", "type": "add_tag", "params": { "tag": " q " } },
                { "id": "x6", "type": "add_tag", "params": { "tag": "other" } },
            ]}),
        )
        .await;
        let told: Vec<String> = results
            .iter()
            .map(|result| match &result.outcome {
                Ok(done) => format!("{:?} created {} changed {}", result.id, done.created, done.changed),
                Err(Error::Invalid(invalid)) => format!("{:?} invalid {:?}", result.id, invalid.field),
                Err(error) => format!("{:?} {error}", result.id),
            })
            .collect();
        assert_eq!(
            told,
            [
                r#"Some("x1") invalid Some("params.status")"#,
                r#"Some("x2") Conflict: updatedAt mismatch"#,
                r#"Some("x3") Project not found: nope"#,
                "None invalid None",
                r#"None invalid Some("type")"#,
                r#"Some("x6") created true changed true"#,
                r#"Some("x6") created false changed false"#,
            ]
        );
        assert_eq!(results[3].sent, json!(7));
        assert_eq!(event_count(&app).await, 1);
        let project = app.projects.get("p1".into()).await.unwrap();
        assert_eq!(field(&project, "tags"), json!(["q"]));
    }

    #[tokio::test]
    async fn an_action_tells_in_its_event_what_it_changed() {
        let app = app_with_project().await;
        let done = flat(&app, json!({
            "projectId": "p1", "runId": "r1", "agentId": "claude", "action": "set_progress", "params": { "progress": "250" },
        }))
        .await;
        assert!(done.id.as_ref().is_some_and(|id| id.starts_with("act-")));
        let done = done.outcome.unwrap();
        let project = done.project.unwrap();
        assert_eq!(field(&project, "progress"), json!(100));
        let data = field(&done.event, "data");
        assert_eq!((&data["before"]["progress"], &data["after"]["progress"]), (&json!(10), &json!(100)));
        assert_eq!(data["projectUpdatedAt"], field(&project, "updatedAt"));
        assert_eq!(field(&done.event, "type"), json!("action.set_progress"));
        assert_eq!(field(&done.event, "runId"), json!("r1"));
    }

    #[tokio::test]
    async fn record_only_and_no_change_write_the_event_alone() {
        let app = app_with_project().await;
        let before = app.projects.get("p1".into()).await.unwrap();
        let results = list(
            &app,
            json!({ "projectId": "p1", "actions": [
                { "type": "set_progress", "params": { "progress": 50 }, "recordOnly": true },
                { "type": "set_progress", "params": { "progress": 10 } },
                { "type": "append_note", "params": { "note": "seen" } },
            ]}),
        )
        .await;
        assert!(results.iter().all(|result| !result.changed() && result.outcome.is_ok()));
        let recorded = results[0].outcome.as_ref().unwrap();
        assert_eq!(field(&recorded.event, "data")["after"]["progress"], json!(50));
        assert_eq!(app.projects.get("p1".into()).await.unwrap().as_str(), before.as_str());
        assert_eq!(event_count(&app).await, 3);
    }

    #[tokio::test]
    async fn a_note_goes_to_the_project_by_default_in_the_flat_form_only() {
        let app = app_with_project().await;
        let note = json!({ "projectId": "p1", "agentId": "claude", "action": "append_note", "params": { "note": "done" } });
        assert!(flat(&app, note).await.changed());
        let project = app.projects.get("p1".into()).await.unwrap();
        assert_eq!(field(&project, "notes"), json!("[2026-02-11 14:30] (claude) done"));
    }

    #[tokio::test]
    async fn a_known_action_whose_project_is_gone_is_still_known() {
        let app = app_with_project().await;
        let action = json!({ "id": "a1", "projectId": "p1", "action": "add_tag", "params": { "tag": "x" } });
        flat(&app, action.clone()).await.outcome.unwrap();
        app.projects.delete("p1".into()).await.unwrap();
        let again = flat(&app, action).await;
        assert_eq!(again.project_id.as_deref(), Some("p1"));
        assert!(again.outcome.unwrap().project.is_none());
    }

    #[tokio::test]
    async fn a_proposal_is_kept_once_and_touches_no_project() {
        let app = app_with_project().await;
        app.runs.create(body(json!({ "sessionId": "ses_1", "projectId": "p1" }))).await.unwrap();
        let before = app.projects.get("p1".into()).await.unwrap();
        let proposal = json!({
            "runId": "ses_1", "type": "update_status", "payload": { "status": "completed" }, "rationale": "all done",
            "status": "pending_review", "proposedBy": "build", "idempotencyKey": "ses_1:update_status:all done:01",
        });
        let mut kept = Vec::new();
        for _ in 0..2 {
            match app.actions.apply(body(proposal.clone())).await.unwrap() {
                ActionAnswer::Proposal(stored) => kept.push(stored),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((kept[0].created, kept[1].created), (true, false));
        assert_eq!(field(&kept[0].document, "projectId"), json!("p1"));
        assert_eq!(field(&kept[0].document, "type"), json!("proposal.update_status"));
        assert_eq!(app.projects.get("p1".into()).await.unwrap().as_str(), before.as_str());
    }
}
