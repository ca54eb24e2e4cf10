//! Files that must not come out.

use e2ee_reference::random;
use e2ee_rustcrypto::deviant;

use super::{Expect, FileKey, Inputs, Parts, Set, about, text, to_base64};
use crate::error::Error;
use crate::make::text::with_stray_character;
use crate::set::Refused;

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, flags, rule, damage) in DAMAGES {
        let requirements = ["R2-READ-08", "R2-SEC-04", "R1-FILE-06", "R1-SEC-06"];
        set.add(about(*name, *comment, &requirements, flags), |_| {
            let (mut parts, _) = Parts::random(12, 100)?;
            damage(&mut parts);
            Ok((parts.inputs(), Expect::Invalid(rule)))
        })?;
    }
    for (name, comment, flag, rule, key_length, nonce_length) in LENGTHS {
        set.add(about(*name, *comment, &["R2-MD-12", "R2-READ-07"], &[flag]), |_| {
            let key = random::array::<32>()[..*key_length].to_vec();
            let nonce = random::array::<24>()[..*nonce_length].to_vec();
            let stored = deviant::seal(&key, &nonce, &text(100))?;
            let tag = Some(stored[100..].to_vec());
            Ok((Parts { key, nonce, tag, stored }.inputs(), Expect::Invalid(rule)))
        })?;
    }
    for (name, comment, length) in SHORT_KEYS {
        set.add(about(*name, *comment, &["R2-MD-12", "R2-READ-07"], &["KeyLength"]), |_| {
            let mut key = [0; 16];
            random::fill(&mut key[..*length]);
            let mut parts = Parts::new(&FileKey::from_bytes(key), &random::array::<12>(), &text(100))?;
            parts.key.truncate(*length);
            Ok((parts.inputs(), Expect::Invalid("key-length")))
        })?;
    }
    for (name, comment, flags, rule, edit) in FORMS {
        set.add(about(*name, *comment, &["R2-MD-12", "R2-READ-07"], flags), |_| {
            // A nonce that the two alphabets of base64 write in different ways.
            let nonce: [u8; 12] = *b"\xfb\xff\xbf\xfb\xff\xbf\xfb\xff\xbf\xfb\xff\xbf";
            let parts = Parts::new(&FileKey::generate(), &nonce, &text(100))?;
            let mut inputs = parts.clone().inputs();
            edit(&mut inputs, &parts);
            Ok((inputs, Expect::Invalid(rule)))
        })?;
    }
    Ok(())
}

const TAG: &str = "authentication-tag-fits";

const DAMAGES: &[Refused<fn(&mut Parts)>] = &[
    ("first-bit", "the first bit is another", &["BitFlip"], TAG, |parts| parts.stored[0] ^= 0x80),
    ("middle-bit", "a bit in the middle is another", &["BitFlip"], TAG, |parts| parts.stored[50] ^= 1),
    ("last-bit-of-ciphertext", "the last bit before the tag is another", &["BitFlip"], TAG, |parts| {
        parts.stored[99] ^= 1
    }),
    ("first-bit-of-tag", "the first bit of the tag is another", &["BitFlip"], TAG, |parts| {
        parts.stored[100] ^= 0x80
    }),
    ("last-bit-of-tag", "the last bit of the tag is another", &["BitFlip"], TAG, |parts| {
        parts.stored[115] ^= 1
    }),
    (
        "bit-and-metadata-tag",
        "a bit is another, and the tag in the metadata still the honest one",
        &["BitFlip", "MetadataTagDiffers"],
        TAG,
        |parts| {
            parts.stored[0] ^= 1;
            parts.stored[115] ^= 1;
        },
    ),
    ("bit-of-nonce", "a bit of the nonce is another", &["BitFlip"], TAG, |parts| parts.nonce[0] ^= 1),
    ("bit-of-key", "a bit of the key is another", &["BitFlip"], TAG, |parts| parts.key[0] ^= 1),
    ("last-byte-missing", "the last byte is missing", &["Truncation"], TAG, |parts| {
        parts.stored.truncate(115)
    }),
    (
        "tag-missing",
        "the tag is missing from the file, and stands in the metadata only",
        &["Truncation"],
        TAG,
        |parts| {
            parts.stored.truncate(100);
        },
    ),
    ("tag-cut-to-12", "the tag of the file is cut to 12 bytes", &["Truncation"], TAG, |parts| {
        parts.stored.truncate(112)
    }),
    ("half", "the second half is missing", &["Truncation"], TAG, |parts| parts.stored.truncate(58)),
    ("tag-only", "the tag alone, which is how an empty file looks", &["Truncation"], TAG, |parts| {
        parts.stored.drain(..100);
    }),
    ("empty", "nothing at all, where an empty file has 16 bytes", &["Truncation"], TAG, |parts| {
        parts.stored.clear()
    }),
    ("fifteen-bytes", "fewer bytes than a tag has", &["Truncation"], TAG, |parts| parts.stored.truncate(15)),
    ("byte-after", "one byte after the tag", &["ExcessBytes"], TAG, |parts| parts.stored.push(0)),
    ("sixteen-bytes-after", "sixteen zeros after the tag", &["ExcessBytes"], TAG, |parts| {
        parts.stored.extend([0; 16])
    }),
    ("tag-twice", "the tag stands twice", &["ExcessBytes"], TAG, |parts| {
        parts.stored.extend_from_within(100..)
    }),
    ("tag-first", "the tag stands before the ciphertext", &["OtherLayout"], TAG, |parts| {
        parts.stored.rotate_right(16)
    }),
    ("nonce-first", "the nonce stands before the ciphertext", &["OtherLayout"], TAG, |parts| {
        parts.stored.splice(..0, parts.nonce.clone());
    }),
    ("tag-of-zeros", "a tag of zeros", &["BitFlip"], TAG, |parts| parts.stored[100..].fill(0)),
    ("blocks-swapped", "two blocks have changed places", &["BitFlip"], TAG, |parts| {
        let (first, rest) = parts.stored.split_at_mut(16);
        first.swap_with_slice(&mut rest[..16]);
    }),
    (
        "plaintext",
        "the file as it was before encryption, with the tag after it",
        &["OtherLayout"],
        TAG,
        |parts| {
            parts.stored[..100].fill(b'a');
        },
    ),
    ("other-file", "the nonce of another file", &["SwappedFiles"], TAG, |parts| {
        parts.nonce.copy_from_slice(b"other nonce!")
    }),
    ("other-key", "the key of another file", &["SwappedFiles"], TAG, |parts| {
        parts.key.copy_from_slice(b"YELLOW SUBMARINE")
    }),
    (
        "counter-block-as-nonce",
        "a nonce of 12 bytes extended to the counter block it stands for",
        &["LongNonce"],
        TAG,
        |parts| {
            parts.nonce.extend([0, 0, 0, 1]);
        },
    ),
];

