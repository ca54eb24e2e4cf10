//! XML as a tree, with the prefixes that the transcripts use.

use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use serde_json::{Value, json};

#[derive(Debug, Default)]
pub(crate) struct Element {
    pub name: String,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Text, or the children as a list of names and values.
    pub(crate) fn value(&self) -> Value {
        if self.children.is_empty() {
            return json!(self.text.trim());
        }
        self.children.iter().map(|child| json!([child.name, child.value()])).collect()
    }
}

pub(crate) fn parse(text: &str) -> Option<Element> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open = vec![Element::default()];
    loop {
        match reader.read_resolved_event().ok()? {
            (namespace, Event::Start(start)) => {
                let local = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                let name = match namespace {
                    ResolveResult::Bound(namespace) => format!("{}{local}", prefix(namespace.0)),
                    _ => local,
                };
                open.push(Element { name, ..Element::default() });
            }
            (_, Event::End(_)) => {
                let closed = open.pop()?;
                open.last_mut()?.children.push(closed);
            }
            (_, Event::Text(text)) => open.last_mut()?.text.push_str(&text.decode().ok()?),
            (_, Event::GeneralRef(entity)) => {
                let name = entity.decode().ok()?;
                let c = match name.as_ref() {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    _ => entity.resolve_char_ref().ok()??,
                };
                open.last_mut()?.text.push(c);
            }
            (_, Event::Eof) => return open.pop()?.children.pop(),
            _ => {}
        }
    }
}

fn prefix(namespace: &[u8]) -> &'static str {
    match namespace {
        b"DAV:" => "d:",
        b"http://sabredav.org/ns" => "s:",
        b"http://owncloud.org/ns" => "oc:",
        b"http://nextcloud.org/ns" => "nc:",
        b"http://open-collaboration-services.org/ns" => "ocs:",
        b"o:" => "o:",
        b"urn:ietf:params:xml:ns:caldav" => "cal:",
        b"urn:ietf:params:xml:ns:carddav" => "card:",
        b"http://nextcloud.com/ns" => "http://nextcloud.com/ns:",
        _ => "other:",
    }
}
