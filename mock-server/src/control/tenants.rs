//! Tenants over the control API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::apply::CommandError;
use super::command::{AddUser, Command};
use super::refusal::{Code, Refusal};
use crate::journal::StateFile;
use crate::kept::MOST_WITH_STATE;
use crate::release::AppVersion;
use crate::server::{Shared, check_name};
use crate::tenant::Tenant;

/// More tenants than any run needs at once, beside the default one.
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
    /// Whether uploads in chunks are held to stricter rules: a destination each time, numbers as names, and in an
    /// encrypted folder the lock's token at the end.
    #[serde(default)]
    strict_uploads: bool,
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
        let kept = shared.default_tenant().state().options.state.is_some();
        let most = if kept { MOST_WITH_STATE } else { MAX_TENANTS };
        if shared.tenants().len() > most {
            return Err(Refusal::new(Code::TooManyTenants, format!("there are {most} tenants already")));
        }
        check_name(&self.name)?;
        let out_of_range = |message: String| Refusal::new(Code::OutOfRange, message);
        let mut options = shared.options(&self.name);
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
        options.strict_uploads = self.strict_uploads;
        options.state.as_ref().map_or(Ok(()), StateFile::make_folder).map_err(CommandError::from)?;
        let tenant = shared.make(options)?;
        if let Err(error) = begin(&tenant, self.users) {
            tenant.forget().map_err(CommandError::from)?;
            return Err(error.into());
        }
        shared.keep(tenant.clone());
        Ok(tenant)
    }
}

/// The accounts that a reset brings back.
fn begin(tenant: &Tenant, users: Vec<AddUser>) -> Result<(), CommandError> {
    for user in users {
        tenant.apply(&Command::AddUser(user))?;
    }
    Ok(tenant.begin_here()?)
}

/// Deletes a tenant that was made over the control API.
pub(super) fn delete(shared: &Shared, tenant: &Tenant) -> Result<(), Refusal> {
    if !shared.let_go(tenant).map_err(CommandError::from)? {
        let message = "the tenant belongs to the program that runs the server";
        return Err(Refusal::new(Code::TenantHeld, message));
    }
    tenant.state().events.close();
    Ok(())
}
