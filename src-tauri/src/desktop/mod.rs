//! The life of the window: one runtime, the database, the listener, the page, and an orderly end. Knows nothing of projects.

mod again;
mod live;
mod window;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pilotdeck_services::App;
use pilotdeck_shell::boot::{self, EndSignals, Server};
use pilotdeck_shell::failure::{Exit, Failure};
use pilotdeck_shell::settings::{Listening, Values};
use pilotdeck_shell::{logging, private_files};
use tauri::{AppHandle, Manager, RunEvent};
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};

use crate::commands;

/// How long the end waits for requests that were accepted.
const END: Duration = Duration::from_secs(5);

/// The listener inside the window, or why there is none. The window works without it.
pub(crate) struct Listener {
    port: u16,
    server: Mutex<Result<Option<Server>, Failure>>,
}

impl Listener {
    async fn start(app: &App, listening: &Listening) -> Listener {
        let server = Server::start(app.clone(), listening).await;
        if let Err(failure) = &server {
            tracing::error!("the listener did not start: {failure}");
        }
        let port = server.as_ref().map_or(listening.port, Server::port);
        Listener { port, server: Mutex::new(server.map(Some)) }
    }

    /// The port agents use, or would use.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Why nothing listens.
    pub(crate) fn error(&self) -> Option<String> {
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        server.as_ref().err().map(|failure| failure.message.clone())
    }

    fn take(&self) -> Option<Server> {
        let mut server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        server.as_mut().ok().and_then(Option::take)
    }
}

/// Shows the window until it is closed.
pub(crate) fn run() -> ExitCode {
    private_files::keep_new_files_private();
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            again::start_again_after(&failure);
            tracing::error!("{failure}");
            failure.exit_code()
        }
    }
}

fn start() -> Result<(), Failure> {
    let values = Values::gather(|_flag| None, |name| std::env::var(name).ok())?;
    logging::start(values.debug()?);
    let software =
        |what: &str, error: &dyn std::fmt::Display| Failure::new(Exit::Software, format!("{what}: {error}"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| software("no threads", &error))?;
    tauri::async_runtime::set(runtime.handle().clone());
    let app = tauri::Builder::default()
        // First, so that a second start ends before it touches anything and this one comes to the front.
        .plugin(tauri_plugin_single_instance::init(|app, _args, _folder| window::show(app)))
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(tauri::generate_handler![
            commands::agent_keys::create_agent_key,
            commands::agent_keys::list_agent_keys,
            commands::agent_keys::revoke_agent_key,
            commands::agents::create_capability,
            commands::agents::create_profile,
            commands::agents::delete_capability,
            commands::agents::delete_profile,
            commands::agents::get_capability,
            commands::agents::get_profile,
            commands::agents::list_capabilities,
            commands::agents::list_profiles,
            commands::agents::update_capability,
            commands::agents::update_profile,
            commands::backups::get_restore_progress,
            commands::backups::inspect_stored_backup,
            commands::backups::list_backups,
            commands::backups::restore_stored_backup,
            commands::connection::connection_info,
            commands::connection::open_external,
            commands::database::check_integrity,
            commands::database::get_database_figures,
            commands::events::get_event,
            commands::events::get_event_facets,
            commands::events::list_events,
            commands::files::inspect_backup,
            commands::files::restore_backup,
            commands::files::save_backup,
            commands::files::save_stored_backup,
            commands::files::save_usage,
            commands::meta::get_meta,
            commands::preferences::get_preferences,
            commands::preferences::set_preferences,
            commands::projects::batch_projects,
            commands::projects::create_project,
            commands::projects::delete_project,
            commands::projects::get_project,
            commands::projects::list_projects,
            commands::projects::reorder_projects,
            commands::projects::update_project,
            commands::runs::get_run,
            commands::runs::get_run_facets,
            commands::runs::list_runs,
            commands::stats::get_overview,
            commands::stats::get_run_figures,
            commands::stats::get_token_series,
            commands::stats::get_token_stats,
            commands::usage::list_usage,
            commands::users::create_user,
            commands::users::list_users,
            commands::users::reset_user_password,
            commands::users::update_user,
        ])
        .setup(move |app| {
            let handle = app.handle().clone();
            if let Err(failure) = set_up(&handle, &values) {
                say_and_end(&handle, failure);
            }
            Ok(())
        })
        .build(tauri::generate_context!())
        .map_err(|error| software("the window could not be made", &error))?;
    let code = app.run_return(|handle, event| {
        if let RunEvent::Exit = event {
            end(handle);
        }
    });
    match u8::try_from(code) {
        Ok(0) => Ok(()),
        _ => std::process::exit(code),
    }
}

fn set_up(handle: &AppHandle, values: &Values) -> Result<(), Failure> {
    let mut settings = values.services(db_file(handle, values)?)?;
    settings.in_window = true;
    let listening = values.listening()?;
    let (app, end, listener) = tauri::async_runtime::block_on(async {
        let app = boot::open(settings).await?;
        // Without it a SIGTERM would kill us without `RunEvent::Exit`.
        let end = EndSignals::listen()?;
        let listener = Listener::start(&app, &listening).await;
        Ok::<_, Failure>((app, end, listener))
    })?;
    live::forward(handle.clone(), &app);
    handle.manage(app);
    handle.manage(listener);
    handle.manage(commands::files::Inspected::default());
    window::open(handle).map_err(|error| Failure::new(Exit::Software, format!("no window: {error}")))?;
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        end.asked().await;
        handle.exit(0);
    });
    Ok(())
}

/// The database in the folder the system keeps for us, unless `PM_DB_FILE` names another.
fn db_file(handle: &AppHandle, values: &Values) -> Result<PathBuf, Failure> {
    if let Some(file) = values.db_file() {
        return Ok(file);
    }
    let folder = handle.path().app_data_dir();
    let folder =
        folder.map_err(|error| Failure::new(Exit::Config, format!("no app-data folder: {error}")))?;
    Ok(folder.join("pm.db"))
}

/// Somebody who double-clicked an icon reads no log: the sentence comes in a box, and its button ends the program.
fn say_and_end(handle: &AppHandle, failure: Failure) {
    tracing::error!("{failure}");
    let code = i32::from(failure.exit.code());
    let ending = handle.clone();
    let message = handle
        .dialog()
        .message(failure.message)
        .title("PilotDeck cannot start")
        .kind(MessageDialogKind::Error);
    message.show(move |_| ending.exit(code));
}

/// Finishes what was accepted and closes the file.
fn end(handle: &AppHandle) {
    let server = handle.try_state::<Listener>().and_then(|listener| listener.take());
    let app = handle.try_state::<App>().map(|app| app.inner().clone());
    tauri::async_runtime::block_on(async {
        if let Some(server) = server
            && tokio::time::timeout(END, server.stop()).await.is_err()
        {
            tracing::warn!("some requests took too long and were cut off");
        }
        if let Some(app) = app {
            app.close().await;
        }
    });
}
