//! The two shells of PilotDeck, but for the window itself: settings, start and stop, the command line, the demo, and the bodies
//! of the window's commands. They only wire things up; what PilotDeck does stands in services.

pub mod boot;
pub mod cli;
mod demo;
pub mod door;
pub mod failure;
pub mod logging;
pub mod private_files;
pub mod settings;
