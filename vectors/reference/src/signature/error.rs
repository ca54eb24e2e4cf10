//! Why a signature is refused.

/// Why a signature is refused. The fault is the signer's, or the server's that carried or made it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// There is none: the header is absent, empty or blank.
    #[error("no signature")]
    Missing,
    /// Longer than any honest signature.
    #[error("the signature exceeds {limit} bytes")]
    TooLarge {
        /// In bytes of base64.
        limit: usize,
    },
    /// Not base64.
    #[error("the signature is not base64")]
    Base64,
    /// Not CMS SignedData, or followed by something.
    #[error("the signature is not well formed: {0}")]
    Malformed(&'static str),
    /// The content is embedded (R2-SIG-09): two contents, of which a reader could take the wrong one.
    #[error("the signature carries a content of its own")]
    NotDetached,
    /// None or several signers.
    #[error("expected 1 signer, found {0}")]
    SignerCount(usize),
    /// Another digest than SHA-256.
    #[error("the digest algorithm is not SHA-256")]
    DigestAlgorithm,
    /// Another algorithm than RSA PKCS#1 v1.5.
    #[error("the signature algorithm is not RSA PKCS#1 v1.5")]
    SignatureAlgorithm,
    /// A signed attribute is missing, stands twice or holds the wrong thing (R2-SIG-08).
    #[error("the signed attribute {0} is missing, doubled or wrong")]
    Attribute(&'static str),
    /// The signature was made over another content.
    #[error("the signature belongs to another content")]
    OtherContent,
    /// No candidate's key made the signature.
    #[error("no member's key made the signature")]
    NoCandidate,
}
