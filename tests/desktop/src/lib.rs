//! The desktop tests stand in `tests/`; this crate exists so that their driver stays out of the root package, where it would
//! rebuild half of the window's dependencies.
//!
//! They start the real window, so they need a display, a session bus, `WebKitWebDriver`, and the window's binary in
//! `PILOTDECK_DESKTOP`, built with the features `desktop` and `custom-protocol`. `cargo xtask test` provides all of it; by hand:
//!
//! ```text
//! PILOTDECK_DESKTOP=…/pilotdeck xvfb-run -a -s "-screen 0 1280x900x24" dbus-run-session -- \
//!     cargo test -p pilotdeck-desktop-tests -- --test-threads=1
//! ```
