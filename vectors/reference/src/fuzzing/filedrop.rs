//! Filedrop entries of 1.2 and 2.x.

use arbitrary::Arbitrary;
use serde_json::Value;

use super::build::File;
use super::run::{ALICE, BOB, LIMITS, both, flipped, plan, recipient};
use crate::backend::Backend;
use crate::base64;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::filedrop::{Entry, seal};
use crate::json;
use crate::metadata::FileEntry;
use crate::metadata_v1::FiledropEntry;

#[derive(Debug, Arbitrary)]
struct Plan {
    file: File,
    dialect: u8,
    bit: u32,
}

/// An entry that was sealed opens for its recipients, to what was sealed; one bit turned over, and it does not.
pub fn filedrop(input: &[u8], other: &'static dyn Backend) {
    let Some(plan) = plan::<Plan>(input) else {
        let Ok(value) = json::parse(input, "input", LIMITS.depth) else { return };
        let _ = both(other, || (open(value.clone()), open_v1(value.clone())));
        return;
    };
    let entry = plan.file.entry();
    let dialect = &Dialect::ALL[usize::from(plan.dialect) % Dialect::ALL.len()];
    let sealed = both(other, || {
        let v2 = seal(&entry, &[recipient(&BOB), recipient(&ALICE)]);
        let v1 = FiledropEntry::seal(&entry, ALICE.certificate().public_key(), &dialect.metadata_v1);
        (v2.map(|sealed| sealed.value().clone()), v1.map(|sealed| sealed.value().clone()))
    });
    let (Ok(v2), Ok(v1)) = &sealed else { unreachable!("{sealed:?}") };
    let opened = both(other, || (open(v2.clone()), open_v1(v1.clone())));
    assert_eq!(opened, (Ok(entry.clone()), Ok(entry)));
    let refused = Err(Error::Authentication { what: "filedrop entry" });
    assert_eq!(
        altered(v2.clone(), "ciphertext", plan.bit).map(|v2| both(other, || open(v2.clone()))),
        Some(refused)
    );
    let v1 = altered(v1.clone(), "encrypted", plan.bit).map(|v1| both(other, || open_v1(v1.clone())));
    assert!(matches!(v1, Some(Err(Error::Authentication { .. }))), "{v1:?}");
}

fn open(value: Value) -> Result<FileEntry, Error> {
    Entry::from_value(value).open("alice", ALICE.private_key())
}

fn open_v1(value: Value) -> Result<FileEntry, Error> {
    FiledropEntry::from_value(value).open(ALICE.private_key())
}

/// Turns over one bit of the ciphertext in this member; a nonce behind it stays.
fn altered(mut entry: Value, member: &str, bit: u32) -> Option<Value> {
    let text = entry.get(member)?.as_str()?;
    let (sealed, rest) = text.split_at(text.find('|').unwrap_or(text.len()));
    let changed = flipped(&base64::decode(sealed, member).ok()?, bit)?;
    entry[member] = (base64::encode(&changed) + rest).into();
    Some(entry)
}
