//! Certificates, private keys and the server key.

use e2ee_reference::certificate::{Certificate, PublicKey};
use e2ee_reference::identity::{PrivateKey, certificate_request};

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
