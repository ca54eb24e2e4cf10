//! Metadata that somebody has rewritten, files that are not what they were.

use e2ee_reference::metadata::Document;
use e2ee_reference::signature::{Signature, SignatureError};
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

#[test]
fn signatures_are_wrong_in_one_thing() {
    use SignatureError as E;
    let signed = |form: &str| {
        let mut lab = Lab::new(&[&people().alice, &people().bob]);
        lab.corrupt(&people().bob);
        lab.lie(json!({ "edit_metadata": { "folder": "plans", "by": "bob", "signature": form } }));
        let stored = lab.stored();
        let document = Document::parse(&stored.document).unwrap();
        let signature = Signature::parse(stored.signature.as_deref().unwrap_or_default())?;
        signature.check_content(&document.signed_content())?;
        assert!(signature.is_by(people().bob.certificate().public_key()), "{form}");
        Ok(signature.names(people().bob.certificate()))
    };
    for (form, expected) in [
        ("anew", Ok(true)),
        ("without_attributes", Err(E::Attribute("set"))),
        ("sha1", Err(E::DigestAlgorithm)),
        ("md5", Err(E::DigestAlgorithm)),
        ("pss", Err(E::SignatureAlgorithm)),
        ("no_signer", Err(E::SignerCount(0))),
        ("stranger_beside", Err(E::SignerCount(2))),
        ("by_key_identifier", Ok(false)),
        ("many_certificates", Err(E::TooLarge { limit: 256 * 1024 })),
        ("embeds_before", Err(E::NotDetached)),
        ("missing", Err(E::Missing)),
    ] {
        assert_eq!(signed(form), expected, "{form}");
    }
    assert!(matches!(signed("byte_after"), Err(E::Malformed(_))));
}

#[test]
fn members_stand_twice_and_the_first_are_signed() {
    let mut lab = Lab::new(&[&people().alice]);
    let before = lab.stored();
    let members =
        json!({ "folder": "plans", "by": "eve", "signature": "kept", "doubled": true, "adds": ["eve"] });
    lab.lie(json!({ "edit_metadata": members }));
    let after = lab.stored();
    assert_eq!(after.signature, before.signature);
    assert!(Document::parse(&after.document).is_err());
    assert_eq!(after.document.matches("\"users\":").count(), 2);
    let last: serde_json::Value = serde_json::from_str(&after.document).unwrap();
    assert_eq!(last["users"].as_array().unwrap().len(), 2);
}
