//! Build step of the window: resolves the capabilities and lists the commands. The headless build needs none of it.

fn main() {
    #[cfg(feature = "desktop")]
    desktop();
}

/// Only commands named here exist for a page; each is then allowed, or not, in `capabilities/`.
#[cfg(feature = "desktop")]
const COMMANDS: &[&str] = &[
    "connection_info",
    "create_project",
    "delete_project",
    "get_event",
    "get_meta",
    "get_project",
    "get_run",
    "list_events",
    "list_projects",
    "list_runs",
    "open_external",
    "reorder_projects",
    "update_project",
];

#[cfg(feature = "desktop")]
fn desktop() {
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    let attributes = tauri_build::Attributes::new()
        .app_manifest(manifest)
        .capabilities_path_pattern("./src-tauri/capabilities/**/*.json");
    if let Err(error) = tauri_build::try_build(attributes) {
        // Cargo shows this line and the build fails: nothing sensible can be built from a wrong configuration.
        println!("cargo::error=tauri-build: {error:#}");
        std::process::exit(1);
    }
}
