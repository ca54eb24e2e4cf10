//! Metadata that somebody has rewritten, files that are not what they were.

use serde_json::json;

use crate::lab::{Lab, asker, people};

#[test]
fn a_member_changes_what_is_inside_and_signs() {
    let mut lab = Lab::new(&[&people().alice, &people().bob]);
    lab.corrupt(&people().bob);
    let before = lab.stored();
    let change = json!([{ "op": "replace", "path": "/counter", "value": "7" }]);
    let lie = lab.lie(json!({ "edit_metadata": { "folder": "plans", "by": "bob", "inner": change } }));
    let after = lab.stored();
    assert!(after.document != before.document && after.signature != before.signature);
    assert!(lie.made_metadata(&asker("alice"), lab.folder, &after));
}

#[test]
fn who_cannot_read_cannot_change_what_is_inside() {
    let mut lab = Lab::new(&[&people().alice]);
    let change = json!([{ "op": "remove", "path": "/counter" }]);
    let refused = lab.play(json!({ "edit_metadata": { "folder": "plans", "by": "eve", "inner": change } }));
    assert!(refused.is_err());
    let before = lab.stored();
    lab.lie(json!({ "edit_metadata": { "folder": "plans", "by": "eve" } }));
    assert!(lab.stored().signature != before.signature);
}

#[test]
fn files_are_cut_and_prolonged() {
    let mut lab = Lab::new(&[&people().alice]);
    let id = lab.contents.files.keys().next().cloned().unwrap();
    let length = lab.blob(&id).unwrap().len();
    lab.lie(json!({ "reshape_files": { "folder": "plans", "cut": 3, "append": 5 } }));
    assert_eq!(lab.blob(&id).unwrap().len(), length + 2);
    lab.lie(json!({ "reshape_files": { "folder": "plans", "keep": 0 } }));
    assert!(lab.blob(&id).unwrap().is_empty());
}
