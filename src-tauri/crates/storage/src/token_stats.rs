//! Token sums: filtered ones from the roll-up, partial hours and single runs from the records. Those over all records are
//! kept in memory; see `totals.rs`.

use std::collections::BTreeMap;

use pilotdeck_domain::stats::{
    AgentTokens, ModelTokens, ProjectTokens, SourceTokens, TokenSeriesRow, TokenStats, TokenSums,
    WorkspaceTokens, round_money,
};
use pilotdeck_domain::{SeriesKey, Timestamp, TokenStatsFilter};
use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use crate::days::{Days, NO_KEY, When};
use crate::query::{Where, bind};
use crate::rollups::{self, UsageKey, UsageSum};
use crate::{Error, Result};

/// Names of the empty key, as the contract shows it.
const UNASSIGNED: &str = "unassigned";
const UNKNOWN: &str = "unknown";
pub(crate) const HOUR_SECONDS: i64 = 3600;

/// The keys of one row, borrowed.
pub(crate) struct Keys<'r> {
    pub(crate) when: When,
    project_id: &'r str,
    agent_id: &'r str,
    workspace: &'r str,
    source: &'r str,
    model: &'r str,
}

impl<'r> Keys<'r> {
    /// The keys of a row of the roll-up, whose hour begins then.
    pub(crate) fn of(key: &'r UsageKey, hour: Timestamp) -> Self {
        Self {
            when: When::Hour(hour),
            project_id: &key.project_id,
            agent_id: &key.agent_id,
            workspace: &key.workspace,
            source: &key.source,
            model: &key.model,
        }
    }

    /// The key of a series as it is shown.
    fn shown(&self, by: SeriesKey) -> &str {
        let (key, unnamed) = match by {
            SeriesKey::Model => (self.model, UNKNOWN),
            SeriesKey::Project => (self.project_id, UNASSIGNED),
            SeriesKey::Agent => (self.agent_id, UNASSIGNED),
            SeriesKey::Workspace => (self.workspace, UNKNOWN),
            SeriesKey::Source => (self.source, UNKNOWN),
        };
        if key.is_empty() { unnamed } else { key }
    }
}

/// Sums by every key but the time.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    totals: UsageSum,
    by_project: BTreeMap<String, UsageSum>,
    by_agent: BTreeMap<String, UsageSum>,
    by_workspace: BTreeMap<String, UsageSum>,
    by_model: BTreeMap<String, UsageSum>,
    by_source: BTreeMap<String, UsageSum>,
}

impl Sums {
    pub(crate) fn add(&mut self, keys: &Keys<'_>, sum: &UsageSum) {
        self.totals.add(sum);
        add_to(&mut self.by_project, keys.project_id, sum);
        add_to(&mut self.by_agent, keys.agent_id, sum);
        add_to(&mut self.by_workspace, keys.workspace, sum);
        add_to(&mut self.by_model, keys.model, sum);
        add_to(&mut self.by_source, keys.source, sum);
    }

    /// The sums as they are told, still without days.
    pub(crate) fn to_stats(&self) -> TokenStats {
        TokenStats {
            totals: shown(&self.totals),
            by_day: Vec::new(),
            by_project: ranked(&self.by_project, UNASSIGNED, |project_id, sums| ProjectTokens {
                project_id,
                sums,
            }),
            by_agent: ranked(&self.by_agent, UNASSIGNED, |agent_id, sums| AgentTokens { agent_id, sums }),
            by_workspace: ranked(&self.by_workspace, UNKNOWN, |workspace, sums| WorkspaceTokens {
                workspace,
                sums,
            }),
            by_model: ranked(&self.by_model, UNKNOWN, |model, sums| ModelTokens { model, sums }),
            by_source: ranked(&self.by_source, UNKNOWN, |source, sums| SourceTokens { source, sums }),
        }
    }
}

pub(crate) fn add_to(sums: &mut BTreeMap<String, UsageSum>, key: &str, sum: &UsageSum) {
    match sums.get_mut(key) {
        Some(known) => known.add(sum),
        None => {
            sums.insert(key.to_owned(), *sum);
        }
    }
}

pub(crate) fn shown(sum: &UsageSum) -> TokenSums {
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
    sums: &BTreeMap<String, UsageSum>,
    unnamed: &str,
    row: impl Fn(String, TokenSums) -> T,
) -> Vec<T> {
    let mut rows: Vec<(&str, &UsageSum)> =
        sums.iter().map(|(key, sum)| (if key.is_empty() { unnamed } else { key.as_str() }, sum)).collect();
    rows.sort_by(|a, b| b.1.total_tokens.cmp(&a.1.total_tokens).then_with(|| a.0.cmp(b.0)));
    rows.into_iter().map(|(key, sum)| row(key.to_owned(), shown(sum))).collect()
}

/// The sums of all records that match `filter`.
pub fn token_stats(conn: &Connection, filter: &TokenStatsFilter) -> Result<TokenStats> {
    let mut sums = Sums::default();
    let mut days = Days::new(filter.zone);
    walk(conn, filter, &mut |keys, sum| {
        sums.add(keys, sum);
        days.add(keys.when, NO_KEY, sum);
    })?;
    days.read_split(conn, filter, |_| NO_KEY)?;
    Ok(TokenStats { by_day: days.rows(), ..sums.to_stats() })
}

/// The sums by day and one more key, in that order.
pub fn token_series(
    conn: &Connection,
    by: SeriesKey,
    filter: &TokenStatsFilter,
) -> Result<Vec<TokenSeriesRow>> {
    let mut days = Days::new(filter.zone);
    walk(conn, filter, &mut |keys, sum| days.add(keys.when, keys.shown(by), sum))?;
    days.read_split(conn, filter, |keys| keys.shown(by))?;
    Ok(days.series())
}

