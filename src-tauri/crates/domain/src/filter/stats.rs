//! What the queries for sums ask for: filters, days of a zone, keys of series.

use super::{Query, unreadable};
use crate::{Invalid, Timestamp, Zone};

/// Which usage records to add up, and whose days they are told by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenStatsFilter {
    /// Of this project.
    pub project_id: Option<String>,
    /// Of this agent.
    pub agent_id: Option<String>,
    /// Of this workspace.
    pub workspace: Option<String>,
    /// Of this source.
    pub source: Option<String>,
    /// Of this model.
    pub model: Option<String>,
    /// Of this run.
    pub run_id: Option<String>,
    /// Of this time or later.
    pub since: Option<Timestamp>,
    /// Of this time or earlier.
    pub until: Option<Timestamp>,
    /// Whose days; `since` and `until` that are dates alone mean days of it too.
    pub zone: Zone,
}

impl TokenStatsFilter {
    /// Reads a query.
    pub fn from_query(query: &[(String, String)]) -> Result<Self, Invalid> {
        let zone = Zone::from_query(query)?;
        let query = Query(query);
        Ok(Self {
            project_id: query.text("projectId"),
            agent_id: query.text("agentId"),
            workspace: query.text("workspace"),
            source: query.text("source"),
            model: query.text("model"),
            run_id: query.text("runId"),
            since: query.since_in(zone)?,
            until: query.until_in(zone)?,
            zone,
        })
    }

    /// Whether all records are asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self { zone: self.zone, ..Self::default() }
    }
}

/// What the series of token sums is told by, beside the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesKey {
    /// By model.
    Model,
    /// By project.
    Project,
    /// By agent.
    Agent,
    /// By workspace.
    Workspace,
    /// By source.
    Source,
}

impl SeriesKey {
    /// Reads the parameter `by` of a query.
    pub fn from_query(query: &[(String, String)]) -> Result<Self, Invalid> {
        match Query(query).find("by") {
            Some("model") => Ok(Self::Model),
            Some("project") => Ok(Self::Project),
            Some("agent") => Ok(Self::Agent),
            Some("workspace") => Ok(Self::Workspace),
            Some("source") => Ok(Self::Source),
            _ => Err(unreadable("by", "model, project, agent, workspace or source")),
        }
    }
}

/// The most runs of one call for their figures.
const MOST_IDS: usize = 200;

/// Reads the runs whose figures are asked for: `ids`, repeated.
pub fn run_ids_from_query(query: &[(String, String)]) -> Result<Vec<String>, Invalid> {
    let ids = Query(query).texts("ids");
    if ids.is_empty() || ids.len() > MOST_IDS {
        return Err(unreadable("ids", &format!("given 1 to {MOST_IDS} times, each the id of a run")));
    }
    Ok(ids)
}

impl Query<'_> {
    fn since_in(&self, zone: Zone) -> Result<Option<Timestamp>, Invalid> {
        self.time("since", |text| {
            Timestamp::parse_day(text).map(|day| zone.start_of(day)).or_else(|| Timestamp::parse(text))
        })
    }

    fn until_in(&self, zone: Zone) -> Result<Option<Timestamp>, Invalid> {
        self.time("until", |text| {
            Timestamp::parse_day(text).map(|day| zone.end_of(day)).or_else(|| Timestamp::parse(text))
        })
    }
}
