//! What a server loses, what lies there without encryption, and what it still tells of what is gone.

use e2ee_mock_server::adversary::MoveError;
use e2ee_mock_server::{Endpoint, SignedMetadata};
use serde_json::json;

use crate::lab::{Lab, people};
use crate::session::Session;

#[test]
fn a_file_is_lost_and_named_still() {
    let mut lab = Lab::new(&[&people().alice]);
    let (first, _) = lab.contents.files.first_key_value().unwrap();
    let (first, before, etags) = (first.clone(), lab.stored(), lab.etags());
    let it = json!({ "lose_file": { "folder": "plans" } });
    assert!(lab.play(it.clone()).unwrap().is_none());
    assert_eq!((lab.blob(&first), lab.stored()), (None, before));
    assert!(lab.etags().iter().zip(&etags).all(|(now, then)| now != then));
    assert_eq!(lab.play(it).err(), Some(MoveError::NoFile("plans".to_owned())));
}

#[test]
fn a_plain_folder_is_made_once_and_for_somebody() {
    let mut lab = Lab::new(&[&people().alice]);
    let it = |of: &str| json!({ "add_plain": { "of": of, "folder": "letters", "name": "draft.txt" } });
    lab.play(it("alice")).unwrap();
    let folder = lab.model.find("alice", "letters").unwrap();
    assert!(!lab.model.encrypted_folders().contains(&folder));
    assert!(lab.model.find("alice", "letters/draft.txt").is_some());
    assert!(matches!(lab.play(it("alice")), Err(MoveError::OutOfRange { member: "folder", .. })));
    assert_eq!(lab.play(it("nobody")).err(), Some(MoveError::UnknownUser("nobody".to_owned())));
}

#[tokio::test]
async fn the_last_word_about_a_folder_is_told_to_its_members() {
    let people = people();
    for (members, told) in [(&[&people.alice][..], true), (&[&people.bob], false)] {
        let lab = Lab::new(members);
        let (folder, SignedMetadata { document, signature }) = (lab.folder, lab.stored());
        let session = Session::of(lab).await;
        let of_nothing = session.told("laptop", folder).await;
        session.tenant.model().lose(folder);
        assert_eq!(session.told("laptop", folder).await, "", "as released servers do");
        session.play(json!({ "tell_deletions": {} }));
        let now = session.told("laptop", folder).await;
        let exchange = session.last(Endpoint::GetMetadata);
        assert_eq!(now, if told { document.clone() } else { String::new() });
        assert_eq!(exchange.tampered_by.len(), usize::from(told));
        if told {
            assert_eq!(exchange.response_header("x-nc-e2ee-signature"), signature.as_deref());
        }
        assert_eq!(of_nothing, document);
    }
}
