//! Sums over projects, runs and usage, for the screens that ask for them all the time. The first screen's stand in `overview.rs`.

use pilotdeck_domain::stats::{ProjectStats, RunFigures, TokenSeriesRow, TokenStats};
use pilotdeck_domain::{SeriesKey, TokenStatsFilter};
use pilotdeck_storage::{Db, projects, runs, usage};

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::refusals::Refusals;

/// Sums over this database.
#[derive(Clone)]
pub struct Stats {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) refusals: Refusals,
}

impl Stats {
    pub(crate) fn new(db: Db, clock: Clock, refusals: Refusals) -> Stats {
        Stats { db, clock, refusals }
    }

    /// Counts and money of all projects.
    pub async fn projects(&self) -> Result<ProjectStats> {
        self.db.read(|conn| Ok(projects::stats(conn)?)).await
    }

    /// Tokens and cost of the usage records that match; of all of them, from memory.
    pub async fn tokens(&self, filter: TokenStatsFilter) -> Result<TokenStats> {
        if filter.is_empty() {
            return Ok(self.db.usage_totals(filter.zone).await?);
        }
        self.db.read(move |conn| Ok::<_, Error>(usage::token_stats(conn, &filter)?)).await
    }

    /// The same by day and one more key, in that order.
    pub async fn token_series(&self, by: SeriesKey, filter: TokenStatsFilter) -> Result<Vec<TokenSeriesRow>> {
        self.db.read(move |conn| Ok::<_, Error>(usage::token_series(conn, by, &filter)?)).await
    }

    /// Events and usage of each of these runs, in this order.
    pub async fn runs(&self, ids: Vec<String>) -> Result<Vec<RunFigures>> {
        self.db.read(move |conn| Ok::<_, Error>(runs::figures(conn, ids)?)).await
    }
}
