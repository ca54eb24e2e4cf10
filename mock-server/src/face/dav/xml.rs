//! XML in and out.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

/// The longest document, the deepest nesting and the most elements in it.
const MAX_BODY: usize = 1024 * 1024;
const MAX_DEPTH: usize = 32;
const MAX_ELEMENTS: usize = 2000;

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

/// Why a body cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Malformed {
    Empty,
    NotClosed,
    TooMuch,
    Syntax,
}

/// Escapes text for an element or an attribute; what XML cannot carry becomes U+FFFD.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    let plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'&' | b'<' | b'>' | b'"');
    if text.as_bytes().iter().all(plain) {
        return Cow::Borrowed(text);
    }
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
    Cow::Owned(escaped)
}

/// An element with what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: Name,
    /// Without namespaces and their declarations.
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The first child of this name.
    pub(super) fn child(&self, namespace: &str, local: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name.is(namespace, local))
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Name {
    pub(super) fn is(&self, namespace: &str, local: &str) -> bool {
        self.namespace == namespace && self.local == local
    }
}

/// Reads the body of a PROPFIND; without one everything is wanted. Clients ask for the same things again and again: what
/// was read is remembered.
pub(super) fn read_propfind(body: &[u8]) -> Result<Arc<Wanted>, Malformed> {
    static READ: LazyLock<Mutex<HashMap<Vec<u8>, Arc<Wanted>>>> = LazyLock::new(Mutex::default);
    /// How many bodies are remembered, and the longest in bytes.
    const MOST: usize = 64;
    const LONGEST: usize = 4096;
    let remembered = || READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(wanted) = remembered().get(body) {
        return Ok(Arc::clone(wanted));
    }
    let root = parse(body)?.filter(|root| root.name.is("DAV:", "propfind"));
    let wanted = Arc::new(wanted(root.as_ref()));
    if body.len() <= LONGEST {
        let mut remembered = remembered();
        if remembered.len() >= MOST {
            remembered.clear();
        }
        remembered.insert(body.to_owned(), Arc::clone(&wanted));
    }
    Ok(wanted)
}

/// The properties that an element asks for.
pub(super) fn wanted(request: Option<&Element>) -> Wanted {
    let names = request.and_then(|request| request.child("DAV:", "prop")).map(|prop| &prop.children);
    match names.filter(|names| !names.is_empty()) {
        Some(names) => Wanted::These(names.iter().map(|element| element.name.clone()).collect()),
        None => Wanted::All,
    }
}

/// Reads a document; `None` when the body is empty.
pub(super) fn parse(body: &[u8]) -> Result<Option<Element>, Malformed> {
    let text = std::str::from_utf8(body).map_err(|_| Malformed::Syntax)?.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > MAX_BODY {
        return Err(Malformed::TooMuch);
    }
    if !text.starts_with('<') {
        return Err(Malformed::Empty);
    }
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut elements = 0;
    loop {
        match reader.read_resolved_event().map_err(|_| Malformed::Syntax)? {
            (namespace, Event::Start(element)) => {
                let name = name(namespace, element.local_name().as_ref())?;
                let attributes = attributes(&element)?;
                open.push(Element { name, attributes, text: String::new(), children: Vec::new() });
                elements += 1;
                if open.len() > MAX_DEPTH || elements > MAX_ELEMENTS {
                    return Err(Malformed::TooMuch);
                }
            }
            (_, Event::End(_)) => {
                let Some(closed) = open.pop() else { return Err(Malformed::Syntax) };
                match open.last_mut() {
                    Some(parent) => parent.children.push(closed),
                    None => root = Some(closed),
                }
            }
            (_, Event::Text(text)) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.decode().map_err(|_| Malformed::Syntax)?);
                }
            }
            (_, Event::GeneralRef(entity)) => {
                let c = entity.resolve_char_ref().map_err(|_| Malformed::Syntax)?;
                let c = c.or_else(|| predefined(&entity)).ok_or(Malformed::Syntax)?;
                open.iter_mut().last().ok_or(Malformed::Syntax)?.text.push(c);
            }
            (_, Event::Eof) if open.is_empty() => return root.map(Some).ok_or(Malformed::Syntax),
            (_, Event::Eof) => return Err(Malformed::NotClosed),
            // Entities could be made to grow.
            (_, Event::DocType(_)) => return Err(Malformed::Syntax),
            _ => {}
        }
    }
}

fn attributes(element: &BytesStart<'_>) -> Result<Vec<(String, String)>, Malformed> {
    let mut attributes = Vec::new();
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|_| Malformed::Syntax)?;
        if attribute.key.as_namespace_binding().is_none() {
            let name = String::from_utf8_lossy(attribute.key.local_name().as_ref()).into_owned();
            let value = attribute.unescape_value().map_err(|_| Malformed::Syntax)?.into_owned();
            attributes.push((name, value));
        }
    }
    Ok(attributes)
}

fn name(namespace: ResolveResult<'_>, local: &[u8]) -> Result<Name, Malformed> {
    let namespace = match namespace {
        ResolveResult::Bound(namespace) => String::from_utf8_lossy(namespace.0).into_owned(),
        ResolveResult::Unbound => String::new(),
        ResolveResult::Unknown(_) => return Err(Malformed::Syntax),
    };
    let local = String::from_utf8_lossy(local).into_owned();
    // Names are told again in the answer: nothing that is markup may be among them.
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if local.chars().all(plain) { Ok(Name { namespace, local }) } else { Err(Malformed::Syntax) }
}

fn predefined(entity: &[u8]) -> Option<char> {
    Some(match entity {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_found_by_namespace() {
        let body = r#"<?xml version="1.0"?><propfind xmlns="DAV:" xmlns:x="http://owncloud.org/ns">
            <prop><getetag/><x:id>1</x:id></prop></propfind>"#;
        // The second time it is remembered.
        for _ in 0..2 {
            let wanted = read_propfind(body.as_bytes());
            let Ok(Wanted::These(names)) = wanted.as_deref() else { panic!("no properties") };
            let names: Vec<(&str, &str)> =
                names.iter().map(|n| (n.namespace.as_str(), n.local.as_str())).collect();
            assert_eq!(names, [("DAV:", "getetag"), ("http://owncloud.org/ns", "id")]);
        }
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
        assert_eq!(read_propfind(b"").as_deref(), Ok(&Wanted::All));
    }
}
