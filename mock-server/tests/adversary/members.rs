//! Members that are corrupted, removed, or given another certificate.

use e2ee_mock_server::adversary::MoveError;
use e2ee_reference::certificate::Certificate;
use e2ee_reference::metadata::Document;
use serde_json::{Value, json};

use crate::lab::{Lab, Reader, asker, entries, people};

#[test]
fn swapped_certificate_leaves_the_member_able_to_read() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice, &people.bob]);
    let (laptop, phone) = (Reader::of(&people.alice, &lab), Reader::of(&people.bob, &lab));
    lab.write(&people.alice);
    let before = entries(&Document::parse(&lab.stored().document).unwrap());

    let lie = lab.lie(json!({ "swap_member_certificate": { "folder": "plans", "of": "alice" } }));

    let forged = lab.stored();
    let mut after = entries(&Document::parse(&forged.document).unwrap());
    let (old, new) = (&before["alice"], after.remove("alice").unwrap());
    assert_eq!(after["bob"], before["bob"]);
    assert_eq!(new.encrypted_metadata_key, old.encrypted_metadata_key);
    assert_ne!(new.certificate, old.certificate);
    let honest = Some(old.certificate.clone());
    let told = lie.certificate(&asker("alice"), "alice", honest.clone());
    assert_eq!(told.as_deref(), Some(new.certificate.as_str()));
    assert_eq!(lie.certificate(&asker("alice"), "bob", honest.clone()), honest);
    assert!(Certificate::from_pem(&new.certificate).unwrap().is_issued_by(&people.authority.server_key()));
    assert_eq!(laptop.broken(&forged), ["members-certificates-pinned"]);
    assert_eq!(phone.broken(&forged), ["members-certificates-pinned"]);
    assert!(lie.made_metadata(&asker("alice"), lab.folder, &forged));
}

#[test]
fn a_stranger_has_no_certificate_to_swap() {
    let mut lab = Lab::new(&[&people().alice]);
    let swap = lab.play(json!({ "swap_member_certificate": { "folder": "plans", "of": "bob" } }));
    let expected = MoveError::NotAMember { user: "bob".to_owned(), folder: "plans".to_owned() };
    assert_eq!(swap.err(), Some(expected));
}

#[test]
fn planted_entry_is_an_honest_write_but_for_its_name() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice, &people.bob]);
    let (laptop, etags) = (Reader::of(&people.alice, &lab), lab.etags());
    lab.corrupt(&people.bob);

    lab.lie(plant("../../outside.txt"));
    let lie = lab.lie(plant("clean.txt"));

    let forged = lab.stored();
    let (accepted, broken) = laptop.look(&forged);
    assert_eq!(broken, [""; 0]);
    assert_eq!(accepted.signer.as_deref(), Some("bob"));
    assert_eq!(accepted.known.counter, 3);
    assert_eq!(lab.model.counter(lab.folder), 3);
    let [outside, clean] = lab.attacker.planted() else { panic!("two files are planted") };
    assert_eq!(accepted.set_aside, [(outside.file_id.clone(), "name-is-one-component")]);
    assert_eq!(clean.filename, "clean.txt");
    assert!(lab.blob(&clean.file_id).is_some());
    let document = Document::parse(&forged.document).unwrap();
    assert_eq!(document.open(&lab.key).unwrap().files.len(), 3);
    assert!(lie.made_metadata(&asker("alice"), lab.folder, &forged));
    assert_ne!(lab.etags(), etags);
}

#[test]
fn planting_needs_a_corrupted_member() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice, &people.bob]);
    let expected = MoveError::PrivateKeyNotHeld("bob".to_owned());
    assert_eq!(lab.play(plant("x")).err(), Some(expected.clone()));
    let corrupt = lab.play(json!({ "corrupt": { "user": "bob" } }));
    assert_eq!(corrupt.err(), Some(expected.clone()));
    // A key that was made in his place is not his.
    lab.play(json!({ "replace_certificate": { "of": "bob", "issued_by": "instance" } })).unwrap();
    assert_eq!(lab.play(plant("x")).err(), Some(expected));
    lab.corrupt(&people.bob);
    lab.remove("bob");
    assert!(matches!(lab.play(plant("x")), Err(MoveError::NotAMember { .. })));
    assert!(lab.attacker.planted().is_empty());
}

