//! What the reference implementation makes of a vector's inputs, in the words of vectors.

use e2ee_reference::Error;
use e2ee_reference::signature::SignatureError;
use e2ee_reference::trust::Refusal;
use serde_json::Value;

/// Why there is no output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The inputs are refused by the rule of this name.
    Refused(&'static str),
    /// Refused as well, but there is something to show: the verdicts on the steps of a sequence.
    RefusedWith(&'static str, Value),
    /// Nothing can be said: the library failed, or the inputs are not those of the family.
    Failed(String),
}

/// Accepted with an output, or not.
pub(crate) type Outcome = Result<Value, Stop>;

/// The rules that are not among those of [`e2ee_reference::trust`]: name, and what they demand.
pub(crate) const FORM_RULES: &[(&str, &str)] = &[
    ("json-well-formed", "the text is JSON, nested at most 32 deep, and no object names a member twice"),
    ("member-well-formed", "a member that is needed is there and is of the right kind"),
    ("within-limits", "nothing is larger than a reader's limits"),
    ("version-known", "the metadata version is one that exists"),
    ("base64-well-formed", "base64 is that of RFC 4648 section 4: padded, and on one line"),
    ("pem-well-formed", "PEM armour is complete and has the right label"),
    ("encoding-well-formed", "DER is that of an RSA key, a certificate or a certificate request"),
    ("nonce-length", "a nonce is 12 or 16 bytes long"),
    ("key-length", "an AES key has exactly the length of its cipher's keys"),
    ("authentication-tag-fits", "the authentication tag at the end of a ciphertext fits it"),
    ("wrapped-key-opens", "a wrapped key opens by RSA-OAEP with SHA-256, MGF1 with SHA-256 and no label"),
    ("gzip-well-formed", "what was sealed is exactly one gzip member"),
    ("mnemonic-of-twelve-words", "a mnemonic is twelve words of the English BIP-39 list"),
    ("private-key-blob-opens", "a private-key blob opens with one of the four key derivations"),
    ("key-belongs-to-certificate", "private key and certificate are a pair"),
    ("no-entry-lost", "an entry that cannot be read is not lost: there is no migration without it"),
    ("no-entry-replaced", "a dropped file does not take the place of a file that is there"),
    ("metadata-key-new", "a migrated folder gets a metadata key that the server cannot have chosen"),
    ("signature-well-formed", "the signature is base64 of CMS SignedData, with nothing after it"),
    ("signature-detached", "the signature carries no content of its own"),
    ("signature-of-one-signer", "the signature has exactly one signer"),
    ("signature-algorithms", "the signature is made with SHA-256 and RSA PKCS#1 v1.5"),
    ("signature-attributes", "the signed attributes hold contentType and messageDigest once each"),
    ("signature-content", "the signature was made over this document"),
];

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(match error {
            Error::Json { .. } => "json-well-formed",
            Error::Member { .. } => "member-well-formed",
            Error::TooLarge { .. } => "within-limits",
            Error::UnknownVersion { .. } | Error::UnknownVersion1 { .. } | Error::Prerelease(_) => {
                "version-known"
            }
            Error::Checksum => "checksum-matches",
            Error::DamagedEntry { .. } => "no-entry-lost",
            Error::EntryClash { .. } => "no-entry-replaced",
            Error::KeyReuse => "metadata-key-new",
            Error::Base64 { .. } => "base64-well-formed",
            Error::Pem { .. } => "pem-well-formed",
            Error::Encoding { .. } => "encoding-well-formed",
            Error::NonceLength { .. } => "nonce-length",
            Error::KeyLength { .. } => "key-length",
            Error::Authentication { .. } => "authentication-tag-fits",
            Error::Unwrap => "wrapped-key-opens",
            Error::NoEntryFor { .. } => "own-entry-present",
            Error::Gzip { .. } => "gzip-well-formed",
            Error::Mnemonic { .. } => "mnemonic-of-twelve-words",
            Error::WrongMnemonic => "private-key-blob-opens",
            Error::KeyMismatch => "key-belongs-to-certificate",
            Error::NameMismatch { .. } => "certificate-names-user",
            other => return Self::Failed(other.to_string()),
        })
    }
}

impl From<SignatureError> for Stop {
    fn from(error: SignatureError) -> Self {
        Self::Refused(match error {
            SignatureError::Missing => "signature-present",
            SignatureError::TooLarge { .. } | SignatureError::Base64 | SignatureError::Malformed(_) => {
                "signature-well-formed"
            }
            SignatureError::NotDetached => "signature-detached",
            SignatureError::SignerCount(_) => "signature-of-one-signer",
            SignatureError::DigestAlgorithm | SignatureError::SignatureAlgorithm => "signature-algorithms",
            SignatureError::Attribute(_) => "signature-attributes",
            SignatureError::OtherContent => "signature-content",
            SignatureError::NoCandidate => "signer-is-member",
            other => return Self::Failed(other.to_string()),
        })
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.rule)
    }
}
