//! Build step of the window: resolves the capabilities and lists the commands. The headless build needs none of it.

fn main() {
    #[cfg(feature = "desktop")]
    desktop();
}

/// Only commands named here exist for a page; each is then allowed, or not, in `capabilities/`.
#[cfg(feature = "desktop")]
const COMMANDS: &[&str] = &[
    "batch_projects",
    "check_integrity",
    "connection_info",
    "create_agent_key",
    "create_capability",
    "create_profile",
    "create_project",
    "create_user",
    "delete_capability",
    "delete_profile",
    "delete_project",
    "get_capability",
    "get_database_figures",
    "get_event",
    "get_event_facets",
    "get_meta",
    "get_overview",
    "get_preferences",
    "get_profile",
    "get_project",
    "get_restore_progress",
    "get_run",
    "get_run_facets",
    "get_run_figures",
    "get_token_series",
    "get_token_stats",
    "inspect_backup",
    "inspect_stored_backup",
    "list_agent_keys",
    "list_backups",
    "list_capabilities",
    "list_events",
    "list_profiles",
    "list_projects",
    "list_runs",
    "list_usage",
    "list_users",
    "open_external",
    "reorder_projects",
    "reset_user_password",
    "restore_backup",
    "restore_stored_backup",
    "revoke_agent_key",
    "save_backup",
    "save_stored_backup",
    "save_usage",
    "set_preferences",
    "update_capability",
    "update_profile",
    "update_project",
    "update_user",
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
