//! Releases of the app, and in what they differ.

use std::fmt;
use std::str::FromStr;

/// A release of the app `end_to_end_encryption` that the server can pass for. `Display` and `FromStr` use the
/// release's own spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum AppVersion {
    /// `1.13.2`, the last with version 1 of the API only (feature level 1.2).
    V1_13_2,
    /// `1.18.4`, both versions of the API (feature level 2.0).
    V1_18_4,
    /// `2.0.0-rc.7`, the statuses of the first releases with version 2 of the API (feature level 2.1).
    V2_0_0Rc7,
    /// `2.2.3`, the one that everything is modelled on (feature level 2.1).
    #[default]
    V2_2_3,
}

impl AppVersion {
    /// All of them, oldest first.
    pub const ALL: &[Self] = &[Self::V1_13_2, Self::V1_18_4, Self::V2_0_0Rc7, Self::V2_2_3];

    /// The release's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_13_2 => "1.13.2",
            Self::V1_18_4 => "1.18.4",
            Self::V2_0_0Rc7 => "2.0.0-rc.7",
            Self::V2_2_3 => "2.2.3",
        }
    }

    /// What the release announces as `api-version`.
    pub const fn api_version(self) -> &'static str {
        match self {
            Self::V1_13_2 => "1.2",
            Self::V1_18_4 => "2.0",
            Self::V2_0_0Rc7 | Self::V2_2_3 => "2.1",
        }
    }

    /// The release that stands for all that announced this `api-version`: version 1 of the API alone, or the newest.
    pub fn of_interface(api_version: &str) -> Self {
        if api_version.starts_with("1.") { Self::V1_13_2 } else { Self::default() }
    }

    /// What it does otherwise than others.
    pub(crate) const fn behaviour(self) -> &'static Behaviour {
        match self {
            Self::V1_13_2 => &V1_13_2,
            Self::V1_18_4 => &V1_18_4,
            Self::V2_0_0Rc7 => &V2_0_0_RC7,
            Self::V2_2_3 => &V2_2_3,
        }
    }
}

impl fmt::Display for AppVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no [`AppVersion`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown app version {0:?}, expected 1.13.2, 1.18.4, 2.0.0-rc.7 or 2.2.3")]
pub struct UnknownAppVersion(String);

impl FromStr for AppVersion {
    type Err = UnknownAppVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().copied().find(|version| version.as_str() == text);
        found.ok_or_else(|| UnknownAppVersion(text.chars().take(64).collect()))
    }
}

/// Which calls look at the version of the stored metadata before API v1 may touch a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum V1Guard {
    /// None: folders of version 1 can be made.
    None,
    /// Those for metadata.
    Metadata,
    /// Those for metadata and those for locks.
    MetadataAndLocks,
}

/// What is answered about a folder that the caller does not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unseen {
    /// An exception that nobody catches: 500.
    Fails,
    /// As when it may not be written: 403.
    Forbidden,
    /// That there is none: 404.
    NotFound,
    /// As any other trouble: 400.
    Trouble,
}

/// One release's differences. Names say what is done, not since when.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Behaviour {
    /// Version 2 of the API is there.
    pub(crate) api_v2: bool,
    /// Version 1 of the API takes filedrop entries.
    pub(crate) v1_filedrop: bool,
    pub(crate) v1_guard: V1Guard,
    /// Certificates are signed with SHA-1, which was PHP's default on the recorded host.
    pub(crate) sha1_certificates: bool,
    /// Private-key blobs and certificates must look like it before they are stored.
    pub(crate) checks_key_formats: bool,
    /// Requests are signed before their name is compared.
    pub(crate) signs_before_naming: bool,
    /// Existing certificates can be stored.
    pub(crate) stores_certificates: bool,
    /// `X-E2EE-Supported` counts for DAV, too.
    pub(crate) header_counts_for_dav: bool,
    /// Share links have keys, and the handlers let anonymous callers in.
    pub(crate) link_users: bool,
    /// Only supported clients may write metadata.
    pub(crate) gates_metadata_writes: bool,
    /// Refusals count for the brute-force protection: their text is in `data.message`, missing headers are 400
    /// and a lock that is taken 423. Otherwise all are exceptions, with 412 and 403.
    pub(crate) throttles: bool,
    /// A refused filedrop counts for the brute-force protection.
    pub(crate) throttles_filedrop: bool,
    /// What was dropped is answered.
    pub(crate) echoes_filedrop: bool,
    /// An outdated counter is refused as such; otherwise it is an exception that nobody catches.
    pub(crate) refuses_counter: bool,
    /// How the header with the counter is named in texts.
    pub(crate) counter_header: &'static str,
    /// How the header with the signature is named in texts.
    pub(crate) signature_header: &'static str,
    /// What a lock on an unseen folder is, for users and for anonymous callers.
    pub(crate) unseen_lock: [Unseen; 2],
    /// What the flag of an unseen folder is, when it is set and when it is cleared.
    pub(crate) unseen_flag: [Unseen; 2],
    /// What metadata of an unseen folder is, for readers.
    pub(crate) unseen_metadata: Unseen,
    /// What writing metadata into an unseen folder is.
    pub(crate) unseen_write: Unseen,
    /// Setting the flag of what is no empty folder says why.
    pub(crate) explains_flag: bool,
    /// A receiver's flag reaches the owner.
    pub(crate) receivers_flag: bool,
    /// Shares must allow changes for the flag, locks and metadata to be written.
    pub(crate) checks_share_permissions: bool,
    /// Only encrypted folders can be locked, and the token is looked at before anything is made final.
    pub(crate) locks_encrypted_only: bool,
    /// Writing metadata without the lock has the short text; POST, then PUT and DELETE.
    pub(crate) short_not_locked: [bool; 2],
    /// Aborting fails over a folder that was new in the transaction.
    pub(crate) abort_fails_over_new_folders: bool,
    /// An encrypted folder below a plain one can be deleted.
    pub(crate) deletes_encrypted_roots: bool,
    /// A path counts as encrypted by any folder above it; otherwise by its own folder only.
    pub(crate) flag_is_inherited: bool,
    /// The flag and metadata are DAV properties.
    pub(crate) dav_properties: bool,
    /// … also for those who come by a link.
    pub(crate) public_dav_properties: bool,
}

