//! `demo`: an invented team's month, told through the services with a clock that is moved, and more of it live over HTTP.
//! Writes no SQL and knows no table.

mod fill;
pub(crate) mod live;
mod month;
mod plan;
mod team;

pub(crate) use fill::{fill, is_demo};
pub(crate) use month::beginning;
