//! Files at once and in pieces.

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use arbitrary::Arbitrary;

use super::build::Nonce;
use super::run::{both, flipped, plan};
use crate::backend::Backend;
use crate::error::Error;
use crate::file_cipher::{Decryptor, Encryptor, FileKey, Quarantine, decrypt, encrypt};

#[derive(Debug, Arbitrary)]
struct Plan<'a> {
    key: [u8; 16],
    nonce: Nonce,
    bit: u32,
    pieces: [u8; 4],
    plain: &'a [u8],
}

/// A file comes back, at once or in pieces; one bit turned over, and nothing comes out. An input that is no plan
/// is a stored file under a fixed key.
pub fn file_cipher(input: &[u8], other: &'static dyn Backend) {
    let Some(Plan { key, nonce, bit, pieces, plain }) = plan(input) else {
        assert!(both(other, || decrypt(&FileKey::from_bytes([7; 16]), &[7; 12], input)).is_err());
        return;
    };
    let (key, nonce) = (FileKey::from_bytes(key), nonce.bytes());
    let sealed = both(other, || encrypt(&key, nonce, plain).map(|sealed| (sealed.bytes, sealed.tag)));
    let Ok((stored, tag)) = &sealed else { return assert!(sealed.is_ok(), "{sealed:?}") };
    assert_eq!(in_pieces(&key, nonce, plain, pieces), sealed);
    assert_eq!(both(other, || decrypt(&key, nonce, stored)).as_deref(), Ok(plain));
    assert_eq!(opened(&key, nonce, stored, pieces), (Ok((plain.to_vec(), *tag)), Fate::Released));
    let Some(changed) = flipped(stored, bit) else { return };
    let refused = Error::Authentication { what: "file" };
    assert_eq!(both(other, || decrypt(&key, nonce, &changed)), Err(refused.clone()));
    assert_eq!(opened(&key, nonce, &changed, pieces), (Err(refused), Fate::Discarded));
}

/// Cuts `bytes` into pieces of these lengths, over and over.
fn cut(bytes: &[u8], pieces: [u8; 4]) -> Vec<&[u8]> {
    let mut rest = bytes;
    let lengths = pieces.into_iter().map(|length| usize::from(length) + 1).cycle();
    let next = |length: usize| {
        let (piece, after) = rest.split_at(length.min(rest.len()));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    };
    lengths.map_while(next).collect()
}

fn in_pieces(
    key: &FileKey,
    nonce: &[u8],
    plain: &[u8],
    pieces: [u8; 4],
) -> Result<(Vec<u8>, [u8; 16]), Error> {
    let mut encryptor = Encryptor::new(key, nonce, Vec::new())?;
    cut(plain, pieces).into_iter().try_for_each(|piece| encryptor.update(piece))?;
    encryptor.finish()
}

type Opened = Result<(Vec<u8>, [u8; 16]), Error>;

fn opened(key: &FileKey, nonce: &[u8], stored: &[u8], pieces: [u8; 4]) -> (Opened, Fate) {
    let fate = Rc::new(Cell::new(Fate::Held));
    let opened = Decryptor::new(key, nonce, Watched { held: Vec::new(), fate: Rc::clone(&fate) }).and_then(
        |mut decryptor| {
            for piece in cut(stored, pieces) {
                decryptor.update(piece)?;
                assert_eq!(fate.get(), Fate::Held, "released before its tag was verified");
            }
            decryptor.finish()
        },
    );
    (opened, fate.get())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Held,
    Released,
    Discarded,
}

struct Watched {
    held: Vec<u8>,
    fate: Rc<Cell<Fate>>,
}

impl Quarantine for Watched {
    type Released = Vec<u8>;

    fn hold(&mut self, unauthenticated: &[u8]) -> io::Result<()> {
        self.held.extend_from_slice(unauthenticated);
        Ok(())
    }

    fn release(self) -> io::Result<Vec<u8>> {
        self.fate.set(Fate::Released);
        Ok(self.held)
    }

    fn discard(&mut self) {
        self.fate.set(Fate::Discarded);
    }
}
