//! What DAV requests have in common.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

use super::error::DavError;
use super::properties::Property;
use crate::face::call::Call;
use crate::model::{Model, Permissions, Writer};

/// Whose files, by which address, and where in them.
#[derive(Debug)]
pub(super) struct Scope<'c> {
    /// Who asks.
    pub(super) user: &'c str,
    /// The user that the address names, if it is not the one who asks: then nothing is visible.
    foreign: Option<&'c str>,
    /// What a share link allows, for those who come by one.
    pub(super) link: Option<Permissions>,
    pub(super) path: &'c [String],
    /// The address of the user's root, with the tenant's prefix and without a trailing slash.
    pub(super) base: String,
    /// How many names of the path are left out of addresses.
    hidden: usize,
    address: Address,
}

/// The address by which files are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Address {
    Dav,
    Webdav,
    Public,
}

impl<'c> Scope<'c> {
    pub(super) fn new(call: &Call<'_>, user: &'c str, named: Option<&'c str>, path: &'c [String]) -> Self {
        let prefix = &call.tenant.prefix;
        let base = match named {
            Some(named) => format!("{prefix}/remote.php/dav/files/{}", encode_name(named)),
            None => format!("{prefix}/remote.php/webdav"),
        };
        let address = if named.is_some() { Address::Dav } else { Address::Webdav };
        Self {
            user,
            link: None,
            foreign: named.filter(|named| *named != user),
            path,
            base,
            hidden: 0,
            address,
        }
    }

    /// Files that a link shares: `path` leads there from the owner's root, its first `hidden` names to what is shared.
    pub(super) fn public(
        owner: &'c str,
        link: Permissions,
        path: &'c [String],
        hidden: usize,
        base: String,
    ) -> Self {
        Self { user: owner, link: Some(link), foreign: None, path, base, hidden, address: Address::Public }
    }

    /// The root of another user, under its own address.
    pub(super) fn root_of<'a>(&'a self, user: &'a str) -> Scope<'a> {
        let base = match (self.address, self.base.rsplit_once('/')) {
            (Address::Dav, Some((files, _))) => format!("{files}/{}", encode_name(user)),
            _ => self.base.clone(),
        };
        let (foreign, link, path, hidden, address) = (None, self.link, self.path, self.hidden, self.address);
        Scope { user, foreign, link, path, base, hidden, address }
    }

    /// Who is logged in, as `d:current-user-principal`.
    pub(super) fn principal(&self) -> Property {
        let prefix = self.base.split("/remote.php/").next().unwrap_or_default();
        Property::Xml(match self.link {
            None => format!("<d:href>{}</d:href>", principal(prefix, self.user)),
            Some(_) => "<d:unauthenticated/>".to_owned(),
        })
    }

    /// The header `DAV` of a listing.
    pub(super) fn dav_header(&self) -> &'static str {
        match self.address {
            Address::Webdav | Address::Public => "1, 3, extended-mkcol, nextcloud-checksum-update",
            Address::Dav => FEATURES,
        }
    }

    /// The address of a path below the root.
    pub(super) fn href(&self, path: &[String], folder: bool) -> String {
        let names: String =
            path.iter().skip(self.hidden).map(|name| format!("/{}", encode_name(name))).collect();
        let slash = if folder { "/" } else { "" };
        format!("{}{names}{slash}", self.base)
    }

    /// Refuses what lies in somebody else's files, in the words for something that must exist.
    pub(super) fn visible(&self) -> Result<(), DavError> {
        match self.foreign {
            None => Ok(()),
            Some(owner) => {
                let first = self.path.first().map(String::as_str).unwrap_or_default();
                Err(DavError::not_found(format!("File not found: {first} in '{owner}'")))
            }
        }
    }

    /// Refuses what lies in somebody else's files, in the words for something new.
    pub(super) fn writable(&self) -> Result<(), DavError> {
        self.foreign.map_or(Ok(()), |_| Err(DavError::conflict("")))
    }

    /// How the server says that a path does not exist: it names the first part that is missing.
    pub(super) fn missing(&self, model: &Model, path: &[String]) -> String {
        let exists = |end: &usize| model.resolve(self.user, path.get(..*end).unwrap_or_default()).is_none();
        let end = (1..=path.len()).find(exists).unwrap_or(path.len());
        let (folder, name) = match path.get(..end).and_then(<[String]>::split_last) {
            Some((name, folder)) => (folder.join("/"), name.as_str()),
            None => (String::new(), ""),
        };
        format!("File with name /{folder}/{name} could not be located")
    }

    /// Where a MOVE or COPY goes.
    pub(super) fn destination(&self, call: &Call<'_>) -> Result<Vec<String>, DavError> {
        if call.head.header("destination").is_none_or(|header| header.is_empty()) {
            return Err(DavError::bad_request("The destination header was not supplied"));
        }
        let outside = || DavError::bad_request("The destination is not below this address");
        let mut path = call.head.destination(&call.tenant.prefix).ok_or_else(outside)?;
        let found: Vec<&str> = path.iter().map(String::as_str).collect();
        if self.link.is_some() {
            let ["public.php", "dav", "files", _, ..] = found.as_slice() else { return Err(outside()) };
            let shared = self.path.get(..self.hidden).unwrap_or_default();
            return Ok(shared.iter().cloned().chain(path.split_off(4)).collect());
        }
        let skip = match found.as_slice() {
            ["remote.php", "webdav", ..] => 2,
            ["remote.php", "dav", "files", user, ..] if *user == self.user => 4,
            ["remote.php", "dav", "files", ..] => return Err(DavError::conflict("")),
            _ => return Err(outside()),
        };
        Ok(path.split_off(skip))
    }
}

/// The header `DAV` below `remote.php/dav`.
pub(super) const FEATURES: &str = "1, 3, extended-mkcol, access-control, calendarserver-principal-property-search, \
    nextcloud-checksum-update, nc-calendar-search, nc-enable-birthday-calendar, nc-paginate";

/// The address of a user's principal.
pub(super) fn principal(prefix: &str, user: &str) -> String {
    format!("{prefix}/remote.php/dav/principals/users/{}/", encode_name(user))
}

/// Who writes; the token comes as a header or, failing that, in the query.
pub(super) fn with_writer<T>(call: &Call<'_>, scope: &Scope<'_>, write: impl FnOnce(Writer<'_>) -> T) -> T {
    let token = call.head.header("e2e-token").or_else(|| call.params.get("e2e-token").map(str::to_owned));
    let (user, link) = (scope.user, scope.link);
    write(Writer { user, token: token.as_deref(), supported: call.head.is_supported_for_dav(), link })
}

/// Everything but letters, digits and a few signs is percent-encoded in headers.
pub(super) const UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Percent-encodes a name as Sabre does, with lower-case digits.
pub(super) fn encode_name(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'_'
            | b'-'
            | b'.'
            | b'~'
            | b'('
            | b')'
            | b':'
            | b'@' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02x}")),
        }
    }
    encoded
}
