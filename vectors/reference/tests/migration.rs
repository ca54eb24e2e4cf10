//! From 1.x to 2.x.

use e2ee_reference::Error;
use e2ee_reference::dialect::Dialect;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{self, MetadataKey, Version, seal_root};
use e2ee_reference::metadata_v1::{Document, FiledropEntry, Keys, Target, seal, with_filedrop};
use e2ee_reference::migration::{Migrated, Source, migrate};
use serde_json::json;

use crate::common::{PEOPLE, fixture, json_fixture, recipient, text};
use crate::metadata_v1::{MNEMONIC, TARGETS, altered, file, folder, sealed};

fn migrated(document: &Document, mnemonic: Option<&str>) -> Result<Migrated, Error> {
    let private_key = PEOPLE.alice.private_key();
    migrate(&Source { document, private_key, mnemonic }, &MetadataKey::generate(), 0)
}

fn dropped(name: &str, mimetype: &str) -> FiledropEntry {
    let to = PEOPLE.alice.private_key().public_key();
    FiledropEntry::seal(&file(name, mimetype), &to, &Dialect::SPECIFIED.metadata_v1).expect("sealed")
}

fn with_drop(document: &Document, id: &str, entry: FiledropEntry) -> Document {
    with_filedrop(document, &[(id.to_owned(), entry)].into()).expect("a document")
}

#[test]
fn everything_comes_along() {
    for target in TARGETS {
        let (old, keys) = sealed(target);
        let old = with_drop(&old, "d4", dropped("report.txt", "httpd/unix-directory"));
        let key = MetadataKey::generate();
        let private_key = PEOPLE.alice.private_key();
        let source = Source { document: &old, private_key, mnemonic: Some(MNEMONIC) };
        let Migrated { contents, sharing } = migrate(&source, &key, 4).expect("migrated");
        assert_eq!((contents.counter, sharing), (5, None));
        assert_eq!(contents.key_checksums, [key.checksum()]);
        assert_eq!(contents.folders, [("c3".repeat(16), "Ordner".to_owned())].into());
        let before = folder(&keys).files;
        for id in ["a1".repeat(16), "b2".repeat(16)] {
            assert_eq!(contents.files[&id], before[&id].entry, "files stay stored as they are");
        }
        assert_eq!(contents.files["d4"].filename, "report (2).txt", "a stranger's file, not a folder");
        assert_eq!(contents.files.len(), 3);

        let new = seal_root(&contents, &key, &[recipient(&PEOPLE.alice)], Version::V2_1).expect("sealed");
        let new = metadata::Document::parse(&new.to_json()).expect("a document");
        assert_eq!(new.open(&key).expect("contents"), contents);
    }
}

#[test]
fn the_desktop_fixture_migrates() {
    let Some(answer) = json_fixture("desktop/fakefiledrope2eefoldermetadata.json") else { return };
    let pem = fixture("desktop/e2etestsfakecertprivatekey.pem").expect("its sibling");
    let private_key = &PrivateKey::from_pem(&pem).expect("a key");
    let document = &Document::parse(text(&answer, "/ocs/data/meta-data")).expect("a document");
    let key = MetadataKey::generate();
    let new = migrate(&Source { document, private_key, mnemonic: Some("") }, &key, 0).expect("migrated");
    assert_eq!((new.contents.files.len(), new.contents.counter), (4, 1));
    let other = migrate(&Source { document, private_key, mnemonic: Some(MNEMONIC) }, &key, 0);
    assert_eq!(other, Err(Error::Checksum));
}

#[test]
fn a_1_2_document_must_be_bound_to_the_mnemonic() {
    let (document, _) = sealed(TARGETS[2]);
    assert!(migrated(&document, Some(MNEMONIC)).is_ok());
    assert!(migrated(&document, None).is_ok(), "a device without the mnemonic cannot check");
    for checksum in [None, Some(json!("")), Some(json!("00"))] {
        let changed = altered(&document, "/metadata/checksum", checksum.clone()).expect("a document");
        assert_eq!(migrated(&changed, Some(MNEMONIC)), Err(Error::Checksum));
        assert_eq!(migrated(&changed, None).is_ok(), checksum == Some(json!("00")));
    }
    let fewer = altered(&document, &format!("/files/{}", "a1".repeat(16)), None).expect("a document");
    assert_eq!(migrated(&fewer, Some(MNEMONIC)), Err(Error::Checksum));
    let (own_key, _) = sealed(Target::V1_2 { mnemonic: "the server's" });
    assert_eq!(migrated(&own_key, Some(MNEMONIC)), Err(Error::Checksum));
}

#[test]
fn what_would_be_lost_stops_it() {
    for target in TARGETS {
        let (document, _) = sealed(target);
        let encrypted = format!("/files/{}/encrypted", "a1".repeat(16));
        let damaged = altered(&document, &encrypted, Some(json!("AAAA"))).expect("a document");
        let error = migrated(&damaged, Some(MNEMONIC)).expect_err("damaged");
        assert_eq!(
            error.to_string(),
            format!(
                "the entry {} would be lost: file entry: encrypted: expected ciphertext|nonce",
                "a1".repeat(16)
            )
        );
        let poisoned = with_drop(&document, "d4", FiledropEntry::from_value(json!({})));
        let error = migrated(&poisoned, Some(MNEMONIC)).expect_err("poisoned");
        assert_eq!(
            error.to_string(),
            "the entry d4 would be lost: filedrop entry.encrypted: expected a string"
        );
        let replacing = with_drop(&document, &"a1".repeat(16), dropped("other.txt", "text/plain"));
        let error = migrated(&replacing, Some(MNEMONIC)).expect_err("a clash");
        assert_eq!(error, Error::EntryClash { id: "a1".repeat(16) });
    }
}

#[test]
fn the_new_key_is_new_and_the_counter_finite() {
    let (document, keys) = sealed(TARGETS[0]);
    let private_key = PEOPLE.alice.private_key();
    let source = Source { document: &document, private_key, mnemonic: None };
    assert_eq!(migrate(&source, keys.newest().1, 0), Err(Error::KeyReuse));
    let fresh = MetadataKey::generate();
    for (stored, fits) in [(0, true), ((1 << 53) - 2, true), ((1 << 53) - 1, false), (u64::MAX, false)] {
        assert_eq!(migrate(&source, &fresh, stored).is_ok(), fits, "{stored}");
    }
}

#[test]
fn former_recipients_are_handed_over() {
    let keys = Keys::one(MetadataKey::generate());
    let mut contents = folder(&keys);
    contents.sharing = Some(json!({ "recipient": { "bob@host": "key" } }));
    let to = PEOPLE.alice.private_key().public_key();
    let document = seal(&contents, &keys, &to, Target::V1_0).expect("sealed");
    assert_eq!(migrated(&document, None).expect("migrated").sharing, contents.sharing);
}
