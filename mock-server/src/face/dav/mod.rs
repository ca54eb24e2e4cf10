//! WebDAV, as far as clients need it for files.

mod dates;
mod download;
mod error;
mod handle;
mod preconditions;
mod properties;
mod propfind;
mod request;
mod seen;
mod write;
pub(crate) mod xml;

pub(crate) use handle::{Tree, endpoint, handle};
