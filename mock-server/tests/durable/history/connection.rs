//! Requests over connections that break.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What happens to a request on its way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fault {
    None,
    /// The connection is closed before the last byte was sent.
    CutShort,
    /// It is closed before the answer was read.
    AnswerLost,
    /// The request comes in two pieces, with a pause between them.
    Slow,
}

/// What a client knows of a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sent {
    Answer {
        status: u16,
        body: String,
    },
    /// The server cannot have got the whole.
    Never,
    /// It may have had its effect.
    Unknown,
}

impl Sent {
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Answer { status, .. } => Some(*status),
            Self::Never | Self::Unknown => None,
        }
    }
}

/// A request by alice.
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) path: String,
    pub(super) headers: Vec<(&'a str, String)>,
    pub(super) body: String,
}

impl<'a> Request<'a> {
    pub(super) fn new(method: &'a str, path: String) -> Self {
        Self { method, path, headers: Vec::new(), body: String::new() }
    }

    pub(super) fn header(mut self, name: &'a str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    pub(super) fn body(self, body: String) -> Self {
        Self { body, ..self }
    }

    /// Sends it over a connection of its own.
    pub(super) async fn send(self, to: SocketAddr, fault: Fault) -> Sent {
        let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, TcpStream::connect(to)).await else {
            return Sent::Never;
        };
        let bytes = self.bytes();
        match tokio::time::timeout(PATIENCE, exchange(stream, &bytes, fault)).await {
            Ok(Ok(sent)) => sent,
            Ok(Err(_)) | Err(_) if fault == Fault::CutShort => Sent::Never,
            Ok(Err(_)) | Err(_) => Sent::Unknown,
        }
    }

    fn bytes(self) -> Vec<u8> {
        let Self { method, path, headers, body } = self;
        let login = STANDARD.encode("alice:secret");
        let mut text = format!(
            "{method} {path} HTTP/1.1\r\nhost: server\r\nauthorization: Basic {login}\r\nocs-apirequest: true\r\n\
             x-e2ee-supported: true\r\naccept: application/json\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        format!("{text}\r\n{body}").into_bytes()
    }
}

async fn exchange(mut stream: TcpStream, bytes: &[u8], fault: Fault) -> std::io::Result<Sent> {
    let (most, last) = bytes.split_at(bytes.len() - 1);
    stream.write_all(most).await?;
    match fault {
        Fault::CutShort => return Ok(Sent::Never),
        Fault::Slow => tokio::time::sleep(Duration::from_millis(10)).await,
        Fault::None | Fault::AnswerLost => {}
    }
    stream.write_all(last).await?;
    if fault == Fault::AnswerLost {
        // What is in flight still arrives.
        stream.flush().await?;
        return Ok(Sent::Unknown);
    }
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(parse(&answer).unwrap_or(Sent::Unknown))
}

/// An answer that is whole.
fn parse(answer: &[u8]) -> Option<Sent> {
    let text = String::from_utf8(answer.to_vec()).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    (length.trim().parse() == Ok(body.len())).then(|| Sent::Answer { status, body: body.to_owned() })
}
