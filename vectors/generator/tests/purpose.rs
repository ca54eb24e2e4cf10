//! A vector that is refused for one rule has no other fault: once what the rule forbids is mended, it opens.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_reference::backend::{Backend as _, Hash, OpenSsl};
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata_v1::wrap_key;
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_rustcrypto::deviant;
use e2ee_vectors::{Expected, Library, Vector, Verdict, verify};
use openssl::symm::{Cipher, Crypter, Mode, decrypt_aead};
use serde_json::{Map, Value, json};

use crate::{golden, vectors_in};

/// Rules about lengths and about base64, which are easily refused by the next rule as well.
const RULES: [&str; 3] = ["nonce-length", "key-length", "base64-well-formed"];

/// Vectors in which nothing is sealed under what is wrong: the key or the nonce itself is what comes out.
const NOTHING_SEALED: &[&str] = &[
    "filedrop-chunked",
    "filedrop-inner-key-wrapped",
    "filedrop-inner-nonce-8-bytes",
    "key-checksums-",
    "metadata-1.1-file-nonce-8-bytes",
    "metadata-1.1-inner-key-",
    "oaep-key-",
];

const KEY: [u8; 16] = [9; 16];
const NONCE: [u8; 12] = [9; 12];

#[test]
fn what_one_rule_refuses_opens_once_it_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let (mut mended, mut hopeless) = (Vec::new(), Vec::new());
    for (_, vector) in vectors_in(&golden()).into_iter().filter(|(_, vector)| is_meant(vector)) {
        let Some(inputs) = mend(&vector) else {
            hopeless.push(vector.id);
            continue;
        };
        let expected = Expected { result: Verdict::Valid, rule: None, output: Some(json!({})) };
        mended.push(vector.id.clone());
        let path = folder.path().join(&vector.family);
        fs::create_dir_all(&path).unwrap();
        let text = serde_json::to_string(&Vector { inputs, expected, ..vector.clone() }).unwrap();
        fs::write(path.join(format!("{}.json", vector.id)), text).unwrap();
    }
    assert_eq!(hopeless, Vec::<String>::new(), "these do not open whatever is mended");
    assert!(mended.len() > 50, "{mended:?}");
    // What comes out is compared with nothing, which it is not.
    let found = verify(folder.path()).unwrap().failures;
    assert_eq!(found.len(), mended.len() * Library::ALL.len());
    let refused: Vec<_> = found.iter().filter(|failure| !failure.found.starts_with('{')).collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

fn is_meant(vector: &Vector) -> bool {
    let rule = vector.expected.rule.as_deref().unwrap_or_default();
    let is_signature = vector.id == "signature-not-base64";
    let without_key = vector.flags.iter().any(|flag| flag == "EmptyKeys");
    (vector.expected.result == Verdict::Invalid)
        && (RULES.contains(&rule) || is_signature || without_key)
        && !NOTHING_SEALED.iter().any(|start| vector.id.starts_with(start))
}

/// The inputs as somebody means them who does not keep to the rule.
fn mend(vector: &Vector) -> Option<Value> {
    let mut inputs = vector.inputs.clone();
    match vector.family.as_str() {
        "file" => file(&mut inputs)?,
        "oaep" => inputs["wrapped"] = STANDARD.encode(base64(&inputs["wrapped"])?).into(),
        "private-key-blob" => blob(&mut inputs)?,
        "signature" => inputs["signature"] = STANDARD.encode(base64(&inputs["signature"])?).into(),
        "filedrop" => {
            let mut entry: Value = serde_json::from_str(inputs["entry"].as_str()?).ok()?;
            let mut users = std::mem::take(&mut entry["users"]);
            sealed_for(&inputs, &mut entry, &mut users, "encryptedFiledropKey")?;
            entry["users"] = users;
            inputs["entry"] = entry.to_string().into();
        }
        "metadata-2.0" => {
            let mut document: Value = serde_json::from_str(inputs["document"].as_str()?).ok()?;
            let mut users = std::mem::take(&mut document["users"]);
            sealed_for(&inputs, &mut document["metadata"], &mut users, "encryptedMetadataKey")?;
            document["users"] = users;
            inputs["document"] = document.to_string().into();
        }
        "metadata-1.0" | "metadata-1.1" | "metadata-1.2" => document_1(&mut inputs)?,
        _ => return None,
    }
    Some(inputs)
}

