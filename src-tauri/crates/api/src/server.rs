//! What every request needs at hand: the app, the settings of this door, and the places for live streams.

use std::ops::Deref;
use std::sync::Arc;

use pilotdeck_services::App;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::ApiConfig;
use crate::guard::Hosts;

/// Live streams at once (SECURITY.md L7).
const STREAMS: usize = 64;

/// The state of the router. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Server(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) app: App,
    pub(crate) config: ApiConfig,
    pub(crate) hosts: Hosts,
    pub(crate) streams: Arc<Semaphore>,
    /// Live streams have no end of their own: this one ends them.
    pub(crate) shutdown: CancellationToken,
}

impl Server {
    pub(crate) fn new(app: App, config: ApiConfig, shutdown: CancellationToken) -> Server {
        let hosts = Hosts::new(&config);
        Server(Arc::new(Inner { app, config, hosts, streams: Arc::new(Semaphore::new(STREAMS)), shutdown }))
    }
}

impl Deref for Server {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
