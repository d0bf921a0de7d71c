//! The timeline: events are added, never changed. Their time is the time of the commit that holds them.

use pilotdeck_domain::stats::EventFacets;
use pilotdeck_domain::{Document, Event, EventFilter, Invalid, Map, Value, new_id};
use pilotdeck_storage::{Db, Durability, Listing, WriteTx, events as table, runs};

use crate::clock::Clock;
use crate::error::{Noun, Result};
use crate::scope::Scope;
use crate::stored::{Stored, found, item_object, own_failure, take_items};

/// Another name that a body may have for `agentId`.
const ALIAS: &str = "createdBy";

/// The events of this database.
#[derive(Clone)]
pub struct Events {
    db: Db,
    clock: Clock,
    scope: Scope,
}

/// An event ready to be stored under `id`, unless that id is known.
struct Prepared {
    id: String,
    /// The id was made here a moment ago: nothing can be stored under it yet.
    fresh: bool,
    event: Result<Event, Invalid>,
}

impl Events {
    pub(crate) fn new(db: Db, clock: Clock) -> Events {
        Events { db, clock, scope: Scope::default() }
    }

    /// The same, for a call of this reach.
    #[must_use]
    pub fn within(&self, scope: Scope) -> Events {
        Events { scope, ..self.clone() }
    }

    /// The newest events that match, in the order asked for.
    pub async fn list(&self, filter: EventFilter) -> Result<Listing> {
        self.db.read(move |conn| Ok(table::list(conn, &filter)?)).await
    }

    /// What the newest events that match are like.
    pub async fn facets(&self, filter: EventFilter) -> Result<EventFacets> {
        let scope = self.scope.clone();
        self.db.read(move |conn| Ok(table::facets(conn, &filter, scope.projects())?)).await
    }

    /// One event.
    pub async fn get(&self, id: String) -> Result<Document> {
        let event =
            self.db.read(move |conn| found(table::find_document(conn, &id)?, Noun::Event, &id)).await?;
        self.scope.check_document(&event)?;
        Ok(event)
    }

    /// Adds an event, or answers with the one that has this id.
    pub async fn create(&self, body: Map) -> Result<Stored> {
        let (prepared, scope) = (self.prepare(body)?, self.scope.clone());
        self.db.write(Durability::Batched, move |tx| store(tx, prepared, &scope)).await
    }

    /// Adds the events of `{events: […]}`, all good ones in one transaction; a bad one fails alone.
    pub async fn create_many(&self, mut body: Map) -> Result<Vec<Result<Stored>>> {
        let items = take_items(&mut body, "events")?;
        if items.is_empty() {
            return Err(Invalid::field("events", "events must have at least one entry").into());
        }
        let prepared: Vec<_> = items.into_iter().map(|item| self.prepare_item(item)).collect();
        let scope = self.scope.clone();
        self.db
            .write(Durability::Batched, move |tx| {
                let mut results = Vec::with_capacity(prepared.len());
                for item in prepared {
                    let outcome = match item {
                        Ok(item) => own_failure(store(tx, item, &scope))?,
                        Err(refused) => Err(refused),
                    };
                    results.push(outcome);
                }
                Ok(results)
            })
            .await
    }

    fn prepare_item(&self, item: Value) -> Result<Prepared> {
        self.prepare(item_object(item)?)
    }

    /// Everything that needs no database. A body that breaks a rule is kept as such: if its id is known, it is never judged.
    fn prepare(&self, mut body: Map) -> Result<Prepared> {
        self.scope.claim_agent(&mut body, ALIAS)?;
        let asked = Event::id_of(&body)?;
        let fresh = asked.is_none();
        let id = asked.unwrap_or_else(|| new_id("evt-"));
        Ok(Prepared { event: Event::create(body, id.clone(), self.clock.now()), fresh, id })
    }
}

