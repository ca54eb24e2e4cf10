//! The file cipher, in one go and in pieces.

use std::io;

use e2ee_reference::Error;
use e2ee_reference::file_cipher::{
    Decryptor, Encryptor, FileKey, Quarantine, decrypt, encrypt, is_authentic,
};

use crate::common::{decode, json_fixture, text};

const AUTHENTICATION: Error = Error::Authentication { what: "file" };

#[test]
fn the_upstream_file_opens() {
    let Some(fixture) = json_fixture("web/file_2.0.json") else { return };
    let key = FileKey::from_base64(text(&fixture, "/metadata_entry/key")).expect("a key");
    let nonce = decode(text(&fixture, "/metadata_entry/nonce"));
    let stored = decode(text(&fixture, "/encrypted_base64"));
    assert_eq!(decrypt(&key, &nonce, &stored), Ok(text(&fixture, "/expected_plaintext").into()));
    let (plain, tag) = in_pieces(&key, &nonce, &stored, 5).expect("genuine");
    assert_eq!(plain, text(&fixture, "/expected_plaintext").as_bytes());
    assert_eq!(tag[..], decode(text(&fixture, "/metadata_entry/authenticationTag"))[..]);
}

#[test]
fn an_empty_file_is_its_tag() {
    let key = FileKey::generate();
    let sealed = encrypt(&key, &[1; 12], b"").expect("sealed");
    assert_eq!(sealed.bytes, sealed.tag);
    assert_eq!(decrypt(&key, &[1; 12], &sealed.bytes), Ok(Vec::new()));
    assert_eq!(in_pieces(&key, &[1; 12], &sealed.bytes, 1).map(|(plain, _)| plain), Ok(Vec::new()));
}

#[test]
fn one_go_and_pieces_agree_across_chunk_borders() {
    let key = FileKey::generate();
    for length in [1, 15, 16, 17, 65_535, 65_536, 65_537, 200_000] {
        let plain: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
        let sealed = encrypt(&key, &[2; 16], &plain).expect("sealed");
        for piece in [7_919, 65_536, length + 16] {
            let mut encryptor = Encryptor::new(&key, &[2; 16], Vec::new()).expect("started");
            plain.chunks(piece).try_for_each(|piece| encryptor.update(piece)).expect("taken");
            assert_eq!(encryptor.finish(), Ok((sealed.bytes.clone(), sealed.tag)));
            let opened = in_pieces(&key, &[2; 16], &sealed.bytes, piece);
            assert_eq!(opened, Ok((plain.clone(), sealed.tag)));
        }
    }
}

#[test]
fn damage_is_refused_wherever_it_is() {
    let key = FileKey::generate();
    let sealed = encrypt(&key, &[1; 12], b"forty bytes of text are enough for this.").expect("sealed");
    for index in 0..sealed.bytes.len() {
        let mut damaged = sealed.bytes.clone();
        damaged[index] ^= 1;
        assert_eq!(decrypt(&key, &[1; 12], &damaged), Err(AUTHENTICATION), "byte {index}");
        assert_eq!(in_pieces(&key, &[1; 12], &damaged, 9).err(), Some(AUTHENTICATION), "byte {index}");
    }
    for length in 0..sealed.bytes.len() {
        assert_eq!(decrypt(&key, &[1; 12], &sealed.bytes[..length]), Err(AUTHENTICATION), "cut to {length}");
        assert_eq!(in_pieces(&key, &[1; 12], &sealed.bytes[..length], 3).err(), Some(AUTHENTICATION));
        assert!(!is_authentic(&key, &[1; 12], &sealed.bytes[..length]), "cut to {length}");
    }
    assert!(is_authentic(&key, &[1; 12], &sealed.bytes));
    let trailing = [&sealed.bytes[..], &[0; 16]].concat();
    assert_eq!(decrypt(&key, &[1; 12], &trailing), Err(AUTHENTICATION));
    assert!(!is_authentic(&key, &[1; 12], &trailing));
    assert_eq!(decrypt(&FileKey::generate(), &[1; 12], &sealed.bytes), Err(AUTHENTICATION));
}

#[test]
fn odd_nonces_and_keys_are_errors() {
    let key = FileKey::generate();
    for length in [0, 1, 8, 11, 13, 15, 17, 64] {
        assert!(
            matches!(encrypt(&key, &vec![0; length], b""), Err(Error::NonceLength { found, .. }) if found == length)
        );
        assert!(Decryptor::new(&key, &vec![0; length], Vec::new()).is_err());
    }
    for key in ["", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "!"] {
        assert!(FileKey::from_base64(key).is_err(), "{key}");
    }
}

/// A quarantine that tells what happened to it.
#[derive(Default)]
struct Watched<'a> {
    held: usize,
    released: Option<&'a std::cell::Cell<bool>>,
    discarded: Option<&'a std::cell::Cell<bool>>,
}

impl Quarantine for Watched<'_> {
    type Released = usize;

    fn hold(&mut self, unauthenticated: &[u8]) -> io::Result<()> {
        self.held += unauthenticated.len();
        Ok(())
    }

    fn release(self) -> io::Result<usize> {
        self.released.inspect(|released| released.set(true));
        Ok(self.held)
    }

    fn discard(&mut self) {
        self.discarded.inspect(|discarded| discarded.set(true));
    }
}

#[test]
fn plaintext_is_released_or_discarded_never_both() {
    let key = FileKey::generate();
    let sealed = encrypt(&key, &[1; 12], &[0; 1000]).expect("sealed");
    for (stored, ends, genuine) in
        [(sealed.bytes.clone(), true, true), (vec![0; 1016], true, false), (sealed.bytes, false, false)]
    {
        let (released, discarded) = <(std::cell::Cell<bool>, std::cell::Cell<bool>)>::default();
        let watched = Watched { held: 0, released: Some(&released), discarded: Some(&discarded) };
        let mut decryptor = Decryptor::new(&key, &[1; 12], watched).expect("started");
        decryptor.update(&stored).expect("taken");
        if ends {
            assert_eq!(decryptor.finish().map(|(held, _)| held).ok(), genuine.then_some(1000));
        } else {
            drop(decryptor);
        }
        assert_eq!((released.get(), discarded.get()), (genuine, !genuine));
    }
}

#[test]
fn keys_do_not_print() {
    assert_eq!(format!("{:?}", FileKey::from_bytes([0; 16])), "FileKey(…)");
}

type Opened = Result<(Vec<u8>, [u8; 16]), Error>;

fn in_pieces(key: &FileKey, nonce: &[u8], stored: &[u8], piece: usize) -> Opened {
    let mut decryptor = Decryptor::new(key, nonce, Vec::new())?;
    stored.chunks(piece).try_for_each(|piece| decryptor.update(piece))?;
    decryptor.finish()
}
