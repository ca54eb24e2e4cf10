//! Documents 2.0 and 2.1 and their filedrop.

use std::collections::BTreeMap;

use e2ee_reference::Error;
use e2ee_reference::canonical_json;
use e2ee_reference::file_cipher::FileKey;
use e2ee_reference::filedrop;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{
    Contents, Document, Limits, MetadataKey, User, Version, seal_root, seal_subfolder,
    seal_subfolder_with_nonce, with_filedrop, with_users,
};
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob;
use serde_json::{Value, json};

use crate::common::{PEOPLE, contents, decode, encode, json_fixture, pem, recipient, root, text};

/// The contents as the fixtures state them: a form without the members that desktop never writes.
fn as_stated(contents: &Contents, with_checksums: bool) -> Value {
    let files = contents.files.iter().map(|(id, file)| {
        let entry = json!({
            "filename": file.filename, "mimetype": file.mimetype, "nonce": encode(&file.nonce),
            "authenticationTag": encode(&file.authentication_tag), "key": file.key.to_base64(),
        });
        (id.clone(), entry)
    });
    let files: serde_json::Map<_, _> = files.collect();
    let mut value = json!({"counter": contents.counter, "files": files, "folders": contents.folders});
    if with_checksums {
        value["keyChecksums"] = json!(contents.key_checksums);
    }
    value
}

#[test]
fn upstream_root_and_subfolder_open_for_both_users() {
    let Some(root) = json_fixture("web/metadata_2.0_root.json") else { return };
    let document = Document::parse(&root["metadata"].to_string()).expect("a document");
    assert_eq!(
        (document.version(), document.is_root(), document.tag_differs()),
        (Version::V2_0, true, false)
    );
    let unwrapped =
        [("admin", "private_key_admin_legacy"), ("alice", "private_key_alice_legacy")].map(|(user, blob)| {
            let blob = json_fixture(&format!("web/{blob}.json")).expect("its sibling");
            let mnemonic = Mnemonic::parse(text(&blob, "/mnemonic")).expect("a mnemonic");
            let private_key = private_key_blob::open(text(&blob, "/blob"), &mnemonic).expect("a key");
            document.unwrap_key(user, &private_key).expect("the metadata key")
        });
    let [key, same_key] = unwrapped;
    assert_eq!(key, same_key);
    let contents = document.open(&key).expect("contents");
    assert_eq!(as_stated(&contents, true), root["expected_plaintext"]);
    assert!(contents.key_checksums.contains(&key.checksum()));

    let subfolder = json_fixture("web/metadata_2.0_subfolder.json").expect("its sibling");
    let document = Document::parse(&subfolder["metadata"].to_string()).expect("a document");
    assert!(!document.is_root());
    assert_eq!(as_stated(&document.open(&key).expect("contents"), false), subfolder["expected_plaintext"]);
}

#[test]
fn the_checksum_of_a_key_is_that_of_its_raw_bytes() {
    let Some(fixture) = json_fixture("web/sha256_key_checksum.json") else { return };
    let key = MetadataKey::from_slice(&decode(text(&fixture, "/key_base64"))).expect("a key");
    assert_eq!(key.checksum(), text(&fixture, "/expected_hex"));
}

#[test]
fn what_is_sealed_opens_for_every_member_and_nobody_else() {
    let (document, key) = root();
    let parsed = Document::parse(&document.to_json()).expect("its own JSON");
    for member in [&PEOPLE.alice, &PEOPLE.bob] {
        let unwrapped = parsed.unwrap_key(member.user_id(), member.private_key()).expect("the key");
        assert_eq!(unwrapped, key);
        assert_eq!(parsed.open(&unwrapped), Ok(contents(&key)));
    }
    let eve = PEOPLE.eve.private_key();
    assert_eq!(parsed.unwrap_key("eve", eve), Err(Error::NoEntryFor { user_id: "eve".to_owned() }));
    assert_eq!(parsed.unwrap_key("alice", eve), Err(Error::Unwrap));
    assert_eq!(parsed.open(&MetadataKey::generate()), Err(Error::Authentication { what: "metadata" }));
    assert!(seal_root(&contents(&key), &key, &[], Version::V2_1).is_err());
}

