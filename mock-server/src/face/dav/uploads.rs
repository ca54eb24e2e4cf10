//! Uploads in chunks. They are not guarded at all, not even into encrypted folders.

use super::error::DavError;
use super::places::{Place, list, nowhere};
use super::request::{FEATURES, Scope, encode_name, with_writer};
use super::write::{refusal, reply, upload};
use crate::face::call::Call;
use crate::face::params::php_integer;
use crate::face::reply::Reply;
use crate::model::{Content, UploadError};

/// The name of the file that the chunks make.
const WHOLE: &str = ".file";

/// Answers a request below `uploads/USER`.
pub(super) fn handle(call: &mut Call<'_>, owner: &str, path: &[String]) -> Result<Reply, DavError> {
    let user = call.user().filter(|user| *user == owner).ok_or_else(nowhere)?;
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    held_to_rules(call, &names)?;
    match (call.head.method.as_str(), names.as_slice()) {
        ("MKCOL", [id]) => call.model().begin_upload(user, id).map(|()| Reply::empty(201)).map_err(refused),
        ("PUT", [id, name]) if *name != WHOLE => {
            let chunk = call.content.clone();
            let new = call.model().add_chunk(user, id, name, chunk).map_err(refused)?;
            Ok(Reply::empty(if new { 201 } else { 204 }))
        }
        ("MOVE", [id, WHOLE]) => finish(call, user, id),
        ("DELETE", [id]) if call.model().cancel_upload(user, id) => Ok(Reply::empty(204)),
        ("PROPFIND", [id]) => chunks(call, user, id),
        ("MKCOL" | "PUT" | "MOVE" | "DELETE" | "PROPFIND", _) => Err(nowhere()),
        (method, _) => Err(DavError::not_implemented(method)),
    }
}

/// What strict servers want of chunks and of those who send them.
fn held_to_rules(call: &mut Call<'_>, names: &[&str]) -> Result<(), DavError> {
    let method = call.head.method.as_str();
    if !matches!(method, "MKCOL" | "PUT" | "MOVE") || !call.model().strict_uploads() {
        return Ok(());
    }
    if call.head.header("destination").is_none_or(|destination| destination.is_empty()) {
        return Err(DavError::bad_request("The destination header was not supplied"));
    }
    let number = |name: &&str| name.parse().is_ok_and(|number: u32| (1..=10_000).contains(&number));
    if method == "PUT" && !names.get(1).is_some_and(number) {
        return Err(DavError::bad_request("Invalid chunk name, must be numeric between 1 and 10000"));
    }
    Ok(())
}

fn chunks(call: &mut Call<'_>, user: &str, id: &str) -> Result<Reply, DavError> {
    let base =
        format!("{}/remote.php/dav/uploads/{}/{}/", call.tenant.prefix, encode_name(user), encode_name(id));
    let model = call.model();
    let chunks = model.chunks(user, id).ok_or_else(nowhere)?;
    let place =
        |(name, length): (&str, u64)| {
            Place::new(format!("{base}{}", encode_name(name)))
                .with_text("DAV:", "resourcetype", "")
                .with_text("DAV:", "getcontentlength", &length.to_string())
        };
    let places =
        std::iter::once(Place::folder(base.clone(), &[])).chain(chunks.into_iter().map(place)).collect();
    drop(model);
    list(call, places, FEATURES)
}

fn finish(call: &mut Call<'_>, user: &str, id: &str) -> Result<Reply, DavError> {
    let scope = Scope::new(call, user, Some(user), &[]);
    let to = scope.destination(call)?;
    let scope = Scope::new(call, user, Some(user), &to);
    let expected = call.head.header("oc-total-length").map(|length| php_integer(&length));
    let expected = expected.map(|length| u64::try_from(length).unwrap_or(u64::MAX));
    let upload = upload(call, Content::default());
    let mut model = call.model();
    let stored = with_writer(call, &scope, |writer| model.finish_upload(writer, id, &to, expected, upload));
    match stored {
        Ok(stored) => Ok(reply(&model, stored, true)),
        Err(UploadError::Write(error)) => Err(refusal(call, &scope, &model, error)),
        Err(UploadError::Length(length)) => {
            let expected = expected.unwrap_or_default();
            Err(DavError::bad_request(format!(
                "Chunks on server do not sum up to {expected} but to {length} bytes"
            )))
        }
        Err(error) => Err(refused(error)),
    }
}

fn refused(error: UploadError) -> DavError {
    match error {
        UploadError::Exists => DavError::not_allowed("The resource you tried to create already exists"),
        UploadError::TooMuch => DavError::too_much(),
        _ => nowhere(),
    }
}
