//! The form that is signed.

use e2ee_reference::canonical_json::{signed_content, to_string};
use serde_json::{Value, json};

#[test]
fn members_are_sorted_at_every_level_and_arrays_are_not() {
    let value = json!({"b": [{"z": 1, "a": 2}, 3], "a": {"y": null, "x": true}});
    assert_eq!(to_string(&value), r#"{"a":{"x":true,"y":null},"b":[{"a":2,"z":1},3]}"#);
}

#[test]
fn slashes_and_letters_stay_and_control_characters_are_escaped() {
    let value = json!("a/b ü € 😀 \" \\ \u{8}\t\n\u{c}\r\u{1}\u{1f}\u{7f}");
    assert_eq!(to_string(&value), "\"a/b ü € 😀 \\\" \\\\ \\b\\t\\n\\f\\r\\u0001\\u001f\u{7f}\"");
}

#[test]
fn sorting_is_by_utf16_code_unit() {
    // U+FF21 is one unit, 0xff21; U+1F600 is two, beginning with 0xd83d. By code point it is the other way round.
    let value = json!({"Ａ": 1, "😀": 2, "a": 3});
    assert_eq!(to_string(&value), r#"{"a":3,"😀":2,"Ａ":1}"#);
}

#[test]
fn whole_numbers_have_no_fraction() {
    for (text, expected) in [("1.0", "1"), ("-0.0", "0"), ("2e3", "2000"), ("1.5", "1.5"), ("-7", "-7")] {
        assert_eq!(to_string(&serde_json::from_str(text).expect(text)), expected);
    }
    assert_eq!(to_string(&json!(u64::MAX)), u64::MAX.to_string());
}

#[test]
fn only_the_outermost_filedrop_is_left_unsigned() {
    let document = json!({"version": "2.0", "filedrop": {"x": 1}, "metadata": {"filedrop": 2}});
    let twin = json!({"metadata": {"filedrop": 2}, "version": "2.0"});
    assert_eq!(signed_content(&document), signed_content(&twin));
    let other: Value = json!({"metadata": {}, "version": "2.0"});
    assert_ne!(signed_content(&document), signed_content(&other));
}
