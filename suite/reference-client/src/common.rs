//! What devices in one process share.

use crate::derived_keys::DerivedKeys;
use crate::new_keys::KeyStock;
use crate::storage::Drives;
use crate::transport::Transport;
use e2ee_reference::Error;
use e2ee_reference::private_key_blob::{Kdf, KeyDerivation as _};
use std::sync::Arc;

/// Spares devices in one process what another one has done already, and the way over the network. By default each
/// connector has its own memory, and everything goes over the network.
#[derive(Debug, Clone, Default)]
pub struct Common {
    /// What was derived from mnemonics.
    pub derived: Arc<DerivedKeys>,
    /// Keys that were drawn for devices of the same name; if there is none, each draws its own.
    pub keys: Option<Arc<KeyStock>>,
    /// How requests reach the server, if not over the network.
    pub transport: Option<Arc<dyn Transport>>,
    /// Which folders are not the system's.
    pub drives: Arc<Drives>,
}

impl Common {
    /// Draws the first keys of a device of this name and derives what they are sealed with, so that nobody waits for it
    /// later. Takes half a second. Nothing without [`Common::keys`].
    ///
    /// # Errors
    /// Only when the cryptographic library fails.
    pub fn make_ready(&self, device: &str) -> Result<(), Error> {
        let Some(stock) = &self.keys else { return Ok(()) };
        let keys = stock.take(device, 0)?;
        self.derived.derive(&keys.mnemonic, &keys.salt, Kdf::CURRENT).map(drop)
    }
}
