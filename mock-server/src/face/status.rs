//! `status.php`, and what else is not an API.

use super::php_json;
use super::reply::Reply;
use serde_json::json;

/// The version of the server, in the forms that clients read.
pub(crate) const VERSION: &str = "32.0.1.2";
pub(crate) const VERSION_STRING: &str = "32.0.1";

/// `status.php`. A HEAD gets no body.
pub(crate) fn status(method: &str) -> Reply {
    let facts = json!({
        "installed": true,
        "maintenance": false,
        "needsDbUpgrade": false,
        "version": VERSION,
        "versionstring": VERSION_STRING,
        "edition": "",
        "productname": "Nextcloud",
        "extendedSupport": false,
    });
    let body = if method == "HEAD" { Vec::new() } else { php_json::to_vec(&facts) };
    Reply::new(200, "application/json", body).header("access-control-allow-origin", "*")
}

/// What the server does not have.
pub(crate) fn not_found() -> Reply {
    Reply::new(404, Reply::HTML, "<!DOCTYPE html>\n<html><head><title>Nextcloud</title></head></html>\n")
}
