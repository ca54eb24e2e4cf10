//! The values of properties.

use super::dates::{http_date, iso_date};
use super::error::DavError;
use super::fake_locks;
use super::multistatus::{NEXTCLOUD, OWNCLOUD};
use super::request::Scope;
use super::seen::Seen;
use super::xml::{Name, escape};
use crate::adversary::lie::{Channel, SignedMetadata};
use crate::face::told::Told;
use crate::model::Permissions;
use crate::release::Behaviour;

/// A value, or that there is none.
pub(super) enum Property {
    Text(String),
    Xml(String),
    Missing,
}

impl Property {
    fn text(text: impl ToString) -> Self {
        Self::Text(text.to_string())
    }

    fn if_some(text: Option<impl ToString>) -> Self {
        text.map_or(Self::Missing, Self::text)
    }

    fn flag(flag: bool) -> Self {
        Self::text(if flag { "true" } else { "false" })
    }
}

/// The properties of a request that names none.
pub(super) fn standard(seen: &Seen) -> Vec<Name> {
    let kind: &[&str] = if seen.folder {
        &["quota-used-bytes", "quota-available-bytes"]
    } else {
        &["getcontentlength", "getcontenttype"]
    };
    let names = ["getlastmodified", "resourcetype", "getetag"].iter().chain(kind);
    names.map(|local| Name { namespace: "DAV:".to_owned(), local: (*local).to_owned() }).collect()
}

/// What values depend on beside the node.
pub(super) struct Telling<'t> {
    pub(super) instance: &'t str,
    pub(super) behaviour: &'static Behaviour,
    /// Whether it is told which folders are encrypted.
    pub(super) shows_flag: bool,
    pub(super) scope: &'t Scope<'t>,
    /// The client is one that gets to see locks.
    pub(super) locks: bool,
}

/// The value of a property; what the lies in force make of it, where they can.
///
/// # Errors
/// Asking an encrypted folder for metadata that it does not have yet fails the whole request, as on the real server.
pub(super) fn property(
    told: &mut Told<'_>,
    seen: &Seen,
    name: &Name,
    telling: &Telling<'_>,
) -> Result<Property, DavError> {
    let local = name.local.as_str();
    match name.namespace.as_str() {
        "DAV:" if local == "current-user-principal" => Ok(telling.scope.principal()),
        "DAV:" if local == "supportedlock" && telling.locks => {
            Ok(Property::Xml(fake_locks::SUPPORTED.to_owned()))
        }
        "DAV:" if local == "lockdiscovery" && telling.locks => Ok(Property::text("")),
        "DAV:" => Ok(dav(seen, local)),
        OWNCLOUD if local == "data-fingerprint" => Ok(Property::Text(told.data_fingerprint())),
        OWNCLOUD => Ok(owncloud(seen, local, telling.instance)),
        NEXTCLOUD => nextcloud(told, seen, local, telling),
        "http://open-collaboration-services.org/ns" if local == "share-permissions" => {
            let all = if seen.folder { Permissions::ALL } else { Permissions::SHARED_FILE };
            Ok(Property::text((seen.permissions & all).bits()))
        }
        _ => {
            let set = seen.properties.get(&(name.namespace.clone(), name.local.clone()));
            Ok(Property::if_some(set))
        }
    }
}

fn dav(seen: &Seen, local: &str) -> Property {
    let (folder, file) = (seen.folder, !seen.folder);
    match local {
        "resourcetype" if folder => Property::Xml("<d:collection/>".to_owned()),
        "resourcetype" => Property::text(""),
        "getcontentlength" if file => Property::text(seen.size),
        "getcontenttype" if file => Property::text("application/octet-stream"),
        "getetag" => Property::Text(format!("\"{}\"", seen.etag)),
        "getlastmodified" => Property::Text(http_date(seen.mtime)),
        "creationdate" => Property::Text(iso_date(seen.created)),
        "displayname" => Property::text(&seen.name),
        "quota-available-bytes" if folder => Property::text(-3),
        "quota-used-bytes" if folder => Property::text(seen.size),
        _ => Property::Missing,
    }
}

fn owncloud(seen: &Seen, local: &str, instance: &str) -> Property {
    match local {
        "fileid" => Property::text(seen.told_id),
        "id" => Property::text(seen.told_id.long(instance)),
        "permissions" => Property::Text(seen.letters()),
        "size" => Property::text(seen.size),
        "owner-id" | "owner-display-name" => Property::text(&seen.owner),
        "favorite" => Property::text(u8::from(seen.favourite)),
        "comments-unread" => Property::text(0),
        "share-types" => {
            let types = seen.share_types.iter().map(|kind| format!("<oc:share-type>{kind}</oc:share-type>"));
            Property::Xml(types.collect())
        }
        "checksums" => match &seen.checksum {
            Some(checksum) => Property::Xml(format!("<oc:checksum>{}</oc:checksum>", escape(checksum))),
            None => Property::Missing,
        },
        "downloadURL" if !seen.folder => Property::text(""),
        "tags" => Property::text(""),
        _ => Property::Missing,
    }
}

fn nextcloud(
    told: &mut Told<'_>,
    seen: &Seen,
    local: &str,
    telling: &Telling<'_>,
) -> Result<Property, DavError> {
    let is_encrypted = |told: &mut Told<'_>| {
        Property::if_some(told.encrypted_flag(seen.judge, Some(seen.encrypted)).map(u8::from))
    };
    let Telling { instance, behaviour, shows_flag, scope, .. } = *telling;
    if !shows_flag && local == "is-encrypted"
        || !(behaviour.dav_properties && (behaviour.public_dav_properties || scope.link.is_none()))
            && local.starts_with("e2ee-")
    {
        return Ok(Property::Missing);
    }
    Ok(match local {
        "is-encrypted" if seen.folder => is_encrypted(told),
        "e2ee-is-encrypted" => is_encrypted(told),
        "e2ee-metadata" if seen.folder && seen.encrypted => {
            Property::Text(metadata(told, seen, instance)?.document)
        }
        "e2ee-metadata-signature" if seen.folder && seen.encrypted => {
            Property::Text(metadata(told, seen, instance)?.signature.unwrap_or_default())
        }
        "has-preview" | "hidden" => Property::flag(false),
        "mount-type" => Property::text(if seen.shared_with_me { "shared" } else { "" }),
        "is-mount-root" => Property::flag(seen.mount_root),
        "contained-folder-count" if seen.folder => Property::text(seen.folders),
        "contained-file-count" if seen.folder => Property::text(seen.files),
        "rich-workspace" if seen.folder => Property::text(""),
        "sharees" => Property::text(""),
        "share-attributes" => Property::text("[]"),
        "creation_time" => Property::text(seen.created),
        "upload_time" if !seen.folder => Property::text(seen.created),
        _ => Property::Missing,
    })
}

fn metadata(told: &mut Told<'_>, seen: &Seen, instance: &str) -> Result<SignedMetadata, DavError> {
    told.metadata(Channel::Dav, seen.id, seen.metadata.clone()).ok_or_else(|| {
        let text = format!("/appdata_{instance}/end_to_end_encryption/meta-data/{}", seen.id);
        DavError::new(500, r"OCP\Files\NotFoundException", text)
    })
}
