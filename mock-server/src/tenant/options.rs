//! How a tenant is made.

use e2ee_reference::authority::Authority;

use crate::history::History;
use crate::journal::StateFile;
use crate::recorder::RecorderLimits;
use crate::release::AppVersion;
use crate::spill::Spill;

/// How a tenant is made.
#[derive(Debug, Clone)]
pub struct TenantOptions {
    /// Its name in the URL: letters, digits, `-` and `_`.
    pub name: String,
    /// What the capability `end-to-end-encryption` announces as `api-version`, `2.0` or `2.1`.
    pub api_version: String,
    /// The release of the app whose behaviour the server has. [`TenantOptions::with_app_version`] sets it together
    /// with what it announces.
    pub app_version: AppVersion,
    /// Who certifies the users. Making an authority takes an RSA key: tests may want to share one.
    pub authority: Authority,
    /// The longest request body, in bytes.
    pub max_body: usize,
    /// Whether refusals and requests for the server key are counted by address, as real servers do to slow attackers
    /// down: after eleven refusals within half an hour an address is not answered any more. Answers say how long they
    /// were delayed (`X-Nextcloud-Bruteforce-Throttled`); as with Nextcloud 32 nothing really waits. Off unless set.
    pub throttling: bool,
    /// Whether uploads in chunks are held to stricter rules, see
    /// [`Model::set_strict_uploads`](crate::model::Model::set_strict_uploads).
    pub strict_uploads: bool,
    /// Makes ids, tokens, ETags, the instance's id and the clock follow from this number and from the requests, so that
    /// two tenants of one seed that get the same requests one after the other give the same answers byte for byte, as
    /// long as their base URLs are the same. Not set: as on a real server. What the attacker makes up is the same as
    /// well.
    ///
    /// Tokens and passwords that follow from a seed can be guessed by whoever knows it.
    pub seed: Option<u64>,
    /// Where the state is kept, so that a tenant with the same options that is made later, after a crash for example,
    /// has it again: accounts, files, locks, lies, the attacker's knowledge. Requests are answered when what they have
    /// changed or seen is on the disk. Of what a test does directly, the methods of [`Tenant`](crate::Tenant) are kept,
    /// and what is done to the guard of [`Tenant::model`](crate::Tenant::model) is not. Exchanges and the counters of
    /// `throttling` are not part of it, nor is how many requests a standing `fail` or `when` has seen.
    pub state: Option<StateFile>,
    /// How much of the traffic is kept.
    pub recorder: RecorderLimits,
    /// Where exchanges are written as well, if anywhere.
    pub history: Option<History>,
    /// Where files of more than 1 MiB and chunks of more than 64 KiB are kept. They stay in memory unless set, and what
    /// is no file always does: its bodies have at most 64 MiB, however long [`TenantOptions::max_body`] lets them be. With
    /// [`TenantOptions::state`] everything stays in memory.
    pub spill: Option<Spill>,
}

impl TenantOptions {
    /// Options with `api_version` 2.1, bodies of at most 64 MiB, and the default recorder.
    pub fn new(name: impl Into<String>, authority: Authority) -> Self {
        Self {
            name: name.into(),
            api_version: AppVersion::default().api_version().to_owned(),
            app_version: AppVersion::default(),
            authority,
            max_body: 64 * 1024 * 1024,
            throttling: false,
            strict_uploads: false,
            seed: None,
            state: None,
            recorder: RecorderLimits::default(),
            history: None,
            spill: None,
        }
    }
}

impl TenantOptions {
    /// The same options for a server with another release of the app.
    #[must_use]
    pub fn with_app_version(self, version: AppVersion) -> Self {
        Self { app_version: version, api_version: version.api_version().to_owned(), ..self }
    }
}
