//! Tenants that nobody outside holds: those made over the control API, which live until they are deleted. If the program
//! has a state file, they have files of their own beside it, and are there again after a restart.

use std::sync::{Arc, MutexGuard, PoisonError};

use crate::journal::{StateError, StateFile};
use crate::server::{Shared, TenantError};
use crate::tenant::{Tenant, TenantOptions};

/// The most tenants with a state file: each takes an open file and a thread.
pub(crate) const MOST_WITH_STATE: usize = 100;

impl Shared {
    /// What a tenant is made with that nobody outside holds: how much it may keep, and where, is the program's to say.
    pub(crate) fn options(&self, name: &str) -> TenantOptions {
        let program = self.default_tenant().state().options.clone();
        let state = program.state.map(|state| state.of_tenant(name));
        TenantOptions {
            max_body: program.max_body,
            recorder: program.recorder,
            history: program.history,
            spill: program.spill,
            state,
            ..TenantOptions::new(name, program.authority)
        }
    }

    /// Keeps a tenant alive that whoever made it cannot hold.
    pub(crate) fn keep(&self, tenant: Tenant) {
        self.kept().insert(tenant.name().to_owned(), tenant);
    }

    /// Lets go of a tenant that was kept, and of its state file: no request reaches it any more. `false`: it was not.
    pub(crate) fn let_go(&self, tenant: &Tenant) -> Result<bool, StateError> {
        let mut kept = self.kept();
        let same = |kept: &Tenant| Arc::ptr_eq(kept.state(), tenant.state());
        if !kept.get(tenant.name()).is_some_and(same) {
            return Ok(false);
        }
        tenant.forget()?;
        kept.remove(tenant.name());
        self.tenants.write().unwrap_or_else(PoisonError::into_inner).remove(tenant.name());
        Ok(true)
    }

    /// Makes the tenants again that have files beside that of the default one.
    pub(crate) fn restore(&self) -> Result<(), StateError> {
        let Some(program) = &self.default_tenant().state().options.state else { return Ok(()) };
        for (name, file) in program.of_tenants()? {
            if let Some(tenant) = self.made_again(&name, &file)? {
                self.keep(tenant);
                continue;
            }
            eprintln!("state file {}: the tenant was never made to the end: removed", file.path.display());
            file.remove()?;
        }
        Ok(())
    }

    /// `None`: whoever wanted it was never told that it is there.
    fn made_again(&self, name: &str, file: &StateFile) -> Result<Option<Tenant>, StateError> {
        let other = |reason: String| StateError::System {
            doing: "make a tenant from",
            path: file.path.clone(),
            reason,
        };
        let Some(header) = file.peek()? else { return Ok(None) };
        let options = header.options(self.options(name)).map_err(|error| other(error.to_string()))?;
        match self.make(options) {
            Ok(tenant) => Ok(Some(tenant).filter(Tenant::has_begun)),
            Err(TenantError::State(error)) => Err(error),
            Err(error) => Err(other(error.to_string())),
        }
    }

    fn kept(&self) -> MutexGuard<'_, std::collections::BTreeMap<String, Tenant>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tenant {
    /// Removes its state file, if it has one. What it does from now on is not kept.
    pub(crate) fn forget(&self) -> Result<(), StateError> {
        self.state().options.state.as_ref().map_or(Ok(()), StateFile::remove)
    }
}
