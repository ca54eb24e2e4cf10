//! The state that a request meets.

use std::ops::{Deref, DerefMut};
use std::sync::MutexGuard;

use crate::model::Model;

/// The state as one device is shown it: everybody's, unless the device is kept on a history of its own.
pub(crate) struct History<'a> {
    all: MutexGuard<'a, Model>,
    own: Option<String>,
}

impl<'a> History<'a> {
    /// What `device` is shown; the label is kept only if there is anything to choose.
    pub(crate) fn new(all: MutexGuard<'a, Model>, device: Option<&str>) -> Self {
        let own = device.filter(|_| all.is_forked()).map(str::to_owned);
        Self { all, own }
    }

    /// Whether not everybody is shown the same metadata.
    pub(crate) fn has_diverged(&self) -> bool {
        self.all.has_diverged()
    }
}

impl Deref for History<'_> {
    type Target = Model;

    fn deref(&self) -> &Model {
        self.own.as_deref().map_or(&self.all, |device| self.all.history_of(device))
    }
}

impl DerefMut for History<'_> {
    fn deref_mut(&mut self) -> &mut Model {
        match &self.own {
            Some(device) => self.all.history_of_mut(device),
            None => &mut self.all,
        }
    }
}
