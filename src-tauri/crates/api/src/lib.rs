//! The HTTP door: listener, guards, credentials, routes. It decodes, names the caller, calls one service method and
//! encodes. Knows no Tauri and no storage.

mod answer;
mod assets;
mod body;
mod caller;
mod config;
mod credential;
mod docs;
mod guard;
mod live;
mod net;
mod openapi;
mod request;
mod router;
mod routes;
mod server;

use pilotdeck_services::App;
use tokio_util::sync::CancellationToken;

pub use config::ApiConfig;
pub use net::{BindError, Listeners, bind};
pub use openapi::document_text;

/// Serves `app` on `listeners` until `shutdown`, then finishes what was accepted, for at most five seconds.
pub async fn serve(app: App, config: ApiConfig, listeners: Listeners, shutdown: CancellationToken) {
    let server = server::Server::new(app, config, shutdown.clone());
    let router = router::router(server.clone());
    net::accept(listeners, shutdown, move |connection, request| {
        let (server, router) = (server.clone(), router.clone());
        async move { guard::handle(&server, router, connection, request).await }
    })
    .await;
}
