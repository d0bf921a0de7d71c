//! The invented team of the demo: its projects, agents and words, read from `team.json`. Holds no times and calls nothing.

use pilotdeck_domain::Map;
use serde::Deserialize;

use crate::failure::{Exit, Failure};

/// Everybody and everything in the demo.
#[derive(Debug, Deserialize)]
pub(crate) struct Team {
    pub(crate) agents: Vec<Agent>,
    /// Capability records as they are sent.
    pub(crate) capabilities: Vec<Map>,
    pub(crate) projects: Vec<Project>,
}

/// An agent and what it costs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Agent {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) source: String,
    /// How much of the work it does, in per cent.
    pub(crate) share: u32,
    pub(crate) description: String,
    pub(crate) style_tags: Vec<String>,
    pub(crate) skills: Vec<String>,
    pub(crate) output_mode: String,
    pub(crate) writeback_policy: String,
    pub(crate) permissions: Map,
    pub(crate) models: Vec<Model>,
}

/// A model and its price per million tokens.
#[derive(Debug, Deserialize)]
pub(crate) struct Model {
    pub(crate) name: String,
    pub(crate) input: f64,
    pub(crate) output: f64,
    /// How often its agent takes it, in per cent.
    pub(crate) share: u32,
}

/// A project, where it will be at the end of the month, and the words its runs are told in.
#[derive(Debug, Deserialize)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) category: String,
    pub(crate) priority: String,
    /// Its status at the end.
    pub(crate) ends: String,
    /// Its progress at the end.
    pub(crate) progress: u32,
    /// The day of the month it begins on.
    pub(crate) day: i64,
    /// How many of the runs are for it.
    pub(crate) weight: u32,
    pub(crate) description: String,
    pub(crate) notes: String,
    pub(crate) tags: Vec<String>,
    pub(crate) budget: u32,
    pub(crate) github: String,
    pub(crate) workspace: String,
    /// Title, kind, amount.
    pub(crate) orders: Vec<(String, String, u32)>,
    pub(crate) tasks: Vec<String>,
    pub(crate) files: Vec<String>,
    pub(crate) commands: Vec<String>,
    pub(crate) findings: Vec<String>,
    pub(crate) results: Vec<String>,
    pub(crate) errors: Vec<String>,
}

impl Team {
    /// The team this program was built with.
    pub(crate) fn load() -> Result<Team, Failure> {
        serde_json::from_str(include_str!("team.json"))
            .map_err(|error| Failure::new(Exit::Software, format!("the demo's team cannot be read: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_team_has_words_for_every_project() {
        let team = Team::load().unwrap();
        assert_eq!((team.projects.len(), team.agents.len()), (12, 5));
        assert_eq!(team.agents.iter().map(|agent| agent.share).sum::<u32>(), 100);
        for project in &team.projects {
            let words =
                [&project.tasks, &project.files, &project.commands, &project.findings, &project.results];
            assert!(words.iter().all(|list| list.len() >= 2), "{}", project.id);
            assert!(pilotdeck_domain::words::PROJECT_STATUSES.contains(&project.ends.as_str()));
            assert!(pilotdeck_domain::words::PRIORITIES.contains(&project.priority.as_str()));
        }
    }
}
