//! Answers with sums.

use pilotdeck_services::{ProjectStats, TokenStats};

use crate::DataBody;

/// `GET /api/stats`.
pub fn projects_body(stats: ProjectStats) -> DataBody<ProjectStats> {
    DataBody::new(stats)
}

/// `GET /api/stats/tokens`.
pub fn tokens_body(stats: TokenStats) -> DataBody<TokenStats> {
    DataBody::new(stats)
}
