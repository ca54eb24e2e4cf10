//! Base64 as the protocol uses it everywhere: RFC 4648 section 4, padded, one line.

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;

use crate::error::Error;

pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Decodes `text`; `what` names it in the error.
pub(crate) fn decode(text: impl AsRef<[u8]>, what: &str) -> Result<Vec<u8>, Error> {
    STANDARD.decode(text).map_err(|_| Error::Base64 { what: what.to_owned() })
}
