//! The one error type of formats and cryptography.

use std::io;

use crate::recognise::Prerelease;

/// What is wrong with bytes, text or keys that were given to this crate.
///
/// Each variant says who is usually at fault: the *writer* of a document, the *server* that carried it, or
/// the *caller*. No variant ever carries secret material.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not JSON, or names a member twice. Fault: writer or server.
    #[error("{what}: not valid JSON: {reason}")]
    Json {
        /// Which text.
        what: &'static str,
        /// Where and why, in the words of the parser.
        reason: String,
    },
    /// A member of a document is missing or of another kind. Fault: writer.
    #[error("{path}: expected {expected}")]
    Member {
        /// The member's path, dots between names.
        path: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// Something is larger than the limits allow. Fault: server (or an attacker behind it).
    #[error("{what} exceeds the limit of {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit, in the unit that `what` names.
        limit: usize,
    },
    /// The metadata version is neither "2.0" nor "2.1". Fault: writer, or a server that plays a downgrade.
    #[error("version: expected \"2.0\" or \"2.1\", found {found}")]
    UnknownVersion {
        /// What was found, as JSON, shortened.
        found: String,
    },
    /// The version inside `metadata` is none of 1.x. Fault: writer, or a server that plays with versions.
    #[error("metadata.version: expected 1.0, 1.1 or 1.2, found {found}")]
    UnknownVersion1 {
        /// What was found, as JSON, shortened.
        found: String,
    },
    /// The document has a form that was never released. Fault: server; no client in use writes it.
    #[error("expected metadata of a released version, found {0}")]
    Prerelease(Prerelease),
    /// The checksum of a 1.2 document is missing, or not that of mnemonic, file ids and metadata key
    /// (R12-CHK-01). Fault: server.
    #[error("metadata.checksum: not that of mnemonic, file ids and metadata key")]
    Checksum,
    /// An entry cannot be read and would be lost by what is being done. Fault: writer or server.
    #[error("the entry {id} would be lost: {error}")]
    DamagedEntry {
        /// The id of the entry, shortened.
        id: String,
        /// Why it cannot be read.
        error: Box<Error>,
    },
    /// A filedrop entry has the id of a file that is there already. Fault: server.
    #[error("filedrop: the entry {id} would replace a file")]
    EntryClash {
        /// The id of the entry, shortened.
        id: String,
    },
    /// A metadata key that should be new is an old one. Fault: caller.
    #[error("the new metadata key is one of the old ones")]
    KeyReuse,
    /// Text that should be base64 is not (RFC 4648 section 4, padded, one line). Fault: writer.
    #[error("{what}: expected padded base64")]
    Base64 {
        /// Which text.
        what: String,
    },
    /// PEM armour is missing, broken or of another label. Fault: writer.
    #[error("expected PEM with the label {label}")]
    Pem {
        /// The label that was looked for.
        label: &'static str,
    },
    /// A certificate, a certificate request or a key is not well formed. Fault: writer.
    #[error("{what}: not well formed")]
    Encoding {
        /// What was being read.
        what: &'static str,
    },
    /// A nonce is neither 12 nor 16 bytes long. Fault: writer.
    #[error("{what}: expected a nonce of 12 or 16 bytes, found {found}")]
    NonceLength {
        /// Whose nonce.
        what: String,
        /// Length in bytes.
        found: usize,
    },
    /// A key has another length than its cipher takes. Fault: writer or caller.
    #[error("{what}: expected {expected} bytes, found {found}")]
    KeyLength {
        /// Which key.
        what: &'static str,
        /// Length in bytes.
        expected: usize,
        /// Length in bytes.
        found: usize,
    },
    /// The authentication tag does not fit ciphertext, key and nonce: something was changed, cut short, or
    /// the key is another one. Fault: server or caller.
    #[error("{what}: authentication failed")]
    Authentication {
        /// What was being opened.
        what: &'static str,
    },
    /// RSA-OAEP (SHA-256, MGF1 with SHA-256) does not open a wrapped key. Fault: writer or caller.
    #[error("the wrapped key does not open with this private key")]
    Unwrap,
    /// No entry of `users` is for this user. Fault: caller, or the user was removed.
    #[error("users: no entry for {user_id}")]
    NoEntryFor {
        /// The user id that was looked for.
        user_id: String,
    },
    /// A gzip member is broken. Fault: writer.
    #[error("{what}: not a gzip member")]
    Gzip {
        /// What was being inflated.
        what: &'static str,
    },
    /// Not twelve words of the English BIP-39 list. Fault: caller (the user's typing).
    #[error("mnemonic: {reason}")]
    Mnemonic {
        /// Which rule is broken; never the words.
        reason: &'static str,
    },
    /// No key derivation opens the private-key blob. Fault: caller (wrong mnemonic) or server (damage);
    /// the two cannot be told apart.
    #[error("private-key blob: wrong mnemonic or damaged blob")]
    WrongMnemonic,
    /// Private key and certificate are not a pair (R2-KEY-25). Fault: server.
    #[error("the private key does not belong to the certificate")]
    KeyMismatch,
    /// The certificate's common name is not the user id (R2-KEY-05). Fault: server.
    #[error("the certificate names {found}, expected {user_id}")]
    NameMismatch {
        /// The user id.
        user_id: String,
        /// The common name, or `nobody`.
        found: String,
    },
    /// The sink of a stream cipher could not take the bytes. Fault: caller.
    #[error("writing the result failed: {0}")]
    Sink(io::ErrorKind),
    /// The name of a rule that does not exist. Fault: caller.
    #[error("no trust rule is called {0:?}")]
    UnknownRule(String),
    /// The cryptographic library failed in a way that input does not explain. Fault: nobody's.
    #[error("{0} failed in the cryptographic library")]
    Backend(&'static str),
}

impl Error {
    /// A missing or misshapen member of a document.
    pub(crate) fn member(path: impl Into<String>, expected: &'static str) -> Self {
        Self::Member { path: path.into(), expected }
    }

    /// An entry that cannot be read and must not be lost.
    pub(crate) fn damaged(id: &str, error: Self) -> Self {
        Self::DamagedEntry { id: shortened(id), error: Box::new(error) }
    }

    /// A filedrop entry that would replace a file.
    pub(crate) fn entry_clash(id: &str) -> Self {
        Self::EntryClash { id: shortened(id) }
    }

    /// The same error, with `what` for the thing that failed to authenticate.
    pub(crate) fn opening(self, what: &'static str) -> Self {
        match self {
            Self::Authentication { .. } => Self::Authentication { what },
            other => other,
        }
    }
}

/// Enough of a text from outside to recognise it by.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().take(32).collect()
}
