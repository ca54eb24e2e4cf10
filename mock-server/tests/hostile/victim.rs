//! A server with two tenants: one is attacked, the other is asked whether it still answers.

use std::time::Duration;

use e2ee_mock_server::{Builder, ConnectionLimits, MockServer, Spill, Tenant, TenantOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Nothing here may take longer.
const PATIENCE: Duration = Duration::from_secs(20);
/// HTTP Basic of `alice` and `pw`.
pub(crate) const ALICE: &str = "authorization: Basic YWxpY2U6cHc=\r\n";

pub(crate) struct Victim {
    pub(crate) server: MockServer,
    /// The default tenant.
    pub(crate) tenant: Tenant,
    bystander: Tenant,
    spill: Spill,
}

impl Victim {
    pub(crate) async fn new() -> Self {
        Self::with(0, |builder| builder).await
    }

    /// With short limits on time.
    pub(crate) async fn impatient() -> Self {
        let short = Duration::from_millis(300);
        Self::limited(ConnectionLimits { head: short, idle: short, ..Default::default() }).await
    }

    /// With room for so many connections.
    pub(crate) async fn new_with_connections(connections: usize) -> Self {
        Self::limited(ConnectionLimits { connections, ..Default::default() }).await
    }

    pub(crate) async fn limited(limits: ConnectionLimits) -> Self {
        Self::with(0, |builder| builder.limits(limits)).await
    }

    /// With so much room for long files.
    pub(crate) async fn with_room(bytes: u64) -> Self {
        Self::with(bytes, |builder| builder.max_body(1 << 30)).await
    }

    async fn with(room: u64, set: impl FnOnce(Builder) -> Builder) -> Self {
        let spill = Spill::new(std::env::temp_dir(), room);
        let mut builder = set(MockServer::builder().user("alice", "pw"));
        if room > 0 {
            builder = builder.spill(spill.clone());
        }
        let server = builder.start().await.unwrap();
        let tenant = server.default_tenant();
        let bystander = server.tenant(TenantOptions::new("other", tenant.authority().clone())).unwrap();
        Self { server, tenant, bystander, spill }
    }

    /// Nothing takes room on disk, or soon does not any more.
    pub(crate) async fn room_is_free(&self) {
        for _ in 0..500 {
            if self.spill.used() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(self.spill.used(), 0, "bytes are still taken");
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.server.address()).await.unwrap()
    }

    /// Sends bytes as they are, and returns what comes back until the connection is closed.
    pub(crate) async fn raw(&self, request: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        // The server may have had enough before the end.
        let _ = stream.write_all(request.as_ref()).await;
        rest(&mut stream).await
    }

    /// The other tenant answers, on a connection of its own, at once.
    pub(crate) async fn others_are_well(&self) {
        let before = self.bystander.exchanges().len();
        let asked = self.raw("GET /t/other/status.php HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = timeout(Duration::from_secs(5), asked).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("Nextcloud"), "{answer}");
        assert_eq!(self.bystander.exchanges().len(), before + 1);
    }
}

/// What comes until the connection is closed.
pub(crate) async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "still open after {}", String::from_utf8_lossy(&answer));
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of the first answer.
pub(crate) fn status(answer: &str) -> u16 {
    answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok()).unwrap_or(0)
}
