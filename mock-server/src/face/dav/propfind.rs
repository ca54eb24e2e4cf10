//! PROPFIND.

use std::borrow::Cow;

use super::error::DavError;
use super::fake_locks;
use super::multistatus::{Multistatus, NEXTCLOUD, element};
use super::properties::{Property, Telling, property, standard};
use super::request::Scope;
use super::seen::{Seen, look};
use super::xml::{Malformed, Name, Wanted, escape, read_propfind};
use crate::face::call::{Call, Head};
use crate::face::reply::Reply;

/// Lists a folder, or tells the properties of one node.
pub(super) fn propfind(call: &mut Call<'_>, scope: &Scope<'_>) -> Result<Reply, DavError> {
    let wanted = read_propfind(&call.body).map_err(|why| malformed(why, call.body.len()))?;
    let reply = list(call, scope, &wanted);
    let dav = scope.dav_header();
    reply.map(|reply| reply.header("dav", dav)).map_err(|error| error.header("dav", dav))
}

fn list(call: &mut Call<'_>, scope: &Scope<'_>, wanted: &Wanted) -> Result<Reply, DavError> {
    scope.visible()?;
    let is_root = scope.path.is_empty() && scope.link.is_none();
    let owner = if is_root { call.told.root(scope.user) } else { scope.user.to_owned() };
    let other = (owner != scope.user).then(|| scope.root_of(&owner));
    let scope = other.as_ref().unwrap_or(scope);
    let depth = match call.head.header("depth").as_deref() {
        Some("infinity") => usize::MAX,
        depth => depth.and_then(|depth| depth.parse().ok()).unwrap_or(1),
    };
    let model = call.model();
    let Some(id) = model.resolve(scope.user, scope.path) else {
        return Err(DavError::not_found(scope.missing(&model, scope.path)));
    };
    let mut seen = look(&model, scope, id, depth);
    drop(model);
    let supported = call.head.is_supported_for_dav();
    if !supported && seen.first().is_some_and(|seen| seen.folder && seen.encrypted) {
        return Err(DavError::unsupported_client(&call.head.user_agent()));
    }
    if depth > 0 {
        call.told.lists(id);
    }
    // What is asked for itself is shown in any case; what lies below a hidden folder is hidden with it.
    let mut hidden: Vec<String> = Vec::new();
    seen.retain(|seen| {
        let hide = seen.id != id
            && (hidden.iter().any(|folder| seen.href.starts_with(folder)) || call.told.is_hidden(seen.id));
        if hide && seen.folder {
            hidden.push(seen.href.clone());
        }
        !hide
    });
    seen.iter_mut().for_each(|seen| seen.pass(&mut call.told));
    answer(call, scope, wanted, &seen)
}

/// What is wanted of all these nodes.
pub(super) fn answer(
    call: &mut Call<'_>,
    scope: &Scope<'_>,
    wanted: &Wanted,
    seen: &[Seen],
) -> Result<Reply, DavError> {
    let supported = call.head.is_supported_for_dav();
    let (instance, shows_flag) = {
        let model = call.model();
        (model.instance().to_owned(), model.shows_flag())
    };
    let asked = |local: &str, namespace: &str| matches!(wanted, Wanted::These(names) if names.iter().any(|n| n.is(namespace, local)));
    let blanks_permissions = asked("is-encrypted", NEXTCLOUD) && !supported;
    let locks = fake_locks::are_for(call.head);
    let telling = Telling { instance: &instance, behaviour: call.behaviour(), shows_flag, scope, locks };
    let mut body = Multistatus::new();
    for seen in seen {
        let names = match wanted {
            Wanted::These(names) => Cow::from(names),
            Wanted::All => standard(seen).into(),
        };
        let mut groups = Groups::new(call.head);
        for name in &*names {
            let blank = blanks_permissions && seen.folder && seen.encrypted && name.local == "permissions";
            let value = if blank {
                Property::Text(String::new())
            } else {
                property(&mut call.told, seen, name, &telling)?
            };
            groups.add(name, value);
        }
        groups.finish(&mut body, &seen.href);
    }
    Ok(body.into_reply())
}

/// About how many bytes the properties of a node take.
const USUAL: usize = 512;

/// The properties of one node, found and missing.
pub(super) struct Groups {
    found: String,
    missing: String,
    minimal: bool,
}

impl Groups {
    pub(super) fn new(head: &Head) -> Self {
        let minimal = head.header("prefer").is_some_and(|prefer| prefer.contains("return=minimal"))
            || head.header("brief").as_deref() == Some("t");
        Self { found: String::with_capacity(USUAL), missing: String::new(), minimal }
    }

    pub(super) fn add(&mut self, name: &Name, value: Property) {
        match value {
            Property::Text(text) => element(&mut self.found, name, &escape(&text)),
            Property::Xml(xml) => element(&mut self.found, name, &xml),
            Property::Missing if self.minimal => {}
            Property::Missing => element(&mut self.missing, name, ""),
        }
    }

    pub(super) fn finish(self, body: &mut Multistatus, href: &str) {
        body.response(href, &[("200 OK", &self.found), ("404 Not Found", &self.missing)]);
    }
}

pub(super) fn malformed(why: Malformed, length: usize) -> DavError {
    let column = length + 1;
    DavError::bad_request(match why {
        Malformed::Empty => "Document is empty\n on line 1, column 1".to_owned(),
        Malformed::NotClosed => {
            format!("Extra content at the end of the document\n on line 1, column {column}")
        }
        Malformed::TooMuch => "The document is too long or too deep".to_owned(),
        Malformed::Syntax => "The document is not well-formed".to_owned(),
    })
}
