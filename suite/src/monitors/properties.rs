//! Metadata that a server tells as properties of folders: whoever lists these needs no other request.

use e2ee_mock_server::{Endpoint, Exchange};
use memchr::memmem;

/// The documents in an answer, each with the number of its folder.
pub(crate) fn told_as_properties(exchange: &Exchange) -> Vec<(String, String)> {
    let asks = exchange.endpoint == Endpoint::Propfind && exchange.status == 207;
    if !asks || memmem::find(&exchange.response_body, OPENED.as_bytes()).is_none() {
        return Vec::new();
    }
    let Ok(text) = std::str::from_utf8(&exchange.response_body) else { return Vec::new() };
    let told = text.split("<d:response>").filter_map(|response| {
        let folder = between(response, "<oc:fileid>", "</oc:fileid>")?;
        let document = between(response, OPENED, "</nc:e2ee-metadata>")?;
        Some((folder.to_owned(), unescaped(document)))
    });
    told.collect()
}

const OPENED: &str = "<nc:e2ee-metadata>";

fn between<'t>(text: &'t str, opened: &str, closed: &str) -> Option<&'t str> {
    text.split_once(opened)?.1.split_once(closed).map(|(inside, _)| inside)
}

/// As the mock server escapes.
fn unescaped(text: &str) -> String {
    const ESCAPED: [(&str, &str); 5] =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#13;", "\r"), ("&amp;", "&")];
    ESCAPED.iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}
