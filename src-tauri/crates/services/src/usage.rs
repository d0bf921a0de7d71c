//! Usage records: what the work cost. Added, never changed; a repeated id counts once.

use pilotdeck_domain::{Cursor, Invalid, Map, UsageFilter, UsageRecord, Value, client_id, new_id};
use pilotdeck_storage::{Db, Durability, Listing, WriteTx, usage as table};

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::scope::Scope;
use crate::stored::{Stored, item_object, own_failure, take_items};

/// The usage records of this database.
#[derive(Clone)]
pub struct Usage {
    db: Db,
    clock: Clock,
    scope: Scope,
}

/// What became of the records of one request.
#[derive(Debug)]
pub struct UsageAnswer {
    /// The body was one record, not a list.
    pub single: bool,
    /// One per record, in order.
    pub results: Vec<UsageResult>,
}

/// What became of one record.
#[derive(Debug)]
pub struct UsageResult {
    /// The record as stored, or why it was refused.
    pub outcome: Result<Stored>,
    /// The record as sent, when it was refused.
    pub refused: Option<Value>,
}

impl UsageResult {
    fn is_new(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|stored| stored.created)
    }
}

/// How many records an export reads at once: enough to be quick, few enough to hold no reader for long.
const EXPORTED_AT_ONCE: u32 = 1_000;

/// Records on their way out, the newest first, a piece at a time, without `data` and unknown fields. What is recorded meanwhile
/// may be missing in it; nothing comes twice.
pub struct UsageExport {
    db: Db,
    filter: UsageFilter,
    /// The last record told.
    cursor: Option<Cursor>,
    is_over: bool,
    /// What to call the file.
    pub file_name: String,
}

impl UsageExport {
    /// The next records; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<UsageRecord>>> {
        if self.is_over {
            return Ok(None);
        }
        let (filter, cursor) = (self.filter.clone(), self.cursor.take());
        let (records, cursor) = self
            .db
            .read(move |conn| {
                Ok::<_, Error>(table::list_columns(conn, &filter, cursor.as_ref(), EXPORTED_AT_ONCE)?)
            })
            .await?;
        self.is_over = cursor.is_none();
        self.cursor = cursor;
        Ok(Some(records))
    }
}

/// A record ready to be stored under `id`, unless that id is known.
struct Prepared {
    id: String,
    /// The id was made here a moment ago: nothing can be stored under it yet.
    fresh: bool,
    record: Result<UsageRecord, Invalid>,
}

impl Usage {
    pub(crate) fn new(db: Db, clock: Clock) -> Usage {
        Usage { db, clock, scope: Scope::default() }
    }

    /// The same, for a call of this reach.
    #[must_use]
    pub fn within(&self, scope: Scope) -> Usage {
        Usage { scope, ..self.clone() }
    }

    /// The records that match, newest first.
    pub async fn list(&self, filter: UsageFilter) -> Result<Listing> {
        self.db.read(move |conn| Ok(table::list(conn, &filter)?)).await
    }

    /// All records that match, however many they are; the page of the filter does not count.
    pub fn export(&self, filter: UsageFilter) -> UsageExport {
        let today = self.clock.now().day().replace('-', "");
        let file_name = format!("pilotdeck-usage-{today}.csv");
        UsageExport { db: self.db.clone(), filter, cursor: None, is_over: false, file_name }
    }

    /// Adds one record, or those of `{records: […]}`: all good ones in one transaction, a bad one fails alone.
    pub async fn record(&self, mut body: Map) -> Result<UsageAnswer> {
        let single = !body.contains_key("records");
        let items = if single { vec![Value::Object(body)] } else { take_items(&mut body, "records")? };
        let prepared: Vec<_> = items.into_iter().map(|item| (item.clone(), self.prepare(item))).collect();
        let scope = self.scope.clone();
        self.db
            .write(Durability::Batched, move |tx| {
                let mut results = Vec::with_capacity(prepared.len());
                for (sent, item) in prepared {
                    let outcome = match item {
                        Ok(item) => own_failure(store(tx, item, &scope))?,
                        Err(refused) => Err(refused),
                    };
                    let refused = outcome.is_err().then_some(sent);
                    results.push(UsageResult { outcome, refused });
                }
                if results.iter().any(UsageResult::is_new) {
                    table::touch(tx)?;
                }
                Ok::<_, Error>(UsageAnswer { single, results })
            })
            .await
    }

