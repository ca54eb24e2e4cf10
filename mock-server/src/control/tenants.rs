//! Tenants over the control API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::apply::CommandError;
use super::command::{AddUser, Command};
use super::refusal::{Code, Refusal};
use crate::release::AppVersion;
use crate::server::Shared;
use crate::tenant::{Tenant, TenantOptions};

/// More tenants than any run needs at once.
const MAX_TENANTS: usize = 10_000;

/// A tenant to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTenant {
    /// Its name in the URL: 1 to 64 letters, digits, `-` or `_`.
    name: String,
    /// The release of the app to pass for: `2.2.3` (unless given), `2.0.0-rc.7`, `1.18.4` or `1.13.2`.
    #[serde(default)]
    server_version: Option<String>,
    /// What it announces as its version of end-to-end encryption; unless given, what the release of the app does.
    #[serde(default)]
    api_version: Option<String>,
    /// Makes ids, tokens, ETags and the clock follow from this number and from the requests.
    #[serde(default)]
    seed: Option<u64>,
    /// Whether refusals are counted by address, as real servers do.
    #[serde(default)]
    throttling: bool,
    /// The accounts that it begins with, and that a reset brings back.
    #[serde(default)]
    users: Vec<AddUser>,
}

/// A tenant.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Tenant")]
pub(super) struct TenantView {
    /// Its name; `default` is the one at `/`.
    name: String,
    /// Where clients connect.
    base_url: String,
    /// How many accounts it has.
    users: usize,
    /// How many exchanges are kept.
    exchanges: usize,
    /// The id of its newest event, 0 if nothing has happened.
    last_event: u64,
}

impl From<&Tenant> for TenantView {
    fn from(tenant: &Tenant) -> Self {
        Self {
            name: tenant.name().to_owned(),
            base_url: tenant.base_url(),
            users: tenant.model().user_ids().count(),
            exchanges: tenant.state().recorder().len(),
            last_event: tenant.state().events.last(),
        }
    }
}

impl NewTenant {
    /// Makes it. It lives until it is deleted.
    pub(super) fn make(self, shared: &Shared) -> Result<Tenant, Refusal> {
        if shared.tenants().len() >= MAX_TENANTS {
            return Err(Refusal::new(
                Code::TooManyTenants,
                format!("there are {MAX_TENANTS} tenants already"),
            ));
        }
        let out_of_range = |message: String| Refusal::new(Code::OutOfRange, message);
        // What bodies and exchanges may take is the program's to say.
        let program = shared.default_tenant().state().options.clone();
        let mut options = TenantOptions {
            max_body: program.max_body,
            recorder: program.recorder,
            history: program.history,
            spill: program.spill,
            ..TenantOptions::new(self.name, program.authority)
        };
        if let Some(version) = self.server_version {
            let version: AppVersion =
                version.parse().map_err(|error| out_of_range(format!("`server_version`: {error}")))?;
            options = options.with_app_version(version);
        }
        if let Some(version) = self.api_version {
            if !["1.2", "2.0", "2.1"].contains(&version.as_str()) {
                return Err(out_of_range("`api_version`: expected 1.2, 2.0 or 2.1".to_owned()));
            }
            options.api_version = version;
        }
        options.throttling = self.throttling;
        options.seed = self.seed;
        let tenant = shared.make(options)?;
        for user in self.users {
            tenant.apply(&Command::AddUser(user))?;
        }
        tenant.begin_here().map_err(CommandError::from)?;
        shared.keep(tenant.clone());
        Ok(tenant)
    }
}

/// Deletes a tenant that was made over the control API.
pub(super) fn delete(shared: &Shared, tenant: &Tenant) -> Result<(), Refusal> {
    if !shared.let_go(tenant.name()) {
        let message = "the tenant belongs to the program that runs the server";
        return Err(Refusal::new(Code::TenantHeld, message));
    }
    tenant.state().events.close();
    Ok(())
}
