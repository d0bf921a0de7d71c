//! The routes, one file per noun. Each handler names its caller, decodes, calls one service method and encodes.

pub(crate) mod actions;
pub(crate) mod admin;
pub(crate) mod agent_keys;
pub(crate) mod auth;
pub(crate) mod backups;
pub(crate) mod capabilities;
pub(crate) mod database;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod preferences;
pub(crate) mod profiles;
pub(crate) mod projects;
pub(crate) mod runs;
pub(crate) mod stats;
pub(crate) mod usage;
pub(crate) mod users;
