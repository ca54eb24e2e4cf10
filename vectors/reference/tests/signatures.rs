//! CMS signatures: real ones, odd ones, forged ones.

use e2ee_reference::authority::self_made;
use e2ee_reference::backend::backend;
use e2ee_reference::canonical_json::{signed_content, to_string};
use e2ee_reference::certificate::Certificate;
use e2ee_reference::signature::{SignatureError, sign, sign_with, verify};
use serde_json::Value;

use crate::common::{NOW, PEOPLE, decode, encode, json_fixture, root, text};

/// A document with its signature and the certificates of its possible signers.
struct Witness {
    document: Value,
    signature: String,
    certificates: Vec<Certificate>,
    canonical_length: usize,
    digest: &'static str,
}

fn witnesses() -> Option<[Witness; 3]> {
    let parse = |pem: &Value| Certificate::from_pem(pem.as_str().expect("PEM")).expect("a certificate");
    let root = json_fixture("web/metadata_2.0_root.json")?;
    let subfolder = json_fixture("web/metadata_2.0_subfolder.json")?;
    let web = json_fixture("android/metadata_2.0_signed_by_web.json")?;
    let users = root["metadata"]["users"].as_array().expect("users");
    let users: Vec<_> = users.iter().map(|user| parse(&user["certificate"])).collect();
    let witness = |fixture: &Value, signature, certificates, canonical_length, digest| Witness {
        document: fixture["metadata"].clone(),
        signature: text(fixture, signature).to_owned(),
        certificates,
        canonical_length,
        digest,
    };
    Some([
        witness(
            &root,
            "/signature",
            users.clone(),
            4095,
            "a97492f3d323871142ee05ab131e452460aacaf4acbe105d9302a67ba4230ccf",
        ),
        witness(
            &subfolder,
            "/signature",
            users,
            749,
            "ac2d91e1cb117542b45f11376559768178e1acb6f13c9426967f9e7e571ab9e5",
        ),
        witness(
            &web,
            "/signature_b64",
            vec![parse(&web["certificate_pem"])],
            1834,
            "c90d8480dfe540d0a7c641b3fb050b272ffb36e16fd621bf7dcdbfb8b90f0a2e",
        ),
    ])
}

#[test]
fn upstream_signatures_verify_over_the_sorted_document_in_base64() {
    for witness in witnesses().into_iter().flatten() {
        let content = signed_content(&witness.document);
        assert_eq!(decode(&content).len(), witness.canonical_length);
        assert_eq!(hex::encode(backend().sha256(content.as_bytes())), witness.digest);
        verify(&content, &witness.signature, &witness.certificates).expect(witness.digest);
        let stranger = [PEOPLE.eve.certificate().clone()];
        assert_eq!(verify(&content, &witness.signature, &stranger), Err(SignatureError::NoCandidate));
        assert_eq!(verify(&content, &witness.signature, &[]), Err(SignatureError::NoCandidate));
    }
}

#[test]
fn another_form_of_the_same_document_does_not_verify() {
    for witness in witnesses().into_iter().flatten() {
        let plain = to_string(&witness.document);
        let unsorted = unsorted(&witness.document);
        assert_ne!(plain, unsorted);
        for content in [plain.clone(), encode(unsorted.as_bytes()), encode(format!("{plain}\n").as_bytes())] {
            let refused = verify(&content, &witness.signature, &witness.certificates);
            assert_eq!(refused, Err(SignatureError::OtherContent));
        }
    }
}

/// Compact JSON with the outermost members in the opposite order.
fn unsorted(document: &Value) -> String {
    let members = document.as_object().expect("an object").iter().rev();
    let members: Vec<_> = members.map(|(name, value)| format!("\"{name}\":{}", to_string(value))).collect();
    format!("{{{}}}", members.join(","))
}

#[test]
fn what_is_signed_verifies_here_and_with_openssl() {
    let content = root().0.signed_content();
    let signature = sign(&content, &PEOPLE.bob, NOW).expect("signed");
    let candidates = [PEOPLE.alice.certificate().clone(), PEOPLE.bob.certificate().clone()];
    assert_eq!(verify(&content, &signature, &candidates), Ok(&candidates[1]));
    assert_eq!(verify(&content, &signature, &candidates[..1]), Err(SignatureError::NoCandidate));

    use openssl::cms::{CMSOptions, CmsContentInfo};
    let mut cms = CmsContentInfo::from_der(&decode(&signature)).expect("OpenSSL reads it");
    let flags = CMSOptions::NO_SIGNER_CERT_VERIFY | CMSOptions::BINARY | CMSOptions::DETACHED;
    cms.verify(None, None, Some(content.as_bytes()), None, flags).expect("OpenSSL verifies it");
}

