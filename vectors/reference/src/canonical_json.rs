//! The one way to write a document that is signed (R2-SIG-03 to 06).

use std::cmp::Ordering;
use std::fmt::Write as _;

use serde_json::{Map, Number, Value};

use crate::base64;

/// The member of the outer document that no signature covers.
const UNSIGNED: &str = "filedrop";

/// Compact JSON with the members of every object sorted by UTF-16 code unit (as JavaScript and Qt sort),
/// arrays in their order, `/` and non-ASCII unescaped, control characters escaped as JSON demands.
///
/// Whole numbers are written without a fraction, so `1.0` becomes `1`, as every client's serialiser has it.
/// Recursive: meant for values whose depth has been bounded, as `serde_json` and this crate's parsers do.
#[must_use]
pub fn to_string(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value);
    text
}

/// What is signed for an outer document: its canonical form without the top-level `filedrop`, in base64.
#[must_use]
pub fn signed_content(document: &Value) -> String {
    let mut text = String::new();
    match document {
        Value::Object(members) => write_object(&mut text, members, |name| name != UNSIGNED),
        other => write(&mut text, other),
    }
    base64::encode(text.as_bytes())
}

fn write(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => write_number(text, number),
        Value::String(string) => write_string(text, string),
        Value::Array(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(text, value);
            }
            text.push(']');
        }
        Value::Object(members) => write_object(text, members, |_| true),
    }
}

fn write_object(text: &mut String, members: &Map<String, Value>, wanted: impl Fn(&str) -> bool) {
    let mut members: Vec<_> = members.iter().filter(|(name, _)| wanted(name)).collect();
    members.sort_by(|(left, _), (right, _)| by_code_unit(left, right));
    text.push('{');
    for (index, (name, value)) in members.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_string(text, name);
        text.push(':');
        write(text, value);
    }
    text.push('}');
}

/// Differs from the order of UTF-8 only where characters above U+FFFF meet those from U+E000 on.
pub(crate) fn by_code_unit(left: &str, right: &str) -> Ordering {
    left.encode_utf16().cmp(right.encode_utf16())
}

fn write_number(text: &mut String, number: &Number) {
    // Below 2^53 every whole number is exact in all clients' number types.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let _ = match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT => {
            // Adding zero turns -0 into 0.
            write!(text, "{:.0}", float + 0.0)
        }
        _ => write!(text, "{number}"),
    };
}

fn write_string(text: &mut String, string: &str) {
    text.push('"');
    let mut plain = 0;
    for (index, byte) in string.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        text.push_str(&string[plain..index]);
        plain = index + 1;
        let _ = match byte {
            b'"' => text.write_str("\\\""),
            b'\\' => text.write_str("\\\\"),
            0x08 => text.write_str("\\b"),
            0x09 => text.write_str("\\t"),
            0x0a => text.write_str("\\n"),
            0x0c => text.write_str("\\f"),
            0x0d => text.write_str("\\r"),
            control => write!(text, "\\u{control:04x}"),
        };
    }
    text.push_str(&string[plain..]);
    text.push('"');
}
