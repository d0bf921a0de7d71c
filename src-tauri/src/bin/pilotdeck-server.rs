//! The headless server and the command line. Everything is in the library, so that tests and the window can use it too.

use std::process::ExitCode;

/// Records are made on one thread and dropped on another, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pilotdeck_shell::cli::main(std::env::args_os())
}
