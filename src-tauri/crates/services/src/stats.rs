//! Sums over projects and usage, for the screens that ask for them all the time.

use pilotdeck_domain::TokenStatsFilter;
use pilotdeck_domain::stats::{ProjectStats, TokenStats};
use pilotdeck_storage::{Db, projects, usage};

use crate::error::{Error, Result};

/// Sums over this database.
#[derive(Clone)]
pub struct Stats {
    db: Db,
}

impl Stats {
    pub(crate) fn new(db: Db) -> Stats {
        Stats { db }
    }

    /// Counts and money of all projects.
    pub async fn projects(&self) -> Result<ProjectStats> {
        self.db.read(|conn| Ok(projects::stats(conn)?)).await
    }

    /// Tokens and cost of the usage records that match; of all of them, from memory.
    pub async fn tokens(&self, filter: TokenStatsFilter) -> Result<TokenStats> {
        if is_empty(&filter) {
            return Ok(self.db.usage_totals());
        }
        self.db.read(move |conn| Ok::<_, Error>(usage::token_stats(conn, &filter)?)).await
    }
}

/// Whether the filter lets every record pass. Named field by field, so that a new filter cannot be forgotten here.
fn is_empty(filter: &TokenStatsFilter) -> bool {
    let TokenStatsFilter { project_id, agent_id, workspace, source, model, run_id, since, until } = filter;
    [project_id, agent_id, workspace, source, model, run_id].iter().all(|text| text.is_none())
        && since.is_none()
        && until.is_none()
}
