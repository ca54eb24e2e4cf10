//! The header of a state file: what the changes depend on.

use std::path::Path;

use e2ee_reference::backend::backend;
use serde::{Deserialize, Serialize};

use super::error::StateError;
use crate::release::UnknownAppVersion;
use crate::tenant::TenantOptions;

/// The version of the format. Files of version 1, which were never written anew, are read, too.
const FORMAT: u32 = 2;
const OLDEST: u32 = 1;
/// How every state file begins; the format follows, four bytes, and the length of the rest, four bytes.
const MAGIC: &[u8; 24] = b"e2ee-mock-server state \n";
const FIXED: usize = MAGIC.len() + 8;
const CHECKSUM: usize = 32;
/// The longest header, in bytes.
const MAX: usize = 64 * 1024;

/// What stands at the beginning of a state file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    /// The program that made the file; only to be read by people.
    program: String,
    app_version: String,
    api_version: String,
    throttling: bool,
    /// Files of before have none.
    #[serde(default)]
    strict_uploads: bool,
    /// SHA-256 of the server key, hexadecimal.
    server_key: String,
    /// [`TenantOptions::seed`].
    pub(crate) seed: Option<u64>,
    /// What random bytes follow from, hexadecimal.
    random: String,
    /// What batches begin with, hexadecimal.
    marker: String,
}

impl Header {
    /// The header of a new file for a tenant.
    pub(crate) fn new(options: &TenantOptions) -> Self {
        let random = match options.seed {
            Some(seed) => crate::order::seed_bytes(seed),
            None => e2ee_reference::random::array(),
        };
        Self {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            app_version: options.app_version.to_string(),
            api_version: options.api_version.clone(),
            throttling: options.throttling,
            strict_uploads: options.strict_uploads,
            server_key: hex::encode(backend().sha256(options.authority.server_key().to_pem().as_bytes())),
            seed: options.seed,
            random: hex::encode(random),
            marker: hex::encode(e2ee_reference::random::array::<16>()),
        }
    }

    /// The options of a tenant that has made the file, on top of others that the file does not tell.
    pub(crate) fn options(&self, others: TenantOptions) -> Result<TenantOptions, UnknownAppVersion> {
        let others = others.with_app_version(self.app_version.parse()?);
        let (api_version, throttling, seed) = (self.api_version.clone(), self.throttling, self.seed);
        Ok(TenantOptions { api_version, throttling, seed, strict_uploads: self.strict_uploads, ..others })
    }

    /// The header of a file that takes the place of this one.
    pub(super) fn anew(&self) -> Self {
        Self { marker: hex::encode(e2ee_reference::random::array::<16>()), ..self.clone() }
    }

    /// What random bytes follow from.
    pub(crate) fn random(&self) -> [u8; 32] {
        array(&self.random)
    }

    pub(super) fn marker(&self) -> [u8; 16] {
        array(&self.marker)
    }

    /// An error unless a tenant with these options answers as the one that made the file.
    pub(super) fn check(&self, options: &TenantOptions, path: &Path) -> Result<(), StateError> {
        let seed = |seed: Option<u64>| seed.map_or_else(|| "none".to_owned(), |seed| seed.to_string());
        let own = Self::new(options);
        let settings = [
            ("app version", &self.app_version, &own.app_version),
            ("API version", &self.api_version, &own.api_version),
            ("throttling", &self.throttling.to_string(), &own.throttling.to_string()),
            ("strict uploads", &self.strict_uploads.to_string(), &own.strict_uploads.to_string()),
            ("server key", &self.server_key, &own.server_key),
            ("seed", &seed(self.seed), &seed(own.seed)),
        ];
        match settings.into_iter().find(|(_, found, expected)| found != expected) {
            None => Ok(()),
            Some((setting, found, expected)) => Err(StateError::Setting {
                path: path.to_owned(),
                setting,
                found: found.clone(),
                expected: expected.clone(),
            }),
        }
    }

    /// The bytes with which the file begins; the last 32 are the checksum to which the first batch is chained.
    pub(super) fn encode(&self) -> Vec<u8> {
        let json = serde_json::to_vec(self).unwrap_or_default();
        let length = u32::try_from(json.len()).unwrap_or(u32::MAX);
        let mut bytes = [&MAGIC[..], &FORMAT.to_be_bytes(), &length.to_be_bytes(), &json].concat();
        bytes.extend(backend().sha256(&bytes));
        bytes
    }

    /// Reads the beginning of a file: the header, and how many bytes it takes.
    pub(super) fn decode(file: &mut impl std::io::Read, path: &Path) -> Result<(Self, Vec<u8>), StateError> {
        let foreign = || StateError::Foreign(path.to_owned());
        let mut bytes = vec![0; FIXED];
        file.read_exact(&mut bytes).map_err(|_| foreign())?;
        let (magic, numbers) = bytes.split_at(MAGIC.len());
        if magic != MAGIC {
            return Err(foreign());
        }
        let mut numbers = numbers
            .chunks_exact(4)
            .map(|four| four.iter().fold(0, |number: u32, byte| number << 8 | u32::from(*byte)));
        let (format, length) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if !(OLDEST..=FORMAT).contains(&format) {
            return Err(StateError::Format { path: path.to_owned(), found: format, expected: FORMAT });
        }
        let length = usize::try_from(length).ok().filter(|length| *length <= MAX).ok_or_else(foreign)?;
        bytes.resize(FIXED + length + CHECKSUM, 0);
        file.read_exact(&mut bytes[FIXED..]).map_err(|_| foreign())?;
        let (content, checksum) = bytes.split_at(FIXED + length);
        if backend().sha256(content) != checksum {
            return Err(foreign());
        }
        let header = serde_json::from_slice(&content[FIXED..]).map_err(|_| foreign())?;
        Ok((header, bytes))
    }
}

/// The bytes of a text that this program wrote.
fn array<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    // What is not hexadecimal or too short has failed the header's checksum.
    let _ = hex::decode_to_slice(text, &mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use e2ee_reference::authority::Authority;

    use super::*;
    use crate::test_keys::{Holder, key};

    /// Files from before they were written anew go on.
    #[test]
    fn files_of_the_first_format_are_read() {
        let authority = Authority::from_private_key(key(Holder::Instance, 0).unwrap());
        let options = TenantOptions::new("default", authority);
        let new = Header::new(&options);
        let mut json = serde_json::to_value(&new).unwrap();
        json.as_object_mut().unwrap().remove("strict_uploads");
        let json = serde_json::to_vec(&json).unwrap();
        let length = u32::try_from(json.len()).unwrap();
        let mut old = [&MAGIC[..], &1u32.to_be_bytes(), &length.to_be_bytes(), &json].concat();
        old.extend(backend().sha256(&old));
        let (read, bytes) = Header::decode(&mut old.as_slice(), Path::new("state")).unwrap();
        assert_eq!((&read, &bytes), (&new, &old));
        read.check(&options, Path::new("state")).unwrap();
        let strict = TenantOptions { strict_uploads: true, ..options };
        assert!(read.check(&strict, Path::new("state")).is_err());
    }
}
