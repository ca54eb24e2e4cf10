//! RSA signatures with hashes that no signature may rest on any more.

use openssl::hash::MessageDigest;
use openssl::sign::Signer;

use super::der::{self, element, rsadsi};
use crate::error::Error;
use crate::identity::PrivateKey;

/// A hash with known collisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeakHash {
    /// RFC 1321.
    Md5,
    /// FIPS 180-4.
    Sha1,
}

impl WeakHash {
    /// The AlgorithmIdentifier with NULL parameters.
    #[must_use]
    pub fn algorithm(self) -> Vec<u8> {
        der::algorithm(&match self {
            Self::Md5 => rsadsi(&[2, 5]),
            Self::Sha1 => element(der::OBJECT_ID, &[&[0x2b, 14, 3, 2, 26]]),
        })
    }

    /// The hash of a content.
    ///
    /// # Errors
    /// [`Error::Backend`].
    pub fn digest(self, content: &[u8]) -> Result<Vec<u8>, Error> {
        let digest = openssl::hash::hash(self.message_digest(), content);
        digest.map(|digest| digest.to_vec()).map_err(|_| Error::Backend("a weak hash"))
    }

    /// RSASSA-PKCS1-v1_5 with this hash.
    ///
    /// # Errors
    /// [`Error::Backend`].
    pub fn sign(self, key: &PrivateKey, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signed = Signer::new(self.message_digest(), key.pkey())
            .and_then(|mut signer| signer.sign_oneshot_to_vec(message));
        signed.map_err(|_| Error::Backend("an RSA signature with a weak hash"))
    }

    fn message_digest(self) -> MessageDigest {
        match self {
            Self::Md5 => MessageDigest::md5(),
            Self::Sha1 => MessageDigest::sha1(),
        }
    }
}
