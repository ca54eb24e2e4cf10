//! Documents of 1.x.

use std::collections::BTreeMap;

use arbitrary::Arbitrary;
use serde_json::Value;

use super::build::{File, Json};
use super::run::{ALICE, LIMITS, both, flipped, plan};
use crate::backend::Backend;
use crate::base64;
use crate::canonical_json::to_string;
use crate::dialect::{Dialect, Layout};
use crate::error::Error;
use crate::metadata::MetadataKey;
use crate::metadata_v1::{self, Contents, Document, Keys, Target, Version, seal_as};
use crate::recognise::{Recognised, recognise_with};

/// The parser: what it takes is within the limits and means the same in every layout.
pub fn metadata_v1(input: &[u8], other: &'static dyn Backend) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let parsed = Document::parse_with(text, &LIMITS);
    if let Ok(Recognised::V1(_)) = recognise_with(text, &LIMITS) {
        assert!(parsed.is_ok(), "recognised and yet not parsed: {parsed:?}");
    }
    let Ok(document) = parsed else { return };
    assert!(document.ids().count().max(document.filedrop().len()) <= LIMITS.entries);
    for layout in [Layout::Canonical, Layout::Indented, Layout::Declared] {
        let again = Document::parse(&document.to_json_as(layout));
        assert!(again.is_ok(), "{layout:?}: {again:?}");
        assert_eq!(again.map(|again| again.to_json()), Ok(document.to_json()), "{layout:?}");
    }
    let _ = document.checksum_matches(MNEMONIC);
    let _ = both(other, || {
        let keys = document.unwrap_keys(ALICE.private_key())?;
        document.open_with(&keys, &LIMITS)
    });
}

#[derive(Debug, Arbitrary)]
struct Plan {
    version: u8,
    dialect: u8,
    key: [u8; 16],
    older_keys: Vec<[u8; 16]>,
    files: BTreeMap<String, (File, u8)>,
    sharing: Option<Json>,
    bit: u32,
}

/// What is sealed: contents come back, whoever writes them; an entry with one bit turned over does not.
pub fn metadata_v1_contents(input: &[u8], other: &'static dyn Backend) {
    let Some(plan) = plan::<Plan>(input) else { return };
    let (target, keys) = (plan.target(), plan.keys());
    let contents = plan.contents(&keys);
    let dialect = &Dialect::ALL[usize::from(plan.dialect) % Dialect::ALL.len()];
    let public = ALICE.certificate().public_key();
    let text = both(other, || {
        let document = seal_as(&contents, &keys, public, target, dialect)?;
        Ok::<_, Error>(document.to_json_as(dialect.layout))
    });
    let Ok(text) = text else { return assert!(text.is_ok(), "{text:?}") };
    let opened = both(other, || open(&text));
    let Ok((document, opened_keys, opened)) = opened else { return assert!(opened.is_ok(), "{opened:?}") };
    assert_eq!((&opened_keys, canonical(opened)), (&keys, canonical(contents.clone())));
    let parsed = Document::parse(&document.to_string());
    let is_1_2 = target.version() == Version::V1_2;
    assert_eq!(parsed.map(|parsed| parsed.checksum_matches(MNEMONIC)), Ok(is_1_2));
    if let Some((id, changed)) = altered(&document, plan.bit) {
        let left = both(other, || open(&changed)).map(|(_, _, contents)| contents.files.contains_key(&id));
        assert!(matches!(left, Ok(false) | Err(Error::Authentication { .. })), "{left:?}");
    }
}

/// Blanks do not matter to the checksum.
const MNEMONIC: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";

impl Plan {
    fn target(&self) -> Target<'static> {
        match self.version % 3 {
            0 => Target::V1_0,
            1 => Target::V1_1,
            _ => Target::V1_2 { mnemonic: MNEMONIC },
        }
    }

    fn keys(&self) -> Keys {
        let newest = MetadataKey::from_bytes(self.key);
        let older = self.older_keys.iter().take(255).copied().map(MetadataKey::from_bytes);
        match self.target() {
            Target::V1_0 => {
                let keys = (0..).zip(older.chain([newest.clone()])).collect();
                Keys::several(keys).unwrap_or_else(|_| Keys::one(newest))
            }
            _ => Keys::one(newest),
        }
    }

    fn contents(&self, keys: &Keys) -> Contents {
        let file = |(file, index): &(File, u8)| metadata_v1::File {
            entry: file.entry(),
            key_index: u32::from(*index) % (keys.newest().0 + 1),
        };
        let sharing = self.sharing.as_ref().filter(|_| self.target().version() == Version::V1_0);
        Contents {
            files: self.files.iter().map(|(id, one)| (id.clone(), file(one))).collect(),
            sharing: sharing.map(|Json(value)| value.clone()),
            ..Contents::default()
        }
    }
}

fn open(text: &str) -> Result<(Value, Keys, Contents), Error> {
    let document = Document::parse(text)?;
    let keys = document.unwrap_keys(ALICE.private_key())?;
    let contents = document.open(&keys)?;
    Ok((document.value().clone(), keys, contents))
}

fn canonical(mut contents: Contents) -> Contents {
    contents.sharing = contents.sharing.map(|sharing| to_string(&sharing).into());
    contents
}

/// Turns over one bit of the first entry's ciphertext.
fn altered(document: &Value, bit: u32) -> Option<(String, String)> {
    let mut document = document.clone();
    let (id, entry) = document.get_mut("files")?.as_object_mut()?.iter_mut().next()?;
    let id = id.clone();
    let text = entry.get("encrypted")?.as_str()?;
    let (sealed, nonce) = text.split_once('|')?;
    let changed = flipped(&base64::decode(sealed, "encrypted").ok()?, bit)?;
    entry["encrypted"] = format!("{}|{nonce}", base64::encode(&changed)).into();
    Some((id, document.to_string()))
}
