//! Figures over all records: the answers of `/api/stats` and `/api/stats/tokens` (contract §5).

use serde::Serialize;
use utoipa::ToSchema;

use crate::Map;

/// Counts and money over all projects.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectStats {
    /// How many projects there are.
    pub total: u64,
    /// Status → projects; only values that occur.
    #[schema(value_type = std::collections::HashMap<String, u64>)]
    pub by_status: Map,
    /// Priority → projects.
    #[schema(value_type = std::collections::HashMap<String, u64>)]
    pub by_priority: Map,
    /// Category → projects; none counts as `uncategorized`.
    #[schema(value_type = std::collections::HashMap<String, u64>)]
    pub by_category: Map,
    /// Money, rounded to 6 decimals.
    pub financial: Financial,
}

/// Sums of money over all projects.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Financial {
    /// Sum of `budget`.
    pub total_budget: f64,
    /// Sum of `cost.total`.
    pub total_cost: f64,
    /// Sum of `revenue.total`.
    pub total_revenue: f64,
    /// Revenue less cost.
    pub net_profit: f64,
}

/// Sums over usage records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenSums {
    /// How many records.
    pub records: i64,
    /// Tokens sent to the model.
    pub prompt_tokens: i64,
    /// Tokens that it wrote.
    pub completion_tokens: i64,
    /// Tokens in all, as the records say.
    pub total_tokens: i64,
    /// Cost, rounded to 6 decimals.
    pub cost: f64,
}

macro_rules! token_row {
    ($(#[$doc:meta])* $name:ident, $key:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            /// The key of the row.
            pub $key: String,
            /// Its sums.
            #[serde(flatten)]
            pub sums: TokenSums,
        }
    };
}

token_row!(
    /// One day of the zone asked for, `YYYY-MM-DD`.
    DayTokens,
    day
);
token_row!(
    /// One project; none is `unassigned`.
    ProjectTokens,
    project_id
);
token_row!(
    /// One agent; none is `unassigned`.
    AgentTokens,
    agent_id
);
token_row!(
    /// One workspace; none is `unknown`.
    WorkspaceTokens,
    workspace
);
token_row!(
    /// One model; none is `unknown`.
    ModelTokens,
    model
);
token_row!(
    /// One source; none is `unknown`.
    SourceTokens,
    source
);

/// Token usage, in all and by each key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenStats {
    /// Over all matching records.
    pub totals: TokenSums,
    /// Days in order; days without records are absent.
    pub by_day: Vec<DayTokens>,
    /// Most tokens first, then by key; so are the lists below.
    pub by_project: Vec<ProjectTokens>,
    /// By agent.
    pub by_agent: Vec<AgentTokens>,
    /// By workspace.
    pub by_workspace: Vec<WorkspaceTokens>,
    /// By model.
    pub by_model: Vec<ModelTokens>,
    /// By source.
    pub by_source: Vec<SourceTokens>,
}

/// One key on one day; see [`crate::SeriesKey`].
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenSeriesRow {
    /// `YYYY-MM-DD` in the zone asked for.
    pub day: String,
    /// The key; none is `unassigned` (projects, agents) or `unknown`.
    pub key: String,
    /// Its sums.
    #[serde(flatten)]
    pub sums: TokenSums,
}

/// A value of a field, and how many records have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Facet {
    /// The value.
    pub value: String,
    /// How many records have it.
    pub count: u64,
}

/// What the runs that match are like: each list counts with the other filters applied, but not its own. Runs without the
/// field are in none. Most runs first, then by value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunFacets {
    /// By `status`.
    pub statuses: Vec<Facet>,
    /// By `agentId`.
    pub agents: Vec<Facet>,
    /// By `projectId`.
    pub projects: Vec<Facet>,
}

/// What the newest events that match are like: each list counts with the other filters applied, but not its own. Events
/// without the field are in none. Most events first, then by value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct EventFacets {
    /// By `type`.
    pub types: Vec<Facet>,
    /// By `level`.
    pub levels: Vec<Facet>,
    /// By `agentId`.
    pub agents: Vec<Facet>,
    /// By `projectId`.
    pub projects: Vec<Facet>,
    /// How many events were looked at.
    pub counted: u64,
    /// Whether these were all; else they were the newest.
    pub complete: bool,
}

/// What one run did: its events and its usage.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunFigures {
    /// The run, as asked.
    pub run_id: String,
    /// Its events.
    pub events: u64,
    /// Those of level `error`.
    pub errors: u64,
    /// Its usage.
    #[serde(flatten)]
    pub sums: TokenSums,
}

/// Money as it is shown in sums: 6 decimals, so that float noise does not reach a reader.
#[must_use]
pub fn round_money(sum: f64) -> f64 {
    let scaled = (sum * 1e6).round();
    // Beyond 2^53 there are no decimals left to round.
    if scaled.is_finite() && scaled.abs() < 9e15 { scaled / 1e6 } else { sum }
}