#[test]
fn a_key_wrapped_with_mgf1_sha1_is_refused() {
    use openssl::{encrypt::Encrypter, hash::MessageDigest, rsa::Padding};
    let (document, key) = root();
    let spki = PEOPLE.alice.private_key().public_key().to_pem();
    let spki = openssl::pkey::PKey::public_key_from_pem(spki.as_bytes()).expect("a key");
    for (mgf1, opens) in [(MessageDigest::sha1(), false), (MessageDigest::sha256(), true)] {
        let mut encrypter = Encrypter::new(&spki).expect("an encrypter");
        encrypter.set_rsa_padding(Padding::PKCS1_OAEP).expect("set");
        encrypter.set_rsa_oaep_md(MessageDigest::sha256()).expect("set");
        encrypter.set_rsa_mgf1_md(mgf1).expect("set");
        let mut wrapped = vec![0; 256];
        assert_eq!(encrypter.encrypt(key.as_bytes(), &mut wrapped).expect("wrapped"), 256);
        let mut users = document.users().to_vec();
        users[0].encrypted_metadata_key = encode(&wrapped);
        let unwrapped = with_users(&document, users).unwrap_key("alice", PEOPLE.alice.private_key());
        assert_eq!(unwrapped, if opens { Ok(key.clone()) } else { Err(Error::Unwrap) });
    }
}

#[test]
fn every_writers_form_is_read() {
    let key = MetadataKey::generate();
    let contents = contents(&key);
    for nonce in [&[5; 12][..], &[6; 16]] {
        let document = seal_subfolder_with_nonce(&contents, &key, Version::V2_1, nonce).expect("sealed");
        let mut value = document.value().clone();
        assert!(value.get("users").is_none(), "a subfolder has no users");
        // Desktop, Android and iOS append the nonce; Android and iOS list no users where there are none; PHP
        // makes arrays of empty objects.
        let suffixed =
            format!("{}|{}", text(&value, "/metadata/ciphertext"), text(&value, "/metadata/nonce"));
        value["metadata"]["ciphertext"] = json!(suffixed);
        value["users"] = json!([]);
        value["filedrop"] = json!([]);
        let document =
            Document::parse(&serde_json::to_string_pretty(&value).expect("JSON")).expect("a document");
        assert!(!document.is_root() && document.filedrop().is_empty() && !document.tag_differs());
        assert_eq!(document.open(&key), Ok(contents.clone()));
    }
}

#[test]
fn the_inner_document_is_read_leniently_where_clients_differ() {
    let key = MetadataKey::generate();
    let minimal = open_inner(&key, json!({"counter": 0, "files": [], "folders": []})).expect("contents");
    assert_eq!(minimal, Contents::default());
    let tag_is_nonce = json!({"filename": "x", "nonce": encode(&[1; 16]), "authenticationTag": encode(&[1; 16]), "key": encode(&[2; 16])});
    let android = open_inner(&key, json!({"counter": 1, "files": {"a": tag_is_nonce}})).expect("contents");
    assert_eq!(android.files["a"].mimetype, "application/octet-stream");
    for counter in [json!(-1), json!(1.5), json!("7"), json!(null), json!(1u64 << 53), json!(u64::MAX)] {
        let odd = open_inner(&key, json!({"counter": counter}));
        assert!(matches!(odd, Err(Error::Member { path, .. }) if path == "counter"), "{counter}");
    }
}

