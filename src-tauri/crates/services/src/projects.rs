//! Projects: the only records that people and agents both change, so every change checks what its caller saw.

use pilotdeck_domain::{
    Document, Invalid, Map, Project, ProjectFilter, Seen, Timestamp, Value, client_id, new_id,
};
use pilotdeck_storage::{Db, Durability, WriteTx, projects as table};

use crate::clock::Clock;
use crate::error::{Error, Noun, Result};
use crate::refusals::Refusals;
use crate::scope::Scope;
use crate::stored::{check_seen, found, item_object, own_failure, take_items, take_seen};

/// The projects of this database.
#[derive(Clone)]
pub struct Projects {
    db: Db,
    clock: Clock,
    refusals: Refusals,
    scope: Scope,
}

/// A page of projects, with the time of the last change to any of them.
#[derive(Clone, Debug)]
pub struct ProjectList {
    /// The projects, in manual order.
    pub documents: Vec<Document>,
    /// How many match, on all pages.
    pub total: u64,
    /// The last change to projects or their order; none before the first.
    pub last_updated: Option<Timestamp>,
    /// Where the next page begins; none at the end.
    pub next_cursor: Option<String>,
}

/// What became of a batch of patches.
#[derive(Debug)]
pub struct Batch {
    /// One per op, in order.
    pub results: Vec<BatchResult>,
    /// Whether one op at least wrote.
    pub changed: bool,
    /// The last change to projects.
    pub last_updated: Option<Timestamp>,
}

/// What became of one op.
#[derive(Debug)]
pub struct BatchResult {
    /// `opId` as sent.
    pub op_id: Option<Value>,
    /// `id` as sent.
    pub id: Option<Value>,
    /// The project after it, or why it was not changed.
    pub outcome: Result<Document>,
}

/// An op that is well-formed; whether it fits the project is known only inside the write.
struct Patch {
    id: String,
    patch: Map,
    seen: Option<Seen>,
}

impl Projects {
    pub(crate) fn new(db: Db, clock: Clock, refusals: Refusals) -> Projects {
        Projects { db, clock, refusals, scope: Scope::default() }
    }

    /// The same, for a call of this reach.
    #[must_use]
    pub fn within(&self, scope: Scope) -> Projects {
        Projects { scope, ..self.clone() }
    }

    /// The projects that match, in manual order.
    pub async fn list(&self, filter: ProjectFilter) -> Result<ProjectList> {
        self.db
            .read(move |conn| {
                let page = table::list(conn, &filter)?;
                Ok(ProjectList {
                    documents: page.documents,
                    total: page.total,
                    last_updated: table::last_updated(conn)?,
                    next_cursor: page.next_cursor,
                })
            })
            .await
    }

    /// One project.
    pub async fn get(&self, id: String) -> Result<Document> {
        self.db.read(move |conn| found(table::find_document(conn, &id)?, Noun::Project, &id)).await
    }

    /// Makes a project, last in the manual order. A taken id is an error: this is the one create that is not idempotent.
    pub async fn create(&self, body: Map) -> Result<Document> {
        let asked = client_id(&body, "id")?;
        let id = asked.unwrap_or_else(|| new_id("proj-"));
        let prepared = Project::create(body, id.clone(), self.clock.now());
        self.db
            .write(Durability::Flushed, move |tx| {
                if let Some(current) = table::find_document(tx, &id)? {
                    return Err(Error::AlreadyExists { kind: Noun::Project, id, current });
                }
                let mut project = prepared?;
                project.updated_at = tx.stamp();
                Ok(table::insert(tx, &project)?)
            })
            .await
    }

    /// Changes some fields, unless the caller saw an older version.
    pub async fn update(&self, id: String, mut patch: Map) -> Result<Document> {
        let seen = take_seen(&mut patch)?;
        let op = Patch { id: id.clone(), patch, seen };
        let outcome = self.db.write(Durability::Flushed, move |tx| apply(tx, op)).await;
        self.refusals.note(&id, None, &outcome);
        outcome
    }

    /// Deletes a project; its runs stay, without a project.
    pub async fn delete(&self, id: String) -> Result<()> {
        self.db
            .write(Durability::Flushed, move |tx| {
                if table::delete(tx, &id)? { Ok(()) } else { Err(Error::not_found(Noun::Project, id)) }
            })
            .await
    }

    /// Puts the listed projects first, in that order; unknown and repeated ids are ignored.
    pub async fn reorder(&self, body: Map) -> Result<ProjectList> {
        let ids = ids_of(body)?;
        self.db.write(Durability::Flushed, move |tx| Ok::<_, Error>(table::reorder(tx, &ids)?)).await?;
        self.list(ProjectFilter::default()).await
    }

