//! A plain HTTP client: one connection per request, headers as told, no cleverness.

use std::net::SocketAddr;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Answer;
use crate::live::LiveClient;

/// How long a test waits for an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

/// Somebody who calls the server: an address, and headers that go with every request.
#[derive(Clone, Debug)]
pub struct Client {
    address: SocketAddr,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Client {
        Client { address, headers: Vec::new() }
    }

    /// The same client with one more header; a header it had is replaced.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Client {
        let name: HeaderName = name.parse().unwrap();
        self.headers.retain(|(own, _)| *own != name);
        self.headers.push((name, HeaderValue::from_str(value).unwrap()));
        self
    }

    /// The same client without a header.
    #[must_use]
    pub fn without(mut self, name: &str) -> Client {
        self.headers.retain(|(own, _)| own != name);
        self
    }

    /// The same client calling another address of the server.
    #[must_use]
    pub fn at(mut self, address: SocketAddr) -> Client {
        self.address = address;
        self
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Vec::new()).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None, Vec::new()).await
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send_json(Method::POST, path, body).await
    }

    /// `PATCH` of JSON.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send_json(Method::PATCH, path, body).await
    }

    /// `PUT` of JSON.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send_json(Method::PUT, path, body).await
    }

    /// Any method without a body.
    pub async fn call(&self, method: &str, path: &str) -> Answer {
        self.send(method.parse().unwrap(), path, None, Vec::new()).await
    }

    /// `POST` of a text that calls itself JSON, whatever it is.
    pub async fn post_text(&self, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        self.send(Method::POST, path, Some("application/json"), body.into()).await
    }

    /// Any method, content type and body.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: Option<&str>,
        body: Vec<u8>,
    ) -> Answer {
        tokio::time::timeout(PATIENCE, async {
            let response = self.open(method, path, content_type, body).await;
            let (head, body) = response.into_parts();
            let body = body.collect().await.expect("the answer ends").to_bytes().to_vec();
            Answer::new(head.status.as_u16(), head.headers, body)
        })
        .await
        .unwrap_or_else(|_| panic!("no answer from {path} in {PATIENCE:?}"))
    }

    /// Opens `/api/stream`; `query` begins with `?` or is empty.
    pub async fn stream(&self, query: &str) -> LiveClient {
        let response = self.open(Method::GET, &format!("/api/stream{query}"), None, Vec::new()).await;
        assert_eq!(response.status(), 200, "the stream opens");
        LiveClient::new(response.into_body())
    }

    /// Writes `bytes` to a new connection as they are, and reads one answer until the server closes or pauses.
    pub async fn raw(&self, bytes: impl AsRef<[u8]>) -> Answer {
        Answer::parse(&self.raw_bytes(bytes).await)
    }

    /// The same, without taking the answer apart: empty when the server just hangs up.
    pub async fn raw_bytes(&self, bytes: impl AsRef<[u8]>) -> Vec<u8> {
        let mut socket = self.connect().await;
        // The server may refuse and close before it has all of it.
        let _ = socket.write_all(bytes.as_ref()).await;
        let mut answer = Vec::new();
        let pause = Duration::from_secs(1);
        let mut chunk = vec![0; 64 * 1024];
        while let Ok(Ok(read)) =
            tokio::time::timeout(if answer.is_empty() { PATIENCE } else { pause }, socket.read(&mut chunk))
                .await
        {
            if read == 0 {
                break;
            }
            answer.extend_from_slice(&chunk[..read]);
        }
        answer
    }

    /// A bare connection to the server.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("the server listens")
    }

    async fn send_json(&self, method: Method, path: &str, body: Value) -> Answer {
        self.send(method, path, Some("application/json"), serde_json::to_vec(&body).unwrap()).await
    }

    async fn open(
        &self,
        method: Method,
        path: &str,
        content_type: Option<&str>,
        body: Vec<u8>,
    ) -> http::Response<Incoming> {
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(self.connect().await)).await.expect("a connection");
        tokio::spawn(connection);
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap();
        let headers = request.headers_mut();
        headers.insert(http::header::HOST, HeaderValue::from_str(&self.address.to_string()).unwrap());
        if let Some(content_type) = content_type {
            headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap());
        }
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
        sender.send_request(request).await.unwrap_or_else(|error| panic!("no answer from {path}: {error}"))
    }
}
