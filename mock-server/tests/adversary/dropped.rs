//! Files that somebody leaves in a folder, honestly or not.

use e2ee_reference::metadata::Document;
use e2ee_reference::{Error, file_cipher};
use serde_json::{Value, json};

use crate::lab::{Lab, Reader, asker, people};

fn drop_file(lab: &mut Lab, members: Value) -> Document {
    let mut all = json!({ "folder": "plans", "name": "dropped.txt" });
    all.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let lie = lab.lie(json!({ "drop_file": all }));
    assert!(lie.made_metadata(&asker("alice"), lab.folder, &lab.stored()));
    Document::parse(&lab.stored().document).unwrap()
}

#[test]
fn every_member_opens_what_was_dropped_and_the_signature_holds() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice, &people.bob]);
    let laptop = Reader::of(&people.alice, &lab);
    let document = drop_file(&mut lab, json!({}));
    assert_eq!(laptop.broken(&lab.stored()), [""; 0]);
    let (id, drop) = document.filedrop().iter().next().unwrap();
    for person in [&people.alice, &people.bob] {
        let entry = drop.open(person.user_id(), person.private_key()).unwrap();
        assert_eq!(entry.filename, "dropped.txt");
        assert!(file_cipher::decrypt(&entry.key, &entry.nonce, &lab.blob(id).unwrap()).is_ok());
    }
}

#[test]
fn an_identifier_can_be_taken_and_drops_can_be_many() {
    let mut lab = Lab::new(&[&people().alice]);
    let first = lab.contents.files.keys().next().unwrap().clone();
    let before = lab.blob(&first).unwrap();
    let document = drop_file(&mut lab, json!({ "id": "of_first_file" }));
    assert_eq!(document.filedrop().keys().collect::<Vec<_>>(), [&first]);
    assert_ne!(lab.blob(&first).unwrap(), before);
    let document = drop_file(&mut lab, json!({ "count": 50 }));
    assert_eq!(document.filedrop().len(), 51);
    for wrong in [0, 10_001] {
        let it = json!({ "drop_file": { "folder": "plans", "name": "x", "count": wrong } });
        assert!(lab.play(it).is_err());
    }
}

#[test]
fn each_damage_is_noticed_and_leaves_the_signed_part() {
    let people = people();
    let errors = ["key", "for_another", "for_nobody", "base64", "nameless", "gzip", "number"].map(|damage| {
        let mut lab = Lab::new(&[&people.alice]);
        let laptop = Reader::of(&people.alice, &lab);
        let document = drop_file(&mut lab, json!({ "damage": damage }));
        assert_eq!(laptop.broken(&lab.stored()), [""; 0], "{damage}");
        let drop = document.filedrop().values().next().unwrap();
        drop.open("alice", people.alice.private_key()).unwrap_err()
    });
    let not_for_me = |error: &Error| matches!(error, Error::NoEntryFor { .. });
    assert_eq!(
        errors.iter().map(not_for_me).collect::<Vec<_>>(),
        [false, true, true, false, false, false, false]
    );
    assert_ne!(errors[4], errors[5]);
}

#[test]
fn drops_are_forgotten_and_come_back() {
    let mut lab = Lab::new(&[&people().alice]);
    drop_file(&mut lab, json!({}));
    let stored = lab.stored();
    let lie = lab.lie(json!({ "forget_drops": { "folder": "plans" } }));
    let told = lie.metadata(&asker("alice"), lab.folder, Some(stored.clone())).unwrap();
    assert_eq!(told.signature, stored.signature);
    assert!(Document::parse(&told.document).unwrap().filedrop().is_empty());
    assert_eq!(lab.stored(), stored);
    let again = lie.metadata(&asker("alice"), lab.folder, Some(told.clone()));
    assert_eq!(again, Some(told));
}
