//! The primitives alone, by the libraries that have them.

use std::error::Error;
use std::hint::black_box;
use std::io::{Read as _, Write as _};

use e2ee_reference::canonical_json::signed_content;
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use openssl::base64::decode_block;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::encrypt::{Decrypter, Encrypter};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Padding;
use openssl::sign::Signer;
use openssl::stack::Stack;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use openssl::x509::X509;
use serde_json::Value;

use crate::Folder;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The inputs of each primitive that opening or sealing a folder takes.
pub struct Primitives {
    key: PKey<Private>,
    certificate: X509,
    metadata_key: [u8; 16],
    text: String,
    document: Value,
    content: String,
    signature: Vec<u8>,
    wrapped: Vec<u8>,
    nonce: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
    compressed: Vec<u8>,
    plain: Vec<u8>,
    contents: Value,
}

impl Primitives {
    /// Takes a folder apart.
    ///
    /// # Errors
    /// Only when a library fails.
    pub fn of(folder: &Folder) -> Result<Self> {
        let document: Value = serde_json::from_str(&folder.text)?;
        let bytes = |path: &str| -> Result<Vec<u8>> {
            Ok(decode_block(document.pointer(path).and_then(Value::as_str).unwrap_or_default())?)
        };
        let mut ciphertext = bytes("/metadata/ciphertext")?;
        let tag = ciphertext.split_off(ciphertext.len() - 16);
        let mut primitives = Self {
            key: PKey::private_key_from_pem(folder.owner.private_key().to_pem().as_bytes())?,
            certificate: X509::from_der(folder.owner.certificate().der())?,
            metadata_key: *folder.key.as_bytes(),
            text: folder.text.clone(),
            content: signed_content(&document),
            signature: decode_block(&folder.signature)?,
            wrapped: bytes("/users/0/encryptedMetadataKey")?,
            nonce: bytes("/metadata/nonce")?,
            ciphertext,
            tag,
            document,
            compressed: Vec::new(),
            plain: Vec::new(),
            contents: Value::Null,
        };
        primitives.compressed = primitives.aes_open()?;
        primitives.plain = primitives.inflate()?;
        primitives.contents = primitives.parse_contents()?;
        Ok(primitives)
    }

    /// Everything that opening takes, one after the other.
    ///
    /// # Errors
    /// Only when a library fails.
    pub fn open(&self) -> Result<()> {
        black_box(self.parse_document()?);
        self.cms_verify()?;
        black_box((self.rsa_unwrap()?, self.aes_open()?, self.inflate()?, self.parse_contents()?));
        Ok(())
    }

    /// Everything that sealing takes, one after the other.
    ///
    /// # Errors
    /// Only when a library fails.
    pub fn seal(&self) -> Result<()> {
        black_box((self.write_contents()?, self.deflate()?, self.aes_seal()?));
        black_box((self.rsa_wrap()?, self.cms_sign()?, self.write_document()?));
        Ok(())
    }

    /// `serde_json`: the outer document.
    ///
    /// # Errors
    /// Only when the library fails.
    pub fn parse_document(&self) -> Result<Value> {
        Ok(serde_json::from_str(&self.text)?)
    }

    /// OpenSSL: RSA-OAEP, the private operation.
    ///
    /// # Errors
    /// Only when the library fails.
    pub fn rsa_unwrap(&self) -> Result<Vec<u8>> {
        let mut decrypter = Decrypter::new(&self.key)?;
        decrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
        decrypter.set_rsa_oaep_md(MessageDigest::sha256())?;
        decrypter.set_rsa_mgf1_md(MessageDigest::sha256())?;
        let mut plain = vec![0; decrypter.decrypt_len(&self.wrapped)?];
        let length = decrypter.decrypt(&self.wrapped, &mut plain)?;
        plain.truncate(length);
        Ok(plain)
    }

