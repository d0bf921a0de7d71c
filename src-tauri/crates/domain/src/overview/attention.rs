//! Which projects need a look, and why.

use super::{AttentionKind, AttentionProject, AttentionReason};
use crate::Timestamp;
use crate::stats::round_money;

/// How many projects are named at most.
pub const MOST_ATTENTION: usize = 50;
/// After so many days without a sign of life a project in progress is stale.
const STALE_DAYS: i64 = 14;
/// From this part of the budget on, spending is worth a look.
const NEAR_BUDGET: f64 = 0.8;
const DAY_MICROS: i64 = 24 * 3_600 * 1_000_000;

/// What is known of a project that is neither completed nor cancelled, to judge whether it needs a look.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProjectSigns {
    /// Its id.
    pub project_id: String,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: String,
    /// Money planned.
    pub budget: f64,
    /// Money spent.
    pub spent: f64,
    /// Its newest run, when that failed.
    pub failed_run: Option<FailedRun>,
    /// The last change to it or its newest run, or its last event.
    pub last_sign: Option<Timestamp>,
    /// The last refusal of a change to it within a day.
    pub refusal: Option<Refusal>,
}

/// A run that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRun {
    /// Its id.
    pub run_id: String,
    /// Its title.
    pub title: Option<String>,
    /// Who ran it.
    pub agent_id: Option<String>,
    /// When it ended, or else was last changed.
    pub ended_at: Option<Timestamp>,
}

/// A change that was refused because the record had changed since its caller saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// When.
    pub at: Timestamp,
    /// Who tried, where that is known.
    pub agent_id: Option<String>,
}

impl ProjectSigns {
    /// Why the project needs a look; none if it does not.
    #[must_use]
    pub fn judge(self, now: Timestamp) -> Option<AttentionProject> {
        let mut reasons: Vec<AttentionReason> = [
            self.failed_run.map(|run| AttentionReason {
                run_id: Some(run.run_id),
                title: run.title,
                since: run.ended_at,
                agent_id: run.agent_id,
                ..AttentionReason::of(AttentionKind::FailedRun)
            }),
            spending(self.spent, self.budget),
            self.refusal.map(|refusal| AttentionReason {
                since: Some(refusal.at),
                agent_id: refusal.agent_id,
                ..AttentionReason::of(AttentionKind::Conflict)
            }),
            self.last_sign.filter(|_| self.status == "in-progress").and_then(|since| silence(since, now)),
        ]
        .into_iter()
        .flatten()
        .collect();
        if reasons.is_empty() {
            return None;
        }
        reasons.sort_by_key(|reason| reason.kind);
        Some(AttentionProject { project_id: self.project_id, name: self.name, reasons })
    }
}

impl AttentionReason {
    fn of(kind: AttentionKind) -> Self {
        Self { kind, run_id: None, title: None, since: None, days: None, share: None, agent_id: None }
    }
}

fn spending(spent: f64, budget: f64) -> Option<AttentionReason> {
    if budget <= 0.0 {
        return None;
    }
    let share = spent / budget;
    let kind = if spent > budget {
        AttentionKind::OverBudget
    } else if share >= NEAR_BUDGET {
        AttentionKind::NearBudget
    } else {
        return None;
    };
    Some(AttentionReason { share: Some(round_money(share)), ..AttentionReason::of(kind) })
}

fn silence(since: Timestamp, now: Timestamp) -> Option<AttentionReason> {
    let days = now.micros().saturating_sub(since.micros()) / DAY_MICROS;
    (days >= STALE_DAYS).then(|| AttentionReason {
        since: Some(since),
        days: Some(days),
        ..AttentionReason::of(AttentionKind::Stale)
    })
}

/// The projects that need a look, the worst first: by their worst reason, then by how many there are, then as they came.
#[must_use]
pub fn rank_attention(signs: Vec<ProjectSigns>, now: Timestamp) -> Vec<AttentionProject> {
    let mut projects: Vec<_> = signs.into_iter().filter_map(|project| project.judge(now)).collect();
    projects.sort_by_key(|project| {
        (project.reasons.first().map(|reason| reason.kind), std::cmp::Reverse(project.reasons.len()))
    });
    projects.truncate(MOST_ATTENTION);
    projects
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn project(id: &str) -> ProjectSigns {
        ProjectSigns {
            project_id: id.into(),
            name: id.into(),
            status: "in-progress".into(),
            ..Default::default()
        }
    }

    fn kinds(project: ProjectSigns) -> Vec<AttentionKind> {
        let now = time("2026-02-11T14:30:00Z");
        project
            .judge(now)
            .map_or_else(Vec::new, |found| found.reasons.iter().map(|reason| reason.kind).collect())
    }

    #[test]
    fn budgets_are_looked_at_from_eighty_percent_and_over_it() {
        let of = |spent, budget| kinds(ProjectSigns { spent, budget, ..project("p") });
        assert_eq!(of(79.9, 100.0), []);
        assert_eq!(of(80.0, 100.0), [AttentionKind::NearBudget]);
        assert_eq!(of(100.0, 100.0), [AttentionKind::NearBudget]);
        assert_eq!(of(100.01, 100.0), [AttentionKind::OverBudget]);
        assert_eq!(of(5.0, 0.0), [], "no budget, nothing to exceed");
    }

    #[test]
    fn only_work_in_progress_goes_stale_and_only_after_fourteen_days() {
        let of = |status: &str, since: &str| {
            kinds(ProjectSigns { status: status.into(), last_sign: Some(time(since)), ..project("p") })
        };
        assert_eq!(of("in-progress", "2026-01-28T14:30:00Z"), [AttentionKind::Stale]);
        assert_eq!(of("in-progress", "2026-01-28T14:30:01Z"), []);
        assert_eq!(of("in-progress", "2030-01-01T00:00:00Z"), []);
        assert_eq!(of("paused", "2020-01-01T00:00:00Z"), []);
    }

    #[test]
    fn the_worst_project_comes_first_and_no_more_than_fifty() {
        let now = time("2026-02-11T14:30:00Z");
        let failed = |id: &str| ProjectSigns {
            failed_run: Some(FailedRun {
                run_id: "r".into(),
                title: None,
                agent_id: None,
                ended_at: Some(now),
            }),
            ..project(id)
        };
        let near = |id: &str| ProjectSigns { spent: 9.0, budget: 10.0, ..project(id) };
        let both = ProjectSigns { spent: 9.0, budget: 10.0, ..failed("both") };
        let refused = ProjectSigns { refusal: Some(Refusal { at: now, agent_id: None }), ..near("refused") };
        let ranked =
            rank_attention(vec![project("fine"), near("near"), failed("a"), refused, both, failed("b")], now);
        let ids: Vec<_> = ranked.iter().map(|project| project.project_id.as_str()).collect();
        assert_eq!(ids, ["both", "a", "b", "refused", "near"]);
        assert_eq!(ranked[3].reasons[0].kind, AttentionKind::Conflict, "the worst reason first");
        assert_eq!(rank_attention(vec![near("x"); 60], now).len(), MOST_ATTENTION);
    }
}
