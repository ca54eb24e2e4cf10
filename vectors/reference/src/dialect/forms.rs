//! What can differ.

use super::Layout;
use crate::backend::TAG_LENGTH;
use crate::private_key_blob::Kdf;
use crate::random;

/// A way to write everything that clients exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Whose it is, in lower case.
    pub name: &'static str,
    /// Identifiers of files and folders.
    pub identifiers: Identifiers,
    /// The key of a file whose content changes.
    pub updated_key: UpdatedKey,
    /// What stands as `authenticationTag` of a file.
    pub file_tag: FileTag,
    /// The layout of uploaded documents.
    pub layout: Layout,
    /// Whether it writes metadata 1.x at all.
    pub writes_v1: bool,
    /// Metadata 1.x.
    pub metadata_v1: MetadataV1Form,
    /// Metadata 2.x.
    pub metadata: MetadataForm,
    /// Private-key blobs.
    pub private_key: PrivateKeyForm,
    /// Signatures of metadata 2.x.
    pub signature: SignatureForm,
}

/// Metadata 1.0, 1.1 and 1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetadataV1Form {
    /// Nonces of encrypted strings and of files.
    pub nonce: NonceLength,
    /// Between ciphertext and nonce of an encrypted string.
    pub separator: Separator,
    /// The kind of `metadata.version`.
    pub version: VersionForm,
    /// What becomes of `files` and `filedrop` when they are empty.
    pub empty_maps: EmptyMaps,
    /// Whether the inner JSON of a file has a `version`.
    pub entry_version: EntryVersion,
}

/// Metadata 2.0 and 2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetadataForm {
    /// Nonces of metadata, of filedrop entries and of files.
    pub nonce: NonceLength,
    /// Whether `|` and the base64 of the nonce follow the ciphertext once more.
    pub nonce_suffix: bool,
    /// `users` in the document of a subfolder; when it is present, it is signed.
    pub subfolder_users: SubfolderUsers,
    /// `keyChecksums` in the contents of a subfolder.
    pub subfolder_checksums: SubfolderChecksums,
    /// Whether the order of `keyChecksums` is random instead of that of history.
    pub shuffled_checksums: bool,
    /// Whether `deleted` is written when it is false.
    pub deleted_when_false: bool,
}

/// Private-key blobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivateKeyForm {
    /// The key derivation.
    pub kdf: Kdf,
    /// The nonce of AES-256-GCM.
    pub nonce: NonceLength,
    /// Between ciphertext, nonce and salt.
    pub separator: Separator,
    /// Where the salt is from.
    pub salt: Salt,
    /// The armour around the key.
    pub pem: PemForm,
}

/// Lines of PEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PemForm {
    /// Characters of base64 in a line, at least 1; RFC 7468 has 64.
    pub columns: usize,
    /// Whether a line end follows the last line.
    pub final_newline: bool,
}

/// CMS SignedData.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignatureForm {
    /// Which signed attributes, in which order.
    pub attributes: SignedAttributes,
    /// Version of the SignerInfo: 1 in RFC 5652 for an issuer and serial number, 0 by the web client.
    pub signer_info_version: u8,
    /// How lengths are encoded.
    pub encoding: Encoding,
    /// Whether the digest algorithm has a NULL for parameters (RFC 5754 wants them absent).
    pub digest_null: bool,
    /// What is said to have made the signature.
    pub algorithm: SignatureAlgorithm,
}

/// Length of a nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NonceLength {
    /// 12 bytes, used by GCM as they are.
    Twelve,
    /// 16 bytes, which go through GHASH.
    Sixteen,
}

impl NonceLength {
    /// In bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Twelve => 12,
            Self::Sixteen => 16,
        }
    }

    /// A new random nonce.
    #[must_use]
    pub fn random(self) -> Vec<u8> {
        let mut nonce = vec![0; self.bytes()];
        random::fill(&mut nonce);
        nonce
    }
}

/// What new files and folders are called on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identifiers {
    /// 32 hex digits (R2-MOD-08).
    Hex,
    /// `E2EE` and 32 hex digits in upper case: iOS.
    Prefixed,
}

impl Identifiers {
    /// A new random identifier.
    #[must_use]
    pub fn random(self) -> String {
        match self {
            Self::Hex => random::file_id(),
            Self::Prefixed => format!("E2EE{}", random::file_id().to_uppercase()),
        }
    }
}

/// The key of a file whose content changes; its nonce is new in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdatedKey {
    /// A new one (R2-MOD-11).
    New,
    /// The one that it had: desktop.
    Kept,
}

/// What stands as `authenticationTag` of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileTag {
    /// The authentication tag (R2-MD-12).
    Tag,
    /// The nonce again: Android since March 2024.
    Nonce,
}

impl FileTag {
    /// The value for a file that was encrypted with this nonce and got this tag.
    #[must_use]
    pub fn value(self, tag: &[u8; TAG_LENGTH], nonce: &[u8]) -> Vec<u8> {
        match self {
            Self::Tag => tag.to_vec(),
            Self::Nonce => nonce.to_vec(),
        }
    }
}

/// What stands between pieces of base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// `|`.
    Bar,
    /// `fA==`, the base64 of `|`: iOS of 2017 and old Android.
    EncodedBar,
}

impl Separator {
    /// The characters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bar => "|",
            Self::EncodedBar => "fA==",
        }
    }
}

/// The kind of a version in metadata 1.x.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionForm {
    /// A number.
    Number,
    /// A string, which iOS cannot read.
    String,
}

/// Empty members of metadata 1.1 and 1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyMaps {
    /// An empty `files` is written, an empty `filedrop` left out.
    OnlyFiles,
    /// Both are written as `{}`: Android.
    Both,
    /// Both are left out: desktop.
    Neither,
}

/// The `version` inside the encrypted part of a file of metadata 1.x.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryVersion {
    /// The number 1.
    One,
    /// None: desktop.
    Absent,
}

/// `users` in the document of a subfolder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubfolderUsers {
    /// Not there (R2-MD-17).
    Absent,
    /// An empty array: Android, iOS.
    Empty,
}

/// `keyChecksums` in the contents of a subfolder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubfolderChecksums {
    /// Those that the contents have.
    AsGiven,
    /// Not there: desktop.
    Absent,
    /// An empty array: web.
    Empty,
    /// The checksum of a random key that nothing uses: Android.
    OfUnusedKey,
}

/// Where the salt of a private-key blob is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Salt {
    /// 40 random bytes, the third part of the blob.
    Random,
    /// The constant of iOS of 2017, whose blobs have two parts.
    Static,
}

/// The signed attributes, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedAttributes {
    /// contentType, signingTime, messageDigest: RFC 6488, sorted as DER wants it.
    Specified,
    /// With SMIMECapabilities after them, sorted: OpenSSL's default, so desktop and iOS.
    SmimeCapabilities,
    /// contentType, signingTime, CMSAlgorithmProtection, messageDigest, sorted: Android.
    AlgorithmProtection,
    /// contentType, messageDigest, signingTime, so not sorted: web.
    Unsorted,
}

/// How the lengths of CMS structures are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Definite: DER.
    Definite,
    /// Indefinite around everything that is not signed: Android.
    Indefinite,
}

/// What a SignerInfo says made its signature; always RSA PKCS#1 v1.5 with SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// rsaEncryption, NULL.
    Rsa,
    /// sha256WithRSAEncryption, NULL.
    Sha256WithRsa,
    /// sha256WithRSAEncryption without parameters: web.
    BareSha256WithRsa,
}
