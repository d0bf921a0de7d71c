//! The accept loop (SECURITY.md L1, L2): HTTP/1.1 only, caps on connections, and a graceful end.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::bind::Listeners;
use super::connection::{Connection, TrackedBody, plain_ip};
use super::stream::WatchedStream;
use crate::answer::bare_refusal;

const CONNECTIONS: usize = 512;
const CONNECTIONS_PER_STRANGER: usize = 64;
/// Head of a request with its request line: 16 KiB of headers and 8 KiB of target, each checked again on its own.
const HEAD_SIZE: usize = 24 * 1024 + 64;
/// How long accepted requests may take after the end was asked for.
const GRACE_TIME: Duration = Duration::from_secs(5);
/// Pause when the system gives no more sockets, so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Answers every request on `listeners` by `handle` until `shutdown`, then finishes what was accepted.
pub(crate) async fn accept<H, F>(listeners: Listeners, shutdown: CancellationToken, handle: H)
where
    H: Fn(Arc<Connection>, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<TrackedBody>> + Send + 'static,
{
    let caps = Arc::new(Caps::default());
    let connections = TaskTracker::new();
    let loops = TaskTracker::new();
    for socket in listeners.sockets {
        let accepted = accept_on(socket, caps.clone(), connections.clone(), shutdown.clone(), handle.clone());
        let shutdown = shutdown.clone();
        loops.spawn(async move {
            let _ = shutdown.run_until_cancelled(accepted).await;
        });
    }
    loops.close();
    loops.wait().await;
    connections.close();
    if tokio::time::timeout(GRACE_TIME, connections.wait()).await.is_err() {
        tracing::warn!("{} connections were cut off at the end", connections.len());
    }
}

async fn accept_on<H, F>(
    listener: TcpListener,
    caps: Arc<Caps>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
    handle: H,
) where
    H: Fn(Arc<Connection>, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<TrackedBody>> + Send + 'static,
{
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::debug!("accept failed: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        match caps.admit(peer) {
            Ok(place) => {
                tasks.spawn(serve_one(stream, peer, shutdown.child_token(), handle.clone(), place));
            }
            Err(status) => {
                let _ = stream.try_write(bare_refusal(status));
            }
        }
    }
}

/// One connection from its first byte to its close. `_place` is held until then.
async fn serve_one<H, F>(
    stream: TcpStream,
    peer: SocketAddr,
    shutdown: CancellationToken,
    handle: H,
    _place: Place,
) where
    H: Fn(Arc<Connection>, Request<Incoming>) -> F + Send + Sync,
    F: Future<Output = Response<TrackedBody>>,
{
    let Ok(local) = stream.local_addr() else { return };
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!("no TCP_NODELAY: {error}");
    }
    let connection = Connection::new(peer, local);
    let io = TokioIo::new(WatchedStream::new(stream, connection.clone()));
    let service = service_fn(|request| {
        let answer = handle(connection.clone(), request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let mut served = pin!(http1_builder().serve_connection(io, service));
    let ended = tokio::select! {
        biased;
        ended = served.as_mut() => ended,
        () = shutdown.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("connection ended: {error}");
    }
}

fn http1_builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    // Deadlines are the stream's (stream.rs): hyper's one timer cannot tell a slow head from an idle connection. No
    // `pipeline_flush`: with it a refusal is never sent while bytes of the refused head are still unread.
    builder.header_read_timeout(None).max_header_size(HEAD_SIZE).keep_alive(true);
    builder
}

/// How many connections there are, and how many of each address that is not this machine.
#[derive(Default)]
struct Caps(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    all: usize,
    strangers: HashMap<IpAddr, usize>,
}

impl Caps {
    /// A place for one more connection, or the status of the refusal.
    fn admit(self: &Arc<Caps>, peer: SocketAddr) -> Result<Place, u16> {
        let address = plain_ip(peer.ip());
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.all >= CONNECTIONS {
            return Err(503);
        }
        let stranger = (!address.is_loopback()).then_some(address);
        if let Some(address) = stranger {
            let count = counts.strangers.entry(address).or_default();
            if *count >= CONNECTIONS_PER_STRANGER {
                return Err(429);
            }
            *count += 1;
        }
        counts.all += 1;
        Ok(Place { caps: self.clone(), stranger })
    }
}

/// Frees its place when the connection ends.
struct Place {
    caps: Arc<Caps>,
    stranger: Option<IpAddr>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.caps.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all -= 1;
        if let Some(address) = self.stranger
            && let Some(count) = counts.strangers.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                counts.strangers.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_gets_64_connections_and_everybody_together_512() {
        let caps = Arc::new(Caps::default());
        let stranger: SocketAddr = ([10, 0, 0, 9], 1).into();
        let local: SocketAddr = ([127, 0, 0, 1], 1).into();
        let mut places: Vec<Place> =
            (0..CONNECTIONS_PER_STRANGER).map(|_| caps.admit(stranger).unwrap()).collect();
        assert_eq!(caps.admit(stranger).err(), Some(429));
        places.extend((places.len()..CONNECTIONS).map(|_| caps.admit(local).unwrap()));
        assert_eq!(caps.admit(local).err(), Some(503));
        places.clear();
        assert!(caps.admit(stranger).is_ok(), "places are given back");
        assert!(caps.0.lock().unwrap().strangers.is_empty(), "and forgotten");
    }
}