    /// OpenSSL: a CMS signature over the signed content; the chain of certificates is not looked at.
    ///
    /// # Errors
    /// Only when the library fails.
    pub fn cms_verify(&self) -> Result<()> {
        let mut certificates = Stack::new()?;
        certificates.push(self.certificate.clone())?;
        let flags = CMSOptions::NO_SIGNER_CERT_VERIFY | CMSOptions::BINARY;
        let content = Some(self.content.as_bytes());
        Ok(CmsContentInfo::from_der(&self.signature)?.verify(
            Some(&certificates),
            None,
            content,
            None,
            flags,
        )?)
    }

    /// OpenSSL: AES-128-GCM, the compressed contents.
    ///
    /// # Errors
    /// Only when the library fails.
    pub fn aes_open(&self) -> Result<Vec<u8>> {
        let cipher = Cipher::aes_128_gcm();
        Ok(decrypt_aead(cipher, &self.metadata_key, Some(&self.nonce), &[], &self.ciphertext, &self.tag)?)
    }

    /// `flate2`: the contents.
    ///
    /// # Errors
    /// Only when the library fails.
    pub fn inflate(&self) -> Result<Vec<u8>> {
        let mut plain = Vec::new();
        GzDecoder::new(&self.compressed[..]).read_to_end(&mut plain)?;
        Ok(plain)
    }

    /// `serde_json`: the contents.
    ///
    /// # Errors
    /// Only when the library fails.
    pub fn parse_contents(&self) -> Result<Value> {
        Ok(serde_json::from_slice(&self.plain)?)
    }

    /// `serde_json`: the contents as text.
    ///
    /// # Errors
    /// Only when the library fails.
    pub fn write_contents(&self) -> Result<String> {
        Ok(serde_json::to_string(&self.contents)?)
    }

    /// `flate2`: the contents.
    ///
    /// # Errors
    /// Only when the library fails.
    pub fn deflate(&self) -> Result<Vec<u8>> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&self.plain)?;
        Ok(encoder.finish()?)
    }

    /// OpenSSL: AES-128-GCM, the compressed contents.
    ///
    /// # Errors
    /// Only when the library fails.
    pub fn aes_seal(&self) -> Result<Vec<u8>> {
        let mut tag = [0; 16];
        let cipher = Cipher::aes_128_gcm();
        Ok(encrypt_aead(cipher, &self.metadata_key, Some(&self.nonce), &[], &self.compressed, &mut tag)?)
    }

    /// OpenSSL: RSA-OAEP, the public operation.
    ///
    /// # Errors
    /// Only when the library fails.
    pub fn rsa_wrap(&self) -> Result<Vec<u8>> {
        let key = self.certificate.public_key()?;
        let mut encrypter = Encrypter::new(&key)?;
        encrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
        encrypter.set_rsa_oaep_md(MessageDigest::sha256())?;
        encrypter.set_rsa_mgf1_md(MessageDigest::sha256())?;
        let mut wrapped = vec![0; encrypter.encrypt_len(&self.metadata_key)?];
        encrypter.encrypt(&self.metadata_key, &mut wrapped)?;
        Ok(wrapped)
    }

    /// OpenSSL: a CMS signature over the signed content.
    ///
    /// # Errors
    /// Only when the library fails.
    pub fn cms_sign(&self) -> Result<Vec<u8>> {
        let flags = CMSOptions::DETACHED | CMSOptions::BINARY | CMSOptions::NOSMIMECAP;
        let (certificate, content) = (Some(&*self.certificate), Some(self.content.as_bytes()));
        Ok(CmsContentInfo::sign(certificate, Some(&self.key), None, content, flags)?.to_der()?)
    }

    /// `serde_json`: the outer document as text.
    ///
    /// # Errors
    /// Only when the library fails.
    pub fn write_document(&self) -> Result<String> {
        Ok(serde_json::to_string(&self.document)?)
    }

    /// OpenSSL: the RSA signature alone, over `message`.
    ///
    /// # Errors
    /// Only when the library fails.
    pub fn rsa_sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        Ok(Signer::new(MessageDigest::sha256(), &self.key)?.sign_oneshot_to_vec(message)?)
    }
}
