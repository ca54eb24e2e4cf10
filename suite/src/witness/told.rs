//! How what a server states beside metadata and files differs from the truth.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_mock_server::adversary::Fact;
use e2ee_reference::authority::{Authority, Field, patched};
use e2ee_reference::certificate::{Certificate, PublicKey};
use serde_json::Value;

use super::bytes;
use super::cut::Cut;
use super::delta::Delta;
use crate::hash::sha256_hex;

/// Every difference.
pub(super) fn differences(fact: Fact<'_>, honest: &Value, forged: &Value) -> Vec<Delta> {
    let name = name(fact);
    match Pair::of(fact, honest, forged) {
        Pair::Members(old, new) => {
            let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            let differing = names.into_iter().filter(|member| old.get(*member) != new.get(*member));
            differing
                .map(|member| {
                    let (honest, forged) = (old.get(member).cloned(), new.get(member).cloned());
                    Delta::new(format!("{name}/{member}"), honest, forged)
                })
                .collect()
        }
        Pair::Certificates { honest, forged, authority } => {
            let differing = Field::ALL.into_iter().filter(|field| field.of(&honest) != field.of(&forged));
            let mut deltas: Vec<Delta> = differing
                .map(|field| {
                    let side = |certificate| Some(Value::from(described(field, certificate)));
                    Delta::new(path(&name, field), side(&honest), side(&forged))
                })
                .collect();
            let instance = authority.server_key();
            if honest.is_issued_by(&instance) && !forged.is_issued_by(&instance) {
                let by = |whom: &str| Some(Value::from(whom));
                deltas.push(Delta::new(signature(&name), by("by the server key"), by("by another key")));
            }
            deltas
        }
        Pair::Blobs(old, new) => {
            let parts = BLOB.iter().zip(old.iter().zip(&new));
            parts
                .flat_map(|(part, (old, new))| bytes::differences(&format!("{name}/{part}"), old, new))
                .collect()
        }
        Pair::Whole => vec![Delta::new(name, side(fact, honest), side(fact, forged))],
    }
}

/// What is left of `forged`.
pub(super) fn left(fact: Fact<'_>, honest: &Value, forged: Value, cut: &Cut) -> Value {
    let name = name(fact);
    match Pair::of(fact, honest, &forged) {
        Pair::Members(old, mut new) => {
            let paths = cut.withheld.iter().filter_map(|path| path.strip_prefix(&name)?.strip_prefix('/'));
            for member in paths {
                match old.get(member) {
                    Some(value) => new.insert(member.to_owned(), value.clone()),
                    None => new.remove(member),
                };
            }
            new.into_iter().collect::<serde_json::Map<_, _>>().into()
        }
        Pair::Certificates { honest, forged: made, authority } => {
            let back: Vec<Field> =
                Field::ALL.into_iter().filter(|field| cut.withholds(&path(&name, *field))).collect();
            let by_instance = made.is_issued_by(&authority.server_key()) || cut.withholds(&signature(&name));
            if back.is_empty() && !cut.withholds(&signature(&name)) {
                return forged;
            }
            let left = patched(&made, &honest, &back, by_instance.then_some(authority));
            left.map_or(forged, |left| Value::from(left.to_pem()))
        }
        Pair::Blobs(old, new) => {
            let parts = BLOB.iter().zip(old.iter().zip(&new));
            let left = parts.map(|(part, (old, new))| bytes::left(&format!("{name}/{part}"), old, new, cut));
            let left: Vec<String> = left.map(|part| STANDARD.encode(part)).collect();
            Value::from(left.join("|"))
        }
        Pair::Whole if cut.withholds(&name) => honest.clone(),
        Pair::Whole => forged,
    }
}

/// The parts of a private-key blob.
const BLOB: [&str; 3] = ["ciphertext and authentication tag", "nonce", "salt"];

/// What the two sides consist of, if both are of one kind.
enum Pair<'a> {
    Members(BTreeMap<String, Value>, BTreeMap<String, Value>),
    Certificates { honest: Certificate, forged: Certificate, authority: &'a Authority },
    Blobs([Vec<u8>; 3], [Vec<u8>; 3]),
    Whole,
}

impl<'a> Pair<'a> {
    fn of(fact: Fact<'a>, honest: &Value, forged: &Value) -> Self {
        let pair = match fact {
            Fact::Capabilities | Fact::Listing | Fact::Certificates => {
                members(honest).zip(members(forged)).map(|(old, new)| Self::Members(old, new))
            }
            Fact::Certificate { authority, .. } => certificate(honest)
                .zip(certificate(forged))
                .map(|(honest, forged)| Self::Certificates { honest, forged, authority }),
            Fact::PrivateKey => blob(honest).zip(blob(forged)).map(|(old, new)| Self::Blobs(old, new)),
            Fact::ServerKey
            | Fact::Metadata
            | Fact::EncryptedFlag
            | Fact::Root
            | Fact::DataFingerprint
            | Fact::LockToken => None,
        };
        pair.unwrap_or(Self::Whole)
    }
}

fn members(value: &Value) -> Option<BTreeMap<String, Value>> {
    Some(value.as_object()?.clone().into_iter().collect())
}

fn certificate(value: &Value) -> Option<Certificate> {
    Certificate::from_pem(value.as_str()?).ok()
}

fn blob(value: &Value) -> Option<[Vec<u8>; 3]> {
    let parts: Option<Vec<Vec<u8>>> =
        value.as_str()?.split('|').map(|part| STANDARD.decode(part).ok()).collect();
    parts?.try_into().ok()
}

fn name(fact: Fact<'_>) -> String {
    match fact {
        Fact::Capabilities => "capabilities".to_owned(),
        Fact::ServerKey => "server key".to_owned(),
        Fact::Certificate { of, .. } => format!("certificate of {of}"),
        Fact::Certificates => "certificates".to_owned(),
        Fact::PrivateKey => "private-key blob".to_owned(),
        Fact::Metadata => "all metadata".to_owned(),
        Fact::EncryptedFlag => "encrypted flag".to_owned(),
        Fact::Listing => "listing".to_owned(),
        Fact::Root => "owner of the listed root".to_owned(),
        Fact::DataFingerprint => "fingerprint of the data".to_owned(),
        Fact::LockToken => "lock token".to_owned(),
    }
}

fn path(name: &str, field: Field) -> String {
    format!("{name}/{}", field.as_str())
}

fn signature(name: &str) -> String {
    format!("{name}/issuer signature")
}

/// A field for people.
fn described(field: Field, certificate: &Certificate) -> String {
    match (field, certificate.common_name()) {
        (Field::Subject, Some(name)) => format!("CN={name}"),
        (Field::PublicKey, _) => key(certificate.public_key(), &field.of(certificate)),
        _ => bytes::shown(&field.of(certificate)),
    }
}

fn key(key: &PublicKey, der: &[u8]) -> String {
    let digest = sha256_hex(der);
    format!("RSA {} bits, SHA-256 {}…", key.bits(), digest.get(..16).unwrap_or(&digest))
}

fn side(fact: Fact<'_>, value: &Value) -> Option<Value> {
    let named = || {
        let pem = value.as_str().filter(|_| matches!(fact, Fact::ServerKey))?;
        let public = PublicKey::from_pem(pem).ok()?;
        Some(Value::from(key(&public, pem.as_bytes())))
    };
    (!value.is_null()).then(|| named().unwrap_or_else(|| value.clone()))
}