#[test]
fn a_damaged_entry_spoils_neither_the_folder_nor_itself() {
    let key = MetadataKey::generate();
    let good = json!({"filename": "x", "nonce": encode(&[1; 12]), "key": encode(&[2; 16])});
    let mut chunked = good.clone();
    chunked["nonce"] = json!("");
    let mut short = good.clone();
    short["key"] = json!("AAAA");
    let files = json!({"a": good, "b": chunked, "c": short, "d": null, "e": [1]});
    let opened = open_inner(&key, json!({"counter": 1, "files": files})).expect("contents");
    assert_eq!(opened.files.keys().collect::<Vec<_>>(), ["a"]);
    assert_eq!(opened.damaged.keys().collect::<Vec<_>>(), ["b", "c", "d", "e"]);
    let again = seal_subfolder(&opened, &key, Version::V2_0).and_then(|document| document.open(&key));
    assert_eq!(again, Ok(opened.clone()));
    assert!(!format!("{opened:?}").contains("AAAA"));
}

/// Seals any JSON as the contents of a subfolder and opens it.
fn open_inner(key: &MetadataKey, inner: Value) -> Result<Contents, Error> {
    let nonce = [8; 12];
    let compressed = {
        use std::io::Write as _;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(inner.to_string().as_bytes()).expect("compressed");
        encoder.finish().expect("compressed")
    };
    let sealed =
        e2ee_reference::file_cipher::encrypt(&FileKey::from_bytes(*key.as_bytes()), &nonce, &compressed);
    let sealed = sealed.expect("sealed");
    let metadata = json!({"ciphertext": encode(&sealed.bytes), "nonce": encode(&nonce), "authenticationTag": encode(&sealed.tag)});
    Document::parse(&json!({"metadata": metadata, "version": "2.0"}).to_string())?.open(key)
}

#[test]
fn other_versions_are_named_and_refused() {
    let (document, _) = root();
    for (version, found) in [
        (json!("3.0"), "\"3.0\""),
        (json!("2"), "\"2\""),
        (json!(2), "2"),
        (json!(2.0), "2.0"),
        (json!("1.2"), "\"1.2\""),
        (json!(null), "none"),
    ] {
        let mut value = document.value().clone();
        value["version"] = version;
        let refused = Document::parse(&value.to_string()).map(|_| ());
        assert_eq!(refused, Err(Error::UnknownVersion { found: found.to_owned() }));
    }
    let staged_deletion = Document::parse("{}").map(|_| ());
    assert_eq!(staged_deletion, Err(Error::UnknownVersion { found: "none".to_owned() }));
    let Some(old) = json_fixture("desktop/fakefiledrope2eefoldermetadata.json") else { return };
    let refused = Document::parse(text(&old, "/ocs/data/meta-data")).map(|_| ());
    assert!(matches!(refused, Err(Error::UnknownVersion { found }) if found.starts_with("metadata.version")));
    assert!("2.1".parse::<Version>().expect("a version") > Version::V2_0);
}

#[test]
fn limits_hold() {
    let key = MetadataKey::generate();
    let mut long = contents(&key);
    long.folders.insert("f".to_owned(), "a".repeat(1 << 20));
    let document = seal_subfolder(&long, &key, Version::V2_0).expect("sealed");
    assert!(document.to_json().len() < 16 * 1024, "a bomb");
    let limits = Limits { inflated_bytes: 1 << 20, ..Limits::default() };
    assert!(matches!(document.open_with(&key, &limits), Err(Error::TooLarge { .. })));
    assert!(document.open(&key).is_ok());
    let limits = Limits { entries: 1, ..Limits::default() };
    assert!(matches!(document.open_with(&key, &limits), Err(Error::TooLarge { .. })));
    let json = document.to_json();
    let limits = Limits { document_bytes: json.len() - 1, ..Limits::default() };
    assert!(matches!(Document::parse_with(&json, &limits), Err(Error::TooLarge { .. })));
    let limits = Limits { depth: 1, ..Limits::default() };
    assert!(matches!(Document::parse_with(&json, &limits), Err(Error::Json { .. })));
    assert!(matches!(Document::parse(&"[".repeat(1 << 20)), Err(Error::Json { .. })));
}

#[test]
fn a_member_named_twice_is_refused() {
    let (document, _) = root();
    let json = document.to_json();
    let doubled = json.replacen("\"version\":\"2.0\"", "\"version\":\"2.0\",\"version\":\"2.0\"", 1);
    assert_ne!(json, doubled);
    assert!(matches!(Document::parse(&doubled), Err(Error::Json { .. })));
}