    /// Applies many patches in one transaction. Each fails alone; later ones see earlier ones.
    pub async fn batch(&self, mut body: Map) -> Result<Batch> {
        let ops: Vec<_> = take_items(&mut body, "ops")?.into_iter().map(parse_op).collect();
        let (refusals, scope) = (self.refusals.clone(), self.scope.clone());
        self.db
            .write(Durability::Flushed, move |tx| {
                let mut results = Vec::with_capacity(ops.len());
                for Op { op_id, id, patch } in ops {
                    let outcome = match patch {
                        Ok(patch) => {
                            let within = scope.check_project(Some(&patch.id));
                            own_failure(within.and_then(|()| apply(tx, patch)))?
                        }
                        Err(invalid) => Err(invalid.into()),
                    };
                    refusals.note(id.as_ref().and_then(Value::as_str).unwrap_or_default(), None, &outcome);
                    results.push(BatchResult { op_id, id, outcome });
                }
                let changed = results.iter().any(|result| result.outcome.is_ok());
                Ok::<_, Error>(Batch { results, changed, last_updated: table::last_updated(tx)? })
            })
            .await
    }
}

/// Checks and writes one patch; every check comes before the first write, so a refusal leaves nothing behind.
fn apply(tx: &mut WriteTx<'_>, op: Patch) -> Result<Document> {
    let mut project = found(table::find(tx, &op.id)?, Noun::Project, &op.id)?;
    check_seen(op.seen.as_ref(), project.updated_at, || project.to_document())?;
    project.patch(op.patch)?;
    project.updated_at = tx.stamp_after(project.updated_at);
    Ok(table::update(tx, &project)?)
}

/// One entry of `ops` as sent, and the patch in it if it is one.
struct Op {
    op_id: Option<Value>,
    id: Option<Value>,
    patch: Result<Patch, Invalid>,
}

fn parse_op(item: Value) -> Op {
    let mut item = match item_object(item) {
        Ok(item) => item,
        Err(invalid) => return Op { op_id: None, id: None, patch: Err(invalid) },
    };
    let op_id = item.remove("opId");
    let id = item.get("id").cloned();
    Op { op_id, id, patch: parse_patch(item) }
}

fn parse_patch(mut op: Map) -> Result<Patch, Invalid> {
    let id = client_id(&op, "id")?.ok_or_else(|| Invalid::missing("id"))?;
    let patch = match op.remove("patch") {
        Some(Value::Object(mut patch)) => {
            patch.shift_remove("ifUpdatedAt"); // Counts only beside `patch`.
            patch
        }
        Some(_) => return Err(Invalid::field("patch", "patch must be an object")),
        None => return Err(Invalid::missing("patch")),
    };
    Ok(Patch { id, patch, seen: Seen::take(&mut op)? })
}

