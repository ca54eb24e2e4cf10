//! The monitor of what members need, on documents made by hand.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::metadata::{Contents, Document, MetadataKey, Recipient, Version, seal_root, with_users};
use e2ee_reference::signature;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::pkey::PKey;
use openssl::x509::X509;

use crate::monitors::{finds, finds_nothing, lock, put_metadata, put_signed, unlock, with};
use crate::support::alice;

fn recipient(user_id: &str) -> Recipient {
    Recipient { user_id: user_id.into(), certificate: alice().1.clone() }
}

fn sealed(members: &[&str], key: &MetadataKey) -> Document {
    let contents = Contents { counter: 1, key_checksums: vec![key.checksum()], ..Contents::default() };
    let members: Vec<Recipient> = members.iter().map(|user| recipient(user)).collect();
    seal_root(&contents, key, &members, Version::V2_1).expect("seals")
}

fn sent(upload: Exchange) -> e2ee_suite::transcript::Transcript {
    with(vec![lock(11), Exchange { user: Some("alice".into()), ..upload }, unlock(13)])
}

#[test]
fn a_key_that_does_not_open_for_a_member() {
    let key = MetadataKey::generate();
    let document = sealed(&["alice", "bob"], &key);
    finds_nothing(&sent(put_metadata(12, &document)));
    let mut users = document.users().to_vec();
    users[1].encrypted_metadata_key =
        sealed(&["bob"], &MetadataKey::generate()).users()[0].encrypted_metadata_key.clone();
    finds(
        &sent(put_metadata(12, &with_users(&document, users.clone()))),
        "made-for-members",
        &["exchange 12", "does not open for bob"],
    );
    // Whose certificate is over a key that the judge has not, he is not asked about.
    let other = e2ee_reference::identity::PrivateKey::generate().expect("key");
    let authority = e2ee_reference::authority::Authority::from_private_key(other.clone());
    users[1].certificate = authority.certify("bob", &other, 0).expect("certificate").to_pem();
    finds_nothing(&sent(put_metadata(12, &with_users(&document, users))));
}

#[test]
fn a_first_document_that_begins_with_somebody_else() {
    let document = sealed(&["bob", "alice"], &MetadataKey::generate());
    let first = Exchange { endpoint: Endpoint::PostMetadata, ..put_metadata(12, &document) };
    finds(&sent(first), "made-for-members", &["does not begin with who made it"]);
    finds_nothing(&sent(put_metadata(12, &document)));
}

#[test]
fn a_signature_that_does_not_say_whose_it_is() {
    let document = sealed(&["alice"], &MetadataKey::generate());
    let content = document.signed_content();
    let (key, certificate) = alice();
    let by_another_name = e2ee_reference::authority::Authority::generate()
        .and_then(|authority| authority.certify("somebody", key, 0))
        .and_then(|other| signature::sign_with(&content, &other, key, 0))
        .expect("signs");
    let upload = put_signed(12, &document.to_json(), by_another_name);
    finds(&sent(upload), "made-for-members", &["names no member"]);

    let options = CMSOptions::DETACHED | CMSOptions::BINARY | CMSOptions::CMS_NOCERTS;
    let x509 = X509::from_der(certificate.der()).expect("certificate");
    let private = PKey::private_key_from_pem(key.to_pem().as_bytes()).expect("key");
    let bare = CmsContentInfo::sign(Some(&x509), Some(&private), None, Some(content.as_bytes()), options)
        .and_then(|signed| signed.to_der())
        .expect("signs");
    let upload = put_signed(12, &document.to_json(), STANDARD.encode(bare));
    finds(&sent(upload), "made-for-members", &["without the certificate"]);
}
