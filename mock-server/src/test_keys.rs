//! Private keys that need not be made.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use e2ee_reference::error::Error;
use e2ee_reference::identity::PrivateKey;

use crate::derived_key::{derived_key, derived_key_with};

const PEM: &str = include_str!("test_keys.pem");
/// What the keys follow from that the attacker makes up.
const ATTACKER: &str = "e2ee-mock-server attacker";
const END: &str = "-----END PRIVATE KEY-----\n";

/// The RSA-2048 private key of the user of this number in a test. The first three are in the program, so that a
/// test has them at once; those beyond are made when they are first asked for, a tenth of a second each, and kept.
///
/// The first three are known to everybody: they are for throwaway accounts on servers that only a test can reach.
///
/// # Errors
/// When a key cannot be made.
pub fn test_key(number: usize) -> Result<PrivateKey, Error> {
    key(Holder::User, number)
}

/// Whose key it is: nobody holds another one's.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    /// A server that is given no authority.
    Instance,
    Attacker,
    User,
}

impl Holder {
    /// Where the holder's keys stand in the file, and how many.
    fn ready(self) -> (usize, usize) {
        match self {
            Self::Instance => (0, 1),
            Self::Attacker => (1, 2),
            Self::User => (3, 3),
        }
    }
}

/// The holder's key of this number.
pub(crate) fn key(holder: Holder, number: usize) -> Result<PrivateKey, Error> {
    static KEYS: Mutex<Option<HashMap<(Holder, usize), PrivateKey>>> = Mutex::new(None);
    let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    let keys = keys.get_or_insert_default();
    if let Some(key) = keys.get(&(holder, number)) {
        return Ok(key.clone());
    }
    let (first, count) = holder.ready();
    let pem = PEM.split_inclusive(END).nth(first + number).filter(|_| number < count);
    let key = match (pem, holder) {
        (Some(pem), _) => PrivateKey::from_pem(pem),
        // What the attacker did is done again from a state file, and has to come to the same.
        (None, Holder::Attacker) => derived_key(ATTACKER, number, 2048),
        (None, Holder::Instance | Holder::User) => PrivateKey::generate(),
    }?;
    keys.insert((holder, number), key.clone());
    Ok(key)
}

/// A key of the attacker's of 512 bits at least, the same each time.
pub(crate) fn weak_key(number: usize, bits: u16) -> Result<PrivateKey, Error> {
    derived_key(ATTACKER, number, bits)
}

/// A key of the attacker's with another public exponent, the same each time.
pub(crate) fn key_with_exponent(number: usize, exponent: u32) -> Result<PrivateKey, Error> {
    derived_key_with(ATTACKER, number, 2048, exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_holds_another_ones_key() {
        let all = [(Holder::Instance, 1), (Holder::Attacker, 3), (Holder::User, 4)];
        let all = all.iter().flat_map(|(holder, count)| (0..*count).map(move |number| (*holder, number)));
        let mut keys: Vec<_> =
            all.map(|(holder, number)| key(holder, number).expect("a key").to_pem().to_string()).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 8);
    }
}
