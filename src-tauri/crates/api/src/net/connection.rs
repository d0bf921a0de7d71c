//! What is known about one connection: who is at the other end, and in which phase of a request it is. The phases carry the
//! deadlines of SECURITY.md L1; the stream (stream.rs) enforces them, because only it sees bytes come and go.

use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::Body;
use http_body::{Frame, SizeHint};
use hyper::body::Bytes;

use super::local;

pub(crate) const HEAD_TIME: Duration = Duration::from_secs(10);
const IDLE_TIME: Duration = Duration::from_secs(75);

/// Where a connection stands between two requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// Accepted, no byte yet.
    Fresh,
    /// Answered, waiting for the next request.
    Idle,
    /// Some bytes of a request's head are there.
    Head,
    /// A request is being answered; body and handler have timers of their own.
    Busy,
}

const PHASES: [Phase; 4] = [Phase::Fresh, Phase::Idle, Phase::Head, Phase::Busy];
const NO_DEADLINE: u64 = u64::MAX;

/// One accepted connection. Its parts run in one task; the atomics only carry them across `Send` bounds.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) peer: SocketAddr,
    pub(crate) local: SocketAddr,
    accepted: Instant,
    phase: AtomicU8,
    /// Milliseconds after `accepted`.
    deadline: AtomicU64,
    /// Whether the request line has ended, so that a head that is too large is told from a target that is too long.
    line_ended: AtomicBool,
    /// The peer may still be sending when we end the connection.
    expects_more: AtomicBool,
    peer_is_ours: OnceLock<bool>,
}

impl Connection {
    pub(crate) fn new(peer: SocketAddr, local: SocketAddr) -> Arc<Connection> {
        let connection = Connection {
            peer: plain(peer),
            local: plain(local),
            accepted: Instant::now(),
            phase: AtomicU8::new(Phase::Fresh as u8),
            deadline: AtomicU64::new(NO_DEADLINE),
            line_ended: AtomicBool::new(false),
            expects_more: AtomicBool::new(false),
            peer_is_ours: OnceLock::new(),
        };
        connection.enter(Phase::Fresh, Some(HEAD_TIME));
        Arc::new(connection)
    }

    /// Whether the process at the other end runs as us or root, as far as this system tells. Asked once per connection,
    /// and only when the answer matters: it reads the system's table of sockets.
    pub(crate) fn peer_is_ours(&self) -> bool {
        *self.peer_is_ours.get_or_init(|| local::peer_is_ours(self.peer, self.local))
    }

    pub(crate) fn phase(&self) -> Phase {
        PHASES[usize::from(self.phase.load(Ordering::Relaxed)) % PHASES.len()]
    }

    pub(crate) fn line_ended(&self) -> bool {
        self.line_ended.load(Ordering::Relaxed)
    }

    /// Bytes came in.
    pub(super) fn received(&self, bytes: &[u8]) {
        if bytes.is_empty() || self.phase() == Phase::Busy {
            return;
        }
        if self.phase() != Phase::Head {
            self.line_ended.store(false, Ordering::Relaxed);
            self.enter(Phase::Head, Some(HEAD_TIME));
        }
        if !self.line_ended() && bytes.contains(&b'\n') {
            self.line_ended.store(true, Ordering::Relaxed);
        }
    }

    /// A whole head was read.
    pub(crate) fn request_began(&self, has_body: bool) {
        self.expects_more.store(has_body, Ordering::Relaxed);
        self.enter(Phase::Busy, None);
    }

    /// The peer was refused before it had sent everything.
    pub(super) fn expect_more(&self) {
        self.expects_more.store(true, Ordering::Relaxed);
    }

    pub(super) fn expects_more(&self) -> bool {
        self.expects_more.load(Ordering::Relaxed)
    }

    fn request_ended(&self) {
        self.enter(Phase::Idle, Some(IDLE_TIME));
    }

    /// How long until the deadline of this phase; none without one, zero when it has passed.
    pub(super) fn time_left(&self) -> Option<Duration> {
        let deadline = self.deadline.load(Ordering::Relaxed);
        let deadline = Duration::from_millis(deadline);
        (deadline.as_millis() < u128::from(NO_DEADLINE))
            .then(|| deadline.saturating_sub(self.accepted.elapsed()))
    }

    fn enter(&self, phase: Phase, time: Option<Duration>) {
        let deadline = time.map_or(NO_DEADLINE, |time| {
            u64::try_from((self.accepted.elapsed() + time).as_millis()).unwrap_or(NO_DEADLINE)
        });
        self.deadline.store(deadline, Ordering::Relaxed);
        self.phase.store(phase as u8, Ordering::Relaxed);
    }
}

/// IPv4 written as IPv6 is IPv4.
fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(plain_ip(address.ip()), address.port())
}

pub(crate) fn plain_ip(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

/// An answer's body that tells the connection when it was sent or given up.
pub(crate) struct TrackedBody {
    body: Body,
    connection: Arc<Connection>,
}

impl TrackedBody {
    pub(crate) fn new(body: Body, connection: Arc<Connection>) -> TrackedBody {
        TrackedBody { body, connection }
    }
}

impl Drop for TrackedBody {
    fn drop(&mut self) {
        self.connection.request_ended();
    }
}

impl http_body::Body for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> Arc<Connection> {
        Connection::new(([127, 0, 0, 1], 40_000).into(), ([127, 0, 0, 1], 8689).into())
    }

    #[test]
    fn a_head_has_ten_seconds_from_its_first_byte_and_a_quiet_connection_75() {
        let connection = connection();
        assert!(connection.time_left().unwrap() <= HEAD_TIME, "a silent newcomer may not stay long");
        connection.received(b"GET / HT");
        assert_eq!((connection.phase(), connection.line_ended()), (Phase::Head, false));
        connection.received(b"TP/1.1\r\nHost: x");
        assert!(connection.line_ended());
        connection.request_began(false);
        assert_eq!(connection.time_left(), None);
        drop(TrackedBody::new(Body::empty(), connection.clone()));
        assert_eq!(connection.phase(), Phase::Idle);
        assert!(connection.time_left().unwrap() > HEAD_TIME);
    }
}
