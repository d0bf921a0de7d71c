//! A reader of server-sent events.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;

/// How long a test waits for a message that must come.
const PATIENCE: Duration = Duration::from_secs(5);

/// An open live stream.
#[derive(Debug)]
pub struct LiveClient {
    body: Incoming,
    text: String,
    /// The id to resume after.
    pub last_id: String,
}

/// One message of it.
#[derive(Clone, Debug)]
pub struct LiveMessage {
    /// `change` or `reset`.
    pub event: String,
    /// The place to resume after.
    pub id: String,
    /// What was told.
    pub data: Value,
}

impl LiveClient {
    pub(crate) fn new(body: Incoming) -> LiveClient {
        LiveClient { body, text: String::new(), last_id: String::new() }
    }

    /// Waits until the server has said from where one can resume: what is committed after this will be told.
    #[must_use]
    pub async fn ready(mut self) -> LiveClient {
        while self.last_id.is_empty() {
            let block = self.next_block().await.expect("the stream begins");
            self.take(&block);
        }
        self
    }

    /// The next message; fails the test when none comes.
    pub async fn next(&mut self) -> LiveMessage {
        self.find_next().await.expect("the stream goes on")
    }

    /// The next message; none when the stream has ended.
    pub async fn find_next(&mut self) -> Option<LiveMessage> {
        loop {
            let block = self.next_block().await?;
            if let Some(message) = self.take(&block) {
                return Some(message);
            }
        }
    }

    /// Fails the test if a message comes within `time`.
    pub async fn expect_silence(&mut self, time: Duration) {
        if let Ok(Some(message)) = tokio::time::timeout(time, self.find_next()).await {
            panic!("unexpected: {message:?}");
        }
    }

    async fn next_block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let block = block.to_owned();
                self.text = rest.to_owned();
                return Some(block);
            }
            let frame =
                tokio::time::timeout(PATIENCE, self.body.frame()).await.expect("a message in time")?.ok()?;
            self.text.push_str(std::str::from_utf8(frame.data_ref()?).expect("text"));
        }
    }

    fn take(&mut self, block: &str) -> Option<LiveMessage> {
        let field = |name: &str| {
            let lines: Vec<_> =
                block.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).collect();
            (!lines.is_empty()).then(|| lines.join("\n"))
        };
        if let Some(id) = field("id") {
            self.last_id = id;
        }
        let data = field("data")?;
        Some(LiveMessage {
            event: field("event").unwrap_or_else(|| "message".to_owned()),
            id: self.last_id.clone(),
            data: serde_json::from_str(&data).expect("JSON"),
        })
    }
}
