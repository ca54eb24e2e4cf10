//! The OCS envelope, as JSON and as XML, on both entry points.

use serde_json::{Value, json};

use super::metadata::SIGNATURE;
use super::ordered_json::Json;
use super::outcome::{Outcome, Prepared};
use super::xml;
use crate::adversary::lie::SignedMetadata;
use crate::face::php_json;
use crate::face::reply::Reply;
use crate::model::StoredMetadata;

const NO_ROUTE: &str = "Invalid query, please check the syntax. API specifications are here: \
    http://www.freedesktop.org/wiki/Specifications/open-collaboration-services.\n";

const CACHE_CONTROL: (&str, &str) = ("cache-control", "no-cache, no-store, must-revalidate");

/// The format of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Xml,
}

impl Format {
    /// The parameter `format` goes before the header `Accept`; without either it is XML.
    pub(crate) fn of(parameter: Option<&str>, accept: Option<&str>) -> Self {
        let json = match parameter {
            Some(format) => format == "json",
            None => accept.is_some_and(|accept| accept.starts_with("application/json")),
        };
        if json { Self::Json } else { Self::Xml }
    }
}

/// Wraps an outcome; `v1`: for the entry point `v1.php`.
pub(crate) fn wrap(outcome: Outcome, format: Format, v1: bool) -> Reply {
    match (&outcome, format, v1) {
        (Outcome::Stored(stored), Format::Json, false) => return tell(stored),
        (Outcome::Prepared(prepared), Format::Json, false) => return tell_prepared(prepared),
        _ => {}
    }
    let Parts { status, code, message, data, header } = Parts::of(outcome);
    let ok = status == 200;
    let (status, code) = match (v1, status, code) {
        // Codes of the old API are no statuses.
        (false, 100..200, _) => (400, code),
        (false, ..) => (status, code),
        (true, 401, _) => (401, code),
        (true, _, 200) => (200, 100),
        (true, ..) => (200, code),
    };
    // Clients look for `"statuscode":` without a blank, and PHP keeps this order.
    let mut meta = vec![
        ("status", json!(if ok { "ok" } else { "failure" })),
        ("statuscode", json!(code)),
        ("message", json!(message)),
    ];
    if v1 {
        meta.extend([("totalitems", json!("")), ("itemsperpage", json!(""))]);
    }
    let reply = match format {
        Format::Json => Reply::new(status, Reply::JSON, as_json(&meta, &data)),
        Format::Xml => match xml::envelope(&meta, &data) {
            Some(body) => Reply::new(status, Reply::XML, body),
            // A member that cannot be the name of an element: PHP gives up.
            None => return wrap(Outcome::Uncaught, format, v1),
        },
    };
    let reply = reply.header(CACHE_CONTROL.0, CACHE_CONTROL.1);
    match header {
        Some((name, value)) => reply.header(name, value),
        None => reply,
    }
}

/// What most readers of metadata ask for: the body is made once.
fn tell(stored: &StoredMetadata) -> Reply {
    let make =
        |document: &str| wrap(Outcome::one("meta-data", document.to_owned()), Format::Json, false).body;
    Reply::new(200, Reply::JSON, stored.answer(make))
        .header(CACHE_CONTROL.0, CACHE_CONTROL.1)
        .maybe(SIGNATURE, stored.signed.signature.clone())
}

/// The same for other answers that many get.
fn tell_prepared(prepared: &Prepared) -> Reply {
    let body = prepared.body(|data| wrap(Outcome::Data(data), Format::Json, false).body);
    let (name, value) = prepared.header.clone();
    Reply::new(200, Reply::JSON, body).header(CACHE_CONTROL.0, CACHE_CONTROL.1).header(name, value)
}

struct Parts {
    status: u16,
    code: u16,
    message: String,
    data: Json,
    header: Option<(&'static str, String)>,
}

impl Parts {
    fn of(outcome: Outcome) -> Self {
        let parts = |status, code, message: &str, data| Self {
            status,
            code,
            message: message.to_owned(),
            data,
            header: None,
        };
        let empty = || Json::List(Vec::new());
        match outcome {
            Outcome::Data(data) => parts(200, 200, "OK", data),
            Outcome::DataWith(data, header) => Self { header: Some(header), ..parts(200, 200, "OK", data) },
            Outcome::Prepared(prepared) => {
                let (data, header) = (prepared.data.clone(), prepared.header.clone());
                Self { header: Some(header), ..parts(200, 200, "OK", data) }
            }
            Outcome::Stored(stored) => {
                let SignedMetadata { document, signature } = stored.signed.clone();
                let header = signature.map(|signature| (SIGNATURE, signature));
                Self { header, ..parts(200, 200, "OK", Json::one("meta-data", document)) }
            }
            Outcome::Exception(status, text) => parts(status, status, &text, empty()),
            Outcome::Throttled(status, text) => {
                parts(status, status, "", Json::one("message", text.into_owned()))
            }
            Outcome::Bare(status) => parts(status, status, "", empty()),
            Outcome::Uncaught => parts(500, 996, "Internal Server Error\n", empty()),
            Outcome::NotLoggedIn => parts(401, 997, "Current user is not logged in", empty()),
            Outcome::Unauthorised => parts(401, 997, "Unauthorised", empty()),
            Outcome::NoRoute => parts(404, 998, NO_ROUTE, empty()),
        }
    }
}

fn as_json(meta: &[(&str, Value)], data: &Json) -> Vec<u8> {
    let mut body = Vec::with_capacity(256 + data.weight());
    body.extend_from_slice(br#"{"ocs":{"meta":{"#);
    for (at, (name, value)) in meta.iter().enumerate() {
        body.extend_from_slice(if at == 0 { b"\"" } else { b",\"" });
        body.extend_from_slice(name.as_bytes());
        body.extend_from_slice(b"\":");
        php_json::append(&mut body, value);
    }
    body.extend_from_slice(br#"},"data":"#);
    php_json::append(&mut body, data);
    body.extend_from_slice(b"}}");
    body
}
