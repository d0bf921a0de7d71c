//! Bodies to begin with; a test changes what it is about.

use serde_json::{Value, json};

/// `{id: "proj-<name>", name}`, the id in lower case with hyphens.
pub fn a_project(name: &str) -> Value {
    json!({ "id": format!("proj-{}", slug(name)), "name": name })
}

/// A run that goes on.
pub fn a_run(id: &str, project_id: &str) -> Value {
    json!({ "id": id, "projectId": project_id, "agentId": "claude", "title": "Some work", "status": "running" })
}

/// A note.
pub fn an_event(id: &str) -> Value {
    json!({ "id": id, "type": "note", "title": "Something happened", "agentId": "claude" })
}

/// An agent profile.
pub fn a_profile(id: &str) -> Value {
    json!({ "id": id, "name": "Reviewer", "role": "review", "skills": ["rust"] })
}

/// A capability.
pub fn a_capability(id: &str) -> Value {
    json!({ "id": id, "name": "Search", "description": "Finds things" })
}

/// 100 tokens for two cents.
pub fn a_usage_record(id: &str) -> Value {
    json!({ "id": id, "promptTokens": 70, "completionTokens": 30, "cost": 0.02, "model": "opus", "agentId": "claude" })
}

fn slug(name: &str) -> String {
    name.to_lowercase().replace(|sign: char| !sign.is_alphanumeric(), "-")
}
