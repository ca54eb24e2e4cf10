//! Many small files in one request: `POST remote.php/dav/bulk`. Locks are not looked at, as on the real server.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::error::DavError;
use super::request::{Scope, with_writer};
use crate::face::call::{Call, names};
use crate::face::params::php_integer;
use crate::face::php_json;
use crate::face::reply::Reply;
use crate::model::{Permissions, Upload, Writer};

/// More parts are ignored.
const MAX_PARTS: usize = 1000;

/// Stores the parts of a `multipart/related` body; each names its path and its length.
pub(super) fn upload(call: &mut Call<'_>, user: &str) -> Result<Reply, DavError> {
    if call.head.method != "POST" {
        return Err(DavError::not_implemented(&call.head.method));
    }
    let kind = call.head.header("content-type").unwrap_or_default();
    let boundary = kind.split(';').find_map(|part| part.trim().strip_prefix("boundary="));
    let boundary = boundary.map(|text| text.trim_matches('"')).filter(|text| !text.is_empty());
    let boundary = boundary.ok_or_else(|| DavError::bad_request("Error while parsing boundary"))?;
    let parts = parts(&call.body, &format!("--{boundary}"))
        .ok_or_else(|| DavError::bad_request("Error while parsing the parts"))?;
    let mut written = Map::new();
    for part in parts {
        let path = names(&part.path).unwrap_or_default();
        let scope = Scope::new(call, user, Some(user), &path);
        let mut model = call.model();
        let stored = with_writer(call, &scope, |writer| {
            model.put(Writer { link: Some(Permissions::ALL), ..writer }, &path, part.upload)
        });
        let outcome = match stored {
            Ok(stored) => {
                let etag = model.node(stored.id).map(|node| node.etag().to_owned());
                json!({ "error": false, "etag": etag, "fileid": stored.id.long(model.instance()), "permissions": "RGDNVW" })
            }
            Err(error) => json!({ "error": true, "message": error.to_string() }),
        };
        written.insert(part.path, outcome);
    }
    Ok(Reply::new(200, Reply::JSON, php_json::to_vec(&Value::Object(written))))
}

struct Part {
    path: String,
    upload: Upload,
}

fn parts(body: &Bytes, boundary: &str) -> Option<Vec<Part>> {
    let mut found = Vec::new();
    let mut at = find(body, 0, boundary.as_bytes())?;
    while found.len() < MAX_PARTS {
        let head = at + boundary.len();
        if body.get(head..)?.starts_with(b"--") {
            return Some(found);
        }
        let end = find(body, head, b"\r\n\r\n")?;
        let headers = std::str::from_utf8(body.get(head..end)?).ok()?;
        let header = |name: &str| {
            let mut lines = headers.lines().filter_map(|line| line.split_once(':'));
            lines.find(|(n, _)| n.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
        };
        let length: usize = header("content-length")?.parse().ok()?;
        let content = end + 4..(end + 4).checked_add(length)?;
        body.get(content.clone())?;
        found.push(Part {
            path: header("x-file-path")?,
            upload: Upload {
                content: body.slice(content.clone()),
                checksum: header("oc-checksum"),
                mtime: header("x-file-mtime").as_deref().map(php_integer),
            },
        });
        at = find(body, content.end, boundary.as_bytes())?;
    }
    Some(found)
}

fn find(body: &Bytes, from: usize, text: &[u8]) -> Option<usize> {
    let found = body.get(from..)?.windows(text.len()).position(|window| window == text);
    found.map(|at| from + at)
}
