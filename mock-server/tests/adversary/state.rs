//! Moves on the state of the server: back in time, damaged files, new ETags.

use e2ee_mock_server::adversary::MoveError;
use e2ee_mock_server::model::Writer;
use e2ee_reference::file_cipher;
use serde_json::json;

use crate::lab::{Lab, Reader, asker, people};

#[test]
fn rollback_brings_the_old_state_back_byte_for_byte() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice]);
    let old = lab.stored();
    assert!(lab.play(json!({ "snapshot": { "name": "before" } })).unwrap().is_none());
    let (second, _) = lab.upload("second.txt", b"new");
    lab.write(&people.alice);
    let (laptop, newest, etags) = (Reader::of(&people.alice, &lab), lab.stored(), lab.etags());
    let first = lab.contents.files.keys().find(|id| **id != second).unwrap().clone();

    let lie = lab.lie(json!({ "rollback": { "to": "before" } }));

    assert_eq!(lab.stored(), old);
    assert_eq!(lab.model.counter(lab.folder), 1);
    assert!(lab.blob(&first).is_some());
    assert!(lab.blob(&second).is_none());
    assert!(lab.etags().iter().zip(&etags).all(|(new, old)| new != old));
    assert_eq!(laptop.broken(&old), ["counter-not-lower"]);
    assert_eq!(Reader::new(&people.alice).broken(&old), [""; 0]);
    assert!(lie.made_metadata(&asker("alice"), lab.folder, &old));
    assert!(!lie.made_metadata(&asker("alice"), lab.folder, &newest));
    let unknown = lab.play(json!({ "rollback": { "to": "nothing" } }));
    assert_eq!(unknown.err(), Some(MoveError::UnknownSnapshot("nothing".to_owned())));
}

#[test]
fn rollback_to_now_is_nobodys_work() {
    let mut lab = Lab::new(&[&people().alice]);
    lab.play(json!({ "snapshot": { "name": "now" } })).unwrap();
    let lie = lab.lie(json!({ "rollback": { "to": "now" } }));
    assert!(!lie.made_metadata(&asker("alice"), lab.folder, &lab.stored()));
}

#[test]
fn rollback_shows_where_an_encrypted_folder_is_listed_no_more() {
    let mut lab = Lab::new(&[&people().alice]);
    let root = lab.model.node(lab.folder).unwrap().parent().unwrap();
    lab.play(json!({ "snapshot": { "name": "before" } })).unwrap();
    assert!(!lab.lie(json!({ "rollback": { "to": "before" } })).lists(root));

    let writer = Writer { user: "alice", token: None, supported: true, link: None };
    let folder = lab.model.make_folder(writer, &["budget".to_owned()]).unwrap().id;
    lab.model.set_encrypted(folder, true);
    let lie = lab.lie(json!({ "rollback": { "to": "before" } }));
    assert!(lab.model.node(folder).is_none());
    assert!(lie.lists(root) && !lie.lists(lab.folder));
}

#[test]
fn flipped_bit_is_in_the_ciphertext_of_every_file() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice]);
    lab.upload("second.txt", b"more");
    let (empty, _) = lab.upload("empty.txt", b"");
    let honest: Vec<_> = lab.contents.files.keys().map(|id| (id.clone(), lab.blob(id).unwrap())).collect();
    let (etags, told) = (lab.etags(), lab.stored());

    let lie = lab.lie(json!({ "flip_bit": { "folder": "plans" } }));

    for (id, honest) in honest {
        let node = lab.model.find("alice", &format!("plans/{id}")).unwrap();
        let blob = lab.blob(&id).unwrap();
        if id == empty {
            assert_eq!(blob, honest);
            continue;
        }
        let differing: u32 = blob.iter().zip(&honest).map(|(new, old)| (new ^ old).count_ones()).sum();
        assert_eq!((differing, blob.len(), blob[0] ^ honest[0]), (1, honest.len(), 1));
        assert_eq!(blob.last_chunk::<16>(), honest.last_chunk::<16>());
        let entry = &lab.contents.files[&id];
        assert!(file_cipher::decrypt(&entry.key, &entry.nonce, &blob).is_err());
        let sum = lab.model.node(node).unwrap().checksum().unwrap();
        assert_eq!(sum, format!("SHA1:{}", hex::encode(openssl::sha::sha1(&blob))));
        assert!(lie.made_file(node, &blob.into()));
        assert!(!lie.made_file(node, &honest.into()));
    }
    assert_eq!(lab.stored(), told);
    assert_ne!(lab.etags(), etags);
}

#[test]
fn a_folder_without_files_has_no_bit_to_flip() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice]);
    let names: Vec<String> = lab.contents.files.keys().cloned().collect();
    for name in names {
        lab.model.store_file(lab.folder, &name, vec![0; 16], None).unwrap();
    }
    let flipped = lab.play(json!({ "flip_bit": { "folder": "plans" } }));
    assert_eq!(flipped.err(), Some(MoveError::NoFile("plans".to_owned())));
}

#[test]
fn touched_etags_are_new_and_nothing_else() {
    let mut lab = Lab::new(&[&people().alice]);
    let (etags, told) = (lab.etags(), lab.stored());
    assert!(lab.play(json!({ "touch_etags": {} })).unwrap().is_none());
    assert!(lab.etags().iter().zip(&etags).all(|(new, old)| new != old));
    assert_eq!(lab.stored(), told);
}
