//! The words of the contract that more than one room needs: enums, and the limits of SECURITY.md L4.

/// Where a project stands.
pub const PROJECT_STATUSES: [&str; 5] = ["planning", "in-progress", "paused", "completed", "cancelled"];
/// How much a project matters.
pub const PRIORITIES: [&str; 4] = ["low", "medium", "high", "urgent"];
/// Where a run stands.
pub const RUN_STATUSES: [&str; 4] = ["running", "completed", "failed", "cancelled"];
/// How loud an event is.
pub const EVENT_LEVELS: [&str; 4] = ["debug", "info", "warn", "error"];
/// The usual types of events; any other word is allowed too.
pub const EVENT_TYPES: [&str; 5] = ["note", "action", "result", "error", "milestone"];
/// What an action may do to a project.
pub const ACTIONS: [&str; 7] =
    ["set_status", "set_priority", "set_progress", "bump_progress", "append_note", "add_tag", "remove_tag"];
/// What this server can do, as `/api/meta` tells it.
pub const CAPABILITIES: [&str; 13] = [
    "projects",
    "stats",
    "agentRuns",
    "agentEvents",
    "agentActions",
    "agentProfiles",
    "agentCapabilities",
    "tokenUsage",
    "projectsBatch",
    "projectsPatch",
    "actionsFlat",
    "proposals",
    "stream",
];

/// The most items of one request.
pub const MAX_ITEMS: usize = 1_000;
/// The most tags of one record.
pub const MAX_TAGS: usize = 100;
/// The longest id, in bytes.
pub const MAX_ID_BYTES: usize = 256;
/// The longest title, in characters.
pub const MAX_TITLE: usize = 1_000;
/// The longest message, in characters.
pub const MAX_MESSAGE: usize = 256 * 1024;
/// The longest type of an event, in characters.
pub const MAX_TYPE: usize = 128;
/// The deepest JSON: how many lists and objects may stand inside one another.
pub const MAX_DEPTH: usize = 64;
/// The largest amount of money or cost.
pub const MAX_MONEY: f64 = 1e15;
/// The largest count of tokens: the largest whole number that every JSON reader keeps exactly.
pub const MAX_COUNT: i64 = (1 << 53) - 1;

/// `success` is how older clients say `completed`.
#[must_use]
pub fn run_status(word: &str) -> &str {
    if word == "success" { "completed" } else { word }
}

/// `warning` is how some clients say `warn`.
#[must_use]
pub fn event_level(word: &str) -> &str {
    if word == "warning" { "warn" } else { word }
}
