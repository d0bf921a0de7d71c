//! Answers with sums.

use pilotdeck_domain::overview::Overview;
use pilotdeck_domain::stats::{RunFigures, TokenSeriesRow};
use pilotdeck_services::{ProjectStats, TokenStats};

use crate::DataBody;

/// `GET /api/stats`.
pub fn projects_body(stats: ProjectStats) -> DataBody<ProjectStats> {
    DataBody::new(stats)
}

/// `GET /api/stats/overview`.
pub fn overview_body(overview: Overview) -> DataBody<Overview> {
    DataBody::new(overview)
}

/// `GET /api/stats/tokens`.
pub fn tokens_body(stats: TokenStats) -> DataBody<TokenStats> {
    DataBody::new(stats)
}

/// `GET /api/stats/tokens/series`.
pub fn series_body(rows: Vec<TokenSeriesRow>) -> DataBody<Vec<TokenSeriesRow>> {
    DataBody::new(rows)
}

/// `GET /api/stats/runs`.
pub fn run_figures_body(figures: Vec<RunFigures>) -> DataBody<Vec<RunFigures>> {
    DataBody::new(figures)
}