#[test]
fn a_signature_in_somebodys_name_is_not_his() {
    let (victim, attacker) = (PEOPLE.bob.certificate(), PEOPLE.eve.private_key());
    let forgery = self_made(victim, attacker, NOW).expect("a forgery");
    for certificate in [&forgery, victim] {
        let signature = sign_with("content", certificate, attacker, NOW).expect("signed");
        let members = [PEOPLE.alice.certificate().clone(), victim.clone()];
        assert_eq!(verify("content", &signature, &members), Err(SignatureError::NoCandidate));
    }
}

#[test]
fn a_missing_signature_is_missing() {
    for none in ["", " ", "\n\t"] {
        assert_eq!(verify("content", none, &[]), Err(SignatureError::Missing));
    }
    assert!(matches!(verify("content", "null", &[]), Err(SignatureError::Malformed(_))));
    assert_eq!(verify("content", "§", &[]), Err(SignatureError::Base64));
    assert!(matches!(verify("content", &"A".repeat(300_000), &[]), Err(SignatureError::TooLarge { .. })));
}

/// Builds SignedData of parts, so that each can be wrong.
#[derive(Clone)]
struct Builder {
    indefinite: bool,
    embedded: bool,
    signers: usize,
    version: u8,
    by_key_identifier: bool,
    digest_algorithm: &'static [u8],
    signature_algorithm: &'static [u8],
    attributes: Option<Vec<Vec<u8>>>,
}

const DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
const CONTENT_TYPE: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03";
const MESSAGE_DIGEST: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04";
const SHA256: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01";
const SHA1: &[u8] = b"\x06\x05\x2b\x0e\x03\x02\x1a";
const RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
const SHA1_WITH_RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05";
const RSA_PSS: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";

impl Builder {
    /// As Android and the web client mix them: attributes not sorted.
    fn honest() -> Self {
        Self {
            indefinite: false,
            embedded: false,
            signers: 1,
            version: 1,
            by_key_identifier: false,
            digest_algorithm: SHA256,
            signature_algorithm: RSA,
            attributes: Some(vec![digest("content"), content_type(DATA)]),
        }
    }

    /// A signature of bob's over `content`.
    fn build(&self) -> String {
        let bob = &PEOPLE.bob;
        let attributes = self.attributes.clone().unwrap_or_default();
        let attributes: Vec<_> = attributes.iter().map(Vec::as_slice).collect();
        let signed = if self.attributes.is_some() { tlv(0x31, &attributes) } else { b"content".to_vec() };
        let signature = backend().rsa_sign(bob.private_key(), &signed).expect("signed");
        let certificate = bob.certificate();
        let signer = tlv(
            0x30,
            &[
                &[2, 1, self.version],
                &if self.by_key_identifier {
                    tlv(0x80, &[&[1; 20]])
                } else {
                    tlv(0x30, &[certificate.issuer_der(), certificate.serial_der()])
                },
                &tlv(0x30, &[self.digest_algorithm]),
                &if self.attributes.is_some() { tlv(0xa0, &attributes) } else { Vec::new() },
                &tlv(0x30, &[self.signature_algorithm, &[5, 0]]),
                &tlv(4, &[&signature]),
            ],
        );
        let embedded = self.tlv(0xa0, &[&tlv(4, &[b"content"])]);
        let signed_data = self.tlv(
            0x30,
            &[
                &[2, 1, 1],
                &tlv(0x31, &[&tlv(0x30, &[self.digest_algorithm])]),
                &self.tlv(0x30, &[DATA, if self.embedded { &embedded } else { &[] }]),
                &self.tlv(0xa0, &[certificate.der()]),
                &tlv(0x31, &vec![&signer[..]; self.signers]),
            ],
        );
        let signed_data_id = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
        encode(&self.tlv(0x30, &[signed_data_id, &self.tlv(0xa0, &[&signed_data])]))
    }

    fn verdict(&self) -> Result<(), SignatureError> {
        verify("content", &self.build(), &[PEOPLE.bob.certificate().clone()]).map(|_| ())
    }

    fn tlv(&self, tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        if self.indefinite { [&[tag, 0x80], &parts.concat()[..], &[0, 0]].concat() } else { tlv(tag, parts) }
    }
}

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).expect("short").to_be_bytes();
    let header = match content.len() {
        short @ 0..0x80 => vec![tag, short as u8],
        0x80..0x100 => vec![tag, 0x81, length[1]],
        _ => vec![tag, 0x82, length[0], length[1]],
    };
    [header, content].concat()
}

