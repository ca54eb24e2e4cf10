//! Whatever a server sends, there is an answer and never a panic.

use e2ee_reference::certificate::{Certificate, PublicKey};
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::Document;
use serde_json::{Value, json};

use crate::common::{PEOPLE, encode, pem, root};

#[test]
fn every_member_of_a_document_may_be_anything() {
    let (document, key) = root();
    let honest = document.value();
    let odd = [
        json!(null),
        json!(true),
        json!(7),
        json!(-1.5),
        json!(""),
        json!("!"),
        json!("AAAA"),
        json!([]),
        json!([null]),
        json!({}),
    ];
    for pointer in [
        "/metadata",
        "/metadata/ciphertext",
        "/metadata/nonce",
        "/metadata/authenticationTag",
        "/users",
        "/users/0",
        "/users/0/userId",
        "/users/0/certificate",
        "/users/0/encryptedMetadataKey",
        "/version",
    ] {
        for odd in &odd {
            let mut value: Value = honest.clone();
            *value.pointer_mut(pointer).expect("a member") = odd.clone();
            let Ok(document) = Document::parse(&value.to_string()) else { continue };
            let lax = [
                "/metadata/ciphertext",
                "/metadata/authenticationTag",
                "/users",
                "/users/0/certificate",
                "/users/0/encryptedMetadataKey",
                "/users/0/userId",
            ];
            assert!(lax.contains(&pointer), "{pointer} may not be {odd}");
            let _ = document.open(&key);
            let _ = document.unwrap_key("alice", PEOPLE.alice.private_key());
            for user in document.users() {
                let _ = user.certificate();
            }
        }
        let mut value = honest.clone();
        let (parent, name) = pointer.rsplit_once('/').expect("a path");
        if let Some(parent) = value.pointer_mut(parent).and_then(Value::as_object_mut) {
            parent.remove(name);
        }
        let _ = Document::parse(&value.to_string()).map(|document| document.open(&key));
    }
}

#[test]
fn documents_cut_short_are_errors() {
    let json = root().0.to_json();
    for length in 0..json.len() {
        assert!(Document::parse(&json[..length]).is_err(), "cut to {length}");
    }
}

#[test]
fn certificates_and_keys_in_pieces_are_errors() {
    let der = PEOPLE.alice.certificate().der();
    for length in 0..der.len() {
        assert!(Certificate::from_der(&der[..length]).is_err(), "cut to {length}");
    }
    assert!(Certificate::from_der(&[der, &[0]].concat()).is_err());
    for index in 0..der.len() {
        let mut damaged = der.to_vec();
        damaged[index] ^= 0x81;
        // It may still be a certificate, though never one that the server issued.
        if let Ok(certificate) = Certificate::from_der(&damaged) {
            assert!(!certificate.is_issued_by(&PEOPLE.authority.server_key()), "byte {index}");
            let _ =
                (certificate.common_name(), certificate.is_valid_at(0), certificate.public_key().is_strong());
        }
    }
    for text in [
        "",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE----------END CERTIFICATE-----",
        &pem("CERTIFICATE", "!"),
    ] {
        assert!(Certificate::from_pem(text).is_err());
    }
    for der in [&[][..], &[0x30, 0x80], &[0x30; 64], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]] {
        assert!(Certificate::from_der(der).is_err());
        assert!(PublicKey::from_pem(&pem("PUBLIC KEY", &encode(der))).is_err());
        assert!(PrivateKey::from_pem(&pem("PRIVATE KEY", &encode(der))).is_err());
    }
}

#[test]
fn nesting_without_end_is_an_error() {
    let bomb: Vec<u8> = [0x30, 0x80].repeat(100_000);
    let refused = e2ee_reference::signature::verify("content", &encode(&bomb[..100_000]), &[]);
    assert!(refused.is_err());
    assert!(Certificate::from_der(&bomb).is_err());
}
