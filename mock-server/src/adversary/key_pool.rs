//! Private keys for forgeries.

use std::sync::{Mutex, PoisonError};

use e2ee_reference::error::Error;
use e2ee_reference::identity::PrivateKey;

/// Makes the keys that one move needs at most, so that no play has to wait for them. Takes some tenths of a second;
/// not needed, and never wrong.
pub fn warm_up() {
    // What fails here fails again in the move, which can say so.
    let _ = key(1);
}

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
