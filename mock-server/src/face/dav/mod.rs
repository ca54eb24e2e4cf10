//! WebDAV, as far as clients need it for files.

mod bulk;
mod collections;
mod dates;
mod download;
mod error;
mod extended_mkcol;
mod fake_locks;
mod handle;
mod multistatus;
mod places;
mod preconditions;
mod properties;
mod propfind;
mod proppatch;
mod public;
mod queries;
mod report;
mod request;
mod seen;
mod trash;
mod uploads;
mod user_locks;
mod write;
pub(crate) mod xml;

pub(in crate::face) use dates::http_date;
pub(crate) use handle::{Tree, endpoint, handle};
pub(in crate::face) use multistatus::nothing_listed;
