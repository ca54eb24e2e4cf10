//! The recorded history as a whole: what came into force on the server, by whom, in which order.

mod committed;
mod deleted;
mod laws;
mod monitor;

pub(super) use monitor::{MONITOR, unclear};
