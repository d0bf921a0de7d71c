//! What one run of an agent sends, step by step. The month and the live demo are both told by it; it calls nothing itself.

use pilotdeck_domain::{Map, Timestamp, Value};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt};
use serde_json::json;

use super::team::{Agent, Model, Project};

/// The dice: portable, so that one seed tells the same month everywhere.
pub(crate) type Dice = Xoshiro256PlusPlus;

/// Something somebody sends at some time.
pub(crate) struct Step {
    pub(crate) at: Timestamp,
    pub(crate) call: Call,
}

/// One call of the API, by its noun.
pub(crate) enum Call {
    Profile(Map),
    Capability(Map),
    Project(Map),
    ChangeProject { id: String, patch: Map },
    Run(Map),
    ChangeRun { id: String, patch: Map },
    Event(Map),
    Action(Map),
    Usage(Map),
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Completed,
    Failed,
    Cancelled,
    /// It is still going on.
    Open,
}

impl Outcome {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Outcome::Completed => "completed",
            Outcome::Failed => "failed",
            Outcome::Cancelled => "cancelled",
            Outcome::Open => "running",
        }
    }
}

/// A run before it is told.
pub(crate) struct RunIdea<'a> {
    pub(crate) id: String,
    pub(crate) project: &'a Project,
    pub(crate) agent: &'a Agent,
    pub(crate) task: &'a str,
    pub(crate) start: Timestamp,
    pub(crate) seconds: i64,
    pub(crate) outcome: Outcome,
    /// By how much it moves its project.
    pub(crate) bump: u32,
    /// How many events it writes between its first and its last.
    pub(crate) events: u32,
}

/// The object in `value`.
pub(crate) fn object(value: Value) -> Map {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// One of them; the lists of the team are never empty.
pub(crate) fn pick<'a, T>(dice: &mut Dice, all: &'a [T]) -> &'a T {
    &all[dice.random_range(0..all.len())]
}

/// The index of one of them, by weight.
pub(crate) fn pick_weighted(dice: &mut Dice, weights: impl Iterator<Item = u32> + Clone) -> usize {
    let mut left = dice.random_range(0..weights.clone().sum::<u32>().max(1));
    for (index, weight) in weights.enumerate() {
        if left < weight {
            return index;
        }
        left -= weight;
    }
    0
}

/// Everything a run sends, in order.
pub(crate) fn run(dice: &mut Dice, idea: &RunIdea<'_>) -> Vec<Step> {
    let mut story = Story { idea, steps: Vec::new(), context: dice.random_range(3_000..12_000), tokens: 0 };
    story.push(idea.start, Call::Run(story.opening(dice)));
    story.event(idea.start.plus_seconds(1), plan_event(dice, idea));
    for number in 1..=idea.events {
        let place = f64::from(number) + dice.random_range(-0.4..0.4);
        let share = place / f64::from(idea.events + 1);
        let at = idea.start.plus_seconds((idea.seconds as f64 * share) as i64);
        story.event(at, event(dice, idea.project));
        if dice.random_bool(0.76) {
            story.usage(dice, at);
        }
    }
    story.end(dice);
    story.steps
}

struct Story<'a, 'b> {
    idea: &'a RunIdea<'b>,
    steps: Vec<Step>,
    /// Tokens in the conversation so far; every answer makes it longer.
    context: u64,
    tokens: u64,
}

impl Story<'_, '_> {
    fn push(&mut self, at: Timestamp, call: Call) {
        self.steps.push(Step { at, call });
    }

    fn opening(&self, dice: &mut Dice) -> Map {
        let branch = self.idea.task.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        object(json!({
            "id": self.idea.id,
            "projectId": self.idea.project.id,
            "agentId": self.idea.agent.id,
            "title": self.idea.task,
            "source": self.idea.agent.source,
            "tags": [pick(dice, &self.idea.project.tags)],
            "meta": { "branch": format!("agent/{branch}"), "workspace": self.idea.project.workspace },
        }))
    }

    fn event(&mut self, at: Timestamp, mut event: Map) {
        event.insert("runId".into(), json!(self.idea.id));
        event.insert("projectId".into(), json!(self.idea.project.id));
        event.insert("agentId".into(), json!(self.idea.agent.id));
        self.push(at, Call::Event(event));
    }

    fn action(&mut self, at: Timestamp, name: &str, params: Value) {
        let number = self.steps.len();
        let body = object(json!({
            "id": format!("act-{}-{number}", self.idea.id),
            "projectId": self.idea.project.id,
            "runId": self.idea.id,
            "agentId": self.idea.agent.id,
            "action": name,
            "params": params,
        }));
        self.push(at, Call::Action(body));
    }

    fn usage(&mut self, dice: &mut Dice, at: Timestamp) {
        let agent = self.idea.agent;
        let model = &agent.models[pick_weighted(dice, agent.models.iter().map(|model| model.share))];
        let completion = dice.random_range(120..1_900_u64);
        self.context += completion + dice.random_range(200..3_500);
        if self.context > 160_000 {
            self.context /= 4; // the agent summarised its conversation
        }
        let cached = self.context * dice.random_range(70..93) / 100;
        self.tokens += self.context + completion;
        let record = object(json!({
            "id": format!("usage-{}-{}", self.idea.id, self.steps.len()),
            "projectId": self.idea.project.id,
            "runId": self.idea.id,
            "agentId": agent.id,
            "workspace": self.idea.project.workspace,
            "source": agent.source,
            "model": model.name,
            "promptTokens": self.context,
            "completionTokens": completion,
            "cost": cost(model, self.context, cached, completion),
            "data": { "cacheReadTokens": cached },
        }));
        self.push(at, Call::Usage(record));
    }

