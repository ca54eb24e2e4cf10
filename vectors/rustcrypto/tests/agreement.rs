//! Whatever one library makes, the other opens; whatever one refuses, the other refuses.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

use e2ee_reference::Error;
use e2ee_reference::authority::Authority;
use e2ee_reference::backend::{self, Backend, Hash, OpenSsl};
use e2ee_reference::certificate::PublicKey;
use e2ee_reference::identity::{PrivateKey, certificate_request};
use e2ee_rustcrypto::deviant::{self, Signing, Wrapping};
use e2ee_rustcrypto::{RustCrypto, seeded};

const PAIRS: [(&dyn Backend, &dyn Backend); 2] = [(&OpenSsl, &RustCrypto), (&RustCrypto, &OpenSsl)];
const ALICE: &str = include_str!("../../golden/keys/alice.pem");
const BOB: &str = include_str!("../../golden/keys/bob.pem");

fn key(pem: &str) -> PrivateKey {
    PrivateKey::from_pem(pem).unwrap()
}

#[test]
fn aes_gcm() {
    for (writer, reader) in PAIRS {
        for (key_length, nonce_length) in [(16, 12), (16, 16), (32, 12), (32, 16)] {
            let (key, nonce) = (vec![7; key_length], vec![9; nonce_length]);
            for length in [0, 1, 15, 16, 17, 1000] {
                let plain = vec![0x5a; length];
                let mut sealed = writer.aes_gcm_seal(&key, &nonce, &plain).unwrap();
                assert_eq!(sealed, reader.aes_gcm_seal(&key, &nonce, &plain).unwrap());
                assert_eq!(reader.aes_gcm_open(&key, &nonce, &sealed).unwrap(), plain);
                sealed[length / 2] ^= 1;
                let refused = reader.aes_gcm_open(&key, &nonce, &sealed);
                assert_eq!(refused, Err(Error::Authentication { what: "AES-GCM" }));
            }
        }
        let short = writer.aes_gcm_open(&[0; 16], &[0; 12], &[0; 15]);
        assert_eq!(short, Err(Error::Authentication { what: "AES-GCM" }));
        assert_eq!(
            writer.aes_gcm_seal(&[0; 24], &[0; 12], &[]),
            reader.aes_gcm_seal(&[0; 24], &[0; 12], &[])
        );
        assert_eq!(
            writer.aes_gcm_seal(&[0; 16], &[0; 13], &[]),
            reader.aes_gcm_seal(&[0; 16], &[0; 13], &[])
        );
    }
}

#[test]
fn rsa() {
    let (alice, bob) = (key(ALICE), key(BOB));
    for (writer, reader) in PAIRS {
        let wrapped = writer.oaep_wrap(&alice.public_key(), b"sixteen raw byte").unwrap();
        assert_eq!(reader.oaep_unwrap(&alice, &wrapped).unwrap(), b"sixteen raw byte");
        assert_eq!(reader.oaep_unwrap(&bob, &wrapped), Err(Error::Unwrap));
        assert_eq!(reader.oaep_unwrap(&alice, &wrapped[1..]), Err(Error::Unwrap));
        let signature = writer.rsa_sign(&alice, b"message").unwrap();
        for (hash, signature) in
            [(Hash::Sha256, signature.clone()), (Hash::Sha1, Signing::Sha1.sign(&alice, b"message").unwrap())]
        {
            assert!(reader.rsa_verify(hash, &alice.public_key(), b"message", &signature));
            assert!(!reader.rsa_verify(hash, &alice.public_key(), b"massage", &signature));
            assert!(!reader.rsa_verify(hash, &bob.public_key(), b"message", &signature));
        }
        assert!(!reader.rsa_verify(Hash::Sha1, &alice.public_key(), b"message", &signature));
        let deviations =
            [Wrapping::Mgf1Sha1, Wrapping::OaepSha1, Wrapping::Label("label"), Wrapping::Pkcs1v15];
        for wrapping in deviations {
            let wrapped = deviant::wrap(wrapping, &alice.public_key(), &[1; 16]).unwrap();
            assert_eq!(reader.oaep_unwrap(&alice, &wrapped), Err(Error::Unwrap), "{wrapping:?}");
        }
    }
}