    /// Everything that needs no database. A record that breaks a rule is kept as such: if its id is known, it is never judged.
    fn prepare(&self, item: Value) -> Result<Prepared> {
        let mut body = item_object(item)?;
        self.scope.claim_agent(&mut body, "agentId")?;
        let asked = client_id(&body, "id")?;
        let fresh = asked.is_none();
        let id = asked.unwrap_or_else(|| new_id("usage-"));
        Ok(Prepared { record: UsageRecord::create(body, id.clone(), self.clock.now()), fresh, id })
    }
}

fn store(tx: &mut WriteTx<'_>, prepared: Prepared, scope: &Scope) -> Result<Stored> {
    let Prepared { id, fresh, record } = prepared;
    if !fresh && let Some(known) = table::find_document(tx, &id)? {
        scope.check_document(&known)?;
        return Ok(Stored::known(id, known));
    }
    let mut record = record?;
    scope.check_run(tx, record.run_id.as_deref())?;
    scope.claim_project(&mut record.project_id)?;
    Ok(Stored::made(id, table::insert(tx, &record)?))
}

#[cfg(test)]
mod tests {
    use pilotdeck_domain::TokenStatsFilter;
    use serde_json::json;

    use super::*;
    use crate::testing::{app, body};

    #[tokio::test]
    async fn of_many_records_the_bad_ones_fail_alone_with_what_was_sent() {
        let app = app().await;
        let records = json!({ "records": [
            { "id": "u1", "promptTokens": 70, "completionTokens": 30, "cost": 0.02 },
            { "id": "u1" },
            { "id": "u2", "cost": 1, "model": { "a": 1 } },
            7,
        ]});
        let answer = app.usage.record(body(records)).await.unwrap();
        assert!(!answer.single);
        let outcomes: Vec<_> = answer
            .results
            .iter()
            .map(|result| result.outcome.as_ref().map(|stored| stored.created).ok())
            .collect();
        assert_eq!(outcomes, [Some(true), Some(false), None, None]);
        assert_eq!(answer.results[0].refused, None);
        assert_eq!(answer.results[3].refused, Some(json!(7)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_record_sent_by_thirty_two_callers_at_once_counts_once() {
        let app = app().await;
        let record = json!({ "id": "u1", "promptTokens": 70, "completionTokens": 30, "cost": 0.1 });
        let tries: Vec<_> = (0..32)
            .map(|_| {
                let (usage, record) = (app.usage.clone(), body(record.clone()));
                tokio::spawn(async move { usage.record(record).await.unwrap() })
            })
            .collect();
        let mut made = 0;
        for attempt in tries {
            let answer = attempt.await.unwrap();
            assert!(answer.single);
            made += usize::from(answer.results[0].outcome.as_ref().unwrap().created);
        }
        assert_eq!(made, 1);
        let from_memory = app.stats.tokens(TokenStatsFilter::default()).await.unwrap();
        assert_eq!((from_memory.totals.records, from_memory.totals.total_tokens), (1, 100));
        let since = [("since".to_owned(), "2000-01-01".to_owned())];
        let from_records = app.stats.tokens(TokenStatsFilter::from_query(&since).unwrap()).await.unwrap();
        assert_eq!(from_records, from_memory, "the sums in memory are those of the records");
    }

    #[tokio::test]
    async fn an_empty_list_is_fine_and_something_else_is_none() {
        let app = app().await;
        assert!(app.usage.record(body(json!({ "records": [] }))).await.unwrap().results.is_empty());
        for refused in [json!({ "records": { "cost": 1 } }), json!({ "records": null, "cost": 1 })] {
            assert!(matches!(app.usage.record(body(refused)).await, Err(Error::Invalid(_))));
        }
    }
}
