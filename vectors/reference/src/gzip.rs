//! gzip (RFC 1952), as metadata are compressed.
//!
//! What the library needs to begin with takes longer to make than most metadata take to compress: each thread keeps its own.

use std::cell::RefCell;
use std::io::{self, Read as _, Write as _};

use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compress, Compression, Crc, Decompress, FlushCompress, FlushDecompress, Status};

use crate::error::Error;

/// No name, no comment, no time, of an unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// What a member with such a header begins with; time, level and system mean nothing.
const PLAIN: &[u8] = &[0x1f, 0x8b, 8, 0];
/// CRC-32 and length.
const TRAILER: usize = 8;
/// Contents up to this length, in bytes, are compressed and inflated at once.
const SHORT: usize = 64 << 10;
/// Contents of this length, in bytes, are inflated without looking how much will come.
const LONG: u64 = 4 << 20;

thread_local! {
    static COMPRESS: RefCell<Compress> = RefCell::new(Compress::new(Compression::default(), false));
    static INFLATE: RefCell<Decompress> = RefCell::new(Decompress::new(false));
}

/// Compresses into one member.
pub(crate) fn gzip(plain: &[u8]) -> Result<Vec<u8>, Error> {
    if let Some(compressed) = compressed_at_once(plain) {
        return Ok(compressed);
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 2 + 32), Compression::default());
    encoder.write_all(plain).and_then(|()| encoder.finish()).map_err(|error| Error::Sink(error.kind()))
}

/// Inflates exactly one member with nothing after it; `what` names it in errors, `limit` bounds the result in bytes.
pub(crate) fn gunzip(compressed: &[u8], what: &'static str, limit: usize) -> Result<Vec<u8>, Error> {
    // What is wrong otherwise is said below.
    if let Some(plain) = inflated_at_once(compressed).filter(|plain| plain.len() <= limit) {
        return Ok(plain);
    }
    let (mut plain, most) = (Vec::new(), limit as u64 + 1);
    let mut decoder = GzDecoder::new(compressed);
    let mut read = decoder.by_ref().take(most.min(LONG)).read_to_end(&mut plain);
    if read.is_ok() && plain.len() as u64 == LONG && LONG < most {
        // Whatever grows on is inflated into nothing first: a bomb costs time then, and no memory.
        let length = io::copy(&mut GzDecoder::new(compressed).take(most), &mut io::sink());
        if length.is_ok_and(|length| length == most) {
            return Err(Error::TooLarge { what: "inflated metadata in bytes", limit });
        }
        read = decoder.by_ref().take(most - LONG).read_to_end(&mut plain);
    }
    if plain.len() > limit {
        return Err(Error::TooLarge { what: "inflated metadata in bytes", limit });
    }
    match read {
        Ok(_) if decoder.into_inner().is_empty() => Ok(plain),
        _ => Err(Error::Gzip { what }),
    }
}

/// Short contents; `None` if they are longer.
fn compressed_at_once(plain: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(plain.len()).ok().filter(|_| plain.len() <= SHORT)?;
    // What cannot be compressed grows by a few bytes.
    let mut compressed = Vec::with_capacity(plain.len() + plain.len() / 64 + 64);
    compressed.extend_from_slice(&HEADER);
    COMPRESS.with_borrow_mut(|compress| {
        compress.reset();
        let status = compress.compress_vec(plain, &mut compressed, FlushCompress::Finish);
        status.ok().filter(|status| *status == Status::StreamEnd)
    })?;
    compressed.extend_from_slice(&crc(plain).to_le_bytes());
    compressed.extend_from_slice(&length.to_le_bytes());
    Some(compressed)
}

/// Short contents of a member with a plain header; `None` if they are longer, or anything is wrong.
fn inflated_at_once(compressed: &[u8]) -> Option<Vec<u8>> {
    let rest = compressed.strip_prefix(PLAIN)?.get(HEADER.len() - PLAIN.len()..)?;
    let (deflated, trailer) = rest.split_last_chunk::<TRAILER>()?;
    let [a, b, c, d, length @ ..] = *trailer;
    let length = usize::try_from(u32::from_le_bytes(length)).ok().filter(|length| *length <= SHORT)?;
    let mut plain = Vec::with_capacity(length + 1);
    let (status, read) = INFLATE.with_borrow_mut(|inflate| {
        inflate.reset(false);
        (inflate.decompress_vec(deflated, &mut plain, FlushDecompress::Finish), inflate.total_in())
    });
    let is_whole = matches!(status, Ok(Status::StreamEnd)) && read == deflated.len() as u64;
    (is_whole && plain.len() == length && crc(&plain) == u32::from_le_bytes([a, b, c, d])).then_some(plain)
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_contents_are_inflated_up_to_the_limit() {
        let long = usize::try_from(LONG).expect("a length");
        for length in [SHORT, SHORT + 1, long - 1, long, long + 1, 3 * long] {
            let compressed = gzip(&vec![b' '; length]).expect("compressed");
            assert_eq!(gunzip(&compressed, "it", length).map(|plain| plain.len()), Ok(length));
            let too_large = Error::TooLarge { what: "inflated metadata in bytes", limit: length - 1 };
            assert_eq!(gunzip(&compressed, "it", length - 1), Err(too_large));
            let cut = &compressed[..compressed.len() - 9];
            assert_eq!(gunzip(cut, "it", length), Err(Error::Gzip { what: "it" }));
        }
    }

    #[test]
    fn short_contents_are_compressed_and_inflated_as_long_ones() {
        let noise: Vec<u8> = (0..SHORT as u32).map(|at| (at.wrapping_mul(0x9e37_79b9) >> 24) as u8).collect();
        let text = br#"{"files":{"0011":{"filename":"plans"}},"#.repeat(900);
        for plain in [&noise, &text].map(Vec::as_slice) {
            for length in [0, 1, 2, 100, 4_000, 30_000, plain.len()] {
                let plain = &plain[..length];
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                let whole = encoder.write_all(plain).and_then(|()| encoder.finish()).expect("compressed");
                assert_eq!(gzip(plain).as_ref(), Ok(&whole), "{length} bytes");
                assert_eq!(inflated_at_once(&whole).as_deref(), Some(plain), "{length} bytes");
            }
        }
    }

    #[test]
    fn whatever_is_wrong_is_wrong_for_short_contents_too() {
        let whole = gzip(b"contents of a folder, contents of a folder").expect("compressed");
        let open = |compressed: &[u8]| gunzip(compressed, "it", SHORT);
        assert!(open(&whole).is_ok());
        let named = [&[0x1f, 0x8b, 8, 8][..], &whole[4..10], b"name\0", &whole[10..]].concat();
        assert_eq!(open(&named), open(&whole), "a member may have a name");
        for at in (0..2).chain(10..whole.len()) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert_eq!(open(&changed), Err(Error::Gzip { what: "it" }), "byte {at}");
            assert_eq!(open(&whole[..at]), Err(Error::Gzip { what: "it" }), "{at} bytes");
        }
        let twice = [whole.as_slice(), &whole].concat();
        assert_eq!(open(&twice), Err(Error::Gzip { what: "it" }));
        assert_eq!(open(&[whole.as_slice(), b"."].concat()), Err(Error::Gzip { what: "it" }));
    }
}
