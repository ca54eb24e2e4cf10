//! What a request asks for, as lies are told of it.

use std::sync::Arc;

use super::call::Head;
use super::dav::Tree;
use super::history::History;
use super::ocs::Target;
use super::route::{self, Area};
use crate::adversary::lie::{Aim, Lie};
use crate::exchange::Endpoint;
use crate::model::{FileId, Model};
use crate::tenant::State;

impl Aim {
    /// What a request asks for. The paths are looked up only if anybody lies.
    pub(super) fn of(tenant: &State, (endpoint, head): (Endpoint, &Head), lies: &[Arc<dyn Lie>]) -> Self {
        if lies.is_empty() {
            return Self { endpoint, paths: Vec::new() };
        }
        let model = History::new(tenant.model(), head.asker.device.as_deref());
        let to = head.destination(&tenant.prefix);
        let to = to.as_deref().and_then(|to| path_of(&model, head, &route::area_of(to, head.behaviour)));
        let paths = path_of(&model, head, &route::area(head)).into_iter().chain(to).collect();
        Self { endpoint, paths }
    }
}

/// The path in its owner's files of the node that an address names, which need not be there yet.
fn path_of(model: &Model, head: &Head, area: &Area<'_>) -> Option<String> {
    match area {
        Area::Ocs { target, .. } => {
            let id: FileId = id(target)?.parse().ok()?;
            model.path_of(id)
        }
        Area::Dav(Tree::Files { user, path }) => seen(model, (*user).or(head.asker.user.as_deref())?, path),
        Area::Dav(Tree::Public { token: Some(token), path }) => {
            let shared = model.path_of(model.link(token)?.node)?;
            Some(below(shared, path))
        }
        _ => None,
    }
}

/// The folder that an address of the E2EE API names.
fn id<'p>(target: &Target<'p>) -> Option<&'p str> {
    match target {
        Target::Encrypted(id)
        | Target::Lock(id)
        | Target::Metadata(id)
        | Target::Filedrop(id)
        | Target::LockV1(id)
        | Target::MetadataV1(id)
        | Target::FiledropV1(id) => Some(id),
        _ => None,
    }
}

/// What a user sees there lies elsewhere if it was shared with him.
fn seen(model: &Model, user: &str, path: &[String]) -> Option<String> {
    (0..=path.len()).rev().find_map(|known| {
        let (there, rest) = path.split_at(known);
        let there = model.path_of(model.resolve(user, there)?)?;
        Some(below(there, rest))
    })
}

fn below(folder: String, names: &[String]) -> String {
    let folder = Some(folder).filter(|folder| !folder.is_empty());
    folder.into_iter().chain(names.iter().cloned()).collect::<Vec<_>>().join("/")
}
