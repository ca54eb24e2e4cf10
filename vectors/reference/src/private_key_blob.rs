//! The private key as it lies on the server, encrypted under the mnemonic.
//!
//! `b64(ct || tag) | b64(iv) | b64(salt)`, AES-256-GCM over the base64 of PKCS#8 PEM (R2-KEY-11 to 14).

use zeroize::Zeroizing;

use crate::backend::{Hash, backend};
use crate::base64;
use crate::dialect::{Dialect, PrivateKeyForm, Salt};
use crate::error::Error;
use crate::identity::PrivateKey;
use crate::json::nonce_of_known_length;
use crate::mnemonic::Mnemonic;
use crate::random;
use crate::separated;

/// Salt length of every known writer, in bytes.
pub const SALT_LENGTH: usize = 40;
const MAX_BLOB: usize = 64 * 1024;
const MAX_SALT: usize = 1024;

/// The salt of iOS of 2017, whose blobs have two parts only.
pub const STATIC_SALT: &[u8] = b"$4$YmBjm3hk$Qb74D5IUYwghUmzsMqeNFx5z0/8$";

/// A derived AES-256 key, wiped on drop.
pub type DerivedKey = Zeroizing<[u8; 32]>;

/// PBKDF2 with HMAC as it was used over the years; writers use [`Kdf::CURRENT`] only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kdf {
    /// SHA-256, 600000 rounds: web, desktop, Android since August 2025 (R2-KEY-12, R2-KEY-24).
    Sha256Rounds600000,
    /// SHA-1, 1024 rounds: what clients did in the years of R1-KEY-10.
    Sha1Rounds1024,
    /// SHA-1, 600000 rounds (R2-KEY-23).
    Sha1Rounds600000,
    /// SHA-1, 1000 rounds: demanded by R2-KEY-22, no writer known.
    Sha1Rounds1000,
}

impl Kdf {
    /// What a writer uses.
    pub const CURRENT: Self = Self::Sha256Rounds600000;
    /// In the order in which a reader tries them.
    pub const ALL: [Self; 4] =
        [Self::CURRENT, Self::Sha1Rounds1024, Self::Sha1Rounds600000, Self::Sha1Rounds1000];

    /// The hash inside HMAC.
    #[must_use]
    pub fn hash(self) -> Hash {
        if self == Self::Sha256Rounds600000 { Hash::Sha256 } else { Hash::Sha1 }
    }

    /// The number of rounds.
    #[must_use]
    pub fn rounds(self) -> u32 {
        match self {
            Self::Sha256Rounds600000 | Self::Sha1Rounds600000 => 600_000,
            Self::Sha1Rounds1024 => 1024,
            Self::Sha1Rounds1000 => 1000,
        }
    }
}

/// Where derived keys come from: computed each time, or remembered by a caller that opens many blobs.
pub trait KeyDerivation {
    /// The key of this mnemonic, salt and function.
    ///
    /// # Errors
    /// Only when the cryptographic library fails.
    fn derive(&self, mnemonic: &Mnemonic, salt: &[u8], kdf: Kdf) -> Result<DerivedKey, Error>;
}

/// Computes each key when it is asked for, a third of a second for 600000 rounds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Computed;

impl KeyDerivation for Computed {
    fn derive(&self, mnemonic: &Mnemonic, salt: &[u8], kdf: Kdf) -> Result<DerivedKey, Error> {
        let mut key = DerivedKey::default();
        let password = mnemonic.passphrase().as_bytes();
        backend().pbkdf2(kdf.hash(), password, salt, kdf.rounds(), &mut *key)?;
        Ok(key)
    }
}

/// Encrypts a private key with the current function, a random salt and a random 12-byte nonce.
///
/// # Errors
/// Only when the cryptographic library fails.
pub fn seal(key: &PrivateKey, mnemonic: &Mnemonic) -> Result<String, Error> {
    seal_with(key, mnemonic, &random::array(), &Computed)
}

/// Encrypts a private key with a given salt, so that a caller can use a derived key again. The nonce is
/// random all the same.
///
/// # Errors
/// As `derivation`.
pub fn seal_with(
    key: &PrivateKey,
    mnemonic: &Mnemonic,
    salt: &[u8; SALT_LENGTH],
    derivation: &dyn KeyDerivation,
) -> Result<String, Error> {
    seal_as(key, mnemonic, salt, derivation, &Dialect::SPECIFIED.private_key)
}

