//! XML in and out.

use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

/// The longest body of a PROPFIND, the deepest nesting and the most properties in it.
const MAX_BODY: usize = 1024 * 1024;
const MAX_DEPTH: usize = 32;
const MAX_PROPERTIES: usize = 1000;

/// The name of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) namespace: String,
    pub(super) local: String,
}

/// What a PROPFIND asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    All,
    These(Vec<Name>),
}

/// Why a body is no PROPFIND.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Malformed {
    Empty,
    NotClosed,
    TooMuch,
    Syntax,
}

/// Escapes text for an element or an attribute; what XML cannot carry becomes U+FFFD.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                escaped.push(char::REPLACEMENT_CHARACTER);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// Reads the body of a PROPFIND; without one everything is wanted.
pub(super) fn read_propfind(body: &[u8]) -> Result<Wanted, Malformed> {
    let text = std::str::from_utf8(body).map_err(|_| Malformed::Syntax)?.trim();
    if text.is_empty() {
        return Ok(Wanted::All);
    }
    if text.len() > MAX_BODY {
        return Err(Malformed::TooMuch);
    }
    if !text.starts_with('<') {
        return Err(Malformed::Empty);
    }
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut path: Vec<Name> = Vec::new();
    let mut found = Vec::new();
    loop {
        match reader.read_resolved_event().map_err(|_| Malformed::Syntax)? {
            (namespace, Event::Start(element)) => {
                let namespace = match namespace {
                    ResolveResult::Bound(namespace) => String::from_utf8_lossy(namespace.0).into_owned(),
                    ResolveResult::Unbound => String::new(),
                    ResolveResult::Unknown(_) => return Err(Malformed::Syntax),
                };
                let local = String::from_utf8_lossy(element.local_name().as_ref()).into_owned();
                // Names are told again in the answer: nothing that is markup may be among them.
                let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
                if !local.chars().all(plain) {
                    return Err(Malformed::Syntax);
                }
                path.push(Name { namespace, local });
                if is_property(&path) {
                    found.extend(path.last().cloned());
                }
                if path.len() > MAX_DEPTH || found.len() > MAX_PROPERTIES {
                    return Err(Malformed::TooMuch);
                }
            }
            (_, Event::End(_)) => {
                path.pop();
            }
            (_, Event::Eof) if path.is_empty() => break,
            (_, Event::Eof) => return Err(Malformed::NotClosed),
            // Entities could be made to grow.
            (_, Event::DocType(_)) => return Err(Malformed::Syntax),
            _ => {}
        }
    }
    Ok(if found.is_empty() { Wanted::All } else { Wanted::These(found) })
}

/// Whether the innermost element stands in `propfind/prop`.
fn is_property(path: &[Name]) -> bool {
    let [root, prop, _] = path else { return false };
    let dav = |name: &Name, local: &str| name.namespace == "DAV:" && name.local == local;
    dav(root, "propfind") && dav(prop, "prop")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_found_by_namespace() {
        let body = r#"<?xml version="1.0"?><propfind xmlns="DAV:" xmlns:x="http://owncloud.org/ns">
            <prop><getetag/><x:id>1</x:id></prop></propfind>"#;
        let Ok(Wanted::These(names)) = read_propfind(body.as_bytes()) else { panic!("no properties") };
        let names: Vec<(&str, &str)> =
            names.iter().map(|n| (n.namespace.as_str(), n.local.as_str())).collect();
        assert_eq!(names, [("DAV:", "getetag"), ("http://owncloud.org/ns", "id")]);
    }

    #[test]
    fn bad_bodies_are_refused() {
        let cases: [(&[u8], Malformed); 6] = [
            (b"<a\"b/>", Malformed::Syntax),
            (b"no xml", Malformed::Empty),
            (b"<d:propfind xmlns:d=\"DAV:\"><d:prop>", Malformed::NotClosed),
            (b"<!DOCTYPE a><a/>", Malformed::Syntax),
            (b"<x:a/>", Malformed::Syntax),
            (b"\xff", Malformed::Syntax),
        ];
        for (body, why) in cases {
            assert_eq!(read_propfind(body), Err(why), "{}", String::from_utf8_lossy(body));
        }
        assert_eq!(read_propfind(&b"<a>".repeat(40)), Err(Malformed::TooMuch));
        assert_eq!(read_propfind(b""), Ok(Wanted::All));
    }
}
