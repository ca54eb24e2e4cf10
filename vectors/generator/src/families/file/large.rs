//! A file that is too large to stand in a vector: its ciphertext follows a rule, its plaintext is told by its hash.

use e2ee_reference::backend::backend;
use serde_json::{Value, json};

use super::{ByRule, CryptoError, Expect, FileKey, Inputs, Parts, Set, about, file_cipher, random, repeated};
use crate::error::Error;

const LENGTH: usize = 1 << 20;
const REPEAT: &[u8] = b"any bytes are a ciphertext. ";

pub(super) fn output(plain: &[u8]) -> Value {
    json!({ "plainLength": plain.len(), "plainSha256": hex::encode(backend().sha256(plain)) })
}

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    let comment = "1 MiB, whose ciphertext is a text that is repeated";
    set.add(about("mebibyte", comment, &["R2-READ-07", "R2-MOD-07"], &["LargeFile"]), |_| {
        let (inputs, plain) = inputs()?;
        Ok((inputs, Expect::Valid(output(&plain))))
    })?;
    let comment = "1 MiB with another last bit of the tag: nothing of it may come out before that is seen";
    set.add(
        about("mebibyte-tag-bit", comment, &["R2-READ-08", "R2-SEC-04"], &["LargeFile", "BitFlip"]),
        |_| {
            let (mut inputs, _) = inputs()?;
            if let Some(rule) = &mut inputs.stored_by_rule {
                let last = if rule.tag.ends_with('0') { "1" } else { "0" };
                rule.tag.replace_range(31.., last);
            }
            Ok((inputs, Expect::Invalid("authentication-tag-fits")))
        },
    )
}

/// The stored file by its rule, and the file.
fn inputs() -> Result<(Inputs, Vec<u8>), CryptoError> {
    let (key, nonce) = (FileKey::generate(), random::array::<12>());
    let ciphertext = repeated(REPEAT, LENGTH);
    // What zeros become is what everything is combined with.
    let stream = file_cipher::encrypt(&key, &nonce, &vec![0; LENGTH])?.bytes;
    let plain: Vec<u8> = ciphertext.iter().zip(&stream).map(|(left, right)| left ^ right).collect();
    let parts = Parts::new(&key, &nonce, &plain)?;
    let rule =
        ByRule { repeat: hex::encode(REPEAT), length: LENGTH, tag: hex::encode(&parts.stored[LENGTH..]) };
    Ok((Inputs { stored: None, stored_by_rule: Some(rule), ..parts.inputs() }, plain))
}