#[test]
fn unknown_members_stay_and_are_signed() {
    let (document, _) = root();
    let mut value = document.value().clone();
    value["future"] = json!({"a": 1});
    let extended = Document::parse(&value.to_string()).expect("a document");
    assert_eq!(extended.value()["future"], value["future"]);
    assert_ne!(extended.signed_content(), document.signed_content());
    assert_eq!(extended.signed_content(), canonical_json::signed_content(&value));
}

#[test]
fn users_and_filedrop_can_be_exchanged_without_any_key() {
    let (document, key) = root();
    let phantom = User { user_id: "phantom".to_owned(), ..document.users()[0].clone() };
    let users = [document.users(), &[phantom]].concat();
    let altered = with_users(&document, users.clone());
    assert_eq!(altered.users(), users);
    assert_eq!(Document::parse(&altered.to_json()).expect("a document").users(), users);
    assert_eq!(altered.open(&key), document.open(&key));
    assert_ne!(altered.signed_content(), document.signed_content());

    let entry = filedrop::seal(&contents(&key).files["a1".repeat(16).as_str()], &[recipient(&PEOPLE.alice)]);
    let dropped = with_filedrop(&document, [("d".to_owned(), entry.expect("sealed"))].into());
    assert_eq!(Document::parse(&dropped.to_json()).expect("a document").filedrop(), dropped.filedrop());
    assert_eq!(dropped.signed_content(), document.signed_content());
    assert_eq!(with_filedrop(&dropped, BTreeMap::new()).filedrop().len(), 0);
}

#[test]
fn the_upstream_filedrop_opens() {
    let Some(fixture) = json_fixture("android/filedrop_2.0.json") else { return };
    let armoured = pem("PRIVATE KEY", text(&fixture, "/private_key_pkcs8_b64"));
    let key = PrivateKey::from_pem(&armoured).expect("a key");
    let file = filedrop::Entry::from_value(fixture["entry"].clone()).open("android3", &key).expect("opened");
    let expected: Value = serde_json::from_str(text(&fixture, "/expected_plaintext")).expect("JSON");
    assert_eq!(file.filename, text(&fixture, "/expected_filename"));
    assert_eq!(encode(&file.nonce), text(&expected, "/nonce"));
    assert_eq!(file.key.to_base64(), text(&expected, "/key"));
    assert_eq!(file.mimetype, text(&expected, "/mimetype"));
}

#[test]
fn filedrop_entries_open_wherever_the_own_user_stands() {
    let (_, key) = root();
    let file = contents(&key).files["b2".repeat(16).as_str()].clone();
    let entry = filedrop::seal(&file, &[recipient(&PEOPLE.alice), recipient(&PEOPLE.bob)]).expect("sealed");
    assert_eq!(entry.users().collect::<Vec<_>>(), ["alice", "bob"]);
    for user in [&PEOPLE.alice, &PEOPLE.bob] {
        assert_eq!(entry.open(user.user_id(), user.private_key()), Ok(file.clone()));
    }
    assert!(matches!(entry.open("eve", PEOPLE.eve.private_key()), Err(Error::NoEntryFor { .. })));
    assert_eq!(entry.open("alice", PEOPLE.eve.private_key()), Err(Error::Unwrap));
}

#[test]
fn a_poisoned_filedrop_entry_spoils_nothing_else() {
    let (document, key) = root();
    for poison in
        [json!(null), json!(1), json!([]), json!({}), json!({"ciphertext": "!", "nonce": "", "users": 3})]
    {
        let mut value = document.value().clone();
        value["filedrop"] = json!({"poison": poison});
        let document = Document::parse(&value.to_string()).expect("a document");
        assert!(document.filedrop()["poison"].open("alice", PEOPLE.alice.private_key()).is_err());
        assert!(document.open(&key).is_ok());
    }
}
