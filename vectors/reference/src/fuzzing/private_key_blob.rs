//! Private-key blobs.

use arbitrary::Arbitrary;

use super::build::{Nonce, Plain};
use super::run::{ALICE, both, flipped, plan};
use crate::backend::{Backend, backend};
use crate::base64;
use crate::dialect::{PemForm, Separator};
use crate::error::Error;
use crate::mnemonic::Mnemonic;
use crate::private_key_blob::{Computed, Kdf, KeyDerivation as _, SALT_LENGTH, open_with};

#[derive(Debug, Arbitrary)]
struct Plan<'a> {
    inside: Inside<'a>,
    kdf: u8,
    nonce: Nonce,
    salt: [u8; SALT_LENGTH],
    old_separator: bool,
    bit: u32,
}

#[derive(Debug, Arbitrary)]
enum Inside<'a> {
    Key { columns: u8, final_newline: bool },
    Plain(Plain<'a>),
}

/// A key comes back from a blob of any writer; one bit turned over, and nothing comes out.
pub fn private_key_blob(input: &[u8], other: &'static dyn Backend) {
    let Ok(mnemonic) = Mnemonic::parse(MNEMONIC) else { unreachable!() };
    let read = |blob: &str| {
        both(other, || open_with(blob, &mnemonic, &Computed).map(|(key, kdf)| (key.to_pem(), kdf.hash())))
    };
    let Some(plan) = plan::<Plan<'_>>(input) else {
        if let Ok(blob) = std::str::from_utf8(input) {
            let _ = read(blob);
        }
        return;
    };
    let sealed = both(other, || plan.seal(&mnemonic));
    let Ok(sealed) = sealed else { return assert!(sealed.is_ok(), "{sealed:?}") };
    let opened = read(&plan.blob(&sealed));
    if let Inside::Key { .. } = plan.inside {
        assert_eq!(opened, Ok((ALICE.private_key().to_pem(), plan.kdf().hash())));
    }
    let changed = flipped(&sealed, plan.bit).unwrap_or_default();
    let refused = read(&plan.blob(&changed));
    assert!(matches!(refused, Err(Error::WrongMnemonic | Error::TooLarge { .. })), "{refused:?}");
}

const MNEMONIC: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";

impl Plan<'_> {
    fn kdf(&self) -> Kdf {
        Kdf::ALL[usize::from(self.kdf) % Kdf::ALL.len()]
    }

    fn seal(&self, mnemonic: &Mnemonic) -> Result<Vec<u8>, Error> {
        let key = Computed.derive(mnemonic, &self.salt, self.kdf())?;
        let plain = match &self.inside {
            Inside::Key { columns, final_newline } => {
                let form = PemForm { columns: usize::from(*columns) + 1, final_newline: *final_newline };
                base64::encode(ALICE.private_key().to_pem_as(&form).as_bytes()).into_bytes()
            }
            Inside::Plain(plain) => plain.bytes(),
        };
        backend().aes_gcm_seal(&*key, self.nonce.bytes(), &plain)
    }

    fn blob(&self, sealed: &[u8]) -> String {
        let separator = if self.old_separator { Separator::EncodedBar } else { Separator::Bar };
        [sealed, self.nonce.bytes(), &self.salt].map(base64::encode).join(separator.as_str())
    }
}
