//! The table of routes, and the description that grows with it.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::guard::keys;
use crate::routes::{
    actions, admin, agent_keys, auth, backups, capabilities, database, events, health, preferences, profiles,
    projects, runs, stats, usage, users,
};
use crate::server::Server;
use crate::{assets, docs, live, openapi};

/// Every route of the contract with its description.
pub(crate) fn described() -> (Router<Server>, OpenApi) {
    OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(health::get_health))
        .routes(routes!(health::get_meta))
        .routes(routes!(auth::login))
        .routes(routes!(auth::get_me))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::change_password))
        .routes(routes!(auth::list_sessions))
        .routes(routes!(auth::end_session))
        .routes(routes!(preferences::get_preferences, preferences::set_preferences))
        .routes(routes!(users::list_users, users::create_user))
        .routes(routes!(users::update_user))
        .routes(routes!(users::reset_user_password))
        .routes(routes!(agent_keys::list_agent_keys, agent_keys::create_agent_key))
        .routes(routes!(agent_keys::revoke_agent_key))
        .routes(routes!(projects::list_projects, projects::create_project))
        .routes(routes!(projects::reorder_projects))
        .routes(routes!(projects::batch_projects))
        .routes(routes!(
            projects::get_project,
            projects::update_project,
            projects::put_project,
            projects::delete_project
        ))
        .routes(routes!(stats::get_stats))
        .routes(routes!(stats::get_overview))
        .routes(routes!(stats::get_token_stats))
        .routes(routes!(stats::get_token_series))
        .routes(routes!(stats::get_run_figures))
        .routes(routes!(runs::list_runs, runs::create_run))
        .routes(routes!(runs::get_run_facets))
        .routes(routes!(runs::get_run, runs::update_run))
        .routes(routes!(events::list_events, events::create_events))
        .routes(routes!(events::get_event_facets))
        .routes(routes!(events::get_event))
        .routes(routes!(actions::apply_actions))
        .routes(routes!(profiles::list_profiles, profiles::create_profile))
        .routes(routes!(profiles::get_profile, profiles::update_profile, profiles::delete_profile))
        .routes(routes!(capabilities::list_capabilities, capabilities::create_capability))
        .routes(routes!(
            capabilities::get_capability,
            capabilities::update_capability,
            capabilities::delete_capability
        ))
        .routes(routes!(usage::list_usage, usage::record_usage))
        .routes(routes!(usage::export_usage))
        .routes(routes!(admin::download_backup))
        .routes(routes!(admin::get_restore_progress, admin::restore_backup))
        .routes(routes!(admin::inspect_backup))
        .routes(routes!(backups::list_backups))
        .routes(routes!(backups::download_stored_backup))
        .routes(routes!(backups::inspect_stored_backup))
        .routes(routes!(backups::restore_stored_backup))
        .routes(routes!(database::get_database_figures))
        .routes(routes!(database::check_integrity))
        .routes(routes!(admin::start_deploy))
        .routes(routes!(admin::get_deploy_status))
        .routes(routes!(admin::get_deploy_log))
        .routes(routes!(live::stream))
        .split_for_parts()
}

/// The router as it is served: the described routes, the description itself, and the interface for the rest.
pub(crate) fn router(server: Server) -> Router {
    let (routes, _) = described();
    routes
        .route_layer(from_fn_with_state(server.clone(), keys::check))
        .route("/api/openapi.json", get(openapi::serve))
        .route("/api/docs", get(docs::page))
        .route("/api/docs/{file}", get(docs::file))
        .fallback(assets::serve)
        .with_state(server)
}
