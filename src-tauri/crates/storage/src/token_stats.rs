//! Token sums: all records' from memory, filtered ones from the roll-up, partial hours and single runs from the records.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use pilotdeck_domain::stats::{
    AgentTokens, DayTokens, ModelTokens, ProjectTokens, SourceTokens, TokenStats, TokenSums, WorkspaceTokens,
    round_money,
};
use pilotdeck_domain::{Timestamp, TokenStatsFilter};
use rusqlite::Connection;
use rusqlite::types::Value;

use crate::query::{Where, bind};
use crate::rollups::{self, Merged, UsageKey, UsageSum};
use crate::{Error, Result};

/// Length of `YYYY-MM-DD`.
const DAY: usize = 10;

/// Sums by every key at once.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    totals: UsageSum,
    by_day: BTreeMap<String, UsageSum>,
    by_project: HashMap<String, UsageSum>,
    by_agent: HashMap<String, UsageSum>,
    by_workspace: HashMap<String, UsageSum>,
    by_model: HashMap<String, UsageSum>,
    by_source: HashMap<String, UsageSum>,
}

/// The keys of one row, borrowed.
struct Keys<'r> {
    hour: &'r str,
    project_id: &'r str,
    agent_id: &'r str,
    workspace: &'r str,
    source: &'r str,
    model: &'r str,
}

impl<'r> From<&'r UsageKey> for Keys<'r> {
    fn from(key: &'r UsageKey) -> Self {
        Self {
            hour: &key.hour,
            project_id: &key.project_id,
            agent_id: &key.agent_id,
            workspace: &key.workspace,
            source: &key.source,
            model: &key.model,
        }
    }
}

impl Sums {
    fn add(&mut self, keys: &Keys<'_>, sum: &UsageSum) {
        fn add_to(map: &mut HashMap<String, UsageSum>, key: &str, sum: &UsageSum) {
            match map.get_mut(key) {
                Some(known) => known.add(sum),
                None => {
                    map.insert(key.to_owned(), *sum);
                }
            }
        }
        self.totals.add(sum);
        let day = keys.hour.get(..DAY).unwrap_or(keys.hour);
        match self.by_day.get_mut(day) {
            Some(known) => known.add(sum),
            None => {
                self.by_day.insert(day.to_owned(), *sum);
            }
        }
        add_to(&mut self.by_project, keys.project_id, sum);
        add_to(&mut self.by_agent, keys.agent_id, sum);
        add_to(&mut self.by_workspace, keys.workspace, sum);
        add_to(&mut self.by_model, keys.model, sum);
        add_to(&mut self.by_source, keys.source, sum);
    }

    /// Adds the rows of a statement that selects hour, the five keys and the five sums, in the order of `usage_hourly`.
    fn add_rows(&mut self, conn: &Connection, sql: &str, values: &[Value]) -> Result<()> {
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query(bind(values).as_slice())?;
        while let Some(row) = rows.next()? {
            let text = |index: usize| -> Result<&str> {
                row.get_ref(index)?
                    .as_str_or_null()
                    .map(Option::unwrap_or_default)
                    .map_err(|error| Error::Corrupt(error.to_string()))
            };
            let keys = Keys {
                hour: text(0)?,
                project_id: text(1)?,
                agent_id: text(2)?,
                workspace: text(3)?,
                source: text(4)?,
                model: text(5)?,
            };
            let sum = UsageSum {
                records: row.get(6)?,
                prompt_tokens: row.get(7)?,
                completion_tokens: row.get(8)?,
                total_tokens: row.get(9)?,
                cost: row.get(10)?,
            };
            self.add(&keys, &sum);
        }
        Ok(())
    }

    fn to_stats(&self) -> TokenStats {
        TokenStats {
            totals: shown(&self.totals),
            by_day: self
                .by_day
                .iter()
                .map(|(day, sum)| DayTokens { day: day.clone(), sums: shown(sum) })
                .collect(),
            by_project: ranked(&self.by_project, "unassigned", |project_id, sums| ProjectTokens {
                project_id,
                sums,
            }),
            by_agent: ranked(&self.by_agent, "unassigned", |agent_id, sums| AgentTokens { agent_id, sums }),
            by_workspace: ranked(&self.by_workspace, "unknown", |workspace, sums| WorkspaceTokens {
                workspace,
                sums,
            }),
            by_model: ranked(&self.by_model, "unknown", |model, sums| ModelTokens { model, sums }),
            by_source: ranked(&self.by_source, "unknown", |source, sums| SourceTokens { source, sums }),
        }
    }
}

fn shown(sum: &UsageSum) -> TokenSums {
    TokenSums {
        records: sum.records,
        prompt_tokens: sum.prompt_tokens,
        completion_tokens: sum.completion_tokens,
        total_tokens: sum.total_tokens,
        cost: round_money(sum.cost),
    }
}

