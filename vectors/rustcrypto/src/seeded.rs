//! Randomness that is the same on every run, for vectors that can be made again bit for bit.

use std::cell::RefCell;

use e2ee_reference::Error;
use e2ee_reference::backend::{self, Backend, Hash};
use e2ee_reference::certificate::PublicKey;
use e2ee_reference::identity::PrivateKey;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{self, CryptoRng, RngCore, SeedableRng as _};

use crate::RustCrypto;
use crate::backend::oaep_wrap;

thread_local! {
    static GENERATOR: RefCell<Option<ChaCha20Rng>> = const { RefCell::new(None) };
}

/// Runs `action` with [`RustCrypto`] as the backend of [`e2ee_reference`] and with ChaCha20 under this seed as
/// its only randomness: keys, nonces, ids and OAEP seeds come out the same each time. Not for real keys.
///
/// The generator belongs to the thread; a call inside another one starts anew and leaves nothing behind it.
pub fn with_seed<R>(seed: [u8; 32], action: impl FnOnce() -> R) -> R {
    struct Restore(Option<ChaCha20Rng>);
    impl Drop for Restore {
        fn drop(&mut self) {
            GENERATOR.set(self.0.take());
        }
    }
    let _restore = Restore(GENERATOR.replace(Some(ChaCha20Rng::from_seed(seed))));
    backend::with(&Seeded, action)
}

/// [`RustCrypto`] with the thread's generator; outside of [`with_seed`] with that of the operating system.
#[derive(Debug, Clone, Copy)]
struct Seeded;

impl Backend for Seeded {
    fn aes_gcm_seal(&self, key: &[u8], nonce: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
        RustCrypto.aes_gcm_seal(key, nonce, plain)
    }

    fn aes_gcm_open(&self, key: &[u8], nonce: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
        RustCrypto.aes_gcm_open(key, nonce, sealed)
    }

    fn oaep_wrap(&self, key: &PublicKey, plain: &[u8]) -> Result<Vec<u8>, Error> {
        oaep_wrap(key, plain, &mut FromBackend(self))
    }

    fn oaep_unwrap(&self, key: &PrivateKey, wrapped: &[u8]) -> Result<Vec<u8>, Error> {
        RustCrypto.oaep_unwrap(key, wrapped)
    }

    fn pbkdf2(
        &self,
        hash: Hash,
        password: &[u8],
        salt: &[u8],
        rounds: u32,
        key: &mut [u8],
    ) -> Result<(), Error> {
        RustCrypto.pbkdf2(hash, password, salt, rounds, key)
    }

    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        RustCrypto.sha256(data)
    }

    fn rsa_sign(&self, key: &PrivateKey, message: &[u8]) -> Result<Vec<u8>, Error> {
        RustCrypto.rsa_sign(key, message)
    }

    fn rsa_verify(&self, hash: Hash, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        RustCrypto.rsa_verify(hash, key, message, signature)
    }

    fn fill_random(&self, target: &mut [u8]) {
        GENERATOR.with_borrow_mut(|generator| match generator {
            Some(generator) => generator.fill_bytes(target),
            None => RustCrypto.fill_random(target),
        });
    }
}

/// A backend's randomness in the form that the `rsa` crate takes.
pub(crate) struct FromBackend<'a>(pub(crate) &'a dyn Backend);

impl RngCore for FromBackend<'_> {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, target: &mut [u8]) {
        self.0.fill_random(target);
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(target);
        Ok(())
    }
}

impl CryptoRng for FromBackend<'_> {}
