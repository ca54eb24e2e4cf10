//! Certificates, private keys and the server key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_reference::certificate::{Certificate, PublicKey};
use e2ee_reference::identity::{PrivateKey, certificate_request};

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use openssl::x509::{X509NameBuilder, X509ReqBuilder};

use crate::client::{E2EE, Lab};

#[tokio::test]
async fn a_request_is_certified_under_the_announced_key() {
    let lab = Lab::new().await;
    let key = PrivateKey::generate().unwrap();
    let csr = certificate_request(&key, "alice").unwrap();
    let path = format!("{E2EE}/public-key");
    let made = lab.ocs("alice", "POST", &path, &[("csr", &csr)]).await;
    let certificate = Certificate::from_pem(made.data()["public-key"].as_str().unwrap()).unwrap();
    let server_key = lab.ocs("", "GET", &format!("{E2EE}/server-key"), &[]).await;
    let server_key = PublicKey::from_pem(server_key.data()["public-key"].as_str().unwrap()).unwrap();
    assert!(certificate.is_issued_by(&server_key));
    assert_eq!(certificate.common_name(), Some("alice"));
    assert_eq!(lab.ocs("alice", "POST", &path, &[("csr", &csr)]).await.status, 409);

    let found = lab.ocs("alice", "GET", &format!("{path}?users=%5B%22alice%22%5D"), &[]).await;
    assert_eq!(found.data()["public-keys"]["alice"], made.data()["public-key"]);
    let missing = lab.ocs("alice", "GET", &format!("{path}?users=%5B%22bob%22%5D"), &[]).await;
    assert_eq!(missing.status, 404);
    let text = "Could not find the public key belonging to the user bob";
    assert_eq!(missing.json()["ocs"]["meta"]["message"], text);
}

#[tokio::test]
async fn a_request_for_somebody_else_is_refused() {
    let lab = Lab::new().await;
    let key = PrivateKey::generate().unwrap();
    let csr = certificate_request(&key, "bob").unwrap();
    let answer = lab.ocs("alice", "POST", &format!("{E2EE}/public-key"), &[("csr", &csr)]).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn private_keys_are_checked_stored_and_deleted() {
    let lab = Lab::new().await;
    let path = format!("{E2EE}/private-key");
    let blob = format!("QUFB|{}|{}", "A".repeat(16), format_args!("{}=", "A".repeat(55)));
    let missing = lab.ocs("alice", "GET", &path, &[]).await;
    assert_eq!(
        (missing.status, missing.data()["message"].as_str()),
        (404, Some("Could not find the private key"))
    );
    assert_eq!(lab.ocs("alice", "POST", &path, &[("privateKey", "a|b|c")]).await.status, 400);
    assert_eq!(lab.ocs("alice", "POST", &path, &[]).await.status, 500);
    assert_eq!(lab.ocs("alice", "POST", &path, &[("privateKey", &blob)]).await.status, 400);
    let blob = format!("QUFB|{}|{}", "A".repeat(16), format_args!("{}==", "A".repeat(54)));
    assert_eq!(lab.ocs("alice", "POST", &path, &[("privateKey", &blob)]).await.status, 200);
    assert_eq!(lab.ocs("alice", "POST", &path, &[("privateKey", &blob)]).await.status, 409);
    assert_eq!(lab.ocs("alice", "GET", &path, &[]).await.data()["private-key"], blob);
    assert_eq!(lab.ocs("bob", "GET", &path, &[]).await.status, 404);
    assert_eq!(lab.ocs("alice", "DELETE", &path, &[]).await.status, 200);
    assert_eq!(lab.ocs("alice", "GET", &path, &[]).await.status, 404);
}

#[tokio::test]
async fn a_request_of_version_1_is_certified() {
    // Desktop clients write the number 1 where 0 is due, and sign with SHA-1.
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "alice").unwrap();
    let mut request = X509ReqBuilder::new().unwrap();
    request.set_subject_name(&name.build()).unwrap();
    request.set_pubkey(&key).unwrap();
    request.sign(&key, MessageDigest::sha1()).unwrap();
    let mut der = request.build().to_der().unwrap();
    // What is signed stands behind the outer header, in both of which the length takes two octets; the signature is last.
    let signed = 4..8 + usize::from(u16::from_be_bytes([der[6], der[7]]));
    assert_eq!(der[8..11], [2, 1, 0], "the version");
    der[10] = 1;
    let signature = Signer::new(MessageDigest::sha1(), &key)
        .and_then(|mut signer| signer.sign_oneshot_to_vec(&der[signed]))
        .unwrap();
    let at = der.len() - signature.len();
    der[at..].copy_from_slice(&signature);
    let lab = Lab::new().await;
    let path = format!("{E2EE}/public-key");
    // What does not verify is refused all the same.
    *der.last_mut().unwrap() ^= 1;
    assert_ne!(lab.ocs("alice", "POST", &path, &[("csr", &pem(&der))]).await.status, 200);
    *der.last_mut().unwrap() ^= 1;
    let made = lab.ocs("alice", "POST", &path, &[("csr", &pem(&der))]).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let certificate = Certificate::from_pem(made.data()["public-key"].as_str().unwrap()).unwrap();
    assert_eq!(certificate.common_name(), Some("alice"));
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE REQUEST-----\n{text}\n-----END CERTIFICATE REQUEST-----\n")
}
