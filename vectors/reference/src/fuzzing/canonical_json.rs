//! The canonical form.

use serde_json::Value;

use super::build::Json;
use super::run::{LIMITS, plan};
use crate::canonical_json::{signed_content, to_string};
use crate::dialect::Layout;
use crate::json;

/// The canonical form is a fixed point, whatever the layout was, and what is signed does not hang on the
/// filedrop.
pub fn canonical_json(input: &[u8]) {
    let value = match plan(input) {
        Some(Json(value)) => value,
        None => match json::parse(input, "input", LIMITS.depth) {
            Ok(value) => value,
            Err(_) => return,
        },
    };
    let canonical = to_string(&value);
    for layout in [Layout::Canonical, Layout::Indented, Layout::Declared] {
        assert_eq!(again(&layout.text(&value)), canonical, "{layout:?}");
    }
    assert_eq!(again(&value.to_string()), canonical, "as serde_json writes it");
    let mut without = value.clone();
    if let Value::Object(members) = &mut without {
        members.remove("filedrop");
    }
    assert_eq!(signed_content(&value), crate::base64::encode(to_string(&without).as_bytes()));
}

fn again(text: &str) -> String {
    let parsed = json::parse(text.as_bytes(), "canonical form", LIMITS.depth);
    assert!(parsed.is_ok(), "{parsed:?}: {text}");
    parsed.as_ref().map(to_string).unwrap_or_default()
}
