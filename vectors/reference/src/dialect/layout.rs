//! The layout of JSON text. Signers and readers parse and write again, so none of it matters to them.

use serde_json::{Map, Value};

use crate::canonical_json;

/// How a document is written for its upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Sorted and compact, as it is signed: Android, iOS, web.
    Canonical,
    /// Sorted, four blanks deep: desktop.
    Indented,
    /// Compact, members as the specification lists them: web when it takes in a filedrop, Android's code on
    /// another Java machine.
    Declared,
}

impl Layout {
    /// The document as text. Recursive: meant for values whose depth has been bounded.
    #[must_use]
    pub fn text(self, document: &Value) -> String {
        let mut text = String::new();
        match self {
            Self::Canonical => return canonical_json::to_string(document),
            Self::Indented => write(&mut text, document, Some(0)),
            Self::Declared => write(&mut text, document, None),
        }
        text
    }
}

/// Names in the order of the specification; others follow.
const DECLARED: [&str; 16] = [
    "metadata",
    "ciphertext",
    "nonce",
    "authenticationTag",
    "users",
    "userId",
    "certificate",
    "encryptedMetadataKey",
    "encryptedFiledropKey",
    "metadataKeys",
    "metadataKey",
    "checksum",
    "sharing",
    "files",
    "filedrop",
    "version",
];

/// Writes with sorted members at this depth, or in declared order on one line.
fn write(text: &mut String, value: &Value, depth: Option<usize>) {
    match value {
        Value::Array(values) => {
            let items = values.iter().map(|value| (None, value));
            write_all(text, ('[', ']'), items, depth);
        }
        Value::Object(members) => write_all(text, ('{', '}'), ordered(members, depth.is_none()), depth),
        other => text.push_str(&canonical_json::to_string(other)),
    }
}

fn write_all<'a>(
    text: &mut String,
    (open, close): (char, char),
    items: impl IntoIterator<Item = (Option<&'a String>, &'a Value)>,
    depth: Option<usize>,
) {
    text.push(open);
    for (index, (name, value)) in items.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        break_line(text, depth.map(|depth| depth + 1));
        if let Some(name) = name {
            text.push_str(&Value::from(name.as_str()).to_string());
            text.push_str(if depth.is_some() { ": " } else { ":" });
        }
        write(text, value, depth.map(|depth| depth + 1));
    }
    break_line(text, depth);
    text.push(close);
}

fn break_line(text: &mut String, depth: Option<usize>) {
    if let Some(depth) = depth {
        text.push('\n');
        text.extend(std::iter::repeat_n("    ", depth));
    }
}

fn ordered(members: &Map<String, Value>, declared: bool) -> Vec<(Option<&String>, &Value)> {
    let rank = |name: &str| DECLARED.iter().position(|known| *known == name).unwrap_or(DECLARED.len());
    let mut members: Vec<_> = members.iter().map(|(name, value)| (Some(name), value)).collect();
    if declared {
        members.sort_by_key(|(name, _)| name.map_or(0, |name| rank(name)));
    }
    members
}
