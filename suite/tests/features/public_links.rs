//! The monitor of public links, on a link made by hand.

use bytes::Bytes;
use e2ee_mock_server::Endpoint;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{Contents, MetadataKey, Recipient, Version, seal_root};
use e2ee_suite::transcript::{Transcript, UserSecrets};

use crate::monitors::{finds, finds_nothing, with};
use crate::support::{alice, exchange};

/// A play in which a key was stored for the link `T0KEN`, and what the judge has opened of it.
fn played(opened: Option<&PrivateKey>, in_folder: bool) -> Transcript {
    let mut stored = exchange(12, Endpoint::PostPrivateKey);
    stored.request_body = Bytes::from_static(b"privateKey=sealed&shareToken=T0KEN");
    let mut play = with(vec![stored]);
    let user = |user_id: &str| Recipient { user_id: user_id.into(), certificate: alice().1.clone() };
    let members = if in_folder { vec![user("alice"), user("s:T0KEN")] } else { vec![user("alice")] };
    let key = MetadataKey::generate();
    let document = seal_root(&Contents::default(), &key, &members, Version::V2_1).expect("seals");
    play.stored[0].metadata = Some(document.to_json());
    play.stored[0].files.clear();
    let link = UserSecrets {
        mnemonic: Some("other words than all".into()),
        private_key: opened.map(|key| key.to_pem().to_string()),
        ..UserSecrets::default()
    };
    play.secrets.users.insert("s:T0KEN".into(), link);
    play
}

#[test]
fn a_link_whose_words_open_nothing() {
    let key = &alice().0;
    finds_nothing(&played(Some(key), true));
    finds(&played(None, true), "link-opens", &["exchange 12", "with the words"]);
    finds(&played(Some(key), false), "link-opens", &["opens no folder"]);
    finds(&played(Some(&PrivateKey::generate().expect("key")), true), "link-opens", &["opens no folder"]);
    // Who does not tell the words is not judged by them.
    let mut untold = played(None, true);
    untold.secrets.users.remove("s:T0KEN");
    finds_nothing(&untold);
}
