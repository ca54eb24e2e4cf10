//! One thing that clients ask for in several ways.

use e2ee_mock_server::{Endpoint, Exchange};

use crate::monitors::told_as_properties;

/// Whether an exchange is what a scenario names, in whatever way the client goes about it: files come in chunks or several
/// at once, too, and metadata are also properties of their folder.
pub(super) fn amounts_to(exchange: &Exchange, named: Endpoint) -> bool {
    match (named, exchange.endpoint) {
        (Endpoint::GetMetadata, Endpoint::Propfind) => !told_as_properties(exchange).is_empty(),
        (named, endpoint) => is_way_of(named, endpoint),
    }
}

/// The same of a request alone, before it is answered.
pub(crate) fn is_way_of(named: Endpoint, endpoint: Endpoint) -> bool {
    match (named, endpoint) {
        (Endpoint::PutFile, Endpoint::MoveChunks | Endpoint::PostBulk) => true,
        (named, endpoint) => named == endpoint,
    }
}
