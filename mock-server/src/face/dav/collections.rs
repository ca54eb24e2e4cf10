//! CalDAV and CardDAV: homes, collections and the objects in them.

use super::dates::http_date;
use super::download::disposition;
use super::error::DavError;
use super::multistatus::{CALDAV, CARDDAV};
use super::places::{Place, TRASH_BIN, list, nowhere, tell};
use super::propfind::malformed;
use super::queries;
use super::request::{FEATURES, encode_name};
use super::xml::{parse, wanted};
use crate::face::call::Call;
use crate::face::reply::Reply;
use crate::model::{CollectionKind, Object};

/// What the header `DAV` says of calendars.
pub(super) const CALENDARS: &str = "calendar-access, calendar-proxy, calendar-auto-schedule, calendar-availability, \
    nc-calendar-trashbin, nc-calendar-webcal-cache, calendarserver-subscribed, oc-resource-sharing, \
    oc-calendar-publishing, calendarserver-sharing";
/// What it says of address books.
const ADDRESS_BOOKS: &str = "addressbook, oc-resource-sharing";

/// Answers a request below `calendars/USER` or `addressbooks/users/USER`.
pub(super) fn handle(
    call: &mut Call<'_>,
    kind: CollectionKind,
    owner: &str,
    path: &[String],
) -> Result<Reply, DavError> {
    let user = call.user().filter(|user| *user == owner).ok_or_else(nowhere)?;
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    match (call.head.method.as_str(), names.as_slice()) {
        ("PROPFIND", []) => home(call, kind, user),
        ("PROPFIND", [collection]) => contents(call, kind, user, collection),
        ("MKCOL" | "MKCALENDAR", [collection]) => make(call, kind, user, collection),
        ("PUT", [collection, name]) => put(call, kind, user, (collection, name)),
        ("GET" | "HEAD", [collection, name]) => get(call, kind, user, (collection, name)),
        ("REPORT", [collection]) => report(call, kind, user, collection),
        ("DELETE", [collection]) => delete(call, kind, user, (collection, None)),
        ("DELETE", [collection, name]) => delete(call, kind, user, (collection, Some(name))),
        (method, _) => Err(DavError::not_implemented(method)),
    }
}

fn home(call: &mut Call<'_>, kind: CollectionKind, user: &str) -> Result<Reply, DavError> {
    let base = base(call, kind, user);
    let mut places = vec![Place::folder(base.clone(), &[])];
    for (name, collection) in call.model().collections(user, kind) {
        let href = format!("{base}{}/", encode_name(&name));
        places.push(Place::folder(href, &[kind_of(kind)]).with_text(
            "DAV:",
            "displayname",
            &collection.title,
        ));
    }
    if kind == CollectionKind::Calendar {
        places.push(Place::folder(format!("{base}inbox/"), &[(CALDAV, "schedule-inbox")]));
        places.push(Place::folder(format!("{base}outbox/"), &[(CALDAV, "schedule-outbox")]));
        places.push(Place::folder(format!("{base}trashbin/"), &[TRASH_BIN]));
    }
    list(call, places, &features(kind))
}

fn contents(call: &mut Call<'_>, kind: CollectionKind, user: &str, name: &str) -> Result<Reply, DavError> {
    let base = format!("{}{}/", base(call, kind, user), encode_name(name));
    let collections = call.model().collections(user, kind);
    let collection = collections.get(name).ok_or_else(|| missing(kind, false))?;
    let own =
        Place::folder(base.clone(), &[kind_of(kind)]).with_text("DAV:", "displayname", &collection.title);
    let objects = collection.objects.iter().map(|(name, object)| place(kind, &base, name, object));
    let places = std::iter::once(own).chain(objects).collect();
    list(call, places, &features(kind))
}

/// MKCALENDAR, and MKCOL with a body that gives a title.
fn make(call: &mut Call<'_>, kind: CollectionKind, user: &str, name: &str) -> Result<Reply, DavError> {
    let request = parse(&call.body).map_err(|why| malformed(why, call.body.len()))?;
    let title = request.as_ref().and_then(|request| {
        let prop = request.child("DAV:", "set")?.child("DAV:", "prop")?;
        Some(prop.child("DAV:", "displayname")?.text.trim().to_owned())
    });
    match call.model().make_collection(user, kind, name, title.as_deref().unwrap_or(name)) {
        Ok(true) => Ok(Reply::empty(201)),
        Ok(false) => Err(DavError::not_allowed("The resource you tried to create already exists")),
        Err(_) => Err(DavError::too_much()),
    }
}

fn put(call: &mut Call<'_>, kind: CollectionKind, user: &str, path: (&str, &str)) -> Result<Reply, DavError> {
    let content = call.body.clone();
    let stored = call.model().put_object(user, kind, path, content).map_err(|_| DavError::too_much())?;
    let (etag, new) =
        stored.ok_or_else(|| DavError::conflict("Files can only be created as children of collections"))?;
    let etag = format!("\"{etag}\"");
    Ok(Reply::empty(if new { 201 } else { 204 }).header("etag", etag.clone()).header("oc-etag", etag))
}