/// Most tokens first, then the key; the empty key under its shown name.
fn ranked<T>(
    sums: &HashMap<String, UsageSum>,
    unnamed: &str,
    row: impl Fn(String, TokenSums) -> T,
) -> Vec<T> {
    let mut rows: Vec<(&str, &UsageSum)> =
        sums.iter().map(|(key, sum)| (if key.is_empty() { unnamed } else { key.as_str() }, sum)).collect();
    rows.sort_by(|a, b| b.1.total_tokens.cmp(&a.1.total_tokens).then_with(|| a.0.cmp(b.0)));
    rows.into_iter().map(|(key, sum)| row(key.to_owned(), shown(sum))).collect()
}

/// The sums over all records, kept in memory beside the roll-up that they mirror.
#[derive(Clone, Default)]
pub(crate) struct SharedTotals(Arc<RwLock<Sums>>);

impl SharedTotals {
    pub(crate) fn reload(&self, conn: &Connection) -> Result<()> {
        let mut sums = Sums::default();
        sums.add_rows(conn, "SELECT * FROM usage_hourly", &[])?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = sums;
        Ok(())
    }

    pub(crate) fn add(&self, merged: &Merged) {
        if merged.usage.is_empty() {
            return;
        }
        let mut sums = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (key, sum) in &merged.usage {
            sums.add(&Keys::from(key), sum);
        }
    }

    pub(crate) fn stats(&self) -> TokenStats {
        self.0.read().unwrap_or_else(PoisonError::into_inner).to_stats()
    }
}

/// The sums of all records that match `filter`.
pub fn token_stats(conn: &Connection, filter: &TokenStatsFilter) -> Result<TokenStats> {
    let mut sums = Sums::default();
    if filter.run_id.is_some() {
        // The roll-up does not know runs; one run's records are few and indexed.
        add_records(conn, &mut sums, filter, filter.since, filter.until)?;
        return Ok(sums.to_stats());
    }
    match whole_hours(filter.since, filter.until) {
        None => add_records(conn, &mut sums, filter, filter.since, filter.until)?,
        Some((first, last)) => {
            add_hours(conn, &mut sums, filter, first, last)?;
            if let (Some(since), Some(first)) = (filter.since, first)
                && since < first
            {
                add_records(conn, &mut sums, filter, Some(since), Some(before(first)))?;
            }
            if let (Some(until), Some(last)) = (filter.until, last)
                && last <= until
            {
                add_records(conn, &mut sums, filter, Some(last), Some(until))?;
            }
        }
    }
    Ok(sums.to_stats())
}

const HOUR_SECONDS: i64 = 3600;

fn before(time: Timestamp) -> Timestamp {
    Timestamp::from_micros(time.micros() - 1)
}

/// The whole hours inside a range: the first one's start and the end of the last one; none when the range has none.
fn whole_hours(
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Option<(Option<Timestamp>, Option<Timestamp>)> {
    let first = since.map(|since| {
        let floor = since.hour();
        if floor == since { floor } else { floor.plus_seconds(HOUR_SECONDS) }
    });
    // `until` is inclusive to the microsecond: the hour that it ends is whole.
    let last = until.map(|until| Timestamp::from_micros(until.micros() + 1).hour());
    match (first, last) {
        (Some(first), Some(last)) if first >= last => None,
        range => Some(range),
    }
}

fn key_filters(filter: &TokenStatsFilter) -> Where {
    let mut conditions = Where::default();
    conditions.and_text("projectId = ?", filter.project_id.as_deref());
    conditions.and_text("agentId = ?", filter.agent_id.as_deref());
    conditions.and_text("workspace = ?", filter.workspace.as_deref());
    conditions.and_text("source = ?", filter.source.as_deref());
    conditions.and_text("model = ?", filter.model.as_deref());
    conditions
}

fn add_hours(
    conn: &Connection,
    sums: &mut Sums,
    filter: &TokenStatsFilter,
    first: Option<Timestamp>,
    end: Option<Timestamp>,
) -> Result<()> {
    let mut conditions = key_filters(filter);
    conditions.and_text("hour >= ?", first.map(rollups::hour).as_deref());
    conditions.and_text("hour < ?", end.map(rollups::hour).as_deref());
    let sql = format!("SELECT * FROM usage_hourly{}", conditions.sql());
    sums.add_rows(conn, &sql, &conditions.values([]))
}

fn add_records(
    conn: &Connection,
    sums: &mut Sums,
    filter: &TokenStatsFilter,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<()> {
    let mut conditions = key_filters(filter);
    conditions.and_text("runId = ?", filter.run_id.as_deref());
    conditions.and_text("ts >= ?", since.map(|time| time.to_string()).as_deref());
    conditions.and_text("ts <= ?", until.map(|time| time.to_string()).as_deref());
    let sql = format!(
        "SELECT ts, projectId, agentId, workspace, source, model, 1, promptTokens, completionTokens, totalTokens, cost
         FROM token_usage_records{}",
        conditions.sql()
    );
    sums.add_rows(conn, &sql, &conditions.values([]))
}