/// Name, comment, flag, rule, length of the key and of the nonce under which the file is really sealed.
const LENGTHS: &[(&str, &str, &str, &str, usize, usize)] = &[
    ("nonce-empty", "sealed under an empty nonce", "NonceLength", "nonce-length", 16, 0),
    ("nonce-8-bytes", "sealed under a nonce of 8 bytes", "NonceLength", "nonce-length", 16, 8),
    ("nonce-11-bytes", "sealed under a nonce of 11 bytes", "NonceLength", "nonce-length", 16, 11),
    ("nonce-13-bytes", "sealed under a nonce of 13 bytes", "NonceLength", "nonce-length", 16, 13),
    ("nonce-24-bytes", "sealed under a nonce of 24 bytes", "NonceLength", "nonce-length", 16, 24),
    ("key-24-bytes", "sealed with AES-192 under a key of 24 bytes", "KeyLength", "key-length", 24, 12),
    ("key-32-bytes", "sealed with AES-256 under a key of 32 bytes", "KeyLength", "key-length", 32, 12),
];

/// Name, comment, length; a client that fills the key up with zeros opens the file.
const SHORT_KEYS: &[(&str, &str, usize)] = &[
    ("key-empty", "an empty key, and a file sealed under 16 zeros", 0),
    ("key-15-bytes", "a key of 15 bytes, and a file sealed under these and a zero", 15),
];

type Form = fn(&mut Inputs, &Parts);

const FORMS: &[Refused<Form>] = &[
    (
        "key-base64-twice",
        "the key with one base64 level too many",
        &["KeyLength"],
        "key-length",
        |inputs, _| {
            inputs.key = to_base64(&inputs.key);
        },
    ),
    (
        "key-in-hex",
        "the key in hex, which happens to be base64 of 24 bytes",
        &["KeyLength"],
        "key-length",
        |inputs, parts| {
            inputs.key = hex::encode(&parts.key);
        },
    ),
    (
        "key-not-base64",
        "a character inside the key that base64 does not have",
        &["OtherBase64"],
        "base64-well-formed",
        |inputs, _| {
            inputs.key = with_stray_character(&inputs.key);
        },
    ),
    ("key-unpadded", "a key without padding", &["OtherBase64"], "base64-well-formed", |inputs, _| {
        inputs.key = inputs.key.trim_end_matches('=').to_owned();
    }),
    (
        "nonce-not-base64",
        "a character inside the nonce that base64 does not have",
        &["OtherBase64"],
        "base64-well-formed",
        |inputs, _| {
            inputs.nonce = with_stray_character(&inputs.nonce);
        },
    ),
    (
        "nonce-url-safe",
        "the nonce in the base64 of addresses",
        &["OtherBase64"],
        "base64-well-formed",
        |inputs, _| {
            inputs.nonce = inputs.nonce.replace('+', "-").replace('/', "_");
        },
    ),
];