/// As [`seal_with`], in the manner of a client. A static salt takes the place of the given one.
///
/// # Errors
/// As `derivation`.
pub fn seal_as(
    key: &PrivateKey,
    mnemonic: &Mnemonic,
    salt: &[u8; SALT_LENGTH],
    derivation: &dyn KeyDerivation,
    form: &PrivateKeyForm,
) -> Result<String, Error> {
    let nonce = form.nonce.random();
    let plain = Zeroizing::new(base64::encode(key.to_pem_as(&form.pem).as_bytes()));
    let (salt, parts) = match form.salt {
        Salt::Random => (&salt[..], 3),
        Salt::Static => (STATIC_SALT, 2),
    };
    let derived = derivation.derive(mnemonic, salt, form.kdf)?;
    let sealed = backend().aes_gcm_seal(&*derived, &nonce, plain.as_bytes())?;
    Ok([&sealed[..], &nonce, salt].map(base64::encode)[..parts].join(form.separator.as_str()))
}

/// Decrypts a private key of any known writer.
///
/// Accepted: the four functions of [`Kdf`], `|` or the old separator `fA==`, nonces of 12 or 16 bytes, two
/// parts with the static salt of 2017, PEM of any column width.
///
/// # Errors
/// [`Error::WrongMnemonic`] when no function opens the blob; [`Error::Member`], [`Error::Base64`],
/// [`Error::NonceLength`] or [`Error::TooLarge`] when it has not the shape of one; [`Error::Pem`] or
/// [`Error::Encoding`] when something other than a private key is inside.
pub fn open(blob: &str, mnemonic: &Mnemonic) -> Result<PrivateKey, Error> {
    open_with(blob, mnemonic, &Computed).map(|(key, _)| key)
}

/// As [`open`], with derived keys from elsewhere; tells as well which function opened the blob.
///
/// # Errors
/// As [`open`], and those of `derivation`.
pub fn open_with(
    blob: &str,
    mnemonic: &Mnemonic,
    derivation: &dyn KeyDerivation,
) -> Result<(PrivateKey, Kdf), Error> {
    let parts = Parts::parse(blob)?;
    for kdf in Kdf::ALL {
        let derived = derivation.derive(mnemonic, &parts.salt, kdf)?;
        match backend().aes_gcm_open(&*derived, &parts.nonce, &parts.sealed) {
            Ok(plain) => return private_key(Zeroizing::new(plain)).map(|key| (key, kdf)),
            Err(Error::Authentication { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    Err(Error::WrongMnemonic)
}

fn private_key(plain: Zeroizing<Vec<u8>>) -> Result<PrivateKey, Error> {
    let pem = Zeroizing::new(base64::decode(&plain, "private-key blob: plaintext")?);
    // What is no text has no armour, as any other text without it.
    PrivateKey::from_pem(std::str::from_utf8(&pem).unwrap_or_default())
}

struct Parts {
    sealed: Vec<u8>,
    nonce: Vec<u8>,
    salt: Vec<u8>,
}

impl Parts {
    fn parse(blob: &str) -> Result<Self, Error> {
        if blob.len() > MAX_BLOB {
            return Err(Error::TooLarge { what: "private-key blob in bytes", limit: MAX_BLOB });
        }
        let parts = separated::split(blob.trim());
        let (sealed, nonce, salt) = match &parts[..] {
            [sealed, nonce] => (sealed, nonce, STATIC_SALT.to_vec()),
            [sealed, nonce, salt] => (sealed, nonce, base64::decode(salt, "private-key blob: salt")?),
            _ => return Err(Error::member("private-key blob", "ciphertext|nonce|salt")),
        };
        if salt.is_empty() || salt.len() > MAX_SALT {
            return Err(Error::member("private-key blob: salt", "40 bytes"));
        }
        let nonce = base64::decode(nonce, "private-key blob: nonce")?;
        let nonce = nonce_of_known_length(nonce, || "private-key blob".to_owned())?;
        Ok(Self { sealed: base64::decode(sealed, "private-key blob: ciphertext")?, nonce, salt })
    }
}
