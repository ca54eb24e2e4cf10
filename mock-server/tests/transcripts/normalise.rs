//! Answers in the form of the transcripts.

use std::collections::BTreeMap;

use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::x509::{X509, X509NameRef};
use serde_json::{Map, Value, json};

use super::xml::{self, Element};

/// What the names between `{{` and `}}` stand for.
pub(crate) type Variables = BTreeMap<String, String>;

/// An answer as it came.
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// A number in the capabilities, and no id.
const MAX_CHUNK: &str = "104857600";

const HEADERS: &[&str] = &[
    "content-type",
    "www-authenticate",
    "dav",
    "allow",
    "location",
    "etag",
    "oc-etag",
    "oc-fileid",
    "x-nc-e2ee-signature",
    "x-nc-ownerid",
    "x-nc-permissions",
    "x-user-id",
    "retry-after",
    "content-disposition",
    "content-range",
    "accept-ranges",
    "x-oc-mtime",
    "lock-token",
    "ms-author-via",
    "x-nextcloud-bruteforce-throttled",
    "last-modified",
    "oc-checksum",
];

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Status, headers, OCS meta block and body, as they are recorded.
    pub(crate) fn normal(&self, is_ocs: bool, select: Option<&Value>, variables: &Variables) -> Value {
        let mut normal = Map::new();
        normal.insert("status".to_owned(), json!(self.status));
        let headers: Map<String, Value> = HEADERS
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), json!(header(name, self.header(name)?, variables)))))
            .collect();
        normal.insert("headers".to_owned(), Value::Object(headers));
        let (ocs, body) = self.content(is_ocs, select.filter(|_| self.status == 200));
        if let Some(ocs) = ocs {
            normal.insert("ocs".to_owned(), mask(ocs, variables));
        }
        normal.insert("body".to_owned(), mask(body, variables));
        Value::Object(normal)
    }

    fn content(&self, is_ocs: bool, select: Option<&Value>) -> (Option<Value>, Value) {
        let text = self.text();
        if text.is_empty() {
            return (None, json!({ "kind": "empty" }));
        }
        let kind = self.header("content-type").unwrap_or_default();
        if kind.starts_with("application/json") {
            let json: Value = serde_json::from_str(&text).unwrap_or_default();
            let Some(ocs) = json.get("ocs").filter(|_| is_ocs) else {
                return (None, json!({ "kind": "json", "data": json }));
            };
            let data = select.map_or_else(|| ocs["data"].clone(), |paths| selected(&ocs["data"], paths));
            return (Some(ocs["meta"].clone()), json!({ "kind": "ocs-json", "data": data }));
        }
        if kind.starts_with("application/xml") {
            let root = xml::parse(&text).unwrap_or_default();
            return match root.name.as_str() {
                "ocs" => ocs_xml(&root, select.is_some()),
                "d:multistatus" => (None, multistatus(&root)),
                "d:error" => (None, dav_error(&root)),
                other => (None, json!({ "kind": "xml", "root": other })),
            };
        }
        (None, json!({ "kind": "text", "data": text }))
    }
}

fn ocs_xml(root: &Element, select: bool) -> (Option<Value>, Value) {
    let meta = root.child("meta").map(|meta| {
        let members = meta.children.iter().map(|child| (child.name.clone(), child.value()));
        Value::Object(members.collect())
    });
    let data = root.child("data").map(Element::value).unwrap_or_default();
    let data = if select { json!("{{not compared}}") } else { data };
    (meta, json!({ "kind": "ocs-xml", "data": data }))
}

fn selected(data: &Value, paths: &Value) -> Value {
    let paths = paths.as_array().into_iter().flatten().filter_map(Value::as_str);
    let at = |path: &str| path.split('.').try_fold(data, |value, name| value.get(name)).cloned();
    let found = paths.map(|path| (path.to_owned(), at(path).unwrap_or_else(|| json!("{{absent}}"))));
    Value::Object(found.collect())
}

