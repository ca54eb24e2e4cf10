//! JSON with the escapes that PHP writes.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// The bytes that Nextcloud sends: `/` as `\/`, `<` and `>` as `\u003C` and `\u003E`, and everything outside ASCII
/// as `\u` with four lower-case digits.
pub(crate) fn to_vec(value: &impl Serialize) -> Vec<u8> {
    encode(value, Escapes::Ocs)
}

/// What PHP's `json_encode` makes of it without further options: `<` and `>` stay.
pub(crate) fn to_string(value: &impl Serialize) -> String {
    String::from_utf8_lossy(&encode(value, Escapes::Plain)).into_owned()
}

fn encode(value: &impl Serialize, escapes: Escapes) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    let mut serializer = Serializer::with_formatter(&mut bytes, escapes);
    // Writing a value to memory cannot fail.
    let _ = value.serialize(&mut serializer);
    bytes
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    Plain,
    Ocs,
}

impl Formatter for Escapes {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut plain = 0;
        for (at, c) in fragment.char_indices() {
            let tag = matches!(c, '<' | '>') && *self == Self::Ocs;
            if c.is_ascii() && c != '/' && !tag {
                continue;
            }
            writer.write_all(&fragment.as_bytes()[plain..at])?;
            plain = at + c.len_utf8();
            match c {
                '/' => writer.write_all(br"\/")?,
                '<' => writer.write_all(br"\u003C")?,
                '>' => writer.write_all(br"\u003E")?,
                _ => {
                    let mut units = [0; 2];
                    c.encode_utf16(&mut units).iter().try_for_each(|unit| write!(writer, r"\u{unit:04x}"))?;
                }
            }
        }
        writer.write_all(&fragment.as_bytes()[plain..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_php() {
        let value = serde_json::json!({ "a/b": "<ä€🔑>\"\\\n\u{1}&'" });
        let expected = r#"{"a\/b":"\u003C\u00e4\u20ac\ud83d\udd11\u003E\"\\\n\u0001&'"}"#;
        assert_eq!(String::from_utf8(to_vec(&value)).unwrap(), expected);
    }
}