/// Whose key signed a certificate is a question for the backend in force, and not for the one that parsed it.
#[test]
fn certificates() {
    let (server, alice) = (Authority::from_private_key(key(BOB)), key(ALICE));
    let request = certificate_request(&alice, "alice").unwrap();
    let certificate = server.issue(&request, 1_760_000_000).unwrap();
    for backend in [&OpenSsl as &dyn Backend, &RustCrypto] {
        backend::with(backend, || {
            assert!(certificate.is_issued_by(&server.server_key()));
            assert!(!certificate.is_issued_by(&alice.public_key()));
            assert!(server.issue(&request, 1_760_000_000).is_ok());
        });
    }
    backend::with(&NothingVerifies, || {
        assert!(!certificate.is_issued_by(&server.server_key()));
        let refused = server.issue(&request, 1_760_000_000);
        assert_eq!(refused.err(), Some(Error::Encoding { what: "certificate request" }));
    });
}

/// Finds every signature wrong, and can do nothing else but hash.
struct NothingVerifies;

impl Backend for NothingVerifies {
    fn aes_gcm_seal(&self, _: &[u8], _: &[u8], _: &[u8]) -> Result<Vec<u8>, Error> {
        Err(Error::Backend("sealing"))
    }
    fn aes_gcm_open(&self, _: &[u8], _: &[u8], _: &[u8]) -> Result<Vec<u8>, Error> {
        Err(Error::Backend("opening"))
    }
    fn oaep_wrap(&self, _: &PublicKey, _: &[u8]) -> Result<Vec<u8>, Error> {
        Err(Error::Backend("wrapping"))
    }
    fn oaep_unwrap(&self, _: &PrivateKey, _: &[u8]) -> Result<Vec<u8>, Error> {
        Err(Error::Unwrap)
    }
    fn pbkdf2(&self, _: Hash, _: &[u8], _: &[u8], _: u32, _: &mut [u8]) -> Result<(), Error> {
        Err(Error::Backend("deriving"))
    }
    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        OpenSsl.sha256(data)
    }
    fn rsa_sign(&self, _: &PrivateKey, _: &[u8]) -> Result<Vec<u8>, Error> {
        Err(Error::Backend("signing"))
    }
    fn rsa_verify(&self, _: Hash, _: &PublicKey, _: &[u8], _: &[u8]) -> bool {
        false
    }
}

#[test]
fn hashes_and_key_derivation() {
    assert_eq!(OpenSsl.sha256(b"abc"), RustCrypto.sha256(b"abc"));
    for hash in [Hash::Sha1, Hash::Sha256] {
        let derived = PAIRS.map(|(backend, _)| {
            let mut key = [0; 32];
            backend.pbkdf2(hash, b"password", &[3; 40], 1024, &mut key).unwrap();
            key
        });
        assert_eq!(derived[0], derived[1]);
    }
}

#[test]
fn a_seed_decides_everything() {
    let made = |seed| {
        seeded::with_seed([seed; 32], || {
            let wrapped = backend::backend().oaep_wrap(&key(ALICE).public_key(), &[1; 16]).unwrap();
            (e2ee_reference::random::file_id(), wrapped)
        })
    };
    assert_eq!(made(1), made(1));
    assert_ne!(made(1).0, made(2).0);
    assert_ne!(made(1).1, made(2).1);
}

#[test]
fn what_was_in_force_is_so_again_after_a_panic() {
    let panicked = std::panic::catch_unwind(|| seeded::with_seed([1; 32], || panic!("on purpose")));
    assert!(panicked.is_err());
    assert_ne!(e2ee_reference::random::file_id(), e2ee_reference::random::file_id());
}
