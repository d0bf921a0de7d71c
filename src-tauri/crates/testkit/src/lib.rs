//! TestApp: the real server, on a real file and a real port, with a clock that stands still until a test moves it. Tests
//! talk to it over HTTP as any client does. For tests only: it panics where a test should fail.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failure in here is a failing test"
)]

mod answer;
mod app;
mod bodies;
mod client;
mod live;

pub use answer::Answer;
pub use app::{ADMIN_TOKEN, AGENT_TOKEN, START, TestApp, TestAppBuilder};
pub use bodies::{a_capability, a_profile, a_project, a_run, a_usage_record, an_event};
pub use client::Client;
pub use live::{LiveClient, LiveMessage};
pub use serde_json::{Value, json};
