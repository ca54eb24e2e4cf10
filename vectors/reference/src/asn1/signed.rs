//! The shape that certificates and certificate requests share: content, algorithm, signature.

use super::{Element, Malformed, Reader, oid, tag};
use crate::backend::{Hash, backend};
use crate::certificate::PublicKey;

/// Something signed with RSA PKCS#1 v1.5, or with an algorithm that is not known here.
#[derive(Debug, Clone)]
pub(crate) struct Signed<'a> {
    /// What is signed: a SEQUENCE.
    pub(crate) content: Element<'a>,
    /// The AlgorithmIdentifier, as received.
    pub(crate) algorithm: Element<'a>,
    /// The signature itself.
    pub(crate) signature: &'a [u8],
}

impl<'a> Signed<'a> {
    /// Reads DER, with nothing after it.
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, Malformed> {
        let mut outer = Reader::new(der);
        let mut fields = outer.expect(tag::SEQUENCE)?.children();
        outer.finish()?;
        let (content, algorithm) = (fields.expect(tag::SEQUENCE)?, fields.expect(tag::SEQUENCE)?);
        let signature = fields.expect(tag::BIT_STRING)?.content;
        fields.finish()?;
        let signature = signature.strip_prefix(&[0]).ok_or(Malformed("a signature of odd length"))?;
        Ok(Self { content, algorithm, signature })
    }

    /// The hash under the signature; `None` for every other algorithm than RSA with SHA-1 or SHA-256.
    pub(crate) fn hash(&self) -> Option<Hash> {
        match self.algorithm.children().expect(tag::OBJECT_ID).ok()?.content {
            oid::SHA1_WITH_RSA => Some(Hash::Sha1),
            oid::SHA256_WITH_RSA => Some(Hash::Sha256),
            _ => None,
        }
    }

    /// Whether this key made the signature, as far as the backend in force can tell; `None` if the algorithm is
    /// another one.
    pub(crate) fn is_by(&self, key: &PublicKey) -> Option<bool> {
        self.hash().map(|hash| backend().rsa_verify(hash, key, self.content.encoding, self.signature))
    }
}
