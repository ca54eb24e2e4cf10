//! Laws of lines and messages: what the fuzz target `adapter_message` runs. Not part of the API.

use serde_json::{Value, json};

use crate::line::LineBuffer;
use crate::message::Message;
use crate::protocol::Request;

/// Longer lines are refused.
const LIMIT: usize = 1024;

/// Feeds the input in pieces, whose length hangs on that of the input, and panics when the lines are not those of the
/// input, or when a message or request is another one once it has been written and read again.
pub fn adapter_message(input: &[u8]) {
    let mut buffer = LineBuffer::new(LIMIT);
    let mut lines = input.split_inclusive(|byte| *byte == b'\n');
    for piece in input.chunks(1 + input.len() % 61) {
        buffer.push(piece);
        loop {
            match buffer.next_line() {
                Ok(Some(line)) => {
                    assert_eq!(Some(line), lines.next().and_then(|line| line.strip_suffix(b"\n")));
                    check(line);
                }
                Ok(None) => break,
                Err(_) => return assert!(lines.next().is_some_and(|line| line.len() > LIMIT)),
            }
        }
    }
}

fn check(line: &[u8]) {
    match Message::parse(line) {
        Ok(message) => {
            let again = message.to_line();
            assert_eq!(Message::parse(again.trim_ascii_end()), Ok(message.clone()));
            if let Message::Request { method, params, .. } = message {
                check_request(&method, &params);
            }
        }
        Err(error) => assert!(error.to_error().code < 0),
    }
}

fn check_request(method: &str, params: &Value) {
    let read = |value: Value| serde_json::from_value::<Request>(value).ok();
    let Some(request) = read(json!({ "method": method, "params": params })) else { return };
    assert_eq!(request.method(), method);
    let written = serde_json::to_value(&request).ok();
    assert_eq!(written.and_then(read), Some(request));
}
