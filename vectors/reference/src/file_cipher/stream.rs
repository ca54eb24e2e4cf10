//! The file cipher in constant memory.

use std::io::{self, Write};

use openssl::symm::{Crypter, Mode};
use zeroize::{Zeroize as _, Zeroizing};

use super::{AUTHENTICATION, FileKey};
use crate::backend::TAG_LENGTH;
use crate::backend::openssl_backend::{gcm, transform};
use crate::error::Error;

/// Bytes handed to the sink at a time.
const CHUNK: usize = 64 * 1024;

/// Encrypts what is written to it, in constant memory, into a sink that gets ciphertext and authentication
/// tag.
pub struct Encryptor<W: Write> {
    crypter: Crypter,
    sink: W,
    buffer: Vec<u8>,
}

impl<W: Write> Encryptor<W> {
    /// Starts a file; lengths as for [`encrypt`](super::encrypt).
    ///
    /// # Errors
    /// [`Error::NonceLength`].
    pub fn new(key: &FileKey, nonce: &[u8], sink: W) -> Result<Self, Error> {
        Ok(Self { crypter: gcm(Mode::Encrypt, key.as_bytes(), nonce)?, sink, buffer: vec![0; CHUNK] })
    }

    /// Encrypts the next bytes of the file.
    ///
    /// # Errors
    /// [`Error::Sink`].
    pub fn update(&mut self, plain: &[u8]) -> Result<(), Error> {
        for chunk in plain.chunks(CHUNK) {
            let sealed = &mut self.buffer[..chunk.len()];
            transform(&mut self.crypter, chunk, sealed)?;
            self.sink.write_all(sealed).map_err(sink_failed)?;
        }
        Ok(())
    }

    /// Ends the file with its authentication tag, and gives back the sink and the tag for the metadata.
    ///
    /// # Errors
    /// [`Error::Sink`].
    pub fn finish(mut self) -> Result<(W, [u8; TAG_LENGTH]), Error> {
        let mut tag = [0; TAG_LENGTH];
        let done = self.crypter.finalize(&mut []).and_then(|_| self.crypter.get_tag(&mut tag));
        done.map_err(|_| Error::Backend("AES-GCM"))?;
        self.sink.write_all(&tag).and_then(|()| self.sink.flush()).map_err(sink_failed)?;
        Ok((self.sink, tag))
    }
}

/// Where plaintext waits until its authentication tag has been verified.
///
/// Until then the bytes may be an attacker's, so an implementation must keep them out of everyone's reach: a
/// buffer, or a temporary file that is renamed into place by [`release`](Self::release).
pub trait Quarantine {
    /// What the bytes become when they are genuine.
    type Released;

    /// Takes bytes that are *not* authenticated.
    ///
    /// # Errors
    /// Whatever storage reports.
    fn hold(&mut self, unauthenticated: &[u8]) -> io::Result<()>;

    /// The bytes are genuine.
    ///
    /// # Errors
    /// Whatever storage reports.
    fn release(self) -> io::Result<Self::Released>;

    /// The bytes are not genuine, or nobody will ever know: destroy them.
    fn discard(&mut self);
}

impl Quarantine for Vec<u8> {
    type Released = Self;

    fn hold(&mut self, unauthenticated: &[u8]) -> io::Result<()> {
        self.extend_from_slice(unauthenticated);
        Ok(())
    }

    fn release(self) -> io::Result<Self> {
        Ok(self)
    }

    fn discard(&mut self) {
        self.zeroize();
    }
}

/// Decrypts a stored file that arrives in pieces, in constant memory.
///
/// The plaintext goes into a [`Quarantine`] that the decryptor owns. It comes out of it only through
/// [`finish`](Self::finish), after the authentication tag has been verified; a decryptor that fails or is
/// dropped discards it.
pub struct Decryptor<Q: Quarantine> {
    crypter: Crypter,
    quarantine: Option<Q>,
    /// The last bytes received, which may turn out to be the tag.
    tail: Vec<u8>,
    buffer: Zeroizing<Vec<u8>>,
}

impl<Q: Quarantine> Decryptor<Q> {
    /// Starts a file; lengths as for [`decrypt`](super::decrypt).
    ///
    /// # Errors
    /// [`Error::NonceLength`].
    pub fn new(key: &FileKey, nonce: &[u8], quarantine: Q) -> Result<Self, Error> {
        Ok(Self {
            crypter: gcm(Mode::Decrypt, key.as_bytes(), nonce)?,
            quarantine: Some(quarantine),
            tail: Vec::with_capacity(2 * TAG_LENGTH),
            buffer: Zeroizing::default(),
        })
    }

    /// Takes the next bytes of the stored file. The last 16 received are held back.
    ///
    /// # Errors
    /// [`Error::Sink`].
    pub fn update(&mut self, stored: &[u8]) -> Result<(), Error> {
        // Of tail and input together all but 16 bytes are ciphertext: first from the tail, then from the input.
        let surplus = (self.tail.len() + stored.len()).saturating_sub(TAG_LENGTH);
        let from_tail: Vec<u8> = self.tail.drain(..surplus.min(self.tail.len())).collect();
        let (body, rest) = stored.split_at(surplus - from_tail.len());
        self.tail.extend_from_slice(rest);
        self.open(&from_tail)?;
        self.open(body)
    }

    /// Verifies the authentication tag; only then releases the plaintext, together with that tag, which a
    /// client may compare with the one in the metadata.
    ///
    /// # Errors
    /// [`Error::Authentication`] when the tag does not fit or the file is shorter than a tag;
    /// [`Error::Sink`]. The plaintext has been discarded then.
    pub fn finish(mut self) -> Result<(Q::Released, [u8; TAG_LENGTH]), Error> {
        let tag: [u8; TAG_LENGTH] = self.tail[..].try_into().map_err(|_| AUTHENTICATION)?;
        let verified = self.crypter.set_tag(&tag).and_then(|()| self.crypter.finalize(&mut []));
        verified.map_err(|_| AUTHENTICATION)?;
        let quarantine = self.quarantine.take().ok_or(AUTHENTICATION)?;
        Ok((quarantine.release().map_err(sink_failed)?, tag))
    }

    fn open(&mut self, sealed: &[u8]) -> Result<(), Error> {
        let Some(quarantine) = &mut self.quarantine else { return Err(AUTHENTICATION) };
        for chunk in sealed.chunks(CHUNK) {
            if self.buffer.len() < chunk.len() {
                // What stands in it goes with it, so it must not move.
                self.buffer = Zeroizing::new(vec![0; chunk.len()]);
            }
            let plain = &mut self.buffer[..chunk.len()];
            transform(&mut self.crypter, chunk, plain)?;
            quarantine.hold(plain).map_err(sink_failed)?;
        }
        Ok(())
    }
}

impl<Q: Quarantine> Drop for Decryptor<Q> {
    fn drop(&mut self) {
        if let Some(quarantine) = &mut self.quarantine {
            quarantine.discard();
        }
    }
}

fn sink_failed(error: io::Error) -> Error {
    Error::Sink(error.kind())
}
