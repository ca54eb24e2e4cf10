//! The listing that was read last: the same once more, as the server often gives it, is not read anew.

use super::multistatus::{Listing, parse};
use std::sync::{Mutex, PoisonError};

/// Longer ones are read anew each time, in bytes.
const LONGEST: usize = 16 * 1024;

/// A listing and what it says, for one user.
#[derive(Default)]
pub(super) struct LastListing(Mutex<Option<(Vec<u8>, Listing)>>);

impl LastListing {
    /// As [`parse`].
    pub(super) fn read(&self, xml: &[u8], user: &str) -> Result<Listing, String> {
        if xml.len() > LONGEST {
            return parse(xml, user);
        }
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((known, listing)) if known == xml => Ok(listing.clone()),
            _ => {
                let listing = parse(xml, user)?;
                *last = Some((xml.to_vec(), listing.clone()));
                Ok(listing)
            }
        }
    }
}

impl Clone for LastListing {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()))
    }
}