fn file(inputs: &mut Value) -> Option<()> {
    let stored = hex::decode(inputs["stored"].as_str()?).ok()?;
    let mut keys = readings(base64(&inputs["key"])?);
    keys.push(from_hex(&inputs["key"]));
    let plain = open(&keys, &nonces(&inputs["nonce"]), &stored)?;
    inputs["key"] = STANDARD.encode(KEY).into();
    inputs["nonce"] = STANDARD.encode(NONCE).into();
    inputs["stored"] = hex::encode(OpenSsl.aes_gcm_seal(&KEY, &NONCE, &plain).ok()?).into();
    Some(())
}

fn blob(inputs: &mut Value) -> Option<()> {
    let parts: Vec<_> = inputs["blob"].as_str()?.split('|').map(|part| base64(&part.into())).collect();
    let [Some(sealed), Some(mut nonce), Some(mut salt)] = <[_; 3]>::try_from(parts).ok()? else {
        return None;
    };
    if nonce.len() > salt.len() {
        std::mem::swap(&mut nonce, &mut salt);
    }
    let mnemonic = Mnemonic::parse(inputs["mnemonic"].as_str()?).ok()?;
    let mut key = [0; 32];
    OpenSsl.pbkdf2(Hash::Sha1, mnemonic.passphrase().as_bytes(), &salt, 1024, &mut key).ok()?;
    let mut plain = open(&[key.to_vec()], &[nonce], &sealed)?;
    if plain.starts_with(b"-----BEGIN") {
        plain = STANDARD.encode(plain).into_bytes();
    }
    let sealed = OpenSsl.aes_gcm_seal(&key, &NONCE, &plain).ok()?;
    inputs["blob"] = [&sealed[..], &NONCE, &salt].map(|part| STANDARD.encode(part)).join("|").into();
    Some(())
}

/// What is sealed in the manner of 2.x, under a key that the own entry of `users` holds.
fn sealed_for(inputs: &Value, sealed: &mut Value, users: &mut Value, member: &str) -> Option<()> {
    let private_key = PrivateKey::from_pem(inputs["privateKey"].as_str()?).ok()?;
    let own = users.as_array_mut()?.iter_mut().find(|user| user["userId"] == inputs["userId"])?;
    let raw = unwrapped(&private_key, &own[member]);
    let plain = open(&readings(raw), &nonces(&sealed["nonce"]), &base64(&sealed["ciphertext"])?)?;
    let again = OpenSsl.aes_gcm_seal(&KEY, &NONCE, &plain).ok()?;
    sealed["ciphertext"] = STANDARD.encode(again).into();
    sealed["nonce"] = STANDARD.encode(NONCE).into();
    own[member] = STANDARD.encode(OpenSsl.oaep_wrap(&private_key.public_key(), &KEY).ok()?).into();
    Some(())
}

