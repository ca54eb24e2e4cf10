//! The XML that WebDAV answers with.

use percent_encoding::percent_decode_str;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, escape};
use std::borrow::Cow;

/// Elements nested deeper than this are no listing.
const MAX_DEPTH: usize = 32;

/// A file or folder as listed.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Node {
    pub(crate) id: u64,
    /// The last component; empty for the root of the account.
    pub(crate) name: String,
    pub(crate) is_folder: bool,
    /// The folder's own flag.
    pub(crate) is_encrypted: bool,
    /// Received from another user.
    pub(crate) is_received: bool,
    /// What the server says may be done with it, in letters.
    pub(crate) permissions: String,
    /// Another one than before means that the server was restored from a backup.
    pub(crate) fingerprint: String,
    /// Bytes; files only.
    pub(crate) size: Option<u64>,
    /// When it was changed, as HTTP writes it.
    pub(crate) modified: String,
}

/// The properties that make a node; an element `collection` is another.
const LOOKED_AT: [&str; 6] =
    ["fileid", "is-encrypted", "permissions", "data-fingerprint", "getcontentlength", "getlastmodified"];

/// The responses of a multistatus: path below the user's root, and node.
pub(super) type Listing = Vec<(Vec<String>, Node)>;

/// Reads a multistatus.
pub(super) fn parse(xml: &[u8], user: &str) -> Result<Listing, String> {
    let mut nodes = Vec::new();
    let mut response = Response::default();
    walk(xml, |event| match event {
        Step::Open("response") => response = Response::default(),
        Step::Open("propstat") => response.found.clear(),
        Step::Open("collection") => response.found.push(("collection", String::new())),
        Step::Close("href", text) if response.href.is_empty() => response.href = text.into(),
        Step::Close("propstat", _) => {
            if response.status.contains(" 200") {
                response.properties.append(&mut response.found);
            }
        }
        Step::Close("status", text) => response.status = text.into(),
        Step::Close("response", _) => nodes.extend(response.node(user)),
        Step::Close(name, text) => {
            let property = LOOKED_AT.into_iter().find(|property| *property == name);
            response.found.extend(property.map(|property| (property, text.to_owned())));
        }
        Step::Open(_) => {}
    })?;
    Ok(nodes)
}

