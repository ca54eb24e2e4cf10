//! Primitives that do nothing dear twice.
//!
//! In one run the same few users' wrapped keys are opened, their certificates read and their signatures made and checked
//! again and again, by the client in this process and by the judge. What a public key has wrapped, a private key has
//! unwrapped or signed, or what was read or checked in this process is looked up instead. That it is the same follows for
//! wrapped keys from RSA-OAEP itself, which the vectors prove for the library, and for the others from their being functions:
//! RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2) has no randomness.

mod documents;
mod memory;

use std::num::NonZeroU32;
use std::sync::LazyLock;

use e2ee_reference::Error;
use e2ee_reference::backend::{self, Backend, Hash, OpenSsl};
use e2ee_reference::certificate::{Certificate, PublicKey};
use e2ee_reference::identity::PrivateKey;
use zeroize::Zeroizing;

pub(crate) use self::documents::{inside, recognised};
pub(crate) use self::memory::First;
use self::memory::{Memory, place};

/// What is sealed in more bytes than this is no entry of metadata, and is opened as fast as it is looked up.
const ENTRY: usize = 4096;

/// Uses them on this thread from now on.
pub(crate) fn on_this_thread() {
    static REMEMBERED: LazyLock<Remembered> = LazyLock::new(Remembered::default);
    backend::use_on_this_thread(&*REMEMBERED);
}

/// OpenSSL with a memory.
#[derive(Default)]
struct Remembered {
    /// By public key and wrapped key: what was wrapped; `None` if it was not wrapped for this key.
    unwrapped: Memory<Option<Zeroizing<Vec<u8>>>>,
    /// By public key and what was wrapped for it: with the padding of the first time.
    wrapped: Memory<Vec<u8>>,
    /// By public key and message.
    signed: Memory<Vec<u8>>,
    /// By key, nonce and what was sealed: entries of 1.x, which are opened one by one whenever a folder is looked at.
    opened: Memory<Zeroizing<Vec<u8>>>,
    /// By hash, public key, message and signature.
    verified: Memory<bool>,
    certificates: Memory<Certificate>,
    public_keys: Memory<PublicKey>,
    /// Its first use makes OpenSSL prepare a key, which costs as much as using it.
    private_keys: Memory<PrivateKey>,
}

impl Backend for Remembered {
    fn oaep_wrap(&self, key: &PublicKey, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let wrapped = self.wrapped.get(place(&[key.der(), plain]), || OpenSsl.oaep_wrap(key, plain))?;
        self.unwrapped.keep(place(&[key.der(), &wrapped]), Some(Zeroizing::new(plain.to_vec())));
        Ok(wrapped)
    }

    fn oaep_unwrap(&self, key: &PrivateKey, wrapped: &[u8]) -> Result<Vec<u8>, Error> {
        let place = place(&[key.public_key().der(), wrapped]);
        let unwrap = || match OpenSsl.oaep_unwrap(key, wrapped) {
            Ok(plain) => Ok(Some(Zeroizing::new(plain))),
            Err(Error::Unwrap) => Ok(None),
            Err(other) => Err(other),
        };
        self.unwrapped.get(place, unwrap)?.map(|plain| plain.to_vec()).ok_or(Error::Unwrap)
    }

    fn rsa_verify(&self, hash: Hash, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        let place = place(&[&[hash as u8], key.der(), message, signature]);
        let verify = || Ok::<_, Error>(OpenSsl.rsa_verify(hash, key, message, signature));
        self.verified.get(place, verify).unwrap_or(false)
    }

    fn certificate(&self, der: &[u8]) -> Result<Certificate, Error> {
        self.certificates.get(place(&[der]), || OpenSsl.certificate(der))
    }

    fn public_key(&self, der: &[u8]) -> Result<PublicKey, Error> {
        self.public_keys.get(place(&[der]), || OpenSsl.public_key(der))
    }

    fn private_key(&self, der: &[u8]) -> Result<PrivateKey, Error> {
        self.private_keys.get(place(&[der]), || OpenSsl.private_key(der))
    }

    fn aes_gcm_seal(&self, key: &[u8], nonce: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
        OpenSsl.aes_gcm_seal(key, nonce, plain)
    }

    fn aes_gcm_open(&self, key: &[u8], nonce: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let open = || OpenSsl.aes_gcm_open(key, nonce, sealed);
        if sealed.len() > ENTRY {
            return open();
        }
        let opened = self.opened.get(place(&[key, nonce, sealed]), || open().map(Zeroizing::new));
        opened.map(|plain| plain.to_vec())
    }

