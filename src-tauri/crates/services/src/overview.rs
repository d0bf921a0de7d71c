//! The first screen's figures, from one moment of the database.

use pilotdeck_domain::Zone;
use pilotdeck_domain::overview::{Overview, OverviewSpans, rank_attention};
use pilotdeck_storage::{overview as table, projects};

use crate::error::{Error, Result};
use crate::stats::Stats;

impl Stats {
    /// What runs, what came in by day, and which projects need a look; days are those of `zone`.
    pub async fn overview(&self, zone: Zone) -> Result<Overview> {
        let now = self.clock.now();
        let spans = OverviewSpans::at(now, zone);
        let hourly = self.db.hourly(spans.activity);
        let mut refusals = self.refusals.recent();
        self.db
            .read(move |conn| {
                let mut signs = table::project_signs(conn)?;
                for project in &mut signs {
                    project.refusal = refusals.remove(&project.project_id);
                }
                Ok::<_, Error>(Overview {
                    running: table::running(conn)?,
                    projects: projects::count(conn)?,
                    today: table::period(conn, &hourly, spans.today)?,
                    week: table::period(conn, &hourly, spans.week)?,
                    month: table::period(conn, &hourly, spans.month)?,
                    activity: hourly.activity(conn, spans.activity, zone)?,
                    attention: rank_attention(signs, now),
                })
            })
            .await
    }
}
