//! Many small files in one request: `POST remote.php/dav/bulk`. Locks are not looked at, as on the real server.

use serde_json::{Map, Value, json};

use super::error::DavError;
use super::request::{Scope, with_writer};
use crate::bulk;
use crate::face::call::{Call, names};
use crate::face::params::php_integer;
use crate::face::php_json;
use crate::face::reply::Reply;
use crate::model::{Permissions, Upload, Writer};

/// Stores the parts of a `multipart/related` body; each names its path and its length.
pub(super) fn upload(call: &mut Call<'_>, user: &str) -> Result<Reply, DavError> {
    if call.head.method != "POST" {
        return Err(DavError::not_implemented(&call.head.method));
    }
    let kind = call.head.header("content-type").unwrap_or_default();
    let parts = bulk::parts(&kind, &call.body);
    let parts = parts.ok_or_else(|| DavError::bad_request("Error while parsing the parts"))?;
    let mut written = Map::new();
    for part in parts {
        let path = names(&part.path).unwrap_or_default();
        let upload = Upload {
            content: part.content.into(),
            checksum: part.checksum,
            mtime: part.mtime.as_deref().map(php_integer),
        };
        let scope = Scope::new(call, user, Some(user), &path);
        let mut model = call.model();
        let stored = with_writer(call, &scope, |writer| {
            model.put(Writer { link: Some(Permissions::ALL), ..writer }, &path, upload)
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
