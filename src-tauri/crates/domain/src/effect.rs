//! What an action does to a project. Pure: the project goes in, the changed one comes out.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::action::{Action, ActionCall};
use crate::words::MAX_TAGS;
use crate::{Invalid, Project, Timestamp};

/// What an action does, or would do.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionEffect {
    /// The project afterwards; as it was, if nothing is to be written.
    pub project: Project,
    /// Whether the project is to be written.
    pub changed: bool,
    /// A short sentence about it.
    pub message: String,
    /// The project before.
    pub before: Snapshot,
    /// The project after it, or what it would have been.
    pub after: Snapshot,
}

/// What an action can change about a project, beside its notes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Its status.
    pub status: String,
    /// Its priority.
    pub priority: String,
    /// Its progress.
    pub progress: i64,
    /// Its tags, each once.
    pub tags: Vec<String>,
}

impl Snapshot {
    fn of(project: &Project) -> Self {
        Self {
            status: project.status.clone(),
            priority: project.priority.clone(),
            progress: project.progress,
            tags: each_once(&project.tags),
        }
    }
}

impl ActionCall {
    /// What this does to `project` at `now`. An error only if the project cannot take it: its hundred-and-first tag.
    pub fn effect(&self, project: &Project, now: Timestamp) -> Result<ActionEffect, Invalid> {
        let mut after = project.clone();
        let message = self.apply(&mut after, now)?;
        let snapshot = Snapshot::of(&after);
        let changed = !self.record_only && after != *project;
        Ok(ActionEffect {
            project: if changed { after } else { project.clone() },
            changed,
            message,
            before: Snapshot::of(project),
            after: snapshot,
        })
    }

    fn apply(&self, project: &mut Project, now: Timestamp) -> Result<String, Invalid> {
        Ok(match &self.action {
            Action::SetStatus(status) => {
                project.status.clone_from(status);
                format!("Status set to {status}")
            }
            Action::SetPriority(priority) => {
                project.priority.clone_from(priority);
                format!("Priority set to {priority}")
            }
            Action::SetProgress(progress) => {
                project.progress = (*progress).clamp(0, 100);
                format!("Progress set to {}%", project.progress)
            }
            Action::BumpProgress(delta) => {
                project.progress = project.progress.saturating_add(*delta).clamp(0, 100);
                let reason =
                    self.params.get("reason").and_then(Value::as_str).map(str::trim).unwrap_or_default();
                let colon = if reason.is_empty() { "" } else { ": " };
                format!("Progress changed by {delta:+} to {}%{colon}{reason}", project.progress)
            }
            Action::AppendNote { note, into_notes } => {
                if *into_notes {
                    add_line(&mut project.notes, &format!("[{}] ({}) {note}", minute(now), self.author));
                }
                note.clone()
            }
            Action::AddTag(tag) => {
                add_tag(&mut project.tags, tag)?;
                format!("Tag {tag} added")
            }
            Action::RemoveTag(tag) => {
                project.tags.retain(|known| known != tag);
                format!("Tag {tag} removed")
            }
        })
    }
}

fn add_tag(tags: &mut Vec<String>, tag: &str) -> Result<(), Invalid> {
    *tags = each_once(tags);
    if tags.iter().any(|known| known == tag) {
        return Ok(());
    }
    if tags.len() >= MAX_TAGS {
        return Err(Invalid::field("params.tag", format!("the project has {MAX_TAGS} tags already")));
    }
    tags.push(tag.to_owned());
    Ok(())
}

fn each_once(tags: &[String]) -> Vec<String> {
    let mut seen = std::collections::HashSet::with_capacity(tags.len());
    tags.iter().filter(|tag| seen.insert(tag.as_str())).cloned().collect()
}

fn add_line(notes: &mut String, line: &str) {
    if !notes.is_empty() && !notes.ends_with('\n') {
        notes.push('\n');
    }
    notes.push_str(line);
}

/// `YYYY-MM-DD HH:MM`.
fn minute(time: Timestamp) -> String {
    let text = time.to_string();
    text.get(..16).unwrap_or_default().replace('T', " ")
}
