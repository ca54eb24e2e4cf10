//! Metadata 1.0, 1.1 and 1.2.

use std::collections::BTreeMap;

use e2ee_reference::Error;
use e2ee_reference::dialect::{Dialect, Separator};
use e2ee_reference::file_cipher::FileKey;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{FileEntry, MetadataKey};
use e2ee_reference::metadata_v1::{
    Contents, DIRECTORY, Document, File, FiledropEntry, Keys, Target, Version, checksum, open_text, seal,
    seal_text, take_in, unwrap_key, with_filedrop, wrap_key,
};
use serde_json::{Value, json};

use crate::common::{PEOPLE, decode, encode, fixture, json_fixture, text};

pub(crate) const MNEMONIC: &str =
    "chimney potato joke science ridge trophy result estate spare vapor much room";
pub(crate) const TARGETS: [Target<'static>; 3] =
    [Target::V1_0, Target::V1_1, Target::V1_2 { mnemonic: MNEMONIC }];

pub(crate) fn file(filename: &str, mimetype: &str) -> FileEntry {
    FileEntry {
        filename: filename.to_owned(),
        mimetype: mimetype.to_owned(),
        nonce: vec![7; 16],
        authentication_tag: vec![9; 16],
        key: FileKey::from_bytes([3; 16]),
    }
}

/// Two files and a subfolder, under the newest of these keys.
pub(crate) fn folder(keys: &Keys) -> Contents {
    let entries = [
        ("a1".repeat(16), file("report.txt", "text/plain")),
        ("b2".repeat(16), file("плăн ü€😀.txt", "application/octet-stream")),
        ("c3".repeat(16), file("Ordner", DIRECTORY)),
    ];
    let files = entries.into_iter().map(|(id, entry)| (id, File::new(entry, keys)));
    Contents { files: files.collect(), ..Contents::default() }
}

pub(crate) fn sealed(target: Target<'_>) -> (Document, Keys) {
    let keys = Keys::one(MetadataKey::generate());
    (seal(&folder(&keys), &keys, &PEOPLE.alice.private_key().public_key(), target).expect("sealed"), keys)
}

/// The document with one member replaced, or removed by `None`.
pub(crate) fn altered(document: &Document, pointer: &str, by: Option<Value>) -> Result<Document, Error> {
    let mut value = document.value().clone();
    let (parent, name) = pointer.rsplit_once('/').expect("a path");
    let parent = value.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
    match by {
        Some(by) => parent.insert(name.to_owned(), by),
        None => parent.remove(name),
    };
    Document::parse(&value.to_string())
}

#[test]
fn the_desktop_fixture_opens_and_its_checksum_verifies_with_an_empty_mnemonic() {
    let Some(answer) = json_fixture("desktop/fakefiledrope2eefoldermetadata.json") else { return };
    let expected = json_fixture("desktop/metadata_1.2_expected.json").expect("its sibling");
    let pem = fixture("desktop/e2etestsfakecertprivatekey.pem").expect("its sibling");
    let private_key = PrivateKey::from_pem(&pem).expect("a key");
    let document = Document::parse(text(&answer, "/ocs/data/meta-data")).expect("a document");
    assert_eq!(document.version(), Version::V1_2);
    assert!(document.checksum_matches(""));
    assert!(!document.checksum_matches(MNEMONIC));

    let keys = document.unwrap_keys(&private_key).expect("keys");
    assert_eq!(hex::encode(keys.newest().1.as_bytes()), text(&expected, "/metadata_key_hex"));
    let mut contents = document.open(&keys).expect("contents");
    let plain = expected["files_plain"].as_object().expect("files");
    assert_eq!(contents.intact().expect("intact").files.len(), plain.len());
    for (id, plain) in plain {
        let found = &contents.files[id].entry;
        assert_eq!(found.filename, text(plain, "/filename"));
        assert_eq!(found.mimetype, text(plain, "/mimetype"));
        assert_eq!(found.key.to_base64(), text(plain, "/key"));
        assert_eq!((found.nonce.len(), found.authentication_tag.len()), (16, 16));
    }

    // The nonce behind the ciphertext opens the dropped file; the one beside it belongs to nothing.
    let (id, dropped) = document.filedrop().first_key_value().expect("an entry");
    let entry = dropped.open(&private_key).expect("opened");
    let mut value = dropped.value().clone();
    let encrypted = text(&value, "/encrypted").split_once('|').expect("a nonce").0.to_owned();
    value["encrypted"] = encrypted.into();
    let beside = FiledropEntry::from_value(value).open(&private_key);
    assert_eq!(beside, Err(Error::Authentication { what: "filedrop entry: encrypted" }));
    assert!(take_in(&mut contents, document.filedrop(), &private_key, &keys).is_empty());
    assert_eq!(contents.files[id].entry, entry);
}

#[test]
fn the_android_checksum_is_reproduced() {
    let Some(vector) = json_fixture("android/checksum_1.2.json") else { return };
    let ids = vector["files"].as_array().expect("ids").iter().map(|id| id.as_str().expect("an id"));
    let key = text(&vector, "/encryptedMetadataKey");
    let found = checksum(text(&vector, "/mnemonic"), ids.clone(), key);
    assert_eq!(found, text(&vector, "/expected_sha256_hex"));
    assert_eq!(
        checksum(&text(&vector, "/mnemonic").replace(' ', ""), ids.rev(), key),
        found,
        "order, blanks"
    );
}

#[test]
fn ids_are_sorted_by_utf_16_code_unit_for_the_checksum() {
    let sorted = checksum("", ["B", "a", "😀", "\u{ff5e}"], "key");
    assert_eq!(sorted, checksum("", ["Ba😀\u{ff5e}"], "key"));
}

#[test]
fn strings_and_keys_have_their_exact_shape() {
    let (key, nonce) = ([1; 16], [2; 16]);
    let sealed = seal_text(&key, &nonce, "ü", Separator::Bar).expect("sealed");
    let (ciphertext, after) = sealed.split_once('|').expect("a separator");
    assert_eq!(after, encode(&nonce));
    assert_eq!(decode(ciphertext).len(), encode("ü".as_bytes()).len() + 16, "base64 inside, then the tag");
    assert_eq!(*open_text(&key, &sealed, "a string").expect("opened"), "ü");

    let wrapped = wrap_key(&PEOPLE.alice.private_key().public_key(), &key).expect("wrapped");
    let inside =
        e2ee_reference::backend::backend().oaep_unwrap(PEOPLE.alice.private_key(), &decode(&wrapped));
    assert_eq!(inside.expect("unwrapped"), encode(encode(&key).as_bytes()).into_bytes());
    let unwrapped = unwrap_key(PEOPLE.alice.private_key(), &wrapped, "a key").expect("unwrapped");
    assert_eq!(*unwrapped.as_bytes(), key);
}

/// Ciphertext and nonce may themselves end as the old separator does.
#[test]
fn the_old_separator_is_found_between_pieces_that_end_like_it() {
    let key = [1; 16];
    for text in ["", "a", "ab", "abc"] {
        for last in 0..=255 {
            let mut nonce = [last; 16];
            nonce[0] = 0x7c;
            let sealed = seal_text(&key, &nonce, text, Separator::EncodedBar).expect("sealed");
            assert_eq!(*open_text(&key, &sealed, "a string").expect("opened"), text, "{sealed}");
        }
    }
}

#[test]
fn documents_have_the_members_of_their_version() {
    for target in TARGETS {
        let (document, _) = sealed(target);
        let names = |pointer: &str| -> Vec<&str> {
            let members = document.value().pointer(pointer).and_then(Value::as_object).expect("an object");
            members.keys().map(String::as_str).collect()
        };
        let version = target.version();
        let metadata = match version {
            Version::V1_0 => vec!["metadataKeys", "version"],
            Version::V1_1 => vec!["metadataKey", "version"],
            Version::V1_2 => vec!["checksum", "metadataKey", "version"],
        };
        assert_eq!((names(""), names("/metadata")), (vec!["files", "metadata"], metadata));
        let mut entry = vec!["authenticationTag", "encrypted", "initializationVector"];
        entry.extend((version == Version::V1_0).then_some("metadataKey"));
        assert_eq!(names(&format!("/files/{}", "a1".repeat(16))), entry);
        let number = format!("\"version\":{version}").replace("1.0", "1");
        assert!(document.to_json().contains(&number), "{number}");
        assert_eq!(document.checksum_matches(MNEMONIC), version == Version::V1_2);
        assert!(!document.checksum_matches("abandon"));
    }
}

#[test]
fn each_file_of_1_0_is_opened_with_the_key_that_it_names() {
    let keys = [0, 9, 10].map(|index| (index, MetadataKey::generate()));
    let keys = Keys::several(keys.into()).expect("keys");
    assert_eq!(keys.newest().0, 10, "by number, not by string");
    let mut contents = folder(&keys);
    for (file, key_index) in contents.files.values_mut().zip([0, 9, 10]) {
        file.key_index = key_index;
    }
    contents.sharing = Some(json!({ "recipient": { "bob@host": "his key" } }));
    let to = PEOPLE.alice.private_key().public_key();
    let document = seal(&contents, &keys, &to, Target::V1_0).expect("sealed");
    let unwrapped = document.unwrap_keys(PEOPLE.alice.private_key()).expect("keys");
    assert_eq!(unwrapped, keys);
    assert_eq!(document.open(&keys).expect("contents"), contents);

    // An index that Java wrote; none at all; one that there is not.
    let pointer = format!("/files/{}/metadataKey", "a1".repeat(16));
    let java = altered(&document, &pointer, Some(json!(0.0))).expect("a document");
    assert_eq!(java.open(&keys).expect("contents"), contents);
    for (index, file) in [(None, "c3".repeat(16)), (Some(json!(null)), "c3".repeat(16))] {
        let unnamed = altered(&document, &format!("/files/{file}/metadataKey"), index).expect("a document");
        assert_eq!(unnamed.open(&keys).expect("contents"), contents, "the newest");
    }
    for odd in [json!(1), json!(-1), json!(0.5), json!(1e300), json!("0"), json!([])] {
        let opened =
            altered(&document, &pointer, Some(odd)).expect("a document").open(&keys).expect("the rest");
        let error = &opened.damaged[&"a1".repeat(16)].entry.error;
        assert_eq!(error.to_string(), "file entry.metadataKey: expected an index into metadata.metadataKeys");
    }
    let missing = seal(&contents, &Keys::one(MetadataKey::generate()), &to, Target::V1_0);
    assert!(matches!(missing, Err(Error::Member { .. })), "an entry without its key");
    assert!(
        matches!(seal(&contents, &keys, &to, TARGETS[2]), Err(Error::Member { .. })),
        "several keys in 1.2"
    );
}

#[test]
fn a_damaged_entry_stays_while_its_key_stays_and_is_never_lost() {
    let to = PEOPLE.alice.private_key().public_key();
    for target in TARGETS {
        let (document, keys) = sealed(target);
        let id = "a1".repeat(16);
        let key = format!("/files/{id}/initializationVector");
        let document = altered(&document, &key, Some("AAAA".into())).expect("a document");
        let contents = document.open(&keys).expect("the rest");
        let error = Error::NonceLength { what: "file entry.initializationVector".to_owned(), found: 3 };
        assert_eq!(contents.damaged[&id].entry.error, error);
        let lost = Error::DamagedEntry { id, error: Box::new(error) };
        assert_eq!(contents.intact().expect_err("damaged"), lost);
        let again = seal(&contents, &keys, &to, target).expect("sealed under the same key");
        assert_eq!(again.open(&keys).expect("contents"), contents);
        let renewed = Keys::one(MetadataKey::generate());
        assert_eq!(seal(&contents, &renewed, &to, target).expect_err("a new key"), lost);
    }
}

#[test]
fn a_wrong_key_is_an_error_and_not_an_empty_folder() {
    for target in TARGETS {
        let (document, _) = sealed(target);
        let opened = document.open(&Keys::one(MetadataKey::generate()));
        assert_eq!(opened, Err(Error::Authentication { what: "file entry: encrypted" }));
        assert_eq!(document.unwrap_keys(PEOPLE.bob.private_key()), Err(Error::Unwrap));
    }
}

#[test]
fn subfolders_are_known_by_three_mimetypes() {
    let keys = Keys::one(MetadataKey::generate());
    for (mimetype, is) in
        [(DIRECTORY, true), ("inode/directory", true), ("", true), ("text/plain", false), ("httpd", false)]
    {
        assert_eq!(File::new(file("x", mimetype), &keys).is_directory(), is, "{mimetype:?}");
    }
}

#[test]
fn dropped_files_are_added_and_replace_nothing() {
    let (document, keys) = sealed(TARGETS[2]);
    let to = PEOPLE.alice.private_key().public_key();
    let form = &Dialect::SPECIFIED.metadata_v1;
    let drop = |name| FiledropEntry::seal(&file(name, "text/plain"), &to, form).expect("sealed");
    let entries = [
        ("1", drop("report.txt")),
        ("2", drop("report.txt")),
        ("3", drop(".profile")),
        ("4", drop("new.tar.gz")),
        ("5", FiledropEntry::from_value(json!({ "encrypted": 7 }))),
        (&"a1".repeat(16), drop("other.txt")),
    ];
    let entries = entries.map(|(id, entry)| (id.to_owned(), entry)).into();
    let document = with_filedrop(&document, &entries).expect("a document");
    assert!(document.checksum_matches(MNEMONIC), "the checksum does not cover them");
    assert_eq!(*document.filedrop(), entries);

    let mut contents = document.open(&keys).expect("contents");
    let before = contents.clone();
    let left = take_in(&mut contents, document.filedrop(), PEOPLE.alice.private_key(), &keys);
    let names = ["1", "2", "3", "4"].map(|id| &contents.files[id].entry.filename[..]);
    assert_eq!(names, ["report (2).txt", "report (3).txt", ".profile", "new.tar.gz"]);
    let clash = Error::EntryClash { id: "a1".repeat(16) };
    let misshapen = Error::Member { path: "filedrop entry.encrypted".to_owned(), expected: "a string" };
    assert_eq!(left, BTreeMap::from([("5".to_owned(), misshapen), ("a1".repeat(16), clash)]));
    assert!(before.files.iter().all(|(id, file)| contents.files[id] == *file));
}

/// Android reads the separate members instead.
#[test]
fn a_drop_without_separator_takes_the_nonce_beside_it() {
    let to = PEOPLE.alice.private_key().public_key();
    let entry = file("a", "b");
    let mut value =
        FiledropEntry::seal(&entry, &to, &Dialect::SPECIFIED.metadata_v1).expect("sealed").value().clone();
    value["encrypted"] = text(&value, "/encrypted").split_once('|').expect("a nonce").0.to_owned().into();
    assert_eq!(FiledropEntry::from_value(value).open(PEOPLE.alice.private_key()), Ok(entry));
}
