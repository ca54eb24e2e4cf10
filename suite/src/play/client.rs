//! A client as it introduces itself.

use std::sync::Arc;
use std::time::Duration;

use e2ee_adapter::client::{CallError, Connector};
use e2ee_adapter::protocol::{Feature, Hello, PROTOCOL_VERSION, Request};
use e2ee_reference::recognise::AnyVersion;
use tokio::time::timeout;

use super::user::RecordingUser;

/// A kind of client: how to make devices of it, and what it says about itself.
#[derive(Clone)]
pub struct Client {
    pub(crate) connector: Arc<dyn Connector>,
    /// What it answered to `hello`.
    pub hello: Arc<Hello>,
}

/// Why a client cannot be judged at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientFault {
    /// It did not start, ended, or does not speak the protocol.
    #[error("{0}")]
    Call(#[from] CallError),
    /// It did not say who it is.
    #[error("client did not answer `hello` within {0} s")]
    Silent(u64),
    /// The answer to `hello` has another shape.
    #[error("the answer to `hello` is wrong: {0}")]
    Hello(String),
    /// It speaks another version of the adapter protocol.
    #[error("client speaks version {0} of the adapter protocol: expected {PROTOCOL_VERSION}")]
    Protocol(u32),
    /// Nothing can be played with it.
    #[error(
        "client neither takes a seeded identity nor restores one: expected `seed_identity` or `restore_identity`"
    )]
    NoIdentity,
}

impl Client {
    /// Starts one device and asks it who it is.
    ///
    /// # Errors
    /// See [`ClientFault`].
    pub async fn meet(connector: Arc<dyn Connector>, limit: Duration) -> Result<Self, ClientFault> {
        let asked = async {
            let device = connector.connect(Arc::new(RecordingUser::default())).await?;
            device.call(Request::Hello {}).await
        };
        let answer = timeout(limit, asked).await.map_err(|_| ClientFault::Silent(limit.as_secs()))??;
        let hello: Hello =
            serde_json::from_value(answer).map_err(|error| ClientFault::Hello(error.to_string()))?;
        if hello.protocol != PROTOCOL_VERSION {
            return Err(ClientFault::Protocol(hello.protocol));
        }
        let client = Self { connector, hello: Arc::new(hello) };
        if !client.has(Feature::SeedIdentity) && !client.has(Feature::RestoreIdentity) {
            return Err(ClientFault::NoIdentity);
        }
        Ok(client)
    }

    /// The same client with other devices.
    pub(super) fn with(&self, connector: impl Connector + 'static) -> Self {
        Self { connector: Arc::new(connector), hello: Arc::clone(&self.hello) }
    }

    /// Whether it claims a feature.
    pub fn has(&self, feature: Feature) -> bool {
        self.hello.features.contains(&feature)
    }

    /// Whether it reads and writes a metadata version.
    pub fn speaks(&self, version: AnyVersion) -> bool {
        self.reads(version) && self.writes(version)
    }

    /// Whether it reads a metadata version.
    pub fn reads(&self, version: AnyVersion) -> bool {
        self.hello.reads.contains(&version.to_string())
    }

    /// Whether it writes a metadata version.
    pub fn writes(&self, version: AnyVersion) -> bool {
        self.hello.writes.contains(&version.to_string())
    }

    /// Whether one of its devices can be one whose newest metadata version this is.
    pub fn can_be_of(&self, version: AnyVersion) -> bool {
        let newest = AnyVersion::ALL.into_iter().rev().find(|version| self.speaks(*version));
        self.has(Feature::Speaks) || newest == Some(version)
    }
}
