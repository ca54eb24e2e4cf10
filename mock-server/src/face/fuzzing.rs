//! Requests without a connection: what the fuzz target `request` runs. Not part of the API.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use e2ee_reference::authority::Authority;
use e2ee_reference::identity::PrivateKey;
use http::Request;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::call::{Call, Head};
use super::reply::Reply;
use super::route;
use crate::model::{Model, Writer};
use crate::tenant::{Tenant, TenantOptions};

/// Between two requests of one input.
const NEXT: &str = "\n%%\n";

/// Sends alice's requests to a server of which she has an encrypted folder `/plans`, and panics unless every answer is
/// one: a status, and a body that can be parsed as what it says it is.
///
/// A request is `METHOD PATH`, lines of headers, an empty line and the body. In the lines before the body `FOLDER`
/// stands for the id of the folder and `TOKEN` for the lock token that was given out last.
pub fn request(input: &[u8]) {
    let (model, folder) = &*START;
    let tenant = Tenant::new(OPTIONS.clone(), "http://127.0.0.1:1", String::new(), false);
    let Ok(tenant) = tenant else { unreachable!("there is no state file") };
    model.clone_into(&mut tenant.model());
    let mut token = String::new();
    for request in split(input, NEXT.as_bytes()).take(8) {
        let Some(reply) = answer(&tenant, request, folder, &token) else { continue };
        check(&reply);
        if let Some(given) = token_in(&reply.body) {
            token = given;
        }
    }
}

static OPTIONS: LazyLock<TenantOptions> = LazyLock::new(|| TenantOptions::new("fuzzing", authority()));

/// The server before the first request, and the id of the folder.
static START: LazyLock<(Model, String)> = LazyLock::new(|| {
    let mut model = Model::new("ocfuzzing");
    model.add_user("alice");
    model.add_user("bob");
    model.add_credential("alice", "secret", "laptop");
    let alice = Writer { user: "alice", token: None, supported: true, link: None };
    let folder = model.make_folder(alice, &["plans".to_owned()]).map(|stored| stored.id);
    let Ok(folder) = folder else { unreachable!("{folder:?}") };
    model.set_encrypted(folder, true);
    (model, folder.to_string())
});

#[expect(clippy::expect_used, reason = "the key is a file of this project")]
fn authority() -> Authority {
    let pem = include_str!("../../../vectors/golden/keys/server.pem");
    Authority::from_private_key(PrivateKey::from_pem(pem).expect("a private key"))
}

/// `None` if no HTTP library would let the request through.
fn answer(tenant: &Tenant, request: &[u8], folder: &str, token: &str) -> Option<Reply> {
    let (head, body) = cut(request, b"\n\n");
    let head = std::str::from_utf8(head).ok()?.replace("FOLDER", folder).replace("TOKEN", token);
    let mut lines = head.lines();
    let (method, target) = lines.next()?.split_once(' ')?;
    let mut request = Request::builder()
        .method(method)
        .uri(target)
        .header("authorization", format!("Basic {}", STANDARD.encode("alice:secret")))
        .header("x-e2ee-supported", "true");
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        request = request.header(name, value);
    }
    let (parts, ()) = request.body(()).ok()?.into_parts();
    let path = parts.uri.path().to_owned();
    let state = tenant.state();
    let head = match Head::new(state, parts, &path, [127, 0, 0, 1].into()) {
        Ok(head) => head,
        Err(reply) => return Some(reply),
    };
    let _ = route::endpoint(&head);
    let mut call =
        Call::new(state, &head, Bytes::copy_from_slice(body.unwrap_or_default()).into(), state.lies());
    Some(route::handle(&mut call))
}

fn check(reply: &Reply) {
    assert!((200..600).contains(&reply.status), "{}", reply.status);
    let kind = reply.headers.iter().find(|(name, _)| *name == "content-type").map(|(_, kind)| &**kind);
    if kind == Some(Reply::JSON) {
        let parsed = serde_json::from_slice::<serde_json::Value>(&reply.body);
        assert!(parsed.is_ok() || reply.body.is_empty(), "{parsed:?}: {:?}", reply.body);
    }
    if kind == Some(Reply::XML) {
        let mut reader = Reader::from_reader(&reply.body[..]);
        let ended = loop {
            match reader.read_event() {
                Ok(Event::Eof) => break Ok(()),
                Ok(_) => {}
                Err(error) => break Err(error),
            }
        };
        assert!(ended.is_ok(), "{ended:?}: {:?}", reply.body);
    }
}

fn token_in(body: &[u8]) -> Option<String> {
    let (_, rest) = std::str::from_utf8(body).ok()?.split_once("\"e2e-token\":\"")?;
    rest.split_once('"').map(|(token, _)| token.to_owned())
}

/// The pieces between separators.
fn split<'a>(bytes: &'a [u8], separator: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let (piece, after) = cut(rest?, separator);
        rest = after;
        Some(piece)
    })
}

/// What stands before the first separator, and what behind it.
fn cut<'a>(bytes: &'a [u8], separator: &[u8]) -> (&'a [u8], Option<&'a [u8]>) {
    match bytes.windows(separator.len()).position(|window| window == separator) {
        Some(at) => (&bytes[..at], Some(&bytes[at + separator.len()..])),
        None => (bytes, None),
    }
}
