//! Making what the reference implementation does not write: dialects, and things that must be refused.

pub(crate) mod folder;
pub(crate) mod text;

pub(crate) use e2ee_reference::unlawful::{certificate, cms, der};
