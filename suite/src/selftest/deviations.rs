//! In what the dialects of released clients are not as the specification has it, and how that shows.

use e2ee_reference::dialect::{
    Dialect, EmptyMaps, EntryVersion, FileTag, Identifiers, NonceLength, SubfolderChecksums, SubfolderUsers,
    UpdatedKey,
};

/// What some dialects do otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Deviation {
    /// Whether a dialect does so.
    pub applies: fn(&Dialect) -> bool,
    /// The requirements that say otherwise.
    pub requirements: &'static [&'static str],
    /// What is done, as a clause.
    pub what: &'static str,
    /// What comes of it.
    pub shows: Shows,
}

/// How a deviation shows in verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// As a warning in the scenarios that cite the requirement.
    Warning,
    /// By an answer of the server with this text: the client cannot go on, and the scenario says so.
    Refused(&'static str),
    /// Not at all: every reader gets along with it.
    Nowhere,
}

/// All that is known. Whatever else befalls a client that is honest but for its dialect is a false alarm.
pub const DEVIATIONS: &[Deviation] = &[
    Deviation {
        applies: |dialect| dialect.metadata.nonce == NonceLength::Sixteen,
        requirements: &["R2-MOD-06", "R2-MOD-12"],
        what: "nonces of files have 16 bytes",
        shows: Shows::Warning,
    },
    Deviation {
        applies: |dialect| dialect.identifiers != Identifiers::Hex,
        requirements: &["R2-MOD-08", "R1-FILE-02"],
        what: "identifiers are more than 32 hex digits",
        shows: Shows::Warning,
    },
    Deviation {
        applies: |dialect| dialect.updated_key == UpdatedKey::Kept,
        requirements: &["R2-MOD-11", "R1-FILE-04"],
        what: "an updated file keeps its key, under a new nonce",
        shows: Shows::Warning,
    },
    Deviation {
        applies: |dialect| dialect.file_tag == FileTag::Nonce,
        requirements: &["R2-MD-12", "R2-MOD-14"],
        what: "the nonce stands in the place of the authentication tag of a file",
        shows: Shows::Warning,
    },
    Deviation {
        applies: |dialect| dialect.file_tag == FileTag::Nonce && dialect.writes_v1,
        requirements: &["R1-FILE-03"],
        what: "so it does in 1.x",
        shows: Shows::Warning,
    },
    Deviation {
        applies: |dialect| dialect.private_key.nonce == NonceLength::Sixteen,
        requirements: &["R2-KEY-14"],
        what: "the nonce of a private-key blob has 16 bytes, which newer servers do not store",
        shows: Shows::Refused("Invalid private key format"),
    },
    Deviation {
        applies: |dialect| dialect.private_key.pem.columns != 64,
        requirements: &["R2-KEY-11"],
        what: "lines of the private key are not 64 columns wide",
        shows: Shows::Nowhere,
    },
    Deviation {
        applies: |dialect| dialect.metadata.nonce_suffix,
        requirements: &["R2-MD-02"],
        what: "the nonce follows the ciphertext once more",
        shows: Shows::Nowhere,
    },
    Deviation {
        applies: |dialect| !dialect.metadata.deleted_when_false,
        requirements: &["R2-MD-09"],
        what: "`deleted` is left out when it is false",
        shows: Shows::Nowhere,
    },
    Deviation {
        applies: |dialect| dialect.metadata.shuffled_checksums,
        requirements: &["R2-MD-10"],
        what: "key checksums are in no order",
        shows: Shows::Nowhere,
    },
    Deviation {
        applies: |dialect| dialect.metadata.subfolder_checksums != SubfolderChecksums::AsGiven,
        requirements: &["R2-MD-09"],
        what: "subfolders have no key checksums, or those of no key",
        shows: Shows::Nowhere,
    },
    Deviation {
        applies: |dialect| dialect.metadata.subfolder_users != SubfolderUsers::Absent,
        requirements: &["R2-MD-17"],
        what: "subfolders have an empty list of users",
        shows: Shows::Nowhere,
    },
    Deviation {
        applies: |dialect| dialect.signature.signer_info_version != 1,
        requirements: &["R2-SIG-01"],
        what: "the signer's part of a signature has version 0",
        shows: Shows::Nowhere,
    },
    Deviation {
        applies: |dialect| dialect.signature.attributes != Dialect::SPECIFIED.signature.attributes,
        requirements: &["R2-SIG-08"],
        what: "signed attributes are more, or in another order",
        shows: Shows::Nowhere,
    },
    Deviation {
        applies: |dialect| dialect.writes_v1 && dialect.metadata_v1.empty_maps == EmptyMaps::Neither,
        requirements: &["R1-MD-01"],
        what: "an empty folder of 1.x has no `files`",
        shows: Shows::Nowhere,
    },
    Deviation {
        applies: |dialect| dialect.writes_v1 && dialect.metadata_v1.entry_version == EntryVersion::Absent,
        requirements: &["R1-MD-05"],
        what: "entries of 1.x have no version inside",
        shows: Shows::Nowhere,
    },
];
