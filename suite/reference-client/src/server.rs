//! What the client says to a Nextcloud server, without any trust in the answers.

mod dav;
mod folder;
mod http;
mod listings;
mod multistatus;
mod ocs;
mod request;
mod uploads;

pub(crate) use dav::DavPath;
pub(crate) use folder::{LockToken, Served};
pub(crate) use http::{Http, Interface, MEMORY, ServerError, out_of_memory};
pub(crate) use multistatus::Node;
pub(crate) use ocs::Capability;
pub(crate) use uploads::Transfer;
