//! What holds for every document of 1.x, in every dialect.

use std::sync::LazyLock;

use e2ee_reference::dialect::{
    Dialect, EmptyMaps, EntryVersion, Layout, MetadataV1Form, NonceLength, Separator, VersionForm,
};
use e2ee_reference::metadata::MetadataKey;
use e2ee_reference::metadata_v1::{Contents, Document, File, FiledropEntry, Keys, Target, seal, seal_as};
use e2ee_reference::recognise::recognise;
use proptest::collection::{btree_map, btree_set};
use proptest::prelude::*;

use crate::common::{PEOPLE, decode, encode, text};
use crate::metadata_v1::{MNEMONIC, TARGETS, sealed};
use crate::properties::file_entry;

fn form() -> impl Strategy<Value = MetadataV1Form> {
    let nonce = prop_oneof![Just(NonceLength::Twelve), Just(NonceLength::Sixteen)];
    let separator = prop_oneof![Just(Separator::Bar), Just(Separator::EncodedBar)];
    let version = prop_oneof![Just(VersionForm::Number), Just(VersionForm::String)];
    let empty_maps = prop_oneof![Just(EmptyMaps::OnlyFiles), Just(EmptyMaps::Both), Just(EmptyMaps::Neither)];
    let entry_version = prop_oneof![Just(EntryVersion::One), Just(EntryVersion::Absent)];
    (nonce, separator, version, empty_maps, entry_version).prop_map(
        |(nonce, separator, version, empty_maps, entry_version)| MetadataV1Form {
            nonce,
            separator,
            version,
            empty_maps,
            entry_version,
        },
    )
}

fn layout() -> impl Strategy<Value = Layout> {
    prop_oneof![Just(Layout::Canonical), Just(Layout::Indented), Just(Layout::Declared)]
}

/// A version with keys that it may have.
fn target() -> impl Strategy<Value = (Target<'static>, Keys)> {
    let several = btree_set(any::<u32>(), 1..4);
    (prop::sample::select(&TARGETS[..]), several).prop_map(|(target, indices)| {
        let several = indices.into_iter().map(|index| (index, MetadataKey::generate()));
        let keys = match target {
            Target::V1_0 => Keys::several(several.collect()).expect("at least one"),
            _ => Keys::one(MetadataKey::generate()),
        };
        (target, keys)
    })
}

fn changed(text: &str, at: usize, bit: u32) -> String {
    let mut bytes = decode(text);
    let at = at % bytes.len();
    bytes[at] ^= 1 << bit;
    encode(&bytes)
}

proptest! {
    // Each case wraps and unwraps keys with RSA.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn documents_come_back(
        (target, keys) in target(),
        files in btree_map(any::<String>(), (file_entry(), any::<prop::sample::Index>()), 0..4),
        form in form(),
        layout in layout(),
    ) {
        let indices: Vec<_> = keys.iter().map(|(index, _)| index).collect();
        let file = |(entry, index): (_, prop::sample::Index)| File { entry, key_index: *index.get(&indices) };
        let files = files.into_iter().map(|(id, parts)| (id, file(parts))).collect();
        let contents = Contents { files, ..Contents::default() };
        let to = PEOPLE.alice.private_key().public_key();
        let dialect = Dialect { metadata_v1: form, ..Dialect::SPECIFIED };
        let document = seal_as(&contents, &keys, &to, target, &dialect).unwrap();
        let document = Document::parse(&document.to_json_as(layout)).unwrap();
        prop_assert_eq!(document.version(), target.version());
        let unwrapped = document.unwrap_keys(PEOPLE.alice.private_key()).unwrap();
        prop_assert_eq!(&unwrapped, &keys);
        prop_assert_eq!(document.open(&unwrapped).unwrap(), contents);
        let bound = matches!(target, Target::V1_2 { .. });
        prop_assert_eq!(document.checksum_matches(MNEMONIC), bound);
    }

    #[test]
    fn drops_come_back(entry in file_entry(), form in form()) {
        let dropped = FiledropEntry::seal(&entry, &PEOPLE.alice.private_key().public_key(), &form).unwrap();
        prop_assert_eq!(dropped.open(PEOPLE.alice.private_key()).unwrap(), entry);
        prop_assert!(dropped.open(PEOPLE.bob.private_key()).is_err());
    }

    #[test]
    fn one_bit_changed_in_a_wrapped_key_is_refused(at: usize, bit in 0..8u32) {
        let (document, _) = sealed(TARGETS[2]);
        let mut value = document.value().clone();
        value["metadata"]["metadataKey"] = changed(text(&value, "/metadata/metadataKey"), at, bit).into();
        let document = Document::parse(&value.to_string()).unwrap();
        prop_assert!(document.unwrap_keys(PEOPLE.alice.private_key()).is_err());
        prop_assert!(!document.checksum_matches(MNEMONIC));
    }
}

proptest! {
    #[test]
    fn one_bit_changed_in_a_string_is_refused(
        name in any::<String>(), at: usize, bit in 0..8u32, in_nonce: bool, nonce in form(),
    ) {
        let keys = Keys::one(MetadataKey::generate());
        let mut contents = crate::metadata_v1::folder(&keys);
        let id = "a1".repeat(16);
        contents.files.get_mut(&id).unwrap().entry.filename = name;
        let dialect = Dialect {
            metadata_v1: MetadataV1Form { separator: Separator::Bar, ..nonce },
            ..Dialect::SPECIFIED
        };
        let to = PEOPLE.alice.private_key().public_key();
        let document = seal_as(&contents, &keys, &to, Target::V1_1, &dialect).unwrap();
        let mut value = document.value().clone();
        let encrypted = &mut value["files"][&id]["encrypted"];
        let (ciphertext, nonce) = encrypted.as_str().unwrap().split_once('|').unwrap();
        *encrypted = match in_nonce {
            true => format!("{ciphertext}|{}", changed(nonce, at, bit)),
            false => format!("{}|{nonce}", changed(ciphertext, at, bit)),
        }
        .into();
        let opened = Document::parse(&value.to_string()).unwrap().open(&keys).unwrap();
        prop_assert!(opened.damaged.contains_key(&id) && !opened.files.contains_key(&id));
        prop_assert!(opened.intact().is_err());
    }

    #[test]
    fn no_text_makes_a_parser_panic(text: String) {
        let _ = Document::parse(&text);
        let _ = recognise(&text);
    }

    #[test]
    fn no_change_of_a_document_makes_a_reader_panic(at: prop::sample::Index, by: char) {
        let keys = Keys::one(MetadataKey::from_bytes([1; 16]));
        let mut json = SEALED.clone();
        let at = at.index(json.len());
        json.replace_range(at..=at, &by.to_string());
        if let Ok(document) = Document::parse(&json) {
            let _ = document.open(&keys);
            let _ = document.checksum_matches(MNEMONIC);
        }
    }
}

/// ASCII, so that any byte of it can be replaced.
static SEALED: LazyLock<String> = LazyLock::new(|| {
    let keys = Keys::one(MetadataKey::from_bytes([1; 16]));
    let to = PEOPLE.alice.private_key().public_key();
    seal(&crate::metadata_v1::folder(&keys), &keys, &to, TARGETS[2]).expect("sealed").to_json()
});