fn document_1(inputs: &mut Value) -> Option<()> {
    let private_key = PrivateKey::from_pem(inputs["privateKey"].as_str()?).ok()?;
    let mut document: Value = serde_json::from_str(inputs["document"].as_str()?).ok()?;
    let metadata = &mut document["metadata"];
    let wrapped = match metadata["version"] == json!(1) || metadata["version"] == json!(1.0) {
        true => metadata["metadataKeys"]["0"].clone(),
        false => metadata["metadataKey"].clone(),
    };
    let keys = readings(unwrapped(&private_key, &wrapped));
    let again = wrap_key(&private_key.public_key(), &KEY).ok()?;
    metadata["metadataKeys"] = json!({ "0": again });
    metadata["metadataKey"] = again.into();
    for file in document["files"].as_object_mut()?.values_mut() {
        let (sealed, nonce) = file["encrypted"].as_str()?.split_once('|')?;
        let mut plain = open(&keys, &nonces(&nonce.into()), &base64(&sealed.into())?)?;
        if plain.starts_with(b"{") {
            plain = STANDARD.encode(plain).into_bytes();
        }
        let sealed = OpenSsl.aes_gcm_seal(&KEY, &NONCE, &plain).ok()?;
        file["encrypted"] = [&sealed[..], &NONCE].map(|part| STANDARD.encode(part)).join("|").into();
    }
    inputs["document"] = document.to_string().into();
    // The checksum is over the wrapped key, which is another now.
    inputs.as_object_mut().map(|inputs: &mut Map<_, _>| inputs.remove("mnemonic"))?;
    Some(())
}

/// Nothing for what is missing.
fn unwrapped(private_key: &PrivateKey, wrapped: &Value) -> Vec<u8> {
    let wrapped = base64(wrapped).unwrap_or_default();
    OpenSsl.oaep_unwrap(private_key, &wrapped).unwrap_or_default()
}

/// What a client may take for the key: the bytes, what they are base64 of, and what it fills up with zeros.
fn readings(raw: Vec<u8>) -> Vec<Vec<u8>> {
    let once = STANDARD.decode(&raw).unwrap_or_default();
    let twice = STANDARD.decode(&once).unwrap_or_default();
    vec![raw, once, twice]
}

/// The nonce as base64, and as hex.
fn nonces(text: &Value) -> Vec<Vec<u8>> {
    base64(text).into_iter().chain([from_hex(text)]).collect()
}

fn from_hex(text: &Value) -> Vec<u8> {
    hex::decode(text.as_str().unwrap_or_default()).unwrap_or_default()
}

/// Base64 of both alphabets, padded or not, with anything in between.
fn base64(text: &Value) -> Option<Vec<u8>> {
    let text = text.as_str()?.replace('-', "+").replace('_', "/");
    let mut text: String =
        text.chars().filter(|one| one.is_ascii_alphanumeric() || matches!(one, '+' | '/')).collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    STANDARD.decode(text).ok()
}

fn open(keys: &[Vec<u8>], nonces: &[Vec<u8>], sealed: &[u8]) -> Option<Vec<u8>> {
    let filled = |key: &Vec<u8>| {
        let mut key = key.clone();
        key.resize(key.len().max(16), 0);
        key
    };
    keys.iter().map(filled).find_map(|key| nonces.iter().find_map(|nonce| open_with(&key, nonce, sealed)))
}

/// AES-GCM by the library that did not make the vectors, with whatever lengths it takes.
fn open_with(key: &[u8], nonce: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (gcm, ctr) = match key.len() {
        16 => (Cipher::aes_128_gcm(), Cipher::aes_128_ctr()),
        24 => (Cipher::aes_192_gcm(), Cipher::aes_192_ctr()),
        32 => (Cipher::aes_256_gcm(), Cipher::aes_256_ctr()),
        _ => return None,
    };
    let (body, tag) = sealed.split_last_chunk::<16>()?;
    if !nonce.is_empty() {
        return decrypt_aead(gcm, key, Some(nonce), &[], body, tag).ok();
    }
    // It has no empty nonces, whose GHASH is zero: the text begins with the block counter 1.
    let mut plain = vec![0; body.len() + 16];
    let first = 1_u128.to_be_bytes();
    let length = Crypter::new(ctr, Mode::Decrypt, key, Some(&first)).ok()?.update(body, &mut plain).ok()?;
    plain.truncate(length);
    (deviant::seal(key, nonce, &plain).ok()? == sealed).then_some(plain)
}
