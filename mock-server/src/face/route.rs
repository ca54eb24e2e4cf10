//! Which operation a request is, and who answers it.

use super::call::{Call, Head};
use super::dav;
use super::ocs::{self, Target};
use super::reply::Reply;
use super::status;
use crate::exchange::Endpoint;

/// Where a path leads.
pub(crate) enum Area<'p> {
    Status,
    /// `index.php/204`, with which clients look for captive portals.
    NoContent,
    Ocs {
        v1: bool,
        target: Target<'p>,
    },
    Dav(dav::Tree<'p>),
    Nothing,
}

/// The operation, as the recorder and the lies name it.
pub(crate) fn endpoint(head: &Head) -> Endpoint {
    match area(head) {
        Area::Status => Endpoint::GetStatus,
        Area::Ocs { target, .. } => ocs::endpoint(&target, &head.method),
        Area::Dav(dav::Tree::Files { .. }) => dav::endpoint(&head.method),
        Area::NoContent | Area::Dav(_) | Area::Nothing => Endpoint::Other,
    }
}

/// The answer.
pub(crate) fn handle(call: &mut Call<'_>) -> Reply {
    let head = call.head;
    match area(head) {
        Area::Status => status::status(&head.method),
        Area::NoContent => Reply::empty(204),
        Area::Ocs { v1, target } => ocs::handle(call, v1, &target),
        Area::Dav(tree) => dav::handle(call, &tree),
        Area::Nothing => status::not_found(),
    }
}

fn area(head: &Head) -> Area<'_> {
    let names: Vec<&str> = head.path.iter().map(String::as_str).collect();
    match names.as_slice() {
        ["status.php"] => Area::Status,
        ["index.php", "204"] => Area::NoContent,
        ["ocs", version @ ("v1.php" | "v2.php"), rest @ ..] => {
            Area::Ocs { v1: *version == "v1.php", target: Target::of(rest) }
        }
        ["remote.php", "webdav", ..] => {
            Area::Dav(dav::Tree::Files { user: None, path: head.path.get(2..).unwrap_or_default() })
        }
        ["remote.php", "dav", "files", user, ..] => {
            Area::Dav(dav::Tree::Files { user: Some(user), path: head.path.get(4..).unwrap_or_default() })
        }
        ["remote.php", "dav", ..] => Area::Dav(dav::Tree::Other),
        _ => Area::Nothing,
    }
}
