//! The form that metadata and filedrop entries share: gzip, AES-128-GCM, base64, with nonce and
//! authentication tag beside the ciphertext (R2-MD-02, R2-MD-03, R2-MD-14).

use serde_json::{Map, Value};

use crate::backend::{TAG_LENGTH, backend};
use crate::base64;
use crate::error::Error;
use crate::gzip::{gunzip, gzip};
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
