//! Certificates, certificate requests and keys.

use super::run::ALICE;
use crate::authority::requested_common_name;
use crate::certificate::{Certificate, PublicKey};
use crate::identity::PrivateKey;

/// What can be parsed comes back from PEM as it was, and holds the names that it is said to hold. An input that
/// begins with `0`, the tag of a SEQUENCE, is DER; any other is PEM.
pub fn certificate(input: &[u8]) {
    if input.first() == Some(&b'0') {
        return Certificate::from_der(input).iter().for_each(check);
    }
    let Ok(text) = std::str::from_utf8(input) else { return };
    Certificate::from_pem(text).iter().for_each(check);
    PublicKey::from_pem(text).iter().for_each(check_key);
    let _ = requested_common_name(text);
    if let Ok(key) = PrivateKey::from_pem(text) {
        let again = PrivateKey::from_pem(&key.to_pem());
        assert_eq!(again.map(|again| again.to_pem()), Ok(key.to_pem()));
    }
}

fn check(certificate: &Certificate) {
    assert_eq!(Certificate::from_pem(&certificate.to_pem()).as_ref(), Ok(certificate));
    for part in [certificate.issuer_der(), certificate.serial_der()] {
        assert!(certificate.der().windows(part.len()).any(|window| window == part));
    }
    check_key(certificate.public_key());
    let _ = certificate.is_issued_by(ALICE.certificate().public_key());
    let _ = certificate.is_valid_at(0);
}

fn check_key(key: &PublicKey) {
    assert_eq!(PublicKey::from_pem(&key.to_pem()).as_ref(), Ok(key));
    assert!(!key.is_strong() || key.bits() >= 2048);
}
