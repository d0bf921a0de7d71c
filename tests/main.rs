//! Integration tests: one binary, a module per area.

mod actions;
mod assets;
mod auth;
mod backup;
mod bodies;
mod capabilities;
mod cli;
mod concurrency;
mod deploy;
mod errors;
mod events;
mod health_meta;
mod legacy;
mod openapi;
mod parity;
mod profiles;
mod projects;
mod restore;
mod runs;
mod security;
mod stats;
mod stream;
mod support;
mod tidy;
mod usage;
