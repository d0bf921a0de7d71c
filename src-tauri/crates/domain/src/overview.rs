//! The first screen's figures: what runs, what came in against the time before, and which projects need a look.

mod attention;
mod spans;

use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;

use crate::Timestamp;

pub use attention::{FailedRun, MOST_ATTENTION, ProjectSigns, Refusal, rank_attention};
pub use spans::{ACTIVITY_DAYS, OverviewSpans, Span, Spans};

/// Everything the first screen shows.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Runs that are running now.
    pub running: u64,
    /// All projects.
    pub projects: u64,
    /// Since midnight, against yesterday until the same time of day.
    pub today: OverviewPeriod,
    /// The last 7 days with today, against the 7 before.
    pub week: OverviewPeriod,
    /// The last 30 days with today, against the 30 before.
    pub month: OverviewPeriod,
    /// The last 371 days in order; days without events are left out.
    pub activity: Vec<ActivityDay>,
    /// At most 50 projects, the worst first.
    pub attention: Vec<AttentionProject>,
}

/// What came in during a period and the one before it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OverviewPeriod {
    /// Events.
    pub events: Period,
    /// Events of level `error`.
    pub failures: Period,
    /// Runs that were made.
    pub runs: Period,
    /// Tokens used.
    pub tokens: Period,
    /// Money spent on them.
    pub cost: Period,
}

/// A figure now and before.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Period {
    /// In the period.
    #[schema(value_type = f64)]
    pub current: Number,
    /// In the one before.
    #[schema(value_type = f64)]
    pub before: Number,
}

/// One day of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActivityDay {
    /// `YYYY-MM-DD` in the zone asked for.
    pub day: String,
    /// Events.
    pub events: u64,
    /// Those of level `error`.
    pub failures: u64,
}

/// A project that needs a look.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttentionProject {
    /// Its id.
    pub project_id: String,
    /// Its name.
    pub name: String,
    /// Why, the worst first.
    pub reasons: Vec<AttentionReason>,
}

/// Why a project needs a look. The worst is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttentionKind {
    /// Its newest run failed.
    FailedRun,
    /// More was spent than the budget.
    OverBudget,
    /// Within the last day somebody's change was refused because the record had changed meanwhile. Kept in memory only: a
    /// restart of the server forgets it.
    Conflict,
    /// At least 80 % of the budget were spent.
    NearBudget,
    /// In progress, and nothing happened for 14 days.
    Stale,
}

/// One reason, with what belongs to its kind.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttentionReason {
    /// Which reason.
    pub kind: AttentionKind,
    /// `failed_run`: the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub run_id: Option<String>,
    /// `failed_run`: its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub title: Option<String>,
    /// Since when: the run's end, the last sign of life, the last refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub since: Option<Timestamp>,
    /// `stale`: whole days since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub days: Option<i64>,
    /// `near_budget`, `over_budget`: spent by budget; 1 is all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub share: Option<f64>,
    /// `failed_run`, `conflict`: whose.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agent_id: Option<String>,
}
