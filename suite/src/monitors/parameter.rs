//! Parameters in the body of a request.

use e2ee_mock_server::Exchange;
use percent_encoding::percent_decode;
use serde_json::Value;

/// A parameter of a request's body, form or JSON.
pub(super) fn parameter(exchange: &Exchange, name: &str) -> Option<String> {
    if exchange.request_header("content-type").is_some_and(|kind| kind.contains("json")) {
        let body: Value = serde_json::from_slice(&exchange.request_body).ok()?;
        return body.get(name)?.as_str().map(str::to_owned);
    }
    let pairs = exchange.request_body.split(|byte| *byte == b'&');
    let value =
        pairs.filter_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")).next_back()?;
    let blanks: Vec<u8> = value.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&blanks).decode_utf8().ok().map(Into::into)
}
