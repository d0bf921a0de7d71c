//! What the server answered.

use http::HeaderMap;
use serde_json::Value;

/// One answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null when it is none.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(status: u16, headers: HeaderMap, bytes: Vec<u8>) -> Answer {
        Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default(), bytes }
    }

    /// The body as JSON; fails the test when it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error} in {self}"))
    }

    /// `data` of the body.
    pub fn data(&self) -> Value {
        self.body["data"].clone()
    }

    /// `code` of a failure, else an empty text.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A header, an empty text when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Fails the test unless this is the status; shows the body when it is not.
    #[track_caller]
    pub fn expect(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// Fails the test unless this is the status and the code of a failure.
    #[track_caller]
    pub fn expect_failure(self, status: u16, code: &str) -> Answer {
        assert_eq!((self.status, self.code()), (status, code), "{self}");
        assert_eq!(self.body["success"], false, "{self}");
        self
    }

    /// Takes an answer apart that was read from a socket as it came.
    #[track_caller]
    pub(crate) fn parse(bytes: &[u8]) -> Answer {
        let text = String::from_utf8_lossy(bytes);
        let Some((head, _)) = text.split_once("\r\n\r\n") else { panic!("no answer in {text:?}") };
        let mut lines = head.split("\r\n");
        let status =
            lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap_or((line, ""));
            headers.append(
                http::HeaderName::from_bytes(name.as_bytes()).unwrap(),
                http::HeaderValue::from_str(value).unwrap(),
            );
        }
        Answer::new(status.unwrap_or_default(), headers, bytes[head.len() + 4..].to_vec())
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.text())
    }
}
