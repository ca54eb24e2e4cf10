//! What the listener and the control API have in common: the tenants.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use super::TenantError;
use crate::face::body::Underway;
use crate::limits::ConnectionLimits;
use crate::tenant::{State, Tenant, TenantOptions};

/// All tenants of a server.
pub(crate) struct Shared {
    pub(crate) limits: ConnectionLimits,
    pub(crate) underway: Arc<Underway>,
    default: Tenant,
    /// By name. Every request looks one up: among thousands a hash finds it with the fewest looks into cold memory.
    pub(crate) tenants: RwLock<HashMap<String, Weak<State>>>,
    /// Tenants that nobody else holds, see [`Shared::keep`].
    pub(crate) kept: Mutex<BTreeMap<String, Tenant>>,
    pub(super) origin: String,
    log: bool,
}

impl Shared {
    pub(crate) fn new(default: Tenant, origin: String, log: bool, limits: ConnectionLimits) -> Self {
        Self {
            limits,
            underway: Arc::default(),
            default,
            tenants: RwLock::default(),
            kept: Mutex::default(),
            origin,
            log,
        }
    }

    /// Makes a tenant, see [`MockServer::tenant`].
    pub(crate) fn make(&self, options: TenantOptions) -> Result<Tenant, TenantError> {
        let name = options.name.clone();
        self.add(&name, |prefix| Ok(Tenant::new(options, &self.origin, prefix, self.log)?))
    }

    /// Makes a tenant of another one, see [`MockServer::fork`].
    pub(super) fn fork(&self, tenant: &Tenant, name: &str) -> Result<Tenant, TenantError> {
        let options = &tenant.state().options;
        let hindrances = [
            (options.seed.is_some(), "a seed"),
            (options.state.is_some(), "a state file"),
            (!tenant.lies().is_empty(), "lies in force"),
        ];
        if let Some((_, hindrance)) = hindrances.into_iter().find(|(hinders, _)| *hinders) {
            return Err(TenantError::Fork(tenant.name().to_owned(), hindrance));
        }
        self.add(name, |prefix| Ok(tenant.forked(name, &self.origin, prefix)))
    }

    /// Adds the tenant that `make` makes for a prefix, if the name fits and is free.
    fn add(
        &self,
        name: &str,
        make: impl FnOnce(String) -> Result<Tenant, TenantError>,
    ) -> Result<Tenant, TenantError> {
        check_name(name)?;
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        let taken = tenants.get(name).is_some_and(|tenant| tenant.strong_count() > 0);
        if taken || name == self.default.name() {
            return Err(TenantError::Taken(name.to_owned()));
        }
        // Names of tenants that are gone are swept out when their number may have doubled, and not each time.
        if tenants.len().is_power_of_two() {
            tenants.retain(|_, tenant| tenant.strong_count() > 0);
        }
        let tenant = make(format!("/t/{name}"))?;
        tenants.insert(name.to_owned(), Arc::downgrade(tenant.state()));
        Ok(tenant)
    }

    pub(crate) fn default_tenant(&self) -> &Tenant {
        &self.default
    }

    /// The tenant of this name.
    pub(crate) fn find(&self, name: &str) -> Option<Tenant> {
        if name == self.default.name() {
            return Some(self.default.clone());
        }
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        tenants.get(name)?.upgrade().map(Tenant::of)
    }

    /// All tenants, the default one first, the others by name.
    pub(crate) fn tenants(&self) -> Vec<Tenant> {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        let mut others: Vec<Tenant> = tenants.values().filter_map(Weak::upgrade).map(Tenant::of).collect();
        drop(tenants);
        others.sort_by(|one, other| one.name().cmp(other.name()));
        std::iter::once(self.default.clone()).chain(others).collect()
    }

    /// The tenant that a path of a request belongs to, with the rest of the path.
    pub(crate) fn route<'p>(&self, path: &'p str) -> Option<(Arc<State>, &'p str)> {
        let Some(rest) = path.strip_prefix("/t/") else {
            return Some((Arc::clone(self.default.state()), path));
        };
        let end = rest.find('/').unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        Some((tenants.get(name)?.upgrade()?, rest))
    }
}

/// An error unless a name fits into a URL.
pub(crate) fn check_name(name: &str) -> Result<(), TenantError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let all = (1..=64).contains(&name.len()) && name.chars().all(fits);
    all.then_some(()).ok_or_else(|| TenantError::Name(name.chars().take(80).collect()))
}
