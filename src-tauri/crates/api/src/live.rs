//! `GET /api/stream`: committed changes as server-sent events (SECURITY.md W6, L7). The stream is pulled by the socket: a
//! slow reader makes the hub drop it, never our memory grow.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use pilotdeck_services::{LiveFilter, LiveMessage, LiveStream};
use pilotdeck_wire::{Code, live::change_text};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Interval, MissedTickBehavior};

use crate::answer::{Answer, Failure};
use crate::credential::{Caller, UserCaller};
use crate::request::Query;
use crate::server::Server;

const HEARTBEAT: Duration = Duration::from_secs(15);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream; charset=utf-8");

/// Tells every committed change as it happens.
#[utoipa::path(
    get, path = "/api/stream", tag = "live", operation_id = "stream",
    params(
        ("projectId" = Option<String>, Query, description = "Only what belongs to this project"),
        ("runId" = Option<String>, Query, description = "Only what belongs to this run"),
        ("Last-Event-ID" = Option<String>, Header, description = "Resume after this message"),
    ),
    responses((status = 200, content_type = "text/event-stream", body = pilotdeck_wire::live::LiveChange,
        description = "`event: change` with a LiveChange as data, `event: reset` when the client must read anew, \
                       a comment every 15 s")),
    security(("session" = []), ("agentToken" = []), ("bearer" = [])),
)]
pub(crate) async fn stream(
    State(server): State<Server>,
    UserCaller(caller): UserCaller,
    Query(query): Query,
    headers: HeaderMap,
) -> Answer {
    let Ok(permit) = server.streams.clone().try_acquire_owned() else {
        return Err(Failure::new(Code::Busy, "Too many live streams: close one"));
    };
    let value = |name: &str| {
        let found = query.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
        found.filter(|value| !value.is_empty())
    };
    let filter = LiveFilter { project_id: value("projectId"), run_id: value("runId"), scope: caller.scope() };
    if filter.project_id.is_some() {
        filter.scope.check_project(filter.project_id.as_deref())?;
    }
    let resume = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).filter(|id| !id.is_empty());
    let live = server.app.live.subscribe(filter, resume);
    let mut heartbeat = tokio::time::interval_at(tokio::time::Instant::now() + HEARTBEAT, HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let listener = Listener { server, caller, live, heartbeat, begun: false, _permit: permit };
    let messages = stream::unfold(listener, |mut listener| async move {
        let text = listener.next().await?;
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(text)), listener))
    });
    let mut response = Response::new(Body::from_stream(messages));
    response.headers_mut().insert(header::CONTENT_TYPE, EVENT_STREAM);
    // Proxies that gather answers would hold the messages back.
    response
        .headers_mut()
        .insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// One open stream.
struct Listener {
    server: Server,
    caller: Caller,
    live: LiveStream,
    heartbeat: Interval,
    begun: bool,
    _permit: OwnedSemaphorePermit,
}

impl Listener {
    /// The next piece of text; none ends the stream.
    async fn next(&mut self) -> Option<String> {
        if !self.begun {
            self.begun = true;
            // An id without data is remembered by the client and shown to nobody: from here it can resume.
            return Some(format!("retry: 2000\nid: {}\n\n", self.live.position()));
        }
        tokio::select! {
            biased;
            () = self.server.shutdown.cancelled() => None,
            message = self.live.next() => message.filter(|_| self.has_good_key()).map(|message| text_of(&message)),
            _ = self.heartbeat.tick() => if self.is_still_allowed().await { Some(": still here\n\n".to_owned()) } else { None },
        }
    }

    /// A session that ended meanwhile ends its streams too (SECURITY.md S4).
    async fn is_still_allowed(&self) -> bool {
        match &self.caller {
            Caller::Session(cookie) => self.server.app.auth.session(cookie).await.is_some(),
            Caller::Key(_) => self.has_good_key(),
            Caller::Agent | Caller::Local => true,
        }
    }

    /// Who lost a key hears nothing more, also of a stream too busy for its heartbeat (SECURITY.md K2).
    fn has_good_key(&self) -> bool {
        match &self.caller {
            Caller::Key(key) => self.server.app.agent_keys.is_good(&key.id),
            Caller::Session(_) | Caller::Agent | Caller::Local => true,
        }
    }
}

fn text_of(message: &LiveMessage) -> String {
    match message {
        LiveMessage::Change(change) => {
            format!("event: change\nid: {}\ndata: {}\n\n", change.id, change.encoded(change_text))
        }
        LiveMessage::Reset { id } => format!("event: reset\nid: {id}\ndata: {{}}\n\n"),
    }
}
