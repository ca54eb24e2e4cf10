//! The cryptographic primitives behind one small trait, so that a second, independent library can stand in
//! for the first and every vector be checked by both.

pub(crate) mod openssl_backend;

use std::cell::Cell;

use crate::certificate::{Certificate, PublicKey};
use crate::error::Error;
use crate::identity::PrivateKey;

pub use openssl_backend::OpenSsl;

/// Length of an AES-GCM authentication tag in bytes.
pub const TAG_LENGTH: usize = 16;

/// The hash inside PBKDF2's HMAC, or under an RSA signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hash {
    /// SHA-1, in old private-key blobs and in certificates of old servers only.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// The primitives that the protocol is built of.
pub trait Backend: Send + Sync {
    /// AES-GCM without associated data: ciphertext followed by the 16-byte authentication tag.
    ///
    /// # Errors
    /// Unless `key` has 16 or 32 bytes and `nonce` 12 or 16. A 16-byte nonce goes through GHASH.
    fn aes_gcm_seal(&self, key: &[u8], nonce: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error>;

    /// Opens ciphertext followed by its authentication tag.
    ///
    /// # Errors
    /// Lengths as for sealing; [`Error::Authentication`] when the tag does not fit.
    fn aes_gcm_open(&self, key: &[u8], nonce: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error>;

    /// RSA-OAEP with SHA-256, MGF1 with SHA-256 and an empty label.
    ///
    /// # Errors
    /// When the key is no RSA key or too short for the text.
    fn oaep_wrap(&self, key: &PublicKey, plain: &[u8]) -> Result<Vec<u8>, Error>;

    /// The inverse of [`oaep_wrap`](Self::oaep_wrap). The result is secret.
    ///
    /// # Errors
    /// [`Error::Unwrap`], whatever is wrong: the reason would help an attacker who may ask often.
    fn oaep_unwrap(&self, key: &PrivateKey, wrapped: &[u8]) -> Result<Vec<u8>, Error>;

    /// PBKDF2 with HMAC; fills `key`.
    ///
    /// # Errors
    /// Only when the library fails.
    fn pbkdf2(
        &self,
        hash: Hash,
        password: &[u8],
        salt: &[u8],
        rounds: u32,
        key: &mut [u8],
    ) -> Result<(), Error>;

    /// SHA-256.
    fn sha256(&self, data: &[u8]) -> [u8; 32];

    /// RSASSA-PKCS1-v1_5 with SHA-256 over `message`.
    ///
    /// # Errors
    /// Only when the library fails.
    fn rsa_sign(&self, key: &PrivateKey, message: &[u8]) -> Result<Vec<u8>, Error>;

    /// Whether `signature` is an RSASSA-PKCS1-v1_5 signature with this hash over `message`. False as well for
    /// keys that are not RSA.
    fn rsa_verify(&self, hash: Hash, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool;

    /// Reads a certificate from DER, see [`Certificate::from_der`]. Those of a folder's members are read again with each of
    /// its documents: a backend may remember them.
    ///
    /// # Errors
    /// [`Error::Encoding`].
    fn certificate(&self, der: &[u8]) -> Result<Certificate, Error> {
        Certificate::read(der)
    }

    /// Reads a public key from DER (SPKI), or remembers it.
    ///
    /// # Errors
    /// [`Error::Encoding`].
    fn public_key(&self, der: &[u8]) -> Result<PublicKey, Error> {
        PublicKey::read(der)
    }

    /// Reads a private key from DER (PKCS#8), or remembers it.
    ///
    /// # Errors
    /// [`Error::Encoding`].
    fn private_key(&self, der: &[u8]) -> Result<PrivateKey, Error> {
        PrivateKey::read(der)
    }

    /// Fills `target` with random bytes for keys, nonces and ids: those of the operating system, unless a
    /// backend for reproducible test data has others.
    ///
    /// # Panics
    /// When the operating system has no randomness to give: no key may be made then, and nothing can be done.
    #[expect(clippy::expect_used, reason = "a system without randomness must not go on")]
    fn fill_random(&self, target: &mut [u8]) {
        getrandom::fill(target).expect("the operating system gives random bytes");
    }
}

thread_local! {
    static IN_FORCE: Cell<&'static dyn Backend> = const { Cell::new(&OpenSsl) };
}

/// The backend that this crate works with: OpenSSL, compiled in, unless this thread is inside [`with`].
#[must_use]
pub fn backend() -> &'static dyn Backend {
    IN_FORCE.get()
}

/// Makes another backend that of this thread from now on; for threads that run tasks, which [`with`] cannot enclose.
pub fn use_on_this_thread(other: &'static dyn Backend) {
    IN_FORCE.set(other);
}

/// Runs `action` with another backend on this thread. What was in force before is so again afterwards, even
/// if `action` panics.
///
/// The shape and the dates of certificates, making them and RSA keys, and the streaming file cipher stay with
/// OpenSSL.
pub fn with<R>(other: &'static dyn Backend, action: impl FnOnce() -> R) -> R {
    struct Restore(&'static dyn Backend);
    impl Drop for Restore {
        fn drop(&mut self) {
            IN_FORCE.set(self.0);
        }
    }
    let _restore = Restore(IN_FORCE.replace(other));
    action()
}