fn multistatus(root: &Element) -> Value {
    let mut responses = Map::new();
    for response in root.children.iter().filter(|child| child.name == "d:response") {
        let mut by_status = Map::new();
        for propstat in response.children.iter().filter(|child| child.name == "d:propstat") {
            let status = propstat.child("d:status").map(|status| status.text.replace("HTTP/1.1 ", ""));
            let properties = propstat.child("d:prop").into_iter().flat_map(|prop| &prop.children);
            let properties = properties.map(|p| (p.name.clone(), property(&p.name, p.value())));
            by_status.insert(status.unwrap_or_default(), Value::Object(properties.collect()));
        }
        let href = response.child("d:href").map(|href| href.text.clone()).unwrap_or_default();
        responses.insert(without_time(&href), Value::Object(by_status));
    }
    json!({ "kind": "multistatus", "responses": responses })
}

/// An address that ends with the time of a version.
fn without_time(href: &str) -> String {
    match href.rsplit_once('/') {
        Some((folder, time)) if folder.contains("/versions/") && time.len() == 10 => {
            format!("{folder}/{{{{epoch}}}}")
        }
        _ => href.to_owned(),
    }
}

fn property(name: &str, value: Value) -> Value {
    if let (Value::Array(types), "d:resourcetype") = (&value, name) {
        let mut types = types.clone();
        types.sort_by_key(Value::to_string);
        return Value::Array(types);
    }
    let text = value.as_str().unwrap_or_default();
    if text.is_empty() {
        return value;
    }
    match name {
        "d:getetag" => json!("{{etag}}"),
        "d:getlastmodified" => json!("{{httpdate}}"),
        "d:creationdate" => json!("{{date}}"),
        "nc:creation_time" | "nc:upload_time" => json!("{{epoch}}"),
        "oc:id" => json!(text.split("oc").next().unwrap_or_default().trim_start_matches('0')),
        _ => value,
    }
}

fn dav_error(root: &Element) -> Value {
    let text = |name: &str| root.child(name).map(|child| child.text.clone()).unwrap_or_default();
    let other = root.children.iter().map(|child| child.name.as_str());
    let mut other: Vec<&str> = other.filter(|name| !matches!(*name, "s:exception" | "s:message")).collect();
    other.sort_unstable();
    json!({ "kind": "dav-error", "exception": text("s:exception"), "message": text("s:message"), "other": other })
}

fn header(name: &str, value: &str, variables: &Variables) -> String {
    match name {
        "etag" | "oc-etag" => match variables.get("et") {
            Some(known) if known == value => "{{et}}".to_owned(),
            _ => "\"{{etag}}\"".to_owned(),
        },
        "last-modified" => "{{httpdate}}".to_owned(),
        "oc-fileid" => {
            let digits = value.split("oc").next().unwrap_or_default().trim_start_matches('0');
            variable(digits, variables).unwrap_or_else(|| "ID".to_owned())
        }
        "dav" | "allow" => {
            let mut tokens: Vec<&str> = value.split(',').map(str::trim).collect();
            tokens.sort_unstable();
            tokens.join(", ")
        }
        _ => mask_text(value, variables),
    }
}

/// The variable with this value.
fn variable(value: &str, variables: &Variables) -> Option<String> {
    let mut known = variables.iter().filter(|(_, known)| known.as_str() == value);
    known.next().map(|(name, _)| format!("{{{{{name}}}}}"))
}

