//! PROPFIND.

use super::error::DavError;
use super::properties::{Property, property, standard};
use super::request::Scope;
use super::seen::{Seen, look};
use super::xml::{Malformed, Name, Wanted, escape, read_propfind};
use crate::face::call::Call;
use crate::face::reply::Reply;

const DAV: &str = "DAV:";
const SABRE: &str = "http://sabredav.org/ns";
pub(super) const OWNCLOUD: &str = "http://owncloud.org/ns";
pub(super) const NEXTCLOUD: &str = "http://nextcloud.org/ns";

/// Lists a folder, or tells the properties of one node.
pub(super) fn propfind(call: &mut Call<'_>, scope: &Scope<'_>) -> Result<Reply, DavError> {
    let wanted = read_propfind(&call.body).map_err(|why| malformed(why, call.body.len()))?;
    let reply = list(call, scope, &wanted);
    let dav = scope.dav_header();
    reply.map(|reply| reply.header("dav", dav)).map_err(|error| error.header("dav", dav))
}

fn list(call: &mut Call<'_>, scope: &Scope<'_>, wanted: &Wanted) -> Result<Reply, DavError> {
    scope.visible()?;
    let depth = match call.head.header("depth").as_deref() {
        Some("0") => 0,
        Some("1") => 1,
        _ => usize::MAX,
    };
    let model = call.model();
    let Some(id) = model.resolve(scope.user, scope.path) else {
        return Err(DavError::not_found(scope.missing(&model, scope.path)));
    };
    let mut seen = look(&model, scope, id, depth);
    let instance = model.instance().to_owned();
    drop(model);
    let supported = call.head.is_supported();
    if !supported && seen.first().is_some_and(|seen| seen.folder && seen.encrypted) {
        return Err(DavError::unsupported_client(&call.head.user_agent()));
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
    let minimal = call.head.header("prefer").is_some_and(|prefer| prefer.contains("return=minimal"))
        || call.head.header("brief").as_deref() == Some("t");
    let asked = |local: &str, namespace: &str| matches!(wanted, Wanted::These(names) if names.iter().any(|n| n.local == local && n.namespace == namespace));
    let blanks_permissions = asked("is-encrypted", NEXTCLOUD) && !supported;
    let mut body = format!(
        "<?xml version=\"1.0\"?>\n<d:multistatus xmlns:d=\"{DAV}\" xmlns:s=\"{SABRE}\" xmlns:oc=\"{OWNCLOUD}\" \
         xmlns:nc=\"{NEXTCLOUD}\">"
    );
    for seen in &seen {
        let standard = standard(seen);
        let names = match wanted {
            Wanted::These(names) => names,
            Wanted::All => &standard,
        };
        let mut found = String::new();
        let mut missing = String::new();
        for name in names {
            let value = if blanks_permissions && seen.folder && seen.encrypted && name.local == "permissions"
            {
                Property::Text(String::new())
            } else {
                property(&mut call.told, seen, name, &instance)?
            };
            match value {
                Property::Text(text) => element(&mut found, name, &escape(&text)),
                Property::Xml(xml) => element(&mut found, name, &xml),
                Property::Missing if minimal => {}
                Property::Missing => element(&mut missing, name, ""),
            }
        }
        response(&mut body, seen, &found, &missing);
    }
    body.push_str("</d:multistatus>\n");
    Ok(Reply::new(207, Reply::XML, body))
}

fn response(body: &mut String, seen: &Seen, found: &str, missing: &str) {
    *body += &format!("<d:response><d:href>{}</d:href>", escape(&seen.href));
    let mut propstat = |properties: &str, status: &str| {
        *body += "<d:propstat><d:prop>";
        *body += properties;
        *body += &format!("</d:prop><d:status>HTTP/1.1 {status}</d:status></d:propstat>");
    };
    if !found.is_empty() || missing.is_empty() {
        propstat(found, "200 OK");
    }
    if !missing.is_empty() {
        propstat(missing, "404 Not Found");
    }
    *body += "</d:response>";
}

/// Writes an element; a namespace that the root does not declare is declared on the spot.
fn element(text: &mut String, name: &Name, content: &str) {
    let (namespace, local) = (&name.namespace, &name.local);
    let (prefix, declaration) = match namespace.as_str() {
        DAV => ("d:", String::new()),
        SABRE => ("s:", String::new()),
        OWNCLOUD => ("oc:", String::new()),
        NEXTCLOUD => ("nc:", String::new()),
        "" => ("", " xmlns=\"\"".to_owned()),
        other => ("x1:", format!(" xmlns:x1=\"{}\"", escape(other))),
    };
    *text += &format!("<{prefix}{local}{declaration}");
    if content.is_empty() {
        *text += "/>";
    } else {
        *text += &format!(">{content}</{prefix}{local}>");
    }
}

fn malformed(why: Malformed, length: usize) -> DavError {
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