fn ids_of(mut body: Map) -> Result<Vec<String>, Invalid> {
    let Some(ids) = body.remove("ids") else { return Err(Invalid::missing("ids")) };
    let Value::Array(ids) = ids else { return Err(Invalid::field("ids", "ids must be a list of texts")) };
    let text = |(place, id)| match id {
        Value::String(id) => Ok(id),
        _ => Err(Invalid::field(format!("ids[{place}]"), format!("ids[{place}] must be a text"))),
    };
    ids.into_iter().enumerate().map(text).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{TestApp, app, body, field};

    async fn app_with(id: &str) -> (TestApp, Document) {
        let app = app().await;
        let project = app.projects.create(body(json!({ "id": id, "name": "Apollo" }))).await.unwrap();
        (app, project)
    }

    #[tokio::test]
    async fn a_patch_moves_updated_at_even_when_the_clock_stands_still() {
        let (app, project) = app_with("p1").await;
        let first = app.projects.update("p1".into(), Map::new()).await.unwrap();
        let second = app.projects.update("p1".into(), Map::new()).await.unwrap();
        let stamps = [&project, &first, &second].map(|document| field(document, "updatedAt").to_string());
        assert!(stamps[0] < stamps[1] && stamps[1] < stamps[2], "{stamps:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_thirty_two_writers_with_one_stamp_exactly_one_wins() {
        let (app, project) = app_with("p1").await;
        let stamp = field(&project, "updatedAt");
        let tries = (0..32).map(|number| {
            let patch = body(json!({ "progress": number, "ifUpdatedAt": stamp }));
            let projects = app.projects.clone();
            tokio::spawn(async move { projects.update("p1".into(), patch).await })
        });
        let mut won = Vec::new();
        for attempt in tries.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                Ok(document) => won.push(document),
                Err(Error::Conflict { expected, current, .. }) => {
                    assert_eq!(Value::from(expected), stamp);
                    assert_ne!(
                        field(&current, "updatedAt"),
                        stamp,
                        "the loser is shown the winner's version"
                    );
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(won.len(), 1);
        assert_eq!(app.projects.get("p1".into()).await.unwrap().as_str(), won[0].as_str());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_thirty_two_creates_of_one_id_exactly_one_makes_it() {
        let app = app().await;
        let tries = (0..32).map(|number| {
            let project = body(json!({ "id": "p1", "name": format!("try {number}") }));
            let projects = app.projects.clone();
            tokio::spawn(async move { projects.create(project).await })
        });
        let mut made = Vec::new();
        for attempt in tries.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                Ok(document) => made.push(document),
                Err(Error::AlreadyExists { id, .. }) => assert_eq!(id, "p1"),
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(made.len(), 1);
        assert_eq!(app.projects.get("p1".into()).await.unwrap().as_str(), made[0].as_str());
    }

    #[tokio::test]
    async fn an_op_of_a_batch_fails_alone_and_later_ops_see_earlier_ones() {
        let (app, project) = app_with("p1").await;
        let stamp = field(&project, "updatedAt");
        let ops = json!({ "ops": [
            { "opId": "a", "id": "p1", "patch": { "progress": 10, "ifUpdatedAt": "never" }, "ifUpdatedAt": stamp },
            { "opId": "b", "id": "p1", "patch": { "progress": 20 }, "ifUpdatedAt": stamp },
            { "opId": "c", "id": "p1", "patch": { "progress": true } },
            { "opId": 4, "id": "nope", "patch": {} },
            { "opId": "e", "id": "p1", "patch": { "notes": "last" } },
            { "id": "p1" },
            { "patch": {} },
            7,
        ]});
        let batch = app.projects.batch(body(ops)).await.unwrap();
        assert!(batch.changed);
        let outcomes: Vec<String> = batch
            .results
            .iter()
            .map(|result| match &result.outcome {
                Ok(document) => format!("progress {}", field(document, "progress")),
                Err(error) => error.to_string(),
            })
            .collect();
        assert_eq!(outcomes[0], "progress 10");
        assert_eq!(outcomes[1], "Conflict: updatedAt mismatch", "the op before moved the stamp");
        assert!(outcomes[2].contains("progress"), "{outcomes:?}");
        assert_eq!(outcomes[3], "Project not found: nope");
        assert_eq!(outcomes[4], "progress 10");
        assert_eq!(&outcomes[5..7], ["patch is required", "id is required"]);
        assert_eq!(batch.results[3].op_id, Some(json!(4)), "an opId comes back as sent");
        let stored = app.projects.get("p1".into()).await.unwrap();
        assert_eq!(field(&stored, "notes"), json!("last"));
        assert!(!stored.to_map().contains_key("ifUpdatedAt"));
        assert_eq!(batch.last_updated.map(|time| json!(time)), Some(field(&stored, "updatedAt")));
    }

    #[tokio::test]
    async fn a_batch_in_which_every_op_fails_changes_nothing() {
        let (app, project) = app_with("p1").await;
        let batch = app.projects.batch(body(json!({ "ops": [{ "id": "x", "patch": {} }] }))).await.unwrap();
        assert!(!batch.changed);
        assert_eq!(batch.last_updated.map(|time| json!(time)), Some(field(&project, "updatedAt")));
        for refused in [json!({}), json!({ "ops": {} }), json!({ "ops": vec![json!({}); 1_001] })] {
            assert!(matches!(app.projects.batch(body(refused)).await, Err(Error::Invalid(_))));
        }
    }

    #[tokio::test]
    async fn reordering_moves_the_list_but_no_project() {
        let app = app().await;
        for id in ["a", "b", "c"] {
            app.projects.create(body(json!({ "id": id, "name": id }))).await.unwrap();
        }
        let before = app.projects.list(ProjectFilter::default()).await.unwrap();
        let after = app.projects.reorder(body(json!({ "ids": ["c", "nope", "a", "c"] }))).await.unwrap();
        let ids: Vec<Value> = after.documents.iter().map(|document| field(document, "id")).collect();
        assert_eq!(ids, ["c", "a", "b"]);
        assert_eq!(after.documents[1].as_str(), before.documents[0].as_str());
        assert!(after.last_updated > before.last_updated);
        for refused in [json!({}), json!({ "ids": "a" }), json!({ "ids": [["a"]] })] {
            assert!(matches!(app.projects.reorder(body(refused)).await, Err(Error::Invalid(_))));
        }
    }

    #[tokio::test]
    async fn a_deleted_project_is_gone_and_its_runs_and_events_stay() {
        let (app, _) = app_with("p1").await;
        app.runs.create(body(json!({ "id": "r1", "projectId": "p1" }))).await.unwrap();
        app.events.create(body(json!({ "id": "e1", "runId": "r1" }))).await.unwrap();
        app.projects.delete("p1".into()).await.unwrap();
        assert!(matches!(app.projects.delete("p1".into()).await, Err(Error::NotFound { .. })));
        assert_eq!(field(&app.runs.get("r1".into()).await.unwrap(), "projectId"), Value::Null);
        assert_eq!(field(&app.events.get("e1".into()).await.unwrap(), "projectId"), json!("p1"));
    }
}
