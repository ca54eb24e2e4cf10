//! Metadata that the server has forged.

use e2ee_mock_server::adversary::MoveError;
use e2ee_reference::certificate::Certificate;
use e2ee_reference::metadata::Document;
use e2ee_reference::{file_cipher, signature};
use serde_json::{Value, json};

use crate::lab::{Lab, Reader, asker, entries, people, somebody_elses};

fn insert() -> Value {
    json!({ "insert_phantom": { "folder": "plans", "user": "phantom" } })
}

#[test]
fn phantom_signs_himself_into_the_newest_metadata() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice, &people.bob]);
    let laptop = Reader::of(&people.alice, &lab);
    lab.write(&people.alice);
    let (honest, etags) = (lab.stored(), lab.etags());

    let lie = lab.lie(insert());

    let forged = lab.stored();
    let (before, after) = (parse(&honest.document), parse(&forged.document));
    assert_eq!(after.value()["metadata"], before.value()["metadata"]);
    assert_eq!(after.version(), before.version());
    let (old, mut new) = (entries(&before), entries(&after));
    let phantom = new.remove("phantom").unwrap().certificate().unwrap();
    assert_eq!(new, old);
    assert!(phantom.is_issued_by(&people.authority.server_key()));
    assert_eq!(phantom.common_name(), Some("phantom"));
    let signed = forged.signature.as_deref().unwrap();
    assert!(signature::verify(&after.signed_content(), signed, &[phantom]).is_ok());
    assert!(lab.model.user("phantom").unwrap().certificate().is_some());

    assert_eq!(laptop.broken(&forged), ["signer-was-member"]);
    assert!(lab.etags().iter().zip(&etags).all(|(new, old)| new != old));
    assert_eq!(lie.name(), "insert_phantom");
    assert!(lie.made_metadata(&asker("alice"), lab.folder, &forged));
    assert!(!lie.made_metadata(&asker("alice"), lab.folder, &honest));
    assert!(!lie.made_metadata(&asker("alice"), lab.folder, &somebody_elses(&forged)));
}

#[test]
fn phantom_on_a_known_state_reuses_the_counter() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice]);
    let laptop = Reader::of(&people.alice, &lab);
    lab.lie(insert());
    assert_eq!(laptop.broken(&lab.stored()), ["signer-was-member", "counter-not-reused"]);
    assert!(matches!(lab.play(insert()), Err(MoveError::StillAMember { .. })));
}

#[test]
fn replaced_metadata_is_sound_on_first_sight_only() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice, &people.bob]);
    let (laptop, honest) = (Reader::of(&people.alice, &lab), lab.stored());

    let lie = lab.lie(replace("phantom"));

    let forged = lab.stored();
    assert_eq!(laptop.broken(&forged), ["signer-was-member", "key-history-kept"]);
    let (accepted, broken) = Reader::new(&people.bob).look(&forged);
    assert_eq!(broken, [""; 0]);
    assert_eq!(accepted.signer.as_deref(), Some("phantom"));
    assert_eq!(accepted.known.counter, 1001);
    assert_eq!(lab.model.counter(lab.folder), 1001);
    let (mut users, real) = (entries(&parse(&forged.document)), entries(&parse(&honest.document)));
    assert!(users.remove("phantom").is_some());
    assert!(users.keys().eq(real.keys()));
    assert!(users.values().zip(real.values()).all(|(now, then)| now.certificate == then.certificate));
    assert!(lie.made_metadata(&asker("alice"), lab.folder, &forged));
}

#[test]
fn planted_file_opens_with_the_forged_entry() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice]);
    let lie = lab.lie(replace("phantom"));

    let document = parse(&lab.stored().document);
    let key = document.unwrap_key("alice", people.alice.private_key()).unwrap();
    let contents = document.open(&key).unwrap();
    let [planted] = lab.attacker.planted() else { panic!("one file is planted") };
    assert_eq!(contents.files.keys().collect::<Vec<_>>(), [&planted.file_id]);
    let entry = &contents.files[&planted.file_id];
    assert_eq!((entry.filename.as_str(), planted.filename.as_str()), ("forged.txt", "forged.txt"));
    assert_eq!((planted.by.as_str(), planted.folder.as_str()), ("replace_metadata", "plans"));
    let blob = lab.blob(&planted.file_id).unwrap();
    assert_eq!(file_cipher::decrypt(&entry.key, &entry.nonce, &blob).unwrap(), planted.content);
    assert_eq!(blob.last_chunk::<16>().unwrap().as_slice(), entry.authentication_tag);
    let node = lab.model.find("alice", &format!("plans/{}", planted.file_id)).unwrap();
    assert!(lie.made_file(node, &blob));
    assert!(!lie.made_file(node, &planted.content));
}

#[test]
fn forged_signer_has_a_members_name_and_another_key() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice, &people.bob]);
    let laptop = Reader::of(&people.alice, &lab);

    lab.lie(replace("forged"));

    let forged = lab.stored();
    assert_eq!(laptop.broken(&forged), ["signer-bound-to-key", "key-history-kept"]);
    assert_eq!(Reader::new(&people.bob).broken(&forged), ["signer-bound-to-key"]);
    let document = parse(&forged.document);
    assert_eq!(entries(&document).keys().collect::<Vec<_>>(), ["alice", "bob"]);
    let members: Vec<Certificate> = document.users().iter().map(|user| user.certificate().unwrap()).collect();
    let signed = signature::Signature::parse(forged.signature.as_deref().unwrap()).unwrap();
    assert!(signed.names(&members[0]));
    assert!(!members.iter().any(|member| signed.is_by(member.public_key())));
}

#[test]
fn stripped_signature_leaves_the_document() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice]);
    let (laptop, honest, etags) = (Reader::of(&people.alice, &lab), lab.stored(), lab.etags());
    let mut told = Some(honest.clone());
    for (how, expected) in [("missing", None), ("empty", Some("")), ("blank", Some(" "))] {
        let lie = lab.lie(json!({ "strip_signature": { "folder": "plans", "how": how } }));
        // The lies of a scenario pile up.
        told = lie.metadata(&asker("alice"), lab.folder, told);
        let seen = told.clone().unwrap();
        assert_eq!(seen.signature.as_deref(), expected);
        assert_eq!(seen.document, honest.document);
        assert_eq!(laptop.broken(&seen), ["signature-present"]);
        let other = lab.model.user("alice").unwrap().root();
        assert_eq!(lie.metadata(&asker("alice"), other, Some(honest.clone())), Some(honest.clone()));
        assert_eq!(lie.metadata(&asker("alice"), lab.folder, None), None);
    }
    assert_eq!(lab.stored(), honest);
    assert_ne!(lab.etags(), etags);
}

#[test]
fn a_folder_without_metadata_or_a_plain_one_cannot_be_forged() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice]);
    lab.model.set_metadata(lab.folder, None);
    assert_eq!(lab.play(insert()).err(), Some(MoveError::NoMetadata("plans".to_owned())));
    lab.model.set_encrypted(lab.folder, false);
    assert_eq!(lab.play(insert()).err(), Some(MoveError::UnknownFolder("plans".to_owned())));
}

fn replace(signer: &str) -> Value {
    json!({ "replace_metadata": { "folder": "plans", "signer": signer, "plants": "forged.txt" } })
}

fn parse(text: &str) -> Document {
    Document::parse(text).unwrap()
}
