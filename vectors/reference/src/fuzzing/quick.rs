//! A backend for millions of runs.

use crate::backend::{Backend, Hash};
use crate::certificate::PublicKey;
use crate::error::Error;
use crate::identity::PrivateKey;

/// A backend in which RSA and PBKDF2 cost next to nothing and randomness is always the same, so that a run takes
/// microseconds and can be repeated. AES and hashes are the real ones.
///
/// RSA-OAEP changes nothing, a signature is the hash of the message, and PBKDF2 makes one round.
#[derive(Debug, Clone, Copy)]
pub struct Quick<B>(pub B);

impl<B: Backend> Backend for Quick<B> {
    fn aes_gcm_seal(&self, key: &[u8], nonce: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
        self.0.aes_gcm_seal(key, nonce, plain)
    }

    fn aes_gcm_open(&self, key: &[u8], nonce: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
        self.0.aes_gcm_open(key, nonce, sealed)
    }

    fn oaep_wrap(&self, _: &PublicKey, plain: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(plain.to_vec())
    }

    fn oaep_unwrap(&self, _: &PrivateKey, wrapped: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(wrapped.to_vec())
    }

    fn pbkdf2(&self, hash: Hash, password: &[u8], salt: &[u8], _: u32, key: &mut [u8]) -> Result<(), Error> {
        self.0.pbkdf2(hash, password, salt, 1, key)
    }

    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        self.0.sha256(data)
    }

    fn rsa_sign(&self, _: &PrivateKey, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.sha256(message).to_vec())
    }

    fn rsa_verify(&self, _: Hash, _: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        self.sha256(message) == signature
    }

    fn fill_random(&self, target: &mut [u8]) {
        target.fill(0x5a);
    }
}
