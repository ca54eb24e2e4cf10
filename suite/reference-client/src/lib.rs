//! A complete, small and honest Nextcloud end-to-end encryption client, and its named defects.
//!
//! It is the client that the suite's scenarios are tried out with, in process by [`ReferenceConnector`] or as
//! an adapter program by [`serve_stdio`]. It holds no opinion of its own about what to believe: documents and
//! certificates go before the rules of [`e2ee_reference::trust`], and each operation starts from a fresh,
//! verified view of the server. Each defect of [`DEFECTS`] makes it deviate in one place, so that the suite
//! can show that its scenarios notice.

mod account;
mod common;
mod connector;
mod defects;
mod derived_keys;
mod disk;
mod draws;
mod limits;
mod local;
mod new_keys;
mod path;
mod server;
mod session;
mod storage;
mod transport;
mod work;

pub use common::{Common, Repeatable};
pub use connector::{ReferenceConnector, serve_stdio};
pub use defects::{DEFECTS, Defect, Defects, UnknownDefect};
pub use derived_keys::DerivedKeys;
pub use limits::Limits;
pub use new_keys::KeyStock;
pub use session::Session;
pub use storage::{Drives, InMemory, Kept, Kind, Storage};
pub use transport::Transport;
pub use work::unauthenticated;
