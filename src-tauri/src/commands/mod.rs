//! The window's door: one thin command per operation, a file per noun. A command hands over to `door` and knows no HTTP. Files
//! are chosen in native dialogs that are opened here, never by the page.

pub(crate) mod agent_keys;
pub(crate) mod agents;
mod ask;
pub(crate) mod backups;
pub(crate) mod connection;
pub(crate) mod database;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod meta;
pub(crate) mod preferences;
pub(crate) mod projects;
pub(crate) mod runs;
pub(crate) mod stats;
pub(crate) mod usage;
pub(crate) mod users;