    fn end(&mut self, dice: &mut Dice) {
        let idea = self.idea;
        let at = idea.start.plus_seconds(idea.seconds);
        let summary = match idea.outcome {
            Outcome::Open => return,
            Outcome::Completed => self.success(dice, at),
            Outcome::Failed => {
                let error = pick(dice, &idea.project.errors).clone();
                self.event(at, object(json!({ "type": "error", "level": "error", "title": format!("Stopped: {error}"),
                    "message": "Three attempts led to the same failure. The branch is as I left it.", "data": { "attempts": 3 } })));
                self.action(at, "add_tag", json!({ "tag": "needs a look" }));
                format!("Not done: {error}")
            }
            Outcome::Cancelled => {
                self.event(at, object(json!({ "type": "note", "title": "Cancelled by a person", "message": "The approach changed; nothing was merged." })));
                "Cancelled".to_owned()
            }
        };
        let mut patch = object(json!({
            "status": idea.outcome.word(),
            "finishedAt": at,
            "summary": summary,
            "metrics": { "tokens": self.tokens, "filesChanged": dice.random_range(1..14), "commits": dice.random_range(1..6) },
        }));
        if idea.outcome == Outcome::Completed && !idea.project.github.is_empty() {
            let request = dice.random_range(200..900);
            let link = json!([{ "title": format!("Pull request #{request}"), "url": format!("{}/pull/{request}", idea.project.github) }]);
            patch.insert("links".into(), link);
        }
        self.push(at, Call::ChangeRun { id: idea.id.clone(), patch });
    }

    fn success(&mut self, dice: &mut Dice, at: Timestamp) -> String {
        let idea = self.idea;
        let result = pick(dice, &idea.project.results).clone();
        let word = if idea.bump > 0 { "milestone" } else { "result" };
        self.event(at, object(json!({ "type": word, "title": result, "message": format!("{}: done and pushed for review.", idea.task) })));
        if idea.bump > 0 {
            self.action(at, "bump_progress", json!({ "delta": idea.bump, "reason": result }));
        }
        if dice.random_bool(0.3) {
            let to_notes = dice.random_bool(0.25);
            let params =
                json!({ "note": format!("{}: {result}", idea.task), "alsoWriteToProjectNotes": to_notes });
            self.action(at, "append_note", params);
        }
        if dice.random_bool(0.6) {
            self.action(at, "remove_tag", json!({ "tag": "needs a look" }));
        }
        result
    }
}

/// Dollars, rounded to a hundredth of a cent; cached input costs a tenth.
fn cost(model: &Model, prompt: u64, cached: u64, completion: u64) -> f64 {
    let fresh = (prompt - cached) as f64 + cached as f64 * 0.1;
    let dollars = (fresh * model.input + completion as f64 * model.output) / 1e6;
    (dollars * 1e4).round() / 1e4
}

fn plan_event(dice: &mut Dice, idea: &RunIdea<'_>) -> Map {
    let (file, command) = (pick(dice, &idea.project.files), pick(dice, &idea.project.commands));
    object(json!({
        "type": "note",
        "title": format!("Plan: {}", idea.task),
        "message": format!("1. Read {file} and what calls it.\n2. Change it in small steps, tests first.\n3. {command}, then hand over for review."),
    }))
}

/// One thing that happens in the middle of a run.
fn event(dice: &mut Dice, project: &Project) -> Map {
    let file = pick(dice, &project.files).clone();
    let command = pick(dice, &project.commands).clone();
    let millis: u32 = dice.random_range(400..62_000);
    let event = match dice.random_range(0..100) {
        0..30 => {
            let (added, removed): (u32, u32) = (dice.random_range(1..90), dice.random_range(0..45));
            json!({ "type": "action", "title": format!("Edit {file}"), "data": { "tool": "edit", "file": file, "added": added, "removed": removed } })
        }
        30..52 => {
            json!({ "type": "action", "title": format!("Run {command}"), "data": { "tool": "shell", "command": command, "exitCode": 0, "durationMs": millis } })
        }
        52..68 => {
            let passed: u32 = dice.random_range(38..640);
            json!({ "type": "result", "title": format!("{passed} tests passed in {:.1} s", f64::from(millis) / 1e3), "data": { "command": command, "passed": passed, "failed": 0, "durationMs": millis } })
        }
        68..80 => {
            json!({ "type": "note", "title": pick(dice, &project.findings), "message": format!("Seen in {file}. Noted for the summary."), "data": { "file": file, "line": dice.random_range(8..420) } })
        }
        80..88 => {
            json!({ "type": "note", "level": "debug", "title": format!("Read {file}"), "data": { "tool": "read", "file": file, "lines": dice.random_range(40..900) } })
        }
        88..92 => {
            let full: u32 = dice.random_range(71..97);
            json!({ "type": "note", "level": "warn", "title": format!("Context {full} % full, summarised"), "data": { "contextUsed": full } })
        }
        92..96 => {
            json!({ "type": "error", "level": "error", "title": pick(dice, &project.errors), "message": format!("{command} ended with 1; trying another way."), "data": { "command": command, "exitCode": 1, "durationMs": millis } })
        }
        _ => {
            json!({ "type": "result", "title": pick(dice, &project.results), "data": { "command": command } })
        }
    };
    object(event)
}

/// A fresh number for ids of the live demo.
pub(crate) fn fresh(dice: &mut Dice) -> u64 {
    dice.next_u64()
}