fn attribute(kind: &[u8], values: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &[kind, &tlv(0x31, values)])
}

fn content_type(value: &[u8]) -> Vec<u8> {
    attribute(CONTENT_TYPE, &[value])
}

fn digest(content: &str) -> Vec<u8> {
    attribute(MESSAGE_DIGEST, &[&tlv(4, &[&backend().sha256(content.as_bytes())])])
}

#[test]
fn the_encodings_of_all_writers_are_read() {
    let honest = Builder::honest();
    let sorted = Some(vec![content_type(DATA), digest("content")]);
    for odd in [
        honest.clone(),
        Builder { attributes: sorted, ..honest.clone() },
        Builder { indefinite: true, ..honest.clone() },
        Builder { version: 0, ..honest.clone() },
        Builder { version: 3, by_key_identifier: true, ..honest.clone() },
        Builder { signature_algorithm: SHA1_WITH_RSA, ..honest.clone() },
    ] {
        assert_eq!(odd.verdict(), Ok(()));
    }
}

#[test]
fn weak_and_ambiguous_signatures_are_refused() {
    let honest = Builder::honest();
    let with = |attributes: &[Vec<u8>]| Builder { attributes: Some(attributes.to_vec()), ..honest.clone() };
    let (kind, hash) = (content_type(DATA), digest("content"));
    let twice = {
        let value = tlv(4, &[&backend().sha256(b"content")]);
        attribute(MESSAGE_DIGEST, &[&value, &value])
    };
    let no_digest = Err(SignatureError::Attribute("messageDigest"));
    let no_type = Err(SignatureError::Attribute("contentType"));
    for (odd, verdict) in [
        (Builder { embedded: true, ..honest.clone() }, Err(SignatureError::NotDetached)),
        (Builder { embedded: true, indefinite: true, ..honest.clone() }, Err(SignatureError::NotDetached)),
        (Builder { signers: 0, ..honest.clone() }, Err(SignatureError::SignerCount(0))),
        (Builder { signers: 2, ..honest.clone() }, Err(SignatureError::SignerCount(2))),
        (Builder { digest_algorithm: SHA1, ..honest.clone() }, Err(SignatureError::DigestAlgorithm)),
        (Builder { signature_algorithm: RSA_PSS, ..honest.clone() }, Err(SignatureError::SignatureAlgorithm)),
        (Builder { attributes: None, ..honest.clone() }, Err(SignatureError::Attribute("set"))),
        (with(&[]), no_type.clone()),
        (with(std::slice::from_ref(&kind)), no_digest.clone()),
        (with(std::slice::from_ref(&hash)), no_type.clone()),
        (with(&[kind.clone(), hash.clone(), hash.clone()]), no_digest.clone()),
        (with(&[kind.clone(), twice]), no_digest.clone()),
        (with(&[kind.clone(), kind.clone(), hash.clone()]), no_type.clone()),
        (with(&[content_type(SHA256), hash]), no_type),
        (with(&[kind.clone(), attribute(MESSAGE_DIGEST, &[&tlv(4, &[&[0; 20]])])]), no_digest),
        (with(&[kind, digest("another")]), Err(SignatureError::OtherContent)),
    ] {
        assert_eq!(odd.verdict(), verdict);
    }
}

#[test]
fn nothing_may_follow_a_signature() {
    let mut der = decode(&Builder::honest().build());
    der.push(0);
    let candidates = [PEOPLE.bob.certificate().clone()];
    let excess = SignatureError::Malformed("excess elements");
    assert_eq!(verify("content", &encode(&der), &candidates), Err(excess));
}

#[test]
fn every_changed_bit_that_matters_is_noticed() {
    let content = "content";
    let signature = decode(&sign(content, &PEOPLE.bob, NOW).expect("signed"));
    let candidates = [PEOPLE.bob.certificate().clone()];
    let rsa_value = signature.len() - 256;
    for index in 0..signature.len() {
        let mut damaged = signature.clone();
        damaged[index] ^= 1 << (index % 8);
        let verdict = verify(content, &encode(&damaged), &candidates);
        // Versions, embedded certificates and the signer's name are not what trust rests on.
        assert!(verdict.is_err() || index < rsa_value, "byte {index}");
        assert!(verify(content, &encode(&signature[..index]), &candidates).is_err(), "cut to {index}");
    }
}
