//! `serve`: opens, listens, waits for the end, finishes, closes.

use pilotdeck_services::App;

use super::output::say;
use crate::boot::{self, Server};
use crate::failure::{Exit, Failure};
use crate::settings::Values;

pub(super) async fn serve(values: &Values) -> Result<(), Failure> {
    let listening = values.listening()?;
    let app = boot::open(values.services(super::db_file(values))?).await?;
    let served = match Server::start(app.clone(), &listening).await {
        Ok(server) => {
            announce(&app, &server);
            until_end_asked(server).await
        }
        Err(failure) => Err(failure),
    };
    app.close().await;
    served
}

/// Tells where it is. Scripts wait for the line that begins with "Listening".
pub(super) fn announce(app: &App, server: &Server) {
    let addresses: Vec<_> = server.addresses().iter().map(|address| format!("http://{address}")).collect();
    say(&format!("Listening on {}", addresses.join(" and ")));
    say(&format!("Database {}", app.settings.db_file.display()));
    if app.auth.open_mode() {
        say("Agents on this machine need no token (PM_AGENT_TOKEN is not set)");
    }
}

async fn until_end_asked(server: Server) -> Result<(), Failure> {
    let asked = boot::end_asked().await;
    finish(server).await;
    asked.map_err(|error| Failure::new(Exit::Software, format!("cannot wait for signals: {error}")))
}

/// Finishes what was accepted.
pub(super) async fn finish(server: Server) {
    tracing::info!("stopping: finishing what was accepted");
    if !server.stop().await {
        tracing::warn!("some requests took too long and were cut off");
    }
}
