//! Derived keys, each computed once: 600000 rounds take a third of a second.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use e2ee_reference::Error;
use e2ee_reference::backend::{Hash, backend};
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::{DerivedKey, Kdf, KeyDerivation};

/// The inputs of PBKDF2: hash, password, salt, rounds.
type Question = (Hash, Vec<u8>, Vec<u8>, u32);
type Answer = Arc<OnceLock<Result<DerivedKey, Error>>>;

/// A memory of one backend's derived keys, for published test data only.
#[derive(Default)]
pub(crate) struct Memo(Mutex<BTreeMap<Question, Answer>>);

impl Memo {
    /// PBKDF2 with the backend in force; a second thread that asks the same waits for the first.
    pub(crate) fn pbkdf2(&self, question: Question) -> Result<DerivedKey, Error> {
        let (hash, password, salt, rounds) = question.clone();
        let answer =
            self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(question).or_default().clone();
        let compute = || {
            let mut derived = DerivedKey::default();
            backend().pbkdf2(hash, &password, &salt, rounds, &mut *derived)?;
            Ok(derived)
        };
        answer.get_or_init(compute).clone()
    }
}

impl KeyDerivation for Memo {
    fn derive(&self, mnemonic: &Mnemonic, salt: &[u8], kdf: Kdf) -> Result<DerivedKey, Error> {
        self.pbkdf2((kdf.hash(), mnemonic.passphrase().into(), salt.to_vec(), kdf.rounds()))
    }
}
