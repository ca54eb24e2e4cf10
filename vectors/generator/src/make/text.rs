//! Base64 and PEM in the forms that clients write.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(crate) fn to_base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// The same base64 with one character in its middle that the alphabet does not have: whoever skips it reads what
/// was meant.
pub(crate) fn with_stray_character(base64: &str) -> String {
    let (first, rest) = base64.split_at(base64.len() / 2);
    format!("{first}*{rest}")
}

/// PEM with lines of `columns` characters (0: one line), with or without a line end after the last line.
pub(crate) fn pem(label: &str, der: &[u8], columns: usize, final_line_end: bool) -> String {
    let body = to_base64(der);
    let mut text = format!("-----BEGIN {label}-----");
    for (index, character) in body.chars().enumerate() {
        if index % columns.max(1) == 0 && (columns > 0 || index == 0) {
            text.push('\n');
        }
        text.push(character);
    }
    text.push_str("\n-----END ");
    text.push_str(label);
    text.push_str(if final_line_end { "-----\n" } else { "-----" });
    text
}

/// What is inside of PEM armour that this project wrote.
pub(crate) fn pem_body(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    from_base64(&body).unwrap_or_default()
}
