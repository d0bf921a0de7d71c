//! A month of the demo's team, as the calls that were made in it, oldest first. Same seed and end, same month.

use pilotdeck_domain::{Timestamp, Value};
use rand::{RngExt, SeedableRng};
use serde_json::json;

use super::plan::{self, Call, Dice, Outcome, RunIdea, Step, object, pick_weighted};
use super::team::{Project, Team};

const SEED: u64 = 0x0050_1107_DEC0;
const DAYS: i64 = 30;
const RUNS: usize = 150;
/// Runs of the last hours: so that there is something to see now.
const RECENT_RUNS: usize = 8;
const OPEN_RUNS: usize = 3;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// When the month that ends at `end` began.
pub(crate) fn beginning(end: Timestamp) -> Timestamp {
    end.plus_seconds(-DAYS * DAY)
}

/// Every call of the month that ends at `end`.
pub(crate) fn steps(team: &Team, end: Timestamp) -> Vec<Step> {
    let mut dice = Dice::seed_from_u64(SEED);
    let start = beginning(end);
    let mut steps = founding(team, start);
    for project in &team.projects {
        steps.extend(people(&mut dice, project, start, end));
    }
    let mut ideas = ideas(&mut dice, team, end);
    ideas.sort_by_key(|idea| idea.start);
    share_progress(&mut ideas);
    for (number, idea) in ideas.iter_mut().enumerate() {
        idea.id = format!("run-demo-{:03}", number + 1);
        steps.extend(plan::run(&mut dice, idea));
    }
    steps.retain(|step| step.at <= end);
    // Stable: what one run does in one second stays in its order.
    steps.sort_by_key(|step| step.at);
    steps
}

fn founding(team: &Team, start: Timestamp) -> Vec<Step> {
    let profiles = team.agents.iter().map(|agent| {
        Call::Profile(object(json!({
            "id": agent.id, "name": agent.name, "role": agent.role, "description": agent.description,
            "styleTags": agent.style_tags, "skills": agent.skills, "outputMode": agent.output_mode,
            "writebackPolicy": agent.writeback_policy, "permissions": agent.permissions,
            "meta": { "source": agent.source },
        })))
    });
    let capabilities = team.capabilities.iter().cloned().map(Call::Capability);
    profiles.chain(capabilities).map(|call| Step { at: start, call }).collect()
}

/// What people do with a project: make it, start it, pay for it, end it.
fn people(dice: &mut Dice, project: &Project, start: Timestamp, end: Timestamp) -> Vec<Step> {
    let created = start.plus_seconds(project.day * DAY + dice.random_range(60..3 * HOUR));
    let mut body = object(json!({
        "id": project.id, "name": project.name, "description": project.description, "category": project.category,
        "priority": project.priority, "tags": project.tags, "notes": project.notes, "budget": project.budget,
        "workspace": project.workspace,
    }));
    if !project.github.is_empty() {
        body.insert("github".into(), json!(project.github));
    }
    let change = |at: Timestamp, patch| Step {
        at,
        call: Call::ChangeProject { id: project.id.clone(), patch: object(patch) },
    };
    let mut steps = vec![Step { at: created, call: Call::Project(body) }];
    if project.ends != "planning" {
        steps.push(change(created.plus_seconds(2 * HOUR), json!({ "status": "in-progress" })));
    }
    let ended = last_day(project, end);
    let bookings = bookings(dice, project, created).into_iter().filter(|(at, _)| *at <= ended);
    steps.extend(bookings.map(|(at, patch)| change(at, patch)));
    if !matches!(project.ends.as_str(), "planning" | "in-progress") {
        let progress = if project.ends == "completed" { json!({ "progress": 100 }) } else { json!({}) };
        let mut patch = object(progress);
        patch.insert("status".into(), json!(project.ends));
        patch.insert("tags".into(), json!(project.tags));
        steps.push(Step { at: ended, call: Call::ChangeProject { id: project.id.clone(), patch } });
    }
    steps
}

/// Income and expenses as they are booked, each time with the whole list and its sums: what the team says, and every week
/// what its agents and their machines cost.
fn bookings(dice: &mut Dice, project: &Project, created: Timestamp) -> Vec<(Timestamp, Value)> {
    let mut booked: Vec<_> = project
        .orders
        .iter()
        .enumerate()
        .map(|(number, (title, kind, amount))| {
            let at = created.plus_seconds((3 + 5 * number as i64) * DAY + dice.random_range(0..8 * HOUR));
            (at, title.clone(), kind.as_str(), *amount)
        })
        .collect();
    let expenses: u32 = booked.iter().filter(|order| order.2 == "expense").map(|order| order.3).sum();
    let weeks = (DAYS - project.day) / 7;
    let share = f64::from(project.progress.max(8)) / 100.0 * dice.random_range(0.7..1.15);
    let a_week = (f64::from(project.budget) * share - f64::from(expenses)).max(0.0) / weeks as f64;
    for week in 1..=weeks {
        let at = created.plus_seconds(week * 7 * DAY - 6 * HOUR);
        let amount = (a_week * dice.random_range(0.8..1.2)).round() as u32;
        booked.push((at, format!("Agents and machines, week {week}"), "expense", amount));
    }
    booked.sort_by_key(|order| order.0);
    let patch = |until: usize| {
        let so_far = &booked[..=until];
        let sum =
            |wanted: &str| so_far.iter().filter(|order| order.2 == wanted).map(|order| order.3).sum::<u32>();
        let orders = so_far.iter().enumerate().map(|(number, (at, title, kind, amount))| {
            json!({ "id": format!("order-{}", number + 1), "title": title, "kind": kind, "amount": amount, "createdAt": at })
        });
        json!({ "orders": orders.collect::<Vec<_>>(), "cost": { "total": sum("expense") }, "revenue": { "total": sum("income") } })
    };
    booked.iter().enumerate().map(|(number, order)| (order.0, patch(number))).collect()
}

