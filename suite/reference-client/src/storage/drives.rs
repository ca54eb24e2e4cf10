//! Which files a device uses.

use super::memory::InMemory;
use super::{Storage, System};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Folders that are in this process alone, by the path of each. A device whose folder lies in one of them keeps all its
/// files there, wherever a path leads; others use the files of the system.
#[derive(Debug, Default)]
pub struct Drives(Mutex<HashMap<String, Arc<InMemory>>>);

impl Drives {
    /// From now on these are the files of devices in folders below this one: a name of one part, `/NAME`.
    pub fn mount(&self, top: &str, files: Arc<InMemory>) {
        self.lock().insert(top.to_owned(), files);
    }

    /// Nobody finds them any more; who has them keeps them.
    pub fn unmount(&self, top: &str) {
        self.lock().remove(top);
    }

    /// The files of a device in this folder.
    pub(crate) fn of(&self, dir: &str) -> Arc<dyn Storage> {
        let end = dir.match_indices('/').nth(1).map_or(dir.len(), |(end, _)| end);
        match dir.get(..end).and_then(|top| self.lock().get(top).cloned()) {
            Some(files) => files,
            None => Arc::new(System),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<InMemory>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
