//! The window's door: one thin command per operation, a file per noun. A command hands over to `door` and knows no HTTP.

pub(crate) mod connection;
pub(crate) mod events;
pub(crate) mod meta;
pub(crate) mod projects;
pub(crate) mod runs;
