//! Making what the reference implementation does not write: dialects, and things that must be refused.

pub(crate) mod certificate;
pub(crate) mod cms;
pub(crate) mod der;
pub(crate) mod folder;
pub(crate) mod text;
