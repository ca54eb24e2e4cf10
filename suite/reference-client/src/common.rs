//! What devices in one process share.

use crate::derived_keys::DerivedKeys;
use crate::limits::Limits;
use crate::new_keys::KeyStock;
use crate::storage::Drives;
use crate::transport::Transport;
use e2ee_reference::Error;
use e2ee_reference::private_key_blob::{Kdf, KeyDerivation as _};
use std::fmt;
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
    /// What their random bytes and the time of their signatures follow from; if there is nothing, they are random, and
    /// signed when they are.
    pub repeatable: Option<Repeatable>,
    /// What they bear, and how much they send at once.
    pub limits: Limits,
}

/// Lets devices with folders of the same name draw the same: what was made and proved once need not be made again. For
/// test runs with throwaway accounts, in which no two devices of one test have folders of the same name.
#[derive(Clone)]
pub struct Repeatable {
    /// Unpredictable for whoever is tested.
    pub seed: [u8; 32],
    /// When everything is signed, in seconds since 1970: what is signed twice has the same signature then.
    pub signed_at: i64,
}

impl fmt::Debug for Repeatable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Repeatable(…)")
    }
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
