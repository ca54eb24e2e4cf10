//! Several pieces of base64 in one string, as private-key blobs and the strings of metadata 1.x have them.

use crate::dialect::Separator;

/// Splits at `|`, and only if there is none at the old separator, which base64 may also end with: an empty
/// piece between two separators shows that the first of them was such an end.
pub(crate) fn split(text: &str) -> Vec<String> {
    if text.contains(Separator::Bar.as_str()) {
        return text.split(Separator::Bar.as_str()).map(str::to_owned).collect();
    }
    let old = Separator::EncodedBar.as_str();
    let mut parts: Vec<String> = Vec::new();
    for piece in text.split(old) {
        match parts.last_mut() {
            Some(last) if piece.is_empty() => last.push_str(old),
            _ => parts.push(piece.to_owned()),
        }
    }
    parts
}