const V2_2_3: Behaviour = Behaviour {
    api_v2: true,
    v1_filedrop: false,
    v1_guard: V1Guard::MetadataAndLocks,
    sha1_certificates: false,
    checks_key_formats: true,
    signs_before_naming: false,
    stores_certificates: true,
    header_counts_for_dav: true,
    link_users: true,
    gates_metadata_writes: true,
    throttles: true,
    throttles_filedrop: true,
    echoes_filedrop: true,
    refuses_counter: true,
    counter_header: "X-NC-E2EE-COUNTER",
    signature_header: "x-nc-e2ee-signature",
    unseen_lock: [Unseen::Fails, Unseen::Fails],
    unseen_flag: [Unseen::Forbidden, Unseen::Fails],
    unseen_metadata: Unseen::Forbidden,
    unseen_write: Unseen::Forbidden,
    explains_flag: false,
    receivers_flag: true,
    checks_share_permissions: true,
    locks_encrypted_only: true,
    short_not_locked: [true, true],
    abort_fails_over_new_folders: false,
    deletes_encrypted_roots: true,
    flag_is_inherited: false,
    dav_properties: true,
    public_dav_properties: true,
};

const V2_0_0_RC7: Behaviour = Behaviour {
    v1_filedrop: true,
    v1_guard: V1Guard::Metadata,
    sha1_certificates: true,
    checks_key_formats: false,
    throttles: false,
    throttles_filedrop: false,
    refuses_counter: false,
    signature_header: "X-NC-E2EE-SIGNATURE",
    unseen_lock: [Unseen::Forbidden, Unseen::Fails],
    unseen_flag: [Unseen::Fails, Unseen::Fails],
    unseen_metadata: Unseen::Trouble,
    unseen_write: Unseen::Trouble,
    explains_flag: true,
    checks_share_permissions: false,
    locks_encrypted_only: false,
    short_not_locked: [false, false],
    ..V2_2_3
};

const V1_18_4: Behaviour = Behaviour {
    checks_key_formats: false,
    signs_before_naming: true,
    link_users: false,
    gates_metadata_writes: false,
    throttles_filedrop: false,
    echoes_filedrop: false,
    counter_header: "x-nc-e2ee-counter",
    unseen_lock: [Unseen::Forbidden, Unseen::Forbidden],
    unseen_flag: [Unseen::NotFound, Unseen::NotFound],
    unseen_metadata: Unseen::NotFound,
    receivers_flag: false,
    short_not_locked: [false, true],
    abort_fails_over_new_folders: true,
    deletes_encrypted_roots: false,
    public_dav_properties: false,
    ..V2_2_3
};

const V1_13_2: Behaviour = Behaviour {
    api_v2: false,
    stores_certificates: false,
    header_counts_for_dav: false,
    v1_guard: V1Guard::None,
    signs_before_naming: true,
    link_users: false,
    gates_metadata_writes: false,
    echoes_filedrop: false,
    unseen_flag: [Unseen::NotFound, Unseen::NotFound],
    unseen_metadata: Unseen::NotFound,
    receivers_flag: false,
    abort_fails_over_new_folders: true,
    deletes_encrypted_roots: false,
    flag_is_inherited: true,
    dav_properties: false,
    public_dav_properties: false,
    ..V2_0_0_RC7
};
