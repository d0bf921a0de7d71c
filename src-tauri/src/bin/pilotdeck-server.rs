//! The headless server and the command line. Everything is in the library, so that tests and the window can use it too.

use std::process::ExitCode;

fn main() -> ExitCode {
    pilotdeck_shell::cli::main(std::env::args_os())
}