fn mask(value: Value, variables: &Variables) -> Value {
    match value {
        Value::String(text) => json!(mask_text(&text, variables)),
        Value::Number(number) => {
            let text = number.to_string();
            match variable(&text, variables) {
                Some(name) if text.len() >= 6 => json!(name),
                _ if text.len() == 10 && text.starts_with('1') => json!("{{epoch}}"),
                _ if text == MAX_CHUNK => Value::Number(number),
                _ if text.len() >= 6 && !text.starts_with('-') => json!("{{ID}}"),
                _ => Value::Number(number),
            }
        }
        Value::Array(items) => items.into_iter().map(|item| mask(item, variables)).collect(),
        Value::Object(members) => {
            let members = members.into_iter();
            Value::Object(
                members.map(|(name, value)| (mask_text(&name, variables), mask(value, variables))).collect(),
            )
        }
        other => other,
    }
}

fn mask_text(text: &str, variables: &Variables) -> String {
    if text.starts_with("-----BEGIN CERTIFICATE-----") {
        let end = if text.ends_with('\n') { "\n" } else { "" };
        return mask_names(&describe_certificate(text, variables), variables) + end;
    }
    if text.starts_with("-----BEGIN PUBLIC KEY-----") {
        if let Some(kind) = super::generate::kind_of(text) {
            let end = if text.ends_with('\n') { "\n" } else { "" };
            return format!("{{{{PUBLIC KEY {kind}}}}}{end}");
        }
        let bits = PKey::public_key_from_pem(text.as_bytes()).map(|key| key.bits()).unwrap_or_default();
        let end = if text.ends_with('\n') { "\n" } else { "" };
        return format!("{{{{PUBLIC KEY RSAPublicKey {bits}}}}}{end}");
    }
    let masked = mask_names(text, variables);
    let is_id = masked.len() >= 6 && masked.len() < 12 && masked.bytes().all(|byte| byte.is_ascii_digit());
    let is_other = masked == MAX_CHUNK || masked.starts_with('0');
    if is_id && !is_other { "{{ID}}".to_owned() } else { masked }
}

fn mask_names(text: &str, variables: &Variables) -> String {
    let mut known: Vec<(&String, &String)> = variables.iter().filter(|(_, value)| value.len() >= 5).collect();
    known.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
    known
        .into_iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(value, &format!("{{{{{name}}}}}")))
}

fn describe_certificate(pem: &str, variables: &Variables) -> String {
    let certificate = X509::from_pem(pem.as_bytes()).unwrap();
    let key = certificate.public_key().unwrap();
    let serial = certificate.serial_number().to_bn().unwrap();
    let serial =
        if serial.num_bits() <= 8 { serial.to_dec_str().unwrap().to_string() } else { "N".to_owned() };
    let days = certificate.not_before().diff(certificate.not_after()).unwrap().days;
    let hash = match certificate.signature_algorithm().object().nid() {
        Nid::SHA256WITHRSAENCRYPTION => "sha256",
        Nid::SHA1WITHRSAENCRYPTION => "sha1",
        _ => "other",
    };
    let signer =
        match variables.get("server_key").map(|pem| PKey::public_key_from_pem(pem.as_bytes()).unwrap()) {
            None => "unknown",
            Some(server_key) if certificate.verify(&server_key).unwrap() => "server-key",
            Some(_) => "somebody else",
        };
    let text = String::from_utf8(certificate.to_text().unwrap()).unwrap();
    let extensions =
        text.lines().filter(|line| line.trim_start().starts_with("X509v3 ") && line.contains(':'));
    let extensions = extensions.filter(|line| !line.contains("X509v3 extensions")).count();
    format!(
        "{{{{CERTIFICATE subject={} issuer={} version=v{} serial={serial} days={days} hash={hash} key=rsa{} \
         signed-by={signer} extensions={extensions}}}}}",
        describe_name(certificate.subject_name()),
        describe_name(certificate.issuer_name()),
        certificate.version() + 1,
        key.bits(),
    )
}

fn describe_name(name: &X509NameRef) -> String {
    let entries = name.entries().map(|entry| {
        let field = entry.object().nid().short_name().unwrap().to_owned();
        format!("{field}={}", entry.data().to_string().unwrap())
    });
    entries.collect::<Vec<_>>().join(",")
}
