//! The checks before any route, in the order of SECURITY.md §1: sizes, `Host`, origin, maintenance. Then routing, and the
//! headers of all answers. One function around the router instead of a stack of layers: less to read and nothing boxed.

mod handle;
mod host;
pub(crate) mod keys;
mod origin;

pub(crate) use handle::{handle, is_under_api};
pub(crate) use host::{Hosts, host_of, is_loopback_host};
pub(crate) use origin::is_browser;
