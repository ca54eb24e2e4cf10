//! Primitives that do not unwrap the same key twice.
//!
//! In one run the same few users' wrapped keys are opened again and again, by the client in this process and by the judge,
//! and each time costs a private RSA operation. What a public key has wrapped, or a private key has unwrapped, in this
//! process is looked up instead. That it is the same follows from RSA-OAEP itself, which the vectors prove for the library.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use e2ee_reference::Error;
use e2ee_reference::backend::{self, Backend, Hash, OpenSsl};
use e2ee_reference::certificate::PublicKey;
use e2ee_reference::identity::PrivateKey;
use zeroize::Zeroizing;

/// More than this is forgotten, all at once.
const MOST: usize = 1 << 16;

/// Uses them on this thread from now on.
pub(crate) fn on_this_thread() {
    static REMEMBERED: Remembered = Remembered { unwrapped: Mutex::new(None) };
    backend::use_on_this_thread(&REMEMBERED);
}

/// By SHA-256 of public key and wrapped key: what was wrapped.
type Unwrapped = HashMap<[u8; 32], Zeroizing<Vec<u8>>>;

/// OpenSSL with a memory.
struct Remembered {
    unwrapped: Mutex<Option<Unwrapped>>,
}

impl Remembered {
    fn unwrapped(&self) -> MutexGuard<'_, Option<Unwrapped>> {
        self.unwrapped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, place: [u8; 32], plain: &[u8]) {
        let mut unwrapped = self.unwrapped();
        let unwrapped = unwrapped.get_or_insert_default();
        if unwrapped.len() >= MOST {
            unwrapped.clear();
        }
        unwrapped.insert(place, Zeroizing::new(plain.to_vec()));
    }
}

fn place(key: &PublicKey, wrapped: &[u8]) -> [u8; 32] {
    OpenSsl.sha256(&[key.to_pem().as_bytes(), wrapped].concat())
}

impl Backend for Remembered {
    fn oaep_wrap(&self, key: &PublicKey, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let wrapped = OpenSsl.oaep_wrap(key, plain)?;
        self.keep(place(key, &wrapped), plain);
        Ok(wrapped)
    }

    fn oaep_unwrap(&self, key: &PrivateKey, wrapped: &[u8]) -> Result<Vec<u8>, Error> {
        let place = place(&key.public_key(), wrapped);
        if let Some(plain) = self.unwrapped().as_ref().and_then(|unwrapped| unwrapped.get(&place)) {
            return Ok(plain.to_vec());
        }
        let plain = OpenSsl.oaep_unwrap(key, wrapped)?;
        self.keep(place, &plain);
        Ok(plain)
    }

    fn aes_gcm_seal(&self, key: &[u8], nonce: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
        OpenSsl.aes_gcm_seal(key, nonce, plain)
    }

    fn aes_gcm_open(&self, key: &[u8], nonce: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
        OpenSsl.aes_gcm_open(key, nonce, sealed)
    }

    fn pbkdf2(
        &self,
        hash: Hash,
        password: &[u8],
        salt: &[u8],
        rounds: u32,
        key: &mut [u8],
    ) -> Result<(), Error> {
        OpenSsl.pbkdf2(hash, password, salt, rounds, key)
    }

    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        OpenSsl.sha256(data)
    }

    fn rsa_sign(&self, key: &PrivateKey, message: &[u8]) -> Result<Vec<u8>, Error> {
        OpenSsl.rsa_sign(key, message)
    }

    fn rsa_verify(&self, hash: Hash, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        OpenSsl.rsa_verify(hash, key, message, signature)
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
}
