//! What an identity is made of before anybody certifies it.

use e2ee_reference::Error;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::SALT_LENGTH;
use e2ee_reference::random;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A key pair, and what it is stored under.
#[derive(Clone)]
pub(crate) struct NewKeys {
    pub(crate) private_key: PrivateKey,
    pub(crate) mnemonic: Mnemonic,
    pub(crate) salt: [u8; SALT_LENGTH],
}

impl NewKeys {
    pub(crate) fn draw() -> Result<Self, Error> {
        Ok(Self {
            private_key: PrivateKey::generate()?,
            mnemonic: Mnemonic::generate(),
            salt: random::array(),
        })
    }
}

/// Remembers the keys that were drawn for a device, by the name of its folder and how many it had before, so that a device
/// of the same name in another test gets the same ones, and the slow part of sealing them is not done again.
///
/// For test runs with throwaway accounts, in which no two devices of one test have folders of the same name.
#[derive(Default)]
pub struct KeyStock {
    drawn: Mutex<HashMap<(String, usize), Slot>>,
}

/// Drawn once, even if several ask at the same time.
type Slot = Arc<Mutex<Option<NewKeys>>>;

impl KeyStock {
    pub(crate) fn take(&self, device: &str, number: usize) -> Result<NewKeys, Error> {
        let slot = {
            let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(drawn.entry((device.to_owned(), number)).or_default())
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = &*slot {
            return Ok(keys.clone());
        }
        let keys = NewKeys::draw()?;
        *slot = Some(keys.clone());
        Ok(keys)
    }
}

impl std::fmt::Debug for KeyStock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyStock(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_of_the_same_name_gets_the_same_keys() {
        let stock = KeyStock::default();
        let words = |device, number| stock.take(device, number).expect("keys").mnemonic.words();
        assert_eq!(words("laptop", 0), words("laptop", 0));
        assert_ne!(words("laptop", 0), words("laptop", 1));
        assert_ne!(words("laptop", 0), words("phone", 0));
    }
}
