//! Private keys that need not be made.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use e2ee_reference::error::Error;
use e2ee_reference::identity::PrivateKey;

use crate::derived_key::{USUAL, derived_key};

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
            Self::User => (1, 3),
            Self::Attacker => (4, 8),
        }
    }
}

/// The holder's key of this number.
pub(crate) fn key(holder: Holder, number: usize) -> Result<PrivateKey, Error> {
    kept(Made { holder, number, bits: 2048, exponent: USUAL })
}

/// A key of the attacker's of 512 bits at least, the same each time.
pub(crate) fn weak_key(number: usize, bits: u16) -> Result<PrivateKey, Error> {
    kept(Made { holder: Holder::Attacker, number, bits, exponent: USUAL })
}

/// A key of the attacker's with another public exponent, the same each time.
pub(crate) fn key_with_exponent(number: usize, exponent: u32) -> Result<PrivateKey, Error> {
    kept(Made { holder: Holder::Attacker, number, bits: 2048, exponent })
}

/// What a key is made from.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Made {
    holder: Holder,
    number: usize,
    bits: u16,
    exponent: u32,
}

/// The key, which is made once.
fn kept(what: Made) -> Result<PrivateKey, Error> {
    static KEYS: Mutex<Option<HashMap<Made, PrivateKey>>> = Mutex::new(None);
    let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    let keys = keys.get_or_insert_default();
    if let Some(key) = keys.get(&what) {
        return Ok(key.clone());
    }
    let Made { holder, number, bits, exponent } = what;
    let (first, count) = holder.ready();
    let is_ready = number < count && (bits, exponent) == (2048, USUAL);
    let pem = PEM.split_inclusive(END).nth(first + number).filter(|_| is_ready);
    let key = match (pem, holder) {
        (Some(pem), _) => PrivateKey::from_pem(pem),
        // What the attacker did is done again from a state file, and has to come to the same.
        (None, Holder::Attacker) => derived_key(ATTACKER, number, bits, exponent),
        (None, Holder::Instance | Holder::User) => PrivateKey::generate(),
    }?;
    keys.insert(what, key.clone());
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_holds_another_ones_key() {
        let all = [(Holder::Instance, 1), (Holder::Attacker, 9), (Holder::User, 4)];
        let all = all.iter().flat_map(|(holder, count)| (0..*count).map(move |number| (*holder, number)));
        let mut keys: Vec<_> =
            all.map(|(holder, number)| key(holder, number).expect("a key").to_pem().to_string()).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 14);
    }

    /// Of the attacker's keys that are ready, all but the first two are those that would be made.
    #[test]
    fn what_is_ready_is_what_would_be_made() {
        for number in [2, 7] {
            let made = derived_key(ATTACKER, number, 2048, USUAL).expect("a key");
            assert!(made.to_pem() == key(Holder::Attacker, number).expect("a key").to_pem());
        }
    }
}
