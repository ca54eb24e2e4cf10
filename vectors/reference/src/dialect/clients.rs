//! The dialects that are in use.

use super::forms::{
    Dialect, EmptyMaps, Encoding, EntryVersion, FileTag, Identifiers, MetadataForm, MetadataV1Form,
    NonceLength, PemForm, PrivateKeyForm, Salt, Separator, SignatureAlgorithm, SignatureForm,
    SignedAttributes, SubfolderChecksums, SubfolderUsers, UpdatedKey, VersionForm,
};
use super::layout::Layout;
use crate::private_key_blob::Kdf;

impl Dialect {
    /// As the specification has it, and where it is silent as most clients do.
    pub const SPECIFIED: Self = Self {
        name: "specified",
        identifiers: Identifiers::Hex,
        updated_key: UpdatedKey::New,
        file_tag: FileTag::Tag,
        layout: Layout::Canonical,
        writes_v1: true,
        metadata_v1: MetadataV1Form {
            nonce: NonceLength::Sixteen,
            separator: Separator::Bar,
            version: VersionForm::Number,
            empty_maps: EmptyMaps::OnlyFiles,
            entry_version: EntryVersion::One,
        },
        metadata: MetadataForm {
            nonce: NonceLength::Twelve,
            nonce_suffix: false,
            subfolder_users: SubfolderUsers::Absent,
            subfolder_checksums: SubfolderChecksums::AsGiven,
            shuffled_checksums: false,
            deleted_when_false: true,
        },
        private_key: PrivateKeyForm {
            kdf: Kdf::CURRENT,
            nonce: NonceLength::Twelve,
            separator: Separator::Bar,
            salt: Salt::Random,
            pem: PemForm { columns: 64, final_newline: true },
        },
        signature: SignatureForm {
            attributes: SignedAttributes::Specified,
            signer_info_version: 1,
            encoding: Encoding::Definite,
            digest_null: false,
            algorithm: SignatureAlgorithm::Rsa,
        },
    };

    /// The desktop client, 3.16.
    pub const DESKTOP: Self = Self {
        name: "desktop",
        updated_key: UpdatedKey::Kept,
        layout: Layout::Indented,
        metadata_v1: MetadataV1Form {
            empty_maps: EmptyMaps::Neither,
            entry_version: EntryVersion::Absent,
            ..Self::SPECIFIED.metadata_v1
        },
        metadata: MetadataForm {
            nonce: NonceLength::Sixteen,
            nonce_suffix: true,
            subfolder_checksums: SubfolderChecksums::Absent,
            shuffled_checksums: true,
            deleted_when_false: false,
            ..Self::SPECIFIED.metadata
        },
        signature: SignatureForm {
            attributes: SignedAttributes::SmimeCapabilities,
            ..Self::SPECIFIED.signature
        },
        ..Self::SPECIFIED
    };

    /// The Android client of 2026.
    pub const ANDROID: Self = Self {
        name: "android",
        file_tag: FileTag::Nonce,
        metadata_v1: MetadataV1Form { empty_maps: EmptyMaps::Both, ..Self::SPECIFIED.metadata_v1 },
        metadata: MetadataForm {
            nonce: NonceLength::Sixteen,
            nonce_suffix: true,
            subfolder_users: SubfolderUsers::Empty,
            subfolder_checksums: SubfolderChecksums::OfUnusedKey,
            ..Self::SPECIFIED.metadata
        },
        private_key: PrivateKeyForm {
            pem: PemForm { columns: 65, final_newline: false },
            ..Self::SPECIFIED.private_key
        },
        signature: SignatureForm {
            attributes: SignedAttributes::AlgorithmProtection,
            encoding: Encoding::Indefinite,
            algorithm: SignatureAlgorithm::Sha256WithRsa,
            ..Self::SPECIFIED.signature
        },
        ..Self::SPECIFIED
    };

    /// The iOS client, as far as its source is known.
    pub const IOS: Self = Self {
        name: "ios",
        identifiers: Identifiers::Prefixed,
        metadata: MetadataForm {
            nonce: NonceLength::Sixteen,
            nonce_suffix: true,
            subfolder_users: SubfolderUsers::Empty,
            ..Self::SPECIFIED.metadata
        },
        private_key: PrivateKeyForm { nonce: NonceLength::Sixteen, ..Self::SPECIFIED.private_key },
        signature: Self::DESKTOP.signature,
        ..Self::SPECIFIED
    };

    /// The web client of 2026, which writes no metadata 1.x.
    pub const WEB: Self = Self {
        name: "web",
        writes_v1: false,
        metadata: MetadataForm { subfolder_checksums: SubfolderChecksums::Empty, ..Self::SPECIFIED.metadata },
        signature: SignatureForm {
            attributes: SignedAttributes::Unsorted,
            signer_info_version: 0,
            encoding: Encoding::Definite,
            digest_null: true,
            algorithm: SignatureAlgorithm::BareSha256WithRsa,
        },
        ..Self::SPECIFIED
    };

    /// All of them, the specified one first.
    pub const ALL: [Self; 5] = [Self::SPECIFIED, Self::DESKTOP, Self::ANDROID, Self::IOS, Self::WEB];
}
