//! From the socket to one HTTP request: binding, the accept loop, timers, limits on connections. Knows no routes.

mod bind;
mod connection;
mod local;
mod serve;
mod stream;

pub use bind::{BindError, Listeners, bind};
pub(crate) use connection::{Connection, TrackedBody};
pub(crate) use serve::accept;
