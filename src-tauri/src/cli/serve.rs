//! `serve`: opens, listens, waits for the end, finishes, closes.

use pilotdeck_services::App;

use super::output::say;
use crate::boot::{self, EndSignals, Server};
use crate::failure::Failure;
use crate::settings::{Listening, Values};

pub(super) async fn serve(values: &Values) -> Result<(), Failure> {
    let listening = values.listening()?;
    let app = boot::open(values.services(super::db_file(values))?).await?;
    let served = serve_until_end(&app, &listening).await;
    app.close().await;
    served
}

async fn serve_until_end(app: &App, listening: &Listening) -> Result<(), Failure> {
    let end = EndSignals::listen()?;
    let server = Server::start(app.clone(), listening).await?;
    announce(app, &server);
    end.asked().await;
    finish(server).await;
    Ok(())
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

/// Finishes what was accepted.
pub(super) async fn finish(server: Server) {
    tracing::info!("stopping: finishing what was accepted");
    if !server.stop().await {
        tracing::warn!("some requests took too long and were cut off");
    }
}