#[test]
fn readmitted_member_brings_back_the_old_key() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice, &people.bob]);
    lab.corrupt(&people.bob);
    let old_key = lab.key.clone();
    assert!(matches!(lab.play(readmit()), Err(MoveError::StillAMember { .. })));
    lab.remove("bob");
    lab.write(&people.alice);
    let laptop = Reader::of(&people.alice, &lab);

    let lie = lab.lie(readmit());

    let forged = lab.stored();
    assert_eq!(laptop.broken(&forged), ["signer-was-member", "key-history-kept", "key-not-returned"]);
    let document = Document::parse(&forged.document).unwrap();
    assert_eq!(entries(&document).keys().collect::<Vec<_>>(), ["alice", "bob"]);
    let contents = document.open(&old_key).unwrap();
    assert_eq!(contents.counter, 4);
    assert_eq!(contents.key_checksums, [old_key.checksum()]);
    assert_eq!(document.unwrap_key("alice", people.alice.private_key()).unwrap(), old_key);
    assert!(lie.made_metadata(&asker("alice"), lab.folder, &forged));
}

#[test]
fn whoever_was_corrupted_too_late_cannot_return() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice, &people.bob]);
    lab.remove("bob");
    lab.corrupt(&people.bob);
    assert!(matches!(lab.play(readmit()), Err(MoveError::MetadataKeyNotHeld { .. })));
}

fn plant(name: &str) -> Value {
    json!({ "plant_entry": { "folder": "plans", "by": "bob", "name": name } })
}

fn readmit() -> Value {
    json!({ "readmit_member": { "folder": "plans", "user": "bob" } })
}

#[test]
fn a_rewrapped_key_is_the_trouble_of_one_member_alone() {
    let people = people();
    for how in ["kept", "unpadded", "short", "other_key"] {
        let mut lab = Lab::new(&[&people.alice, &people.bob]);
        let phone = Reader::of(&people.bob, &lab);
        lab.corrupt(&people.bob);
        let rewrap = json!({ "rewrap": { "folder": "plans", "by": "bob", "of": "alice", "how": how } });

        let lie = lab.lie(rewrap);

        let forged = lab.stored();
        assert_eq!(phone.broken(&forged), [""; 0], "{how}");
        assert!(lie.made_metadata(&asker("alice"), lab.folder, &forged), "{how}");
        let document = Document::parse(&forged.document).unwrap();
        match (how, document.unwrap_key("alice", people.alice.private_key())) {
            ("kept", Ok(key)) => assert!(key == lab.key),
            ("other_key", Ok(key)) => assert!(key != lab.key && document.open(&key).is_err()),
            ("unpadded" | "short", Err(_)) => {}
            (how, unwrapped) => panic!("{how}: unwrapped {}", unwrapped.is_ok()),
        }
    }
}

#[test]
fn only_a_corrupted_member_rewraps() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice, &people.bob]);
    let before = lab.stored();
    let rewrap = json!({ "rewrap": { "folder": "plans", "by": "bob", "of": "alice", "how": "short" } });
    assert!(lab.play(rewrap).is_err());
    lab.corrupt(&people.bob);
    let rewrap = json!({ "rewrap": { "folder": "plans", "by": "bob", "of": "carol", "how": "short" } });
    let expected = MoveError::NotAMember { user: "carol".to_owned(), folder: "plans".to_owned() };
    assert_eq!(lab.play(rewrap).err(), Some(expected));
    assert_eq!(lab.stored(), before);
}

#[test]
fn a_reset_leaves_neither_keys_nor_encrypted_folders_of_the_user() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice, &people.bob]);
    lab.model.set_private_key("alice", Some("a|b|c".to_owned()));
    let reset = json!({ "reset_encryption": { "of": "alice" } });

    assert!(lab.play(reset.clone()).unwrap().is_none());

    assert!(lab.model.metadata(lab.folder).is_none() && lab.model.encrypted_folders().is_empty());
    assert_eq!(lab.model.find("alice", "plans"), None);
    let keys = |user| {
        let user = lab.model.user(user).unwrap();
        (user.certificate().is_some(), user.private_key().is_some())
    };
    assert_eq!((keys("alice"), keys("bob").0), ((false, false), true));
    assert_eq!(lab.play(reset).err(), Some(MoveError::UnknownUser("alice".to_owned())));
}
