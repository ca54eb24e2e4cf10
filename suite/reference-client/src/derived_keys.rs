//! A memo for the slow part of opening a private-key blob.

use e2ee_reference::Error;
use e2ee_reference::backend::backend;
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::{Computed, DerivedKey, Kdf, KeyDerivation};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// One key, made once even if several ask for it at the same time.
type Slot = Arc<Mutex<Option<DerivedKey>>>;

/// Remembers each derived key, so that a second device which opens the same blob does not pay again.
///
/// For test runs with throwaway accounts: derived keys stay in memory until this is dropped.
#[derive(Default)]
pub struct DerivedKeys {
    /// By SHA-256 of what was derived from. Who asks for a key that is being derived waits for it.
    keys: Mutex<HashMap<[u8; 32], Slot>>,
}

impl DerivedKeys {
    /// Takes a key that is known beforehand.
    pub fn know(&self, mnemonic: &Mnemonic, salt: &[u8], kdf: Kdf, key: DerivedKey) {
        *self.place(mnemonic, salt, kdf).lock().unwrap_or_else(PoisonError::into_inner) = Some(key);
    }

    fn place(&self, mnemonic: &Mnemonic, salt: &[u8], kdf: Kdf) -> Slot {
        let of =
            backend().sha256(format!("{}|{kdf:?}|{}", hex::encode(salt), mnemonic.passphrase()).as_bytes());
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(keys.entry(of).or_default())
    }
}

impl KeyDerivation for DerivedKeys {
    fn derive(&self, mnemonic: &Mnemonic, salt: &[u8], kdf: Kdf) -> Result<DerivedKey, Error> {
        let place = self.place(mnemonic, salt, kdf);
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = &*place {
            return Ok(key.clone());
        }
        let key = Computed.derive(mnemonic, salt, kdf)?;
        *place = Some(key.clone());
        Ok(key)
    }
}

impl std::fmt::Debug for DerivedKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DerivedKeys(…)")
    }
}
