//! The form that metadata and filedrop entries share: gzip, AES-128-GCM, base64, with nonce and
//! authentication tag beside the ciphertext (R2-MD-02, R2-MD-03, R2-MD-14).

use std::io::{self, Read as _, Write as _};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Map, Value};

use crate::backend::{TAG_LENGTH, backend};
use crate::base64;
use crate::error::Error;
use crate::json::Members;

/// A decoded envelope, not yet opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Envelope {
    sealed: Vec<u8>,
    nonce: Vec<u8>,
    tag: Option<Vec<u8>>,
}

impl Envelope {
    /// Reads `ciphertext`, `nonce` and `authenticationTag`. What follows a `|` in the ciphertext is a copy of
    /// the nonce that some clients write and every client ignores. The authentication tag may be missing:
    /// what counts is the one at the end of the ciphertext.
    pub(crate) fn read(members: Members<'_>) -> Result<Self, Error> {
        const CIPHERTEXT: &str = "ciphertext";
        let text = members.string(CIPHERTEXT)?;
        let text = text.split_once('|').map_or(text, |(ciphertext, _)| ciphertext);
        Ok(Self {
            sealed: members.decode(CIPHERTEXT, text)?,
            nonce: members.nonce("nonce")?,
            tag: members.get(TAG).map(|_| members.base64(TAG)).transpose()?,
        })
    }

    /// Compresses and encrypts; the result holds the three members.
    pub(crate) fn seal(key: &[u8; 16], nonce: &[u8], plain: &[u8]) -> Result<Map<String, Value>, Error> {
        let sealed = backend().aes_gcm_seal(key, nonce, &gzip(plain)?)?;
        let tag = &sealed[sealed.len() - TAG_LENGTH..];
        let members = [("ciphertext", &sealed[..]), ("nonce", nonce), (TAG, tag)];
        Ok(members
            .map(|(name, bytes)| (name.to_owned(), Value::from(base64::encode(bytes))))
            .into_iter()
            .collect())
    }

    /// Appends `|` and the nonce to the ciphertext, as most clients do.
    pub(crate) fn repeat_nonce(members: &mut Map<String, Value>) {
        if let [Some(Value::String(ciphertext)), Some(Value::String(nonce))] =
            ["ciphertext", "nonce"].map(|name| members.get(name))
        {
            let both = format!("{ciphertext}|{nonce}");
            members.insert("ciphertext".to_owned(), Value::from(both));
        }
    }

    /// Decrypts and inflates; `what` names the thing in errors, `limit` bounds the result in bytes.
    pub(crate) fn open(&self, key: &[u8; 16], what: &'static str, limit: usize) -> Result<Vec<u8>, Error> {
        let compressed =
            backend().aes_gcm_open(key, &self.nonce, &self.sealed).map_err(|error| error.opening(what))?;
        gunzip(&compressed, what, limit)
    }

    /// Whether `authenticationTag` is missing or not the tag at the end of the ciphertext.
    pub(crate) fn tag_differs(&self) -> bool {
        self.tag.as_deref() != self.sealed.last_chunk::<TAG_LENGTH>().map(|tag| &tag[..])
    }
}

const TAG: &str = "authenticationTag";

fn gzip(plain: &[u8]) -> Result<Vec<u8>, Error> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 2 + 32), Compression::default());
    encoder.write_all(plain).and_then(|()| encoder.finish()).map_err(|error| Error::Sink(error.kind()))
}

/// Contents of this length, in bytes, are inflated without looking how much will come.
const LONG: u64 = 4 << 20;

/// Inflates exactly one gzip member with nothing after it.
fn gunzip(compressed: &[u8], what: &'static str, limit: usize) -> Result<Vec<u8>, Error> {
    let (mut plain, most) = (Vec::new(), limit as u64 + 1);
    let mut decoder = GzDecoder::new(compressed);
    let mut read = decoder.by_ref().take(most.min(LONG)).read_to_end(&mut plain);
    if read.is_ok() && plain.len() as u64 == LONG && LONG < most {
        // Whatever grows on is inflated into nothing first: a bomb costs time then, and no memory.
        let length = io::copy(&mut GzDecoder::new(compressed).take(most), &mut io::sink());
        if length.is_ok_and(|length| length == most) {
            return Err(Error::TooLarge { what: "inflated metadata in bytes", limit });
        }
        read = decoder.by_ref().take(most - LONG).read_to_end(&mut plain);
    }
    if plain.len() > limit {
        return Err(Error::TooLarge { what: "inflated metadata in bytes", limit });
    }
    match read {
        Ok(_) if decoder.into_inner().is_empty() => Ok(plain),
        _ => Err(Error::Gzip { what }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_contents_are_inflated_up_to_the_limit() {
        let long = usize::try_from(LONG).expect("a length");
        for length in [long - 1, long, long + 1, 3 * long] {
            let compressed = gzip(&vec![b' '; length]).expect("compressed");
            assert_eq!(gunzip(&compressed, "it", length).map(|plain| plain.len()), Ok(length));
            let too_large = Error::TooLarge { what: "inflated metadata in bytes", limit: length - 1 };
            assert_eq!(gunzip(&compressed, "it", length - 1), Err(too_large));
            let cut = &compressed[..compressed.len() - 9];
            assert_eq!(gunzip(cut, "it", length), Err(Error::Gzip { what: "it" }));
        }
    }
}