#[derive(Default)]
struct Response {
    href: String,
    status: String,
    found: Vec<(&'static str, String)>,
    properties: Vec<(&'static str, String)>,
}

impl Response {
    /// `None` for what lies elsewhere or has no id.
    fn node(&self, user: &str) -> Option<(Vec<String>, Node)> {
        let path = self.path(user)?;
        let property =
            |name: &str| self.properties.iter().find(|(of, _)| *of == name).map(|(_, text)| text.as_str());
        let text = |name: &str| property(name).unwrap_or_default().to_owned();
        let node = Node {
            id: property("fileid")?.parse().ok()?,
            name: path.last().cloned().unwrap_or_default(),
            is_folder: property("collection").is_some(),
            is_encrypted: property("is-encrypted") == Some("1"),
            is_received: property("permissions").is_some_and(|letters| letters.contains('S')),
            size: property("getcontentlength").and_then(|text| text.parse().ok()),
            permissions: text("permissions"),
            fingerprint: text("data-fingerprint"),
            modified: text("getlastmodified"),
        };
        Some((path, node))
    }

    fn path(&self, user: &str) -> Option<Vec<String>> {
        let decode = |part: &str| match part.contains('%') {
            true => percent_decode_str(part).decode_utf8().map(String::from).ok(),
            false => Some(part.to_owned()),
        };
        let parts = self.href.split('/').filter(|p| !p.is_empty()).map(decode).collect::<Option<Vec<_>>>()?;
        let files = ["remote.php", "dav", "files", user];
        let start = parts.windows(files.len()).position(|window| window == files)?;
        Some(parts[start + files.len()..].to_vec())
    }
}

/// The text of the first element of this name.
pub(super) fn xml_text(xml: &[u8], name: &str) -> Option<String> {
    let mut found = None;
    walk(xml, |step| {
        if let Step::Close(closed, text) = step
            && closed == name
            && found.is_none()
        {
            found = Some(text.to_owned());
        }
    })
    .ok()?;
    found
}

enum Step<'a> {
    /// The local name.
    Open(&'a str),
    /// The local name, and the text directly inside.
    Close(&'a str, &'a str),
}

fn walk(xml: &[u8], mut take: impl FnMut(Step<'_>)) -> Result<(), String> {
    let mut reader = Reader::from_reader(xml);
    // What is open, each with the text that has been read directly inside.
    let mut open: Vec<(BytesStart<'_>, Cow<'_, str>)> = Vec::new();
    loop {
        let text = match reader.read_event().map_err(|e| e.to_string())? {
            Event::Eof => return Ok(()),
            Event::Start(element) => {
                if open.len() == MAX_DEPTH {
                    return Err(format!("elements are nested deeper than {MAX_DEPTH}"));
                }
                take(Step::Open(&local(&element)));
                open.push((element, Cow::default()));
                continue;
            }
            Event::Empty(element) => {
                let name = local(&element);
                take(Step::Open(&name));
                take(Step::Close(&name, ""));
                continue;
            }
            Event::End(_) => {
                if let Some((element, text)) = open.pop() {
                    take(Step::Close(&local(&element), &text));
                }
                continue;
            }
            Event::Text(text) => text.decode().map_err(|e| e.to_string())?,
            Event::CData(text) => text.decode().map_err(|e| e.to_string())?,
            Event::GeneralRef(reference) => match reference.resolve_char_ref().map_err(|e| e.to_string())? {
                Some(character) => character.to_string().into(),
                None => {
                    let name = reference.decode().map_err(|e| e.to_string())?;
                    let text = escape::resolve_predefined_entity(&name);
                    text.ok_or_else(|| format!("entity `{name}` is unknown"))?.into()
                }
            },
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => continue,
        };
        if let Some((_, all)) = open.last_mut() {
            *all += text;
        }
    }
}

fn local<'a>(element: &'a BytesStart<'_>) -> Cow<'a, str> {
    match str::from_utf8(element.local_name().into_inner()) {
        Ok(name) => name.into(),
        Err(_) => String::from_utf8_lossy(element.local_name().into_inner()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: &str = r#"<?xml version="1.0"?>
<d:multistatus xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns">
<d:response><d:href>/t/7/remote.php/dav/files/a%40b/</d:href><d:propstat><d:prop>
<d:resourcetype><d:collection/></d:resourcetype><oc:fileid>10</oc:fileid><nc:is-encrypted>0</nc:is-encrypted>
</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>
<d:response><d:href>/t/7/remote.php/dav/files/a%40b/R%26D%20x/</d:href><d:propstat><d:prop>
<d:resourcetype><d:collection/></d:resourcetype><oc:fileid>11</oc:fileid><nc:is-encrypted>1</nc:is-encrypted>
<oc:permissions>SRGDNVCK</oc:permissions></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>
<d:response><d:href>/t/7/remote.php/dav/files/a%40b/f</d:href><d:propstat><d:prop>
<d:resourcetype/><oc:fileid>12</oc:fileid><d:getcontentlength>5</d:getcontentlength>
<d:getlastmodified>Sun, 22 Nov 2026 12:00:00 GMT</d:getlastmodified></d:prop>
<d:status>HTTP/1.1 200 OK</d:status></d:propstat><d:propstat><d:prop><nc:is-encrypted>1</nc:is-encrypted></d:prop>
<d:status>HTTP/1.1 404 Not Found</d:status></d:propstat></d:response>
<d:response><d:href>/elsewhere/x</d:href></d:response></d:multistatus>"#;

    #[test]
    fn a_listing_is_read_property_by_property() {
        let nodes = parse(LISTING.as_bytes(), "a@b").unwrap();
        let expected = [
            (vec![], Node { id: 10, is_folder: true, ..Node::default() }),
            (
                vec!["R&D x".to_owned()],
                Node {
                    id: 11,
                    name: "R&D x".into(),
                    is_folder: true,
                    is_encrypted: true,
                    is_received: true,
                    permissions: "SRGDNVCK".into(),
                    ..Node::default()
                },
            ),
            (
                vec!["f".to_owned()],
                Node {
                    id: 12,
                    name: "f".into(),
                    size: Some(5),
                    modified: "Sun, 22 Nov 2026 12:00:00 GMT".into(),
                    ..Node::default()
                },
            ),
        ];
        assert_eq!(nodes, expected);
    }

    #[test]
    fn texts_are_unescaped_and_depth_is_bounded() {
        let error =
            b"<d:error xmlns:d='DAV:'><s:message>a &lt;b&gt; &#x41; <![CDATA[&]]></s:message></d:error>";
        assert_eq!(xml_text(error, "message").as_deref(), Some("a <b> A &"));
        assert!(parse("<a>".repeat(1000).as_bytes(), "a").is_err());
        assert!(parse(b"<a>&evil;</a>", "a").is_err());
        assert!(parse(b"</a>", "a").is_err());
    }
}
