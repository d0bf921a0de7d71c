//! Integration tests: one binary, a module per area.

mod actions;
mod capabilities;
mod cli;
mod concurrency;
mod events;
mod parity;
mod profiles;
mod projects;
mod runs;
mod stats;
mod stream;
mod support;
mod tidy;
mod usage;
