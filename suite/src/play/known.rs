//! The words that everybody in the laboratory has, and what is derived from them, once and for all.
//!
//! No scenario depends on people having different words: their private keys differ. A client in another process knows
//! nothing of this and derives everything itself.

use e2ee_reference::Error;
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::{DerivedKey, Kdf, SALT_LENGTH, STATIC_SALT};
use e2ee_reference_client::DerivedKeys;

/// The salt of the blobs of the laboratory.
pub(super) const SALT: &[u8; SALT_LENGTH] = b"the salt of the laboratory: forty bytes.";
const WORDS: &str = "radar mosquito gallery ribbon oxygen trumpet velvet anchor lemon puzzle winter canyon";

/// Salt, function and derived key, for what takes long and is needed often.
const DERIVED: [(&[u8], Kdf, &str); 4] = [
    (SALT, Kdf::Sha256Rounds600000, "e5551e3d9c496161322ccf1ae6d4b0977f197a0579a898f60d7ab9376cc178f5"),
    (SALT, Kdf::Sha1Rounds600000, "7786e5bcab28b40042ebc6b941f0ebec9a00167f30fee7dbe3fa02309a83ac49"),
    (
        STATIC_SALT,
        Kdf::Sha256Rounds600000,
        "afffd3a5d573b141f113f09cc1d10bed3bc8ceb51e9908c52c2747983774b5ac",
    ),
    (STATIC_SALT, Kdf::Sha1Rounds600000, "b73789143d1b4554a4c111140d8ec8040c37efc5ad0f0af254ef0dfe20f83e54"),
];

/// The words.
pub(super) fn mnemonic() -> Result<Mnemonic, Error> {
    Mnemonic::parse(WORDS)
}

/// Tells what is derived from the words.
pub(super) fn tell(keys: &DerivedKeys) -> Result<(), Error> {
    let mnemonic = mnemonic()?;
    for (salt, kdf, known) in DERIVED {
        let mut key = DerivedKey::default();
        // Its length is that of a key, as the test below shows.
        if hex::decode_to_slice(known, &mut *key).is_ok() {
            keys.know(&mnemonic, salt, kdf, key);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use e2ee_reference::private_key_blob::{Computed, KeyDerivation as _};

    use super::*;

    #[test]
    fn what_is_known_is_what_the_words_lead_to() {
        let mnemonic = mnemonic().expect("twelve words");
        for (salt, kdf, known) in DERIVED {
            let computed = Computed.derive(&mnemonic, salt, kdf).expect("a key");
            assert_eq!(hex::encode(*computed), known, "{kdf:?}");
        }
    }
}
