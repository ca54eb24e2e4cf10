//! What is examined, and why it cannot be.

use e2ee_reference::certificate::{Certificate, PublicKey};
use e2ee_reference::identity::PrivateKey;

/// What is known about a document.
#[derive(Clone, Default)]
pub struct Input {
    /// The document, wrapped or not; see [`document`](super::document).
    pub metadata: String,
    /// The signature in base64, if it is not wrapped up with the document.
    pub signature: Option<String>,
    /// The key of a member.
    pub key: Option<PrivateKey>,
    /// Whose key it is; otherwise it is tried on every member.
    pub user: Option<String>,
    /// The server key, for the certificates.
    pub server_key: Option<PublicKey>,
    /// The document of the root, if the document is a subfolder's.
    pub root: Option<String>,
    /// Certificates that are trusted already, by their common names.
    pub trusted: Vec<Certificate>,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// Neither a document nor one of the wrappings.
    #[error("no metadata document: {0}")]
    NoDocument(String),
    /// The document is there and not readable.
    #[error("metadata document: {0}")]
    Document(e2ee_reference::Error),
    /// The same for the root's.
    #[error("root document: {0}")]
    Root(e2ee_reference::Error),
}
