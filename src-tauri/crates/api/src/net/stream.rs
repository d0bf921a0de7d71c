//! The socket as hyper sees it. It keeps the deadlines of the phases (connection.rs), and dresses hyper's own refusals.
//!
//! Two things hyper does not do by itself: its one header timer also runs while a connection is idle, so it cannot tell 10 s
//! for a head from 75 s between requests; and what it cannot parse it answers with a bare status line, where the contract
//! wants JSON in every answer. So deadlines are kept here, and a bare refusal is replaced on its way out. Ours are never
//! mistaken for one: each of ours carries `nosniff`. (A refusal that shares a write with the answer before it, which
//! needs pipelining, goes out bare.)

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use super::connection::{Connection, HEAD_TIME, Phase};
use crate::answer::bare_refusal;

/// How long a peer may take no byte of an answer.
const STALL_TIME: Duration = Duration::from_secs(60);
/// How long we read and drop what a refused peer still sends.
const LINGER_TIME: Duration = Duration::from_secs(2);
const SCRAP: usize = 16 * 1024;

pub(super) struct WatchedStream {
    stream: TcpStream,
    connection: Arc<Connection>,
    /// Fires at the latest every ten seconds, so a deadline set meanwhile is never overslept and costs no timer call.
    watch: Pin<Box<Sleep>>,
    stalled_since: Option<Instant>,
    is_ending: bool,
}

impl WatchedStream {
    pub(super) fn new(stream: TcpStream, connection: Arc<Connection>) -> WatchedStream {
        let watch = Box::pin(tokio::time::sleep(HEAD_TIME));
        WatchedStream { stream, connection, watch, stalled_since: None, is_ending: false }
    }

    /// Called when a read has to wait: ends the wait when the phase has lasted too long.
    fn poll_read_deadline(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.watch.as_mut().poll(context));
            match self.connection.time_left() {
                Some(left) if left.is_zero() => return Poll::Ready(self.read_timed_out()),
                left => self.rearm(left),
            }
        }
    }

    /// Nothing asked: hang up quietly, as at an end of file. Half a head: say why first.
    fn read_timed_out(&mut self) -> io::Result<()> {
        if self.connection.phase() != Phase::Head {
            return Ok(());
        }
        // One small write into an empty socket buffer; if it does not go, hanging up says enough.
        let _ = self.stream.try_write(bare_refusal(408));
        Err(io::ErrorKind::TimedOut.into())
    }

    /// Called when a write has to wait.
    fn poll_write_deadline(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let since = *self.stalled_since.get_or_insert_with(Instant::now);
        loop {
            ready!(self.watch.as_mut().poll(context));
            let left = STALL_TIME.saturating_sub(since.elapsed());
            if left.is_zero() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.rearm(Some(left));
        }
    }

    fn poll_drained(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut scrap = [0; SCRAP];
        loop {
            let mut buffer = ReadBuf::new(&mut scrap);
            match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return self.watch.as_mut().poll(context),
            }
        }
    }

    fn rearm(&mut self, left: Option<Duration>) {
        let pause = left.map_or(HEAD_TIME, |left| left.min(HEAD_TIME));
        self.watch.as_mut().reset(Instant::now() + pause.max(Duration::from_millis(1)));
    }

    /// The dressed form of `bytes`, if they are a refusal of hyper's.
    fn dressed(&self, bytes: &[u8]) -> Option<&'static [u8]> {
        let status = bytes.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
        if status.first() != Some(&b'4') || !bytes.ends_with(b"\r\n\r\n") || contains(bytes, b"nosniff") {
            return None;
        }
        self.connection.expect_more();
        Some(match status {
            b"414" => bare_refusal(414),
            b"431" if !self.connection.line_ended() => bare_refusal(414),
            b"431" => bare_refusal(431),
            _ => bare_refusal(400),
        })
    }
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(outcome) => {
                self.connection.received(&buffer.filled()[before..]);
                Poll::Ready(outcome)
            }
            Poll::Pending => self.poll_read_deadline(context),
        }
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let refusal = self.dressed(bytes);
        match Pin::new(&mut self.stream).poll_write(context, refusal.unwrap_or(bytes)) {
            Poll::Ready(written) => {
                self.stalled_since = None;
                Poll::Ready(if refusal.is_some() { written.map(|_| bytes.len()) } else { written })
            }
            Poll::Pending => self.poll_write_deadline(context),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [only] = slices {
            return self.poll_write(context, only);
        }
        match Pin::new(&mut self.stream).poll_write_vectored(context, slices) {
            Poll::Ready(written) => {
                self.stalled_since = None;
                Poll::Ready(written)
            }
            Poll::Pending => self.poll_write_deadline(context),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    /// Ends our direction; where the peer may still be sending, what comes is dropped for a moment. Closing at once would
    /// reset the connection, and the peer might lose the answer that says why (SECURITY.md L2).
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_ending {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            self.is_ending = true;
            self.watch.as_mut().reset(Instant::now() + LINGER_TIME);
        }
        if !self.connection.expects_more() {
            return Poll::Ready(Ok(()));
        }
        self.poll_drained(context).map(Ok)
    }
}