fn store(tx: &mut WriteTx<'_>, prepared: Prepared, scope: &Scope) -> Result<Stored> {
    let Prepared { id, fresh, event } = prepared;
    if !fresh && let Some(known) = table::find_document(tx, &id)? {
        scope.check_document(&known)?;
        return Ok(Stored::known(id, known));
    }
    let mut event = event?;
    if let (None, Some(run_id)) = (&event.project_id, &event.run_id) {
        event.project_id = runs::find_project_id(tx, run_id)?;
    }
    scope.check_run(tx, event.run_id.as_deref())?;
    scope.claim_project(&mut event.project_id)?;
    event.ts = tx.stamp();
    Ok(Stored::made(id, table::insert(tx, &event)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::Error;
    use crate::testing::{app, body, field};

    #[tokio::test]
    async fn an_event_without_a_project_takes_that_of_its_run() {
        let app = app().await;
        app.runs.create(body(json!({ "id": "r1", "sessionId": "s1", "projectId": "p1" }))).await.unwrap();
        let project_of =
            async |event: Value| field(&app.events.create(body(event)).await.unwrap().document, "projectId");
        assert_eq!(project_of(json!({ "runId": "r1" })).await, json!("p1"));
        assert_eq!(project_of(json!({ "runId": "s1" })).await, json!("p1"), "by its session too");
        assert_eq!(project_of(json!({ "runId": "r1", "projectId": "p2" })).await, json!("p2"));
        assert_eq!(project_of(json!({ "runId": "nope" })).await, Value::Null);
    }

    #[tokio::test]
    async fn a_known_id_is_answered_with_the_stored_event_whatever_is_sent_with_it() {
        let app = app().await;
        let first = app.events.create(body(json!({ "id": " e1 ", "title": "one" }))).await.unwrap();
        let again = app.events.create(body(json!({ "id": "e1", "title": [] }))).await.unwrap();
        assert!(first.created && !again.created);
        assert_eq!(again.document.as_str(), first.document.as_str());
        let keyed = json!({ "idempotencyKey": "s:note:x:0123", "title": "two" });
        assert!(app.events.create(body(keyed.clone())).await.unwrap().created);
        assert!(!app.events.create(body(keyed)).await.unwrap().created);
    }

    #[tokio::test]
    async fn of_many_events_the_bad_ones_fail_alone_and_the_good_ones_come_in_order() {
        let app = app().await;
        let events = json!({ "events": [
            { "id": "a" }, { "id": "b", "level": "loud" }, 7, { "id": "a", "title": "again" }, { "id": "c" },
        ]});
        let results = app.events.create_many(body(events)).await.unwrap();
        let outcomes: Vec<_> =
            results.iter().map(|result| result.as_ref().map(|stored| stored.created).ok()).collect();
        assert_eq!(outcomes, [Some(true), None, None, Some(false), Some(true)]);
        let listed = app.events.list(EventFilter::from_query(&[]).unwrap()).await.unwrap();
        let ids: Vec<_> = listed.documents.iter().map(|document| field(document, "id")).collect();
        assert_eq!(ids, ["a", "c"]);
        let times: Vec<_> =
            listed.documents.iter().map(|document| field(document, "ts").to_string()).collect();
        assert!(times[0] < times[1], "each event has a time of its own");
        for refused in
            [json!({ "events": [] }), json!({ "events": "a" }), json!({ "events": vec![json!({}); 1_001] })]
        {
            assert!(matches!(app.events.create_many(body(refused)).await, Err(Error::Invalid(_))));
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_reader_never_sees_half_of_many_events() {
        let app = app().await;
        let events = app.events.clone();
        let writing = tokio::spawn(async move {
            for batch in 0..20 {
                let items: Vec<_> = (0..50).map(|_| json!({ "runId": format!("batch {batch}") })).collect();
                events.create_many(body(json!({ "events": items }))).await.unwrap();
            }
        });
        let filter = EventFilter::from_query(&[("limit".into(), "2000".into())]).unwrap();
        while !writing.is_finished() {
            let seen = app.events.list(filter.clone()).await.unwrap().documents.len();
            assert_eq!(seen % 50, 0, "{seen} events are no whole number of batches");
        }
        writing.await.unwrap();
        assert_eq!(app.events.list(filter).await.unwrap().documents.len(), 1_000);
    }
}
