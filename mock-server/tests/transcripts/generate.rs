//! The generated texts of requests, `[[…]]`.

use std::collections::BTreeMap;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509Name, X509NameBuilder, X509ReqBuilder};

/// Replaces what stands between `[[` and `]]`.
pub(crate) fn expand(text: &str) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once("[[") {
        let Some((generator, tail)) = tail.split_once("]]") else { break };
        expanded.push_str(before);
        match generate(generator) {
            Some(generated) => expanded.push_str(&generated),
            None => expanded.push_str(&format!("[[{generator}]]")),
        }
        rest = tail;
    }
    expanded + rest
}

fn generate(generator: &str) -> Option<String> {
    let (kind, rest) = generator.split_once(':')?;
    Some(match kind {
        "b64" => STANDARD.encode(vec![b'A'; rest.parse().ok()?]),
        "rep" => {
            let (text, times) = rest.rsplit_once(':')?;
            text.repeat(times.parse().ok()?)
        }
        "cms" => STANDARD.encode(format!("a signature over {rest}")),
        "pubkey" => String::from_utf8(key(rest).public_key_to_pem().unwrap()).unwrap(),
        "csr" => {
            let (kind, subject) = rest.split_once(':')?;
            request(&key(kind), subject)
        }
        "selfcert" => {
            let (kind, subject) = rest.split_once(':')?;
            certificate(&key(kind), subject)
        }
        _ => return None,
    })
}

/// Which of the generated keys a public key in PEM is.
pub(crate) fn kind_of(pem: &str) -> Option<String> {
    let keys = KEYS.lock().unwrap();
    let mut known = keys.iter();
    known.find(|(_, key)| key.public_key_to_pem().unwrap() == pem.as_bytes()).map(|(kind, _)| kind.clone())
}

static KEYS: Mutex<BTreeMap<String, PKey<Private>>> = Mutex::new(BTreeMap::new());

/// Keys are slow to make: each kind is made once.
fn key(kind: &str) -> PKey<Private> {
    let bits = kind.strip_prefix("rsa").and_then(|bits| bits.parse().ok()).unwrap();
    let mut keys = KEYS.lock().unwrap();
    let key =
        keys.entry(kind.to_owned()).or_insert_with(|| PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap());
    key.clone()
}

fn name(subject: &str) -> X509Name {
    let mut name = X509NameBuilder::new().unwrap();
    for part in subject.split(',').filter(|part| !part.is_empty()) {
        let (field, value) = part.split_once('=').unwrap();
        name.append_entry_by_text(field, value).unwrap();
    }
    name.build()
}

fn request(key: &PKey<Private>, subject: &str) -> String {
    let mut request = X509ReqBuilder::new().unwrap();
    request.set_subject_name(&name(subject)).unwrap();
    request.set_pubkey(key).unwrap();
    request.sign(key, MessageDigest::sha256()).unwrap();
    String::from_utf8(request.build().to_pem().unwrap()).unwrap()
}

fn certificate(key: &PKey<Private>, subject: &str) -> String {
    let mut certificate = X509::builder().unwrap();
    let name = name(subject);
    certificate.set_version(2).unwrap();
    certificate.set_serial_number(&BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap()).unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    certificate.set_pubkey(key).unwrap();
    certificate.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    certificate.set_not_after(&Asn1Time::days_from_now(10).unwrap()).unwrap();
    certificate.sign(key, MessageDigest::sha256()).unwrap();
    String::from_utf8(certificate.build().to_pem().unwrap()).unwrap()
}
