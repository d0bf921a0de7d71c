//! A small HTTP/1.1 client that keeps its connection and costs little: the processor is shared with the server.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request before it is sent; used again for every request of a connection.
#[derive(Default)]
pub(crate) struct Request {
    /// Method, path and own headers, each line with its end.
    pub(crate) head: Vec<u8>,
    /// The body; JSON when it is not empty.
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// Starts over with another method and path.
    pub(crate) fn begin(&mut self, method: &str, path: &str) {
        self.head.clear();
        self.body.clear();
        for part in [method, " ", path, " HTTP/1.1\r\nhost: localhost\r\n"] {
            self.head.extend_from_slice(part.as_bytes());
        }
    }

    /// Adds a header.
    pub(crate) fn header(&mut self, name: &str, value: &str) {
        for part in [name, ": ", value, "\r\n"] {
            self.head.extend_from_slice(part.as_bytes());
        }
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; fails with the body's beginning unless the status is 2xx.
    pub(crate) fn json(&self) -> Result<serde_json::Value> {
        if !(200..300).contains(&self.status) {
            let shown: String = String::from_utf8_lossy(&self.body).chars().take(300).collect();
            bail!("the server answered {}: {shown}", self.status);
        }
        serde_json::from_slice(&self.body).context("the answer is no JSON")
    }
}

enum Framing {
    Length(u64),
    Chunked,
}

/// One connection, used for one request after the other.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    out: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot reach {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 64 * 1024], start: 0, end: 0, out: Vec::new() })
    }

    /// Sends a request and keeps the whole answer.
    pub(crate) async fn send(&mut self, request: &Request) -> Result<Answer> {
        let mut body = Vec::new();
        let status = self.exchange(request, |piece| body.extend_from_slice(piece)).await?;
        Ok(Answer { status, body })
    }

    /// Sends a request and hands the answer's body on piece by piece.
    pub(crate) async fn exchange(&mut self, request: &Request, mut take: impl FnMut(&[u8])) -> Result<u16> {
        self.write(request).await?;
        let (status, framing) = self.read_head().await?;
        match framing {
            Framing::Length(length) => self.read_body(length, &mut take).await?,
            Framing::Chunked => self.read_chunks(&mut take).await?,
        }
        Ok(status)
    }

    async fn write(&mut self, request: &Request) -> Result<()> {
        use std::io::Write;
        self.out.clear();
        self.out.extend_from_slice(&request.head);
        if request.body.is_empty() {
            self.out.extend_from_slice(b"\r\n");
        } else {
            let length = request.body.len();
            write!(self.out, "content-type: application/json\r\ncontent-length: {length}\r\n\r\n")?;
            self.out.extend_from_slice(&request.body);
        }
        self.stream.write_all(&self.out).await.context("the server hung up")
    }

    async fn read_head(&mut self) -> Result<(u16, Framing)> {
        loop {
            let seen = &self.buffer[self.start..self.end];
            if let Some(length) = seen.windows(4).position(|window| window == b"\r\n\r\n") {
                let parsed = parse_head(&seen[..length])?;
                self.start += length + 4;
                return Ok(parsed);
            }
            self.fill().await?;
        }
    }

    async fn read_body(&mut self, length: u64, take: &mut impl FnMut(&[u8])) -> Result<()> {
        let mut left = length;
        while left > 0 {
            if self.start == self.end {
                self.fill().await?;
            }
            let here = (self.end - self.start).min(usize::try_from(left).unwrap_or(usize::MAX));
            take(&self.buffer[self.start..self.start + here]);
            self.start += here;
            left -= here as u64;
        }
        Ok(())
    }

    async fn read_chunks(&mut self, take: &mut impl FnMut(&[u8])) -> Result<()> {
        loop {
            let line = self.read_line().await?;
            let size = line.split(';').next().unwrap_or_default();
            let size = u64::from_str_radix(size.trim(), 16).context("a chunk without its size")?;
            self.read_body(size, take).await?;
            self.read_line().await?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    async fn read_line(&mut self) -> Result<String> {
        loop {
            let seen = &self.buffer[self.start..self.end];
            if let Some(length) = seen.windows(2).position(|window| window == b"\r\n") {
                let line = String::from_utf8_lossy(&seen[..length]).into_owned();
                self.start += length + 2;
                return Ok(line);
            }
            self.fill().await?;
        }
    }

    /// Reads more behind what is there.
    async fn fill(&mut self) -> Result<()> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            bail!("a line of the answer is longer than {} bytes", self.buffer.len());
        }
        let read = self.stream.read(&mut self.buffer[self.end..]).await.context("the server hung up")?;
        if read == 0 {
            bail!("the server closed the connection");
        }
        self.end += read;
        Ok(())
    }
}

fn parse_head(head: &[u8]) -> Result<(u16, Framing)> {
    let head = std::str::from_utf8(head).context("the head of the answer is no text")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let mut framing = Framing::Length(0);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            framing = Framing::Length(value.trim().parse().context("content-length is no number")?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            framing = Framing::Chunked;
        }
    }
    Ok((status.context("the answer has no status")?, framing))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answer_to(raw: &'static [u8]) -> Answer {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 1024];
            let _ = stream.read(&mut asked).await.unwrap();
            for piece in raw.chunks(7) {
                stream.write_all(piece).await.unwrap();
                stream.flush().await.unwrap();
            }
        });
        let mut request = Request::default();
        request.begin("GET", "/");
        Connection::open(address).await.unwrap().send(&request).await.unwrap()
    }

    #[tokio::test]
    async fn an_answer_with_a_length_is_read_to_its_end() {
        let answer = answer_to(b"HTTP/1.1 201 Created\r\nContent-Length: 11\r\n\r\nhello world").await;
        assert_eq!((answer.status, answer.body.as_slice()), (201, b"hello world".as_slice()));
    }

    #[tokio::test]
    async fn an_answer_in_chunks_is_put_together() {
        let raw = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nhello \r\n5;x=y\r\nworld\r\n0\r\n\r\n";
        assert_eq!(answer_to(raw).await.body, b"hello world");
    }
}
