//! What holds for every input.

use std::sync::LazyLock;

use e2ee_reference::canonical_json::to_string;
use e2ee_reference::certificate::Certificate;
use e2ee_reference::file_cipher::{FileKey, decrypt, encrypt};
use e2ee_reference::metadata::{
    Contents, Document, FileEntry, MetadataKey, Version, seal_root_with_nonce, seal_subfolder_with_nonce,
};
use e2ee_reference::signature::{sign, verify};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::Value;

use crate::common::{NOW, PEOPLE, recipient, root};

pub(crate) fn nonce() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![vec(any::<u8>(), 12), vec(any::<u8>(), 16)]
}

pub(crate) fn file_entry() -> impl Strategy<Value = FileEntry> {
    let tag = prop_oneof![Just(Vec::new()), vec(any::<u8>(), 12..=16)];
    (any::<String>(), any::<String>(), nonce(), tag, any::<[u8; 16]>()).prop_map(
        |(filename, mimetype, nonce, authentication_tag, key)| FileEntry {
            filename,
            mimetype,
            nonce,
            authentication_tag,
            key: FileKey::from_bytes(key),
        },
    )
}

pub(crate) fn contents() -> impl Strategy<Value = Contents> {
    let folders = btree_map(any::<String>(), any::<String>(), 0..4);
    let files = btree_map(any::<String>(), file_entry(), 0..4);
    (vec(any::<String>(), 0..4), any::<bool>(), 0..1u64 << 53, folders, files).prop_map(
        |(key_checksums, deleted, counter, folders, files)| Contents {
            key_checksums,
            deleted,
            counter,
            folders,
            files,
            ..Contents::default()
        },
    )
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(any::<String>(), inner, 0..6).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// The same JSON with the members of every object in the opposite order.
fn reversed(value: &Value) -> String {
    match value {
        Value::Array(values) => format!("[{}]", values.iter().map(reversed).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let member =
                |(name, value)| format!("{} : {}", Value::String(String::clone(name)), reversed(value));
            format!("{{ {} }}", members.iter().rev().map(member).collect::<Vec<_>>().join(" , "))
        }
        other => other.to_string(),
    }
}

static SIGNED: LazyLock<(String, String, [Certificate; 1])> = LazyLock::new(|| {
    let document = root().0;
    let signature = sign(&document.signed_content(), &PEOPLE.alice, NOW).expect("signed");
    (document.to_json(), signature, [PEOPLE.alice.certificate().clone()])
});

proptest! {
    #[test]
    fn files_come_back(key: [u8; 16], nonce in nonce(), plain in vec(any::<u8>(), 0..2000)) {
        let key = FileKey::from_bytes(key);
        let sealed = encrypt(&key, &nonce, &plain).unwrap();
        prop_assert_eq!(sealed.bytes.len(), plain.len() + 16);
        prop_assert_eq!(decrypt(&key, &nonce, &sealed.bytes).unwrap(), plain);
    }

    #[test]
    fn contents_come_back(contents in contents(), key: [u8; 16], nonce in nonce()) {
        let key = MetadataKey::from_bytes(key);
        let document = seal_subfolder_with_nonce(&contents, &key, Version::V2_1, &nonce).unwrap();
        let document = Document::parse(&document.to_json()).unwrap();
        prop_assert_eq!(document.open(&key).unwrap(), contents);
    }

    #[test]
    fn canonical_json_is_a_fixed_point(value in json()) {
        let canonical = to_string(&value);
        let again: Value = serde_json::from_str(&canonical).unwrap();
        prop_assert_eq!(to_string(&again), canonical);
    }

    #[test]
    fn the_order_of_members_does_not_matter(value in json()) {
        let other: Value = serde_json::from_str(&reversed(&value)).unwrap();
        prop_assert_eq!(to_string(&other), to_string(&serde_json::from_str(&value.to_string()).unwrap()));
    }

    #[test]
    fn a_document_with_one_bit_changed_is_refused(at: prop::sample::Index, bit in 0..8u32) {
        let (json, signature, signers) = &*SIGNED;
        let mut changed = json.clone().into_bytes();
        let at = at.index(changed.len());
        changed[at] ^= 1 << bit;
        let accepted = String::from_utf8(changed).ok().and_then(|json| {
            let document = Document::parse(&json).ok()?;
            verify(&document.signed_content(), signature, signers).ok()
        });
        prop_assert!(accepted.is_none());
    }

    #[test]
    fn no_text_makes_a_parser_panic(text: String) {
        let _ = Document::parse(&text);
        let _ = Certificate::from_pem(&text);
        let _ = verify("content", &text, &[]);
    }
}

proptest! {
    // Each case wraps a key with RSA twice and unwraps it.
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn root_documents_come_back(contents in contents(), key: [u8; 16], nonce in nonce()) {
        let key = MetadataKey::from_bytes(key);
        let members = [recipient(&PEOPLE.bob), recipient(&PEOPLE.alice)];
        let document = seal_root_with_nonce(&contents, &key, &members, Version::V2_0, &nonce).unwrap();
        let document = Document::parse(&document.to_json()).unwrap();
        prop_assert_eq!(document.unwrap_key("alice", PEOPLE.alice.private_key()).unwrap(), key.clone());
        prop_assert_eq!(document.open(&key).unwrap(), contents);
    }
}
