//! A bounded memory.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, PoisonError};

use openssl::sha::Sha256;

/// Values by the SHA-256 of what they follow from.
pub(super) struct Memory<T>(Mutex<HashMap<Place, T, BuildHasherDefault<First>>>);

/// Where a value is kept.
pub(super) type Place = [u8; 32];

impl<T: Clone> Memory<T> {
    /// More than this is forgotten, all at once.
    const MOST: usize = 1 << 16;

    pub(super) fn keep(&self, place: Place, value: T) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if values.len() >= Self::MOST {
            values.clear();
        }
        values.insert(place, value);
    }

    /// The value of this place, or the one that `make` makes, which is kept.
    pub(super) fn get<E>(&self, place: Place, make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&place).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let made = make()?;
        self.keep(place, made.clone());
        Ok(made)
    }
}

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// The place of several things; their lengths keep them apart.
pub(super) fn place(things: &[&[u8]]) -> Place {
    let mut hash = Sha256::new();
    for thing in things {
        hash.update(&(thing.len() as u64).to_be_bytes());
        hash.update(thing);
    }
    hash.finish()
}

/// The first bytes of a hash are one.
#[derive(Default)]
pub(crate) struct First(u64);

impl Hasher for First {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.first_chunk().map_or(0, |first| u64::from_le_bytes(*first));
    }

    fn write_usize(&mut self, _length: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