    fn pbkdf2(
        &self,
        hash: Hash,
        password: &[u8],
        salt: &[u8],
        rounds: u32,
        key: &mut [u8],
    ) -> Result<(), Error> {
        // A third less time than OpenSSL takes, which makes ready anew for each round.
        let algorithm = match hash {
            Hash::Sha1 => ring::pbkdf2::PBKDF2_HMAC_SHA1,
            Hash::Sha256 => ring::pbkdf2::PBKDF2_HMAC_SHA256,
        };
        let Some(rounds) = NonZeroU32::new(rounds) else {
            return OpenSsl.pbkdf2(hash, password, salt, rounds, key);
        };
        ring::pbkdf2::derive(algorithm, rounds, salt, password, key);
        Ok(())
    }

    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        OpenSsl.sha256(data)
    }

    fn rsa_sign(&self, key: &PrivateKey, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.signed.get(place(&[key.public_key().der(), message]), || OpenSsl.rsa_sign(key, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_wrapped_for_one_key_is_not_unwrapped_by_another() {
        on_this_thread();
        let (own, other) = (e2ee_mock_server::test_key(0), e2ee_mock_server::test_key(1));
        let (own, other) = (own.expect("a key"), other.expect("a key"));
        let wrapped = backend::backend().oaep_wrap(&own.public_key(), b"sixteen bytes...").expect("wrapped");
        for _ in 0..2 {
            let unwrapped = backend::backend().oaep_unwrap(&own, &wrapped);
            assert_eq!(unwrapped.as_deref(), Ok(&b"sixteen bytes..."[..]));
            assert_eq!(OpenSsl.oaep_unwrap(&own, &wrapped), unwrapped, "as OpenSSL says");
            assert_eq!(backend::backend().oaep_unwrap(&other, &wrapped), Err(Error::Unwrap));
        }
        let mut changed = wrapped;
        changed[7] ^= 1;
        assert_eq!(backend::backend().oaep_unwrap(&own, &changed), Err(Error::Unwrap));
    }
    #[test]
    fn a_signature_is_good_for_its_message_and_key_alone() {
        on_this_thread();
        let (own, other) = (e2ee_mock_server::test_key(0), e2ee_mock_server::test_key(1));
        let (own, other) = (own.expect("a key"), other.expect("a key"));
        let signature = backend::backend().rsa_sign(&own, b"message").expect("a signature");
        let verify = |key: &PrivateKey, hash, message: &[u8], signature: &[u8]| {
            backend::backend().rsa_verify(hash, &key.public_key(), message, signature)
        };
        for _ in 0..2 {
            assert!(verify(&own, Hash::Sha256, b"message", &signature));
            assert!(!verify(&other, Hash::Sha256, b"message", &signature));
            assert!(!verify(&own, Hash::Sha1, b"message", &signature));
            assert!(!verify(&own, Hash::Sha256, b"massage", &signature));
            assert!(!verify(&own, Hash::Sha256, b"message", &[]));
        }
    }

    #[test]
    fn keys_are_derived_as_openssl_does() {
        on_this_thread();
        for hash in [Hash::Sha1, Hash::Sha256] {
            for (rounds, length) in [(1, 16), (2, 32), (1024, 32), (3, 61)] {
                let (mut ours, mut theirs) = (vec![0; length], vec![0; length]);
                let (words, salt) = (&b"twelve words"[..], &b"salt"[..]);
                backend::backend().pbkdf2(hash, words, salt, rounds, &mut ours).expect("a key");
                OpenSsl.pbkdf2(hash, words, salt, rounds, &mut theirs).expect("a key");
                assert_eq!(ours, theirs, "{hash:?}, {rounds} rounds");
            }
        }
    }

    #[test]
    fn what_is_no_certificate_does_not_become_one() {
        on_this_thread();
        let key = e2ee_mock_server::test_key(0).expect("a key");
        let authority = e2ee_reference::authority::Authority::from_private_key(key.clone());
        let der = authority.certify("alice", &key, 1_767_225_600).expect("a certificate").der().to_vec();
        for _ in 0..2 {
            assert_eq!(Certificate::from_der(&der).expect("a certificate").common_name(), Some("alice"));
            assert!(Certificate::from_der(&der[1..]).is_err());
        }
    }
}
