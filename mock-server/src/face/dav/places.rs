//! What is neither a file nor a folder of files: the root of DAV, principals, homes and versions.

use super::error::DavError;
use super::multistatus::{CALDAV, CARDDAV, Multistatus};
use super::properties::Property;
use super::propfind::{Groups, malformed};
use super::request::{FEATURES, encode_name, principal};
use super::xml::{Name, Wanted, escape, read_propfind};
use crate::face::call::Call;
use crate::face::reply::Reply;
use crate::model::FileId;

/// The namespace of what only Nextcloud's calendars have.
const NEXTCLOUD_COM: &str = "http://nextcloud.com/ns";

/// Something that has an address and a few properties.
pub(super) struct Place {
    href: String,
    properties: Vec<(Name, Property)>,
}

impl Place {
    pub(super) fn new(href: String) -> Self {
        Self { href, properties: Vec::new() }
    }

    /// A folder with further types, each a namespace and a name.
    pub(super) fn folder(href: String, types: &[(&str, &str)]) -> Self {
        let types =
            types.iter().map(|(namespace, local)| format!("<{local} xmlns=\"{}\"/>", escape(namespace)));
        let types: String = types.collect();
        Self::new(href).with("DAV:", "resourcetype", Property::Xml(format!("<d:collection/>{types}")))
    }

    pub(super) fn with(mut self, namespace: &str, local: &str, value: Property) -> Self {
        self.properties.push((Name { namespace: namespace.to_owned(), local: local.to_owned() }, value));
        self
    }

    pub(super) fn with_text(self, namespace: &str, local: &str, text: &str) -> Self {
        self.with(namespace, local, Property::Text(text.to_owned()))
    }
}

/// Answers a PROPFIND about these places, the first being the one that was asked for.
pub(super) fn list(call: &Call<'_>, mut places: Vec<Place>, features: &str) -> Result<Reply, DavError> {
    let wanted = read_propfind(&call.body).map_err(|why| malformed(why, call.body.len()))?;
    if call.head.header("depth").as_deref() == Some("0") {
        places.truncate(1);
    }
    Ok(tell(call, places, &wanted).header("dav", features.to_owned()))
}

/// What is wanted of these places.
pub(super) fn tell(call: &Call<'_>, places: Vec<Place>, wanted: &Wanted) -> Reply {
    let me = principal(&call.tenant.prefix, call.user().unwrap_or_default());
    let mut body = Multistatus::new();
    for Place { href, mut properties } in places {
        let mut groups = Groups::new(call.head);
        match wanted {
            Wanted::All => properties.into_iter().for_each(|(name, value)| groups.add(&name, value)),
            Wanted::These(names) => {
                for name in names {
                    let at = properties.iter().position(|(known, _)| known == name);
                    groups.add(
                        name,
                        match at {
                            Some(at) => properties.swap_remove(at).1,
                            None if name.is("DAV:", "current-user-principal") => {
                                Property::Xml(format!("<d:href>{}</d:href>", escape(&me)))
                            }
                            None => Property::Missing,
                        },
                    );
                }
            }
        }
        groups.finish(&mut body, &href);
    }
    body.into_reply()
}

/// `remote.php/dav/`.
pub(super) fn root(call: &Call<'_>) -> Result<Reply, DavError> {
    only_propfind(call)?;
    let base = format!("{}/remote.php/dav/", call.tenant.prefix);
    let homes = ["addressbooks", "calendars", "files", "principals", "trashbin", "uploads", "versions"];
    let homes = homes.iter().map(|home| Place::folder(format!("{base}{home}/"), &[]));
    let places = std::iter::once(Place::folder(base.clone(), &[])).chain(homes).collect();
    list(call, places, FEATURES)
}

/// `remote.php/dav/principals/users/USER`.
pub(super) fn user_principal(call: &Call<'_>, user: &str) -> Result<Reply, DavError> {
    only_propfind(call)?;
    if call.tenant.model().user(user).is_none() {
        return Err(DavError::not_found(format!("Principal with name {user} not found")));
    }
    let prefix = &call.tenant.prefix;
    let name = encode_name(user);
    let link = |path: String| Property::Xml(format!("<d:href>{}</d:href>", escape(&path)));
    let own = principal(prefix, user);
    let place = Place::folder(own.clone(), &[("DAV:", "principal")])
        .with_text("DAV:", "displayname", user)
        .with("DAV:", "principal-URL", link(own))
        .with(CALDAV, "calendar-home-set", link(format!("{prefix}/remote.php/dav/calendars/{name}/")))
        .with(
            CARDDAV,
            "addressbook-home-set",
            link(format!("{prefix}/remote.php/dav/addressbooks/users/{name}/")),
        );
    list(call, vec![place], &format!("{FEATURES}, {}, addressbook", super::collections::CALENDARS))
}

/// `remote.php/dav/versions/USER/versions/ID`: the file's current version. Older ones are not kept, as the real server
/// keeps none of encrypted files.
pub(super) fn versions(call: &mut Call<'_>, path: &[String]) -> Result<Reply, DavError> {
    only_propfind(call)?;
    let (user, id) = match path {
        [user, versions, id] if versions == "versions" && Some(user.as_str()) == call.user() => (user, id),
        _ => return Err(nowhere()),
    };
    let model = call.model();
    let id: FileId = id.parse().map_err(|_| nowhere())?;
    let node = model.node(id).filter(|node| !node.is_folder()).ok_or_else(nowhere)?;
    if model.owner(id) != Some(user) {
        return Err(nowhere());
    }
    let base = format!("{}/remote.php/dav/versions/{}/versions/{id}/", call.tenant.prefix, encode_name(user));
    let version = Place::new(format!("{base}{}", node.mtime()))
        .with_text("DAV:", "getcontentlength", &model.size(id).to_string())
        .with_text("DAV:", "getcontenttype", "application/octet-stream")
        .with_text("DAV:", "resourcetype", "");
    drop(model);
    list(call, vec![Place::folder(base, &[]), version], FEATURES)
}

/// The types of a calendar home's trash bin.
pub(super) const TRASH_BIN: (&str, &str) = (NEXTCLOUD_COM, "trash-bin");

pub(super) fn nowhere() -> DavError {
    DavError::not_found("There is nothing at this address".to_owned())
}

fn only_propfind(call: &Call<'_>) -> Result<(), DavError> {
    match call.head.method.as_str() {
        "PROPFIND" => Ok(()),
        method => Err(DavError::not_implemented(method)),
    }
}
