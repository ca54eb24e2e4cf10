//! Private keys for forgeries.

use std::sync::{Mutex, PoisonError};

use e2ee_reference::error::Error;
use e2ee_reference::identity::PrivateKey;

/// The key of this number, made when it is first asked for. Making one takes a tenth of a second, so the attackers of
/// all tenants share them; each uses a number only once.
pub(super) fn key(number: usize) -> Result<PrivateKey, Error> {
    static KEYS: Mutex<Vec<PrivateKey>> = Mutex::new(Vec::new());
    let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(key) = keys.get(number) {
            return Ok(key.clone());
        }
        keys.push(PrivateKey::generate()?);
    }
}
