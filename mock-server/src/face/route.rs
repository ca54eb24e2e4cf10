//! Which operation a request is, and who answers it.

use super::call::{Call, Head};
use super::dav;
use super::login_flow;
use super::ocs::{self, Target};
use super::reply::Reply;
use super::status;
use crate::exchange::Endpoint;
use crate::model::CollectionKind;
use crate::release::Behaviour;

/// Where a path leads.
pub(crate) enum Area<'p> {
    Status,
    /// `index.php/204`, with which clients look for captive portals.
    NoContent,
    /// Login flow v2.
    BeginLogin,
    PollLogin,
    Login(&'p str),
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
        Area::Dav(tree) => dav::endpoint(&tree, &head.method),
        Area::NoContent | Area::BeginLogin | Area::PollLogin | Area::Login(_) | Area::Nothing => {
            Endpoint::Other
        }
    }
}

/// The answer.
pub(crate) fn handle(call: &mut Call<'_>) -> Reply {
    let head = call.head;
    match area(head) {
        Area::Status => status::status(&head.method),
        Area::NoContent => Reply::empty(204),
        Area::BeginLogin => login_flow::begin(call),
        Area::PollLogin => login_flow::poll(call),
        Area::Login(token) => login_flow::flow(call, token),
        Area::Ocs { v1, target } => ocs::handle(call, v1, &target),
        Area::Dav(tree) => dav::handle(call, &tree),
        Area::Nothing => status::not_found(),
    }
}

/// Where the request goes.
pub(crate) fn area(head: &Head) -> Area<'_> {
    area_of(&head.path, head.behaviour)
}

/// Where the names of a path lead.
pub(crate) fn area_of<'p>(path: &'p [String], behaviour: &Behaviour) -> Area<'p> {
    // More names than are looked at one by one: a longer path falls into the same arm.
    let mut room = [""; 12];
    let length = path.len().min(room.len());
    room.iter_mut().zip(path).for_each(|(place, name)| *place = name);
    match &room[..length] {
        ["status.php"] => Area::Status,
        ["index.php", "204"] => Area::NoContent,
        ["index.php", "login", "v2"] => Area::BeginLogin,
        ["index.php", "login", "v2", "poll"] => Area::PollLogin,
        ["index.php", "login", "v2", "flow", token] => Area::Login(token),
        ["ocs", version @ ("v1.php" | "v2.php"), rest @ ..] => {
            Area::Ocs { v1: *version == "v1.php", target: Target::of(rest, behaviour) }
        }
        ["remote.php", "webdav", ..] => {
            Area::Dav(dav::Tree::Files { user: None, path: path.get(2..).unwrap_or_default() })
        }
        ["remote.php", "dav", "files", user, ..] => {
            Area::Dav(dav::Tree::Files { user: Some(user), path: path.get(4..).unwrap_or_default() })
        }
        ["remote.php", "dav"] => Area::Dav(dav::Tree::Root),
        ["remote.php", "dav", "bulk"] => Area::Dav(dav::Tree::Bulk),
        ["remote.php", "dav", "uploads", user, ..] => {
            Area::Dav(dav::Tree::Uploads { user, path: path.get(4..).unwrap_or_default() })
        }
        ["remote.php", "dav", "calendars", user, ..] => Area::Dav(dav::Tree::Collections {
            kind: CollectionKind::Calendar,
            user,
            path: path.get(4..).unwrap_or_default(),
        }),
        ["remote.php", "dav", "addressbooks", "users", user, ..] => Area::Dav(dav::Tree::Collections {
            kind: CollectionKind::AddressBook,
            user,
            path: path.get(5..).unwrap_or_default(),
        }),
        ["remote.php", "dav", "principals", "users", user] => Area::Dav(dav::Tree::Principal { user }),
        ["remote.php", "dav", "versions", ..] => {
            Area::Dav(dav::Tree::Versions { path: path.get(3..).unwrap_or_default() })
        }
        ["remote.php", "dav", "trashbin", ..] => {
            Area::Dav(dav::Tree::Trash { path: path.get(3..).unwrap_or_default() })
        }
        ["remote.php", "dav", ..] => Area::Dav(dav::Tree::Other),
        ["public.php", "dav", "files", token, ..] => {
            Area::Dav(dav::Tree::Public { token: Some(token), path: path.get(4..).unwrap_or_default() })
        }
        ["public.php", "webdav", ..] => {
            Area::Dav(dav::Tree::Public { token: None, path: path.get(2..).unwrap_or_default() })
        }
        _ => Area::Nothing,
    }
}