/// The sums of the usage of one run.
pub(crate) fn run_sums(conn: &Connection, run_id: &str) -> Result<TokenSums> {
    let filter = TokenStatsFilter { run_id: Some(run_id.to_owned()), ..TokenStatsFilter::default() };
    let mut total = UsageSum::default();
    walk_records(conn, &filter, None, None, &mut |_, sum| total.add(sum))?;
    Ok(shown(&total))
}

/// The sum of the records from one instant until before another.
pub(crate) fn records_between(conn: &Connection, from: Timestamp, to: Timestamp) -> Result<UsageSum> {
    let mut total = UsageSum::default();
    walk_records(conn, &TokenStatsFilter::default(), Some(from), Some(before(to)), &mut |_, sum| {
        total.add(sum)
    })?;
    Ok(total)
}

type Take<'t> = &'t mut dyn FnMut(&Keys<'_>, &UsageSum);

/// Hands on every sum that the filter lets pass: whole hours from the roll-up, the rest from the records.
fn walk(conn: &Connection, filter: &TokenStatsFilter, take: Take<'_>) -> Result<()> {
    if filter.run_id.is_some() {
        // The roll-up does not know runs; one run's records are few and indexed.
        return walk_records(conn, filter, filter.since, filter.until, take);
    }
    let Some((first, last)) = whole_hours(filter.since, filter.until) else {
        return walk_records(conn, filter, filter.since, filter.until, take);
    };
    walk_hours(conn, filter, first, last, take)?;
    if let (Some(since), Some(first)) = (filter.since, first)
        && since < first
    {
        walk_records(conn, filter, Some(since), Some(before(first)), take)?;
    }
    if let (Some(until), Some(last)) = (filter.until, last)
        && last <= until
    {
        walk_records(conn, filter, Some(last), Some(until), take)?;
    }
    Ok(())
}

/// The last microsecond before.
pub(crate) fn before(time: Timestamp) -> Timestamp {
    Timestamp::from_micros(time.micros() - 1)
}

/// The whole hours inside a range: the first one's start and the end of the last one; none when the range has none.
fn whole_hours(
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Option<(Option<Timestamp>, Option<Timestamp>)> {
    let first = since.map(first_whole_hour);
    // `until` is inclusive to the microsecond: the hour that it ends is whole.
    let last = until.map(|until| until.next().hour());
    match (first, last) {
        (Some(first), Some(last)) if first >= last => None,
        range => Some(range),
    }
}

/// The first hour that begins then or later.
pub(crate) fn first_whole_hour(from: Timestamp) -> Timestamp {
    let floor = from.hour();
    if floor == from { floor } else { floor.plus_seconds(HOUR_SECONDS) }
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

fn walk_hours(
    conn: &Connection,
    filter: &TokenStatsFilter,
    first: Option<Timestamp>,
    end: Option<Timestamp>,
    take: Take<'_>,
) -> Result<()> {
    let mut conditions = key_filters(filter);
    conditions.and_text("hour >= ?", first.map(rollups::hour).as_deref());
    conditions.and_text("hour < ?", end.map(rollups::hour).as_deref());
    let sql = format!("SELECT * FROM usage_hourly{}", conditions.sql());
    walk_roll_up(conn, &sql, &conditions.values([]), take)
}

/// Hands on the rows of the roll-up that a statement finds, whole and in the order of its columns.
pub(crate) fn walk_roll_up(conn: &Connection, sql: &str, values: &[Value], take: Take<'_>) -> Result<()> {
    // Rows come hour by hour: each hour is read once.
    let mut last = (String::new(), Timestamp::from_micros(0));
    walk_rows(conn, sql, values, take, |text| {
        if last.0 != text {
            last = (text.to_owned(), rollups::parse_hour(text)?);
        }
        Ok(When::Hour(last.1))
    })
}

/// Hands on the records of a range that the filter lets pass.
pub(crate) fn walk_records(
    conn: &Connection,
    filter: &TokenStatsFilter,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    take: Take<'_>,
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
    walk_rows(conn, &sql, &conditions.values([]), take, |text| {
        let time = Timestamp::parse(text);
        time.map(When::At).ok_or_else(|| Error::Corrupt(format!("a usage record is of the time {text:?}")))
    })
}

/// Hands on the rows of a statement that selects a time, the five keys and the five sums, in the order of `usage_hourly`.
fn walk_rows(
    conn: &Connection,
    sql: &str,
    values: &[Value],
    take: Take<'_>,
    mut when: impl FnMut(&str) -> Result<When>,
) -> Result<()> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(bind(values).as_slice())?;
    while let Some(row) = rows.next()? {
        let keys = Keys {
            when: when(text(row, 0)?)?,
            project_id: text(row, 1)?,
            agent_id: text(row, 2)?,
            workspace: text(row, 3)?,
            source: text(row, 4)?,
            model: text(row, 5)?,
        };
        let sum = UsageSum {
            records: row.get(6)?,
            prompt_tokens: row.get(7)?,
            completion_tokens: row.get(8)?,
            total_tokens: row.get(9)?,
            cost: row.get(10)?,
        };
        take(&keys, &sum);
    }
    Ok(())
}

fn text<'r>(row: &'r Row<'_>, index: usize) -> Result<&'r str> {
    let value = row.get_ref(index)?.as_str_or_null();
    value.map(Option::unwrap_or_default).map_err(|error| Error::Corrupt(error.to_string()))
}
