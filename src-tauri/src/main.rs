//! The PilotDeck window: the same house as the server, with the listener inside and commands as its second door.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod desktop;

use std::process::ExitCode;

fn main() -> ExitCode {
    desktop::run()
}
