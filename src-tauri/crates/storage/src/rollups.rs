//! Sums kept beside the records: usage and events per hour. They are gathered while a batch runs and written once before
//! its commit, so they are in the same transaction as the rows that they count.

use std::collections::HashMap;

use pilotdeck_domain::{Event, Timestamp, UsageRecord};
use rusqlite::{Connection, params};

use crate::{Error, Result};

/// The start of an hour, as the first 13 characters of a time.
const HOUR: usize = "YYYY-MM-DDTHH".len();

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct UsageKey {
    pub(crate) hour: String,
    pub(crate) project_id: String,
    pub(crate) agent_id: String,
    pub(crate) workspace: String,
    pub(crate) source: String,
    pub(crate) model: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct UsageSum {
    pub(crate) records: i64,
    pub(crate) prompt_tokens: i64,
    pub(crate) completion_tokens: i64,
    pub(crate) total_tokens: i64,
    pub(crate) cost: f64,
}

impl UsageSum {
    fn of(record: &UsageRecord) -> Self {
        Self {
            records: 1,
            prompt_tokens: record.prompt_tokens,
            completion_tokens: record.completion_tokens,
            total_tokens: record.total_tokens,
            cost: record.cost.as_f64().unwrap_or_default(),
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.records += other.records;
        // Sums of huge, hostile counts stop at the largest number instead of wrapping around.
        self.prompt_tokens = self.prompt_tokens.saturating_add(other.prompt_tokens);
        self.completion_tokens = self.completion_tokens.saturating_add(other.completion_tokens);
        self.total_tokens = self.total_tokens.saturating_add(other.total_tokens);
        self.cost += other.cost;
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct EventKey {
    pub(crate) hour: String,
    pub(crate) project_id: String,
    pub(crate) level: String,
}

/// What a batch adds, row by row, so that a job that fails can be taken back.
#[derive(Default)]
pub(crate) struct Deltas {
    usage: Vec<(UsageKey, UsageSum)>,
    events: Vec<EventKey>,
}

/// A place in [`Deltas`] to go back to.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    usage: usize,
    events: usize,
}

/// What a batch adds, summed by key.
#[derive(Default)]
pub(crate) struct Merged {
    pub(crate) usage: HashMap<UsageKey, UsageSum>,
    pub(crate) events: HashMap<EventKey, i64>,
}

impl Deltas {
    pub(crate) fn add_usage(&mut self, record: &UsageRecord) {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let key = UsageKey {
            hour: hour(record.ts),
            project_id: text(&record.project_id),
            agent_id: text(&record.agent_id),
            workspace: text(&record.workspace),
            source: record.source.clone(),
            model: text(&record.model),
        };
        self.usage.push((key, UsageSum::of(record)));
    }

    pub(crate) fn add_event(&mut self, event: &Event) {
        self.events.push(EventKey {
            hour: hour(event.ts),
            project_id: event.project_id.clone().unwrap_or_default(),
            level: event.level.clone(),
        });
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { usage: self.usage.len(), events: self.events.len() }
    }

    pub(crate) fn truncate(&mut self, mark: Mark) {
        self.usage.truncate(mark.usage);
        self.events.truncate(mark.events);
    }

    pub(crate) fn merged(&self) -> Merged {
        let mut merged = Merged::default();
        for (key, sum) in &self.usage {
            match merged.usage.get_mut(key) {
                Some(known) => known.add(sum),
                None => {
                    merged.usage.insert(key.clone(), *sum);
                }
            }
        }
        for key in &self.events {
            match merged.events.get_mut(key) {
                Some(count) => *count += 1,
                None => {
                    merged.events.insert(key.clone(), 1);
                }
            }
        }
        merged
    }
}

/// The hour of a time as the tables name it.
pub(crate) fn hour(time: Timestamp) -> String {
    let mut text = time.to_string();
    text.truncate(HOUR);
    text
}

/// The start of the hour that the tables name so.
pub(crate) fn parse_hour(text: &str) -> Result<Timestamp> {
    Timestamp::parse(&format!("{text}:00"))
        .ok_or_else(|| Error::Corrupt(format!("the roll-ups name an hour {text:?}")))
}

/// Adds `merged` to the tables.
pub(crate) fn apply(conn: &Connection, merged: &Merged) -> Result<()> {
    if !merged.usage.is_empty() {
        let mut upsert = conn.prepare_cached(
            "INSERT INTO usage_hourly VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT DO UPDATE SET records = records + ?7,
               promptTokens = MIN(promptTokens + ?8, 9223372036854775807),
               completionTokens = MIN(completionTokens + ?9, 9223372036854775807),
               totalTokens = MIN(totalTokens + ?10, 9223372036854775807), cost = cost + ?11",
        )?;
        for (key, sum) in &merged.usage {
            upsert.execute(params![
                key.hour,
                key.project_id,
                key.agent_id,
                key.workspace,
                key.source,
                key.model,
                sum.records,
                sum.prompt_tokens,
                sum.completion_tokens,
                sum.total_tokens,
                sum.cost,
            ])?;
        }
    }
    if !merged.events.is_empty() {
        let mut upsert = conn.prepare_cached(
            "INSERT INTO events_hourly VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET events = events + ?4",
        )?;
        for (key, count) in &merged.events {
            upsert.execute(params![key.hour, key.project_id, key.level, count])?;
        }
    }
    Ok(())
}