fn get(
    call: &mut Call<'_>,
    kind: CollectionKind,
    user: &str,
    (collection, name): (&str, &str),
) -> Result<Reply, DavError> {
    let collections = call.model().collections(user, kind);
    let collection = collections.get(collection).ok_or_else(|| missing(kind, false))?;
    let object = collection.objects.get(name).ok_or_else(|| missing(kind, true))?;
    let etag = format!("\"{}\"", object.etag);
    let body = if call.head.method == "HEAD" { bytes::Bytes::new() } else { object.content.clone() };
    Ok(Reply::new(200, content_type(kind, object), body)
        .header("etag", etag.clone())
        .header("oc-etag", etag)
        .header("content-disposition", disposition(name))
        .header("last-modified", http_date(object.mtime)))
}

fn delete(
    call: &mut Call<'_>,
    kind: CollectionKind,
    user: &str,
    path: (&str, Option<&str>),
) -> Result<Reply, DavError> {
    let deleted = call.model().delete_object(user, kind, path);
    deleted.then(|| Reply::empty(204)).ok_or_else(|| missing(kind, path.1.is_some()))
}

/// Queries, and objects by their addresses.
fn report(call: &mut Call<'_>, kind: CollectionKind, user: &str, name: &str) -> Result<Reply, DavError> {
    let request = parse(&call.body).map_err(|why| malformed(why, call.body.len()))?;
    let request = request.ok_or_else(DavError::report_not_supported)?;
    let query = queries::read(kind, &request).ok_or_else(DavError::report_not_supported)?;
    let collections = call.model().collections(user, kind);
    let collection = collections.get(name).ok_or_else(|| missing(kind, false))?;
    let base = format!("{}{}/", base(call, kind, user), encode_name(name));
    let found = collection.objects.iter().filter(|(name, object)| query.wants(name, object));
    let places = found.map(|(name, object)| with_data(kind, place(kind, &base, name, object), object));
    let places = places.collect();
    Ok(tell(call, places, &wanted(Some(&request))))
}

fn place(kind: CollectionKind, base: &str, name: &str, object: &Object) -> Place {
    Place::new(format!("{base}{}", encode_name(name)))
        .with_text("DAV:", "resourcetype", "")
        .with_text("DAV:", "getetag", &format!("\"{}\"", object.etag))
        .with_text("DAV:", "getcontentlength", &object.content.len().to_string())
        .with_text("DAV:", "getlastmodified", &http_date(object.mtime))
        .with_text("DAV:", "getcontenttype", &content_type(kind, object))
}

/// The object itself is among the properties that reports tell.
fn with_data(kind: CollectionKind, place: Place, object: &Object) -> Place {
    let (namespace, local) = match kind {
        CollectionKind::Calendar => (CALDAV, "calendar-data"),
        CollectionKind::AddressBook => (CARDDAV, "address-data"),
    };
    place.with_text(namespace, local, &String::from_utf8_lossy(&object.content))
}

fn base(call: &Call<'_>, kind: CollectionKind, user: &str) -> String {
    let home = match kind {
        CollectionKind::Calendar => "calendars",
        CollectionKind::AddressBook => "addressbooks/users",
    };
    format!("{}/remote.php/dav/{home}/{}/", call.tenant.prefix, encode_name(user))
}

fn kind_of(kind: CollectionKind) -> (&'static str, &'static str) {
    match kind {
        CollectionKind::Calendar => (CALDAV, "calendar"),
        CollectionKind::AddressBook => (CARDDAV, "addressbook"),
    }
}

fn features(kind: CollectionKind) -> String {
    let own = match kind {
        CollectionKind::Calendar => CALENDARS,
        CollectionKind::AddressBook => ADDRESS_BOOKS,
    };
    format!("{FEATURES}, {own}")
}

fn content_type(kind: CollectionKind, object: &Object) -> String {
    let holds = |text: &[u8]| object.content.windows(text.len()).any(|part| part == text);
    match kind {
        CollectionKind::AddressBook => "text/vcard; charset=utf-8".to_owned(),
        CollectionKind::Calendar => {
            let component = if holds(b"BEGIN:VTODO") { "vtodo" } else { "vevent" };
            format!("text/calendar; charset=utf-8; component={component}")
        }
    }
}

fn missing(kind: CollectionKind, object: bool) -> DavError {
    DavError::not_found(
        match (kind, object) {
            (CollectionKind::Calendar, true) => "Calendar object not found",
            (CollectionKind::Calendar, false) => "Calendar not found",
            (CollectionKind::AddressBook, true) => "Card not found",
            (CollectionKind::AddressBook, false) => "Addressbook not found",
        }
        .to_owned(),
    )
}
