//! What devices in one process share.

use crate::derived_keys::DerivedKeys;
use crate::new_keys::KeyStock;
use crate::transport::Transport;
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
}
