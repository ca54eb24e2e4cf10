//! The answer to PROPFIND, PROPPATCH and REPORT.

use super::xml::{Name, escape};
use crate::face::reply::Reply;

const DAV: &str = "DAV:";
const SABRE: &str = "http://sabredav.org/ns";
pub(super) const OWNCLOUD: &str = "http://owncloud.org/ns";
pub(super) const NEXTCLOUD: &str = "http://nextcloud.org/ns";
pub(super) const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
pub(super) const CARDDAV: &str = "urn:ietf:params:xml:ns:carddav";

/// A listing in which nothing stands, as no honest server answers.
pub(in crate::face) fn nothing_listed() -> Reply {
    Multistatus::new().into_reply()
}

/// A body that grows by one response after the other.
pub(super) struct Multistatus(String);

impl Multistatus {
    pub(super) fn new() -> Self {
        Self(format!(
            "<?xml version=\"1.0\"?>\n<d:multistatus xmlns:d=\"{DAV}\" xmlns:s=\"{SABRE}\" xmlns:oc=\"{OWNCLOUD}\" \
             xmlns:nc=\"{NEXTCLOUD}\" xmlns:cal=\"{CALDAV}\" xmlns:card=\"{CARDDAV}\">"
        ))
    }

    /// Adds what is said about one node: its address, and properties by status. Empty groups are left out, but
    /// something is always said.
    pub(super) fn response(&mut self, href: &str, groups: &[(&str, &str)]) {
        let body = &mut self.0;
        append(body, &["<d:response><d:href>", &escape(href), "</d:href>"]);
        let all_empty = groups.iter().all(|(_, properties)| properties.is_empty());
        let said = groups.iter().enumerate();
        for (_, (status, properties)) in
            said.filter(|(at, (_, it))| !it.is_empty() || (all_empty && *at == 0))
        {
            append(body, &["<d:propstat><d:prop>", properties, "</d:prop><d:status>HTTP/1.1 ", status]);
            *body += "</d:status></d:propstat>";
        }
        *body += "</d:response>";
    }

    pub(super) fn into_reply(self) -> Reply {
        Reply::new(207, Reply::XML, self.0 + "</d:multistatus>\n")
    }
}

/// Writes an element; a namespace that the root does not declare is declared on the spot.
pub(super) fn element(text: &mut String, name: &Name, content: &str) {
    let (namespace, local) = (&name.namespace, &name.local);
    let (prefix, declaration) = match namespace.as_str() {
        DAV => ("d:", String::new()),
        SABRE => ("s:", String::new()),
        OWNCLOUD => ("oc:", String::new()),
        NEXTCLOUD => ("nc:", String::new()),
        CALDAV => ("cal:", String::new()),
        CARDDAV => ("card:", String::new()),
        "" => ("", " xmlns=\"\"".to_owned()),
        other => ("x1:", format!(" xmlns:x1=\"{}\"", escape(other))),
    };
    append(text, &["<", prefix, local, &declaration]);
    if content.is_empty() {
        *text += "/>";
    } else {
        append(text, &[">", content, "</", prefix, local, ">"]);
    }
}

fn append(text: &mut String, parts: &[&str]) {
    text.reserve(parts.iter().map(|part| part.len()).sum());
    parts.iter().for_each(|part| text.push_str(part));
}
