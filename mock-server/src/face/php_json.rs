//! JSON with the escapes that PHP writes.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// The bytes that Nextcloud sends: `/` as `\/`, `<` and `>` as `\u003C` and `\u003E`, and everything outside ASCII
/// as `\u` with four lower-case digits.
pub(crate) fn to_vec(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    append(&mut bytes, value);
    bytes
}

/// The same at the end of other bytes.
pub(crate) fn append(bytes: &mut Vec<u8>, value: &impl Serialize) {
    encode(bytes, value, Escapes::Ocs);
}

/// What PHP's `json_encode` makes of it without further options: `<` and `>` stay.
pub(crate) fn to_string(value: &impl Serialize) -> String {
    let mut bytes = Vec::with_capacity(256);
    encode(&mut bytes, value, Escapes::Plain);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encode(bytes: &mut Vec<u8>, value: &impl Serialize, escapes: Escapes) {
    let mut serializer = Serializer::with_formatter(bytes, escapes);
    // Writing a value to memory cannot fail.
    let _ = value.serialize(&mut serializer);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    Plain,
    Ocs,
}

impl Formatter for Escapes {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if !fragment.is_ascii() {
            return self.write_unicode(writer, fragment);
        }
        let bytes = fragment.as_bytes();
        let mut plain = 0;
        for at in memchr::memchr3_iter(b'/', b'<', b'>', bytes) {
            let escape: &[u8] = match (bytes.get(at), *self) {
                (Some(b'/'), _) => br"\/",
                (Some(b'<'), Self::Ocs) => br"\u003C",
                (Some(b'>'), Self::Ocs) => br"\u003E",
                _ => continue,
            };
            writer.write_all(&bytes[plain..at])?;
            writer.write_all(escape)?;
            plain = at + 1;
        }
        writer.write_all(&bytes[plain..])
    }
}

impl Escapes {
    fn write_unicode<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut plain = 0;
        for (at, c) in fragment.char_indices().filter(|(_, c)| !c.is_ascii()) {
            self.write_string_fragment(writer, &fragment[plain..at])?;
            plain = at + c.len_utf8();
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().try_for_each(|unit| write!(writer, r"\u{unit:04x}"))?;
        }
        self.write_string_fragment(writer, &fragment[plain..])
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