/// Projects that ended did so some days ago; the others are worked on to the end.
fn last_day(project: &Project, end: Timestamp) -> Timestamp {
    match project.ends.as_str() {
        "completed" => end.plus_seconds(-4 * DAY - i64::from(project.weight) * HOUR),
        "paused" | "cancelled" => end.plus_seconds(-9 * DAY - i64::from(project.weight) * HOUR),
        _ => end,
    }
}

fn ideas<'a>(dice: &mut Dice, team: &'a Team, end: Timestamp) -> Vec<RunIdea<'a>> {
    let mut ideas = Vec::with_capacity(RUNS);
    while ideas.len() < RUNS {
        let seconds = dice.random_range(8 * 60..75 * 60);
        let left = RUNS - ideas.len();
        let (start, outcome) = if left <= OPEN_RUNS {
            (end.plus_seconds(-dice.random_range(4 * 60..(seconds - 120).min(25 * 60))), Outcome::Open)
        } else if left <= OPEN_RUNS + RECENT_RUNS {
            (end.plus_seconds(-seconds - dice.random_range(60..7 * HOUR)), outcome(dice))
        } else {
            let Some(start) = working_time(dice, end) else { continue };
            (start, outcome(dice))
        };
        let project = &team.projects[pick_weighted(dice, team.projects.iter().map(|project| project.weight))];
        let begun = beginning(end).plus_seconds(project.day * DAY + 5 * HOUR);
        if start < begun || start.plus_seconds(seconds) > last_day(project, end).plus_seconds(seconds) {
            continue;
        }
        let agent = &team.agents[pick_weighted(dice, team.agents.iter().map(|agent| agent.share))];
        let task = plan::pick(dice, &project.tasks);
        let events = dice.random_range(17..33);
        ideas.push(RunIdea {
            id: String::new(),
            project,
            agent,
            task,
            start,
            seconds,
            outcome,
            bump: 0,
            events,
        });
    }
    ideas
}

fn outcome(dice: &mut Dice) -> Outcome {
    match dice.random_range(0..100) {
        0..9 => Outcome::Failed,
        9..13 => Outcome::Cancelled,
        _ => Outcome::Completed,
    }
}

/// Some moment of the month; now and then none, for nights and weekends are quiet.
fn working_time(dice: &mut Dice, end: Timestamp) -> Option<Timestamp> {
    let at = end.plus_seconds(-dice.random_range(2 * HOUR..DAYS * DAY));
    let seconds = at.micros().div_euclid(1_000_000);
    let hour = seconds.rem_euclid(DAY) / HOUR;
    // The first of January 1970 was a Thursday.
    let weekend = (seconds.div_euclid(DAY) + 3).rem_euclid(7) >= 5;
    let likely = match hour {
        7..19 => 0.9,
        19..23 => 0.3,
        _ => 0.1,
    };
    dice.random_bool(if weekend { likely / 5.0 } else { likely }).then_some(at)
}

/// Spreads the progress of each project over its completed runs, so that it arrives where the team says.
fn share_progress(ideas: &mut [RunIdea<'_>]) {
    for index in 0..ideas.len() {
        let project = ideas[index].project;
        let completed =
            |idea: &RunIdea<'_>| idea.project.id == project.id && idea.outcome == Outcome::Completed;
        if !completed(&ideas[index]) {
            continue;
        }
        let all = ideas.iter().filter(|idea| completed(idea)).count() as u32;
        let before = ideas[..index].iter().filter(|idea| completed(idea)).count() as u32;
        ideas[index].bump = project.progress * (before + 1) / all - project.progress * before / all;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end() -> Timestamp {
        Timestamp::parse("2026-03-02T15:30:00Z").unwrap()
    }

    #[test]
    fn the_month_has_its_size_its_order_and_nothing_after_its_end() {
        let team = Team::load().unwrap();
        let steps = steps(&team, end());
        let count = |wanted: fn(&Call) -> bool| steps.iter().filter(|step| wanted(&step.call)).count();
        assert_eq!(count(|call| matches!(call, Call::Project(_))), 12);
        assert_eq!(count(|call| matches!(call, Call::Run(_))), RUNS);
        let events = count(|call| matches!(call, Call::Event(_) | Call::Action(_)));
        assert!((3_800..4_800).contains(&events), "{events}");
        let usage = count(|call| matches!(call, Call::Usage(_)));
        assert!((2_600..3_400).contains(&usage), "{usage}");
        assert!(steps.is_sorted_by_key(|step| step.at));
        assert!(steps.iter().all(|step| step.at >= beginning(end()) && step.at <= end()));
    }

    #[test]
    fn one_end_gives_one_month() {
        let team = Team::load().unwrap();
        let tell = || {
            let told = steps(&team, end());
            told.iter()
                .filter_map(|step| match &step.call {
                    Call::Event(body) | Call::Usage(body) => Some((step.at, body.clone())),
                    _ => None,
                })
                .collect::<Vec<_>>()
        };
        assert!(tell() == tell());
    }

    #[test]
    fn no_run_begins_before_its_project() {
        let team = Team::load().unwrap();
        let mut made = std::collections::HashSet::new();
        for step in steps(&team, end()) {
            match step.call {
                Call::Project(body) => {
                    made.insert(body["id"].as_str().unwrap().to_owned());
                }
                Call::Run(body) => assert!(made.contains(body["projectId"].as_str().unwrap())),
                _ => {}
            }
        }
    }
}
