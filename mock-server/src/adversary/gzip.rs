//! Much in little.

use flate2::{Compress, Compression, Crc, FlushCompress};

const MEBIBYTE: usize = 1024 * 1024;

/// One gzip member: the blanks, a MiB of them compressed once and repeated, and then the text.
pub(crate) fn gzip(mebibytes: u32, text: &[u8]) -> Option<Vec<u8>> {
    let blanks = vec![b' '; MEBIBYTE];
    let (mut one, mut all) = (Crc::new(), Crc::new());
    one.update(&blanks);
    let block = deflate(&blanks, FlushCompress::Full)?;
    // No name, no time, no hint; as in RFC 1952.
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    for _ in 0..mebibytes {
        member.extend_from_slice(&block);
        all.combine(&one);
    }
    let mut last = Crc::new();
    last.update(text);
    all.combine(&last);
    member.extend(deflate(text, FlushCompress::Finish)?);
    member.extend(all.sum().to_le_bytes());
    member.extend(all.amount().to_le_bytes());
    Some(member)
}

/// What was flushed in full refers to nothing before it, and ends with a byte.
fn deflate(bytes: &[u8], end: FlushCompress) -> Option<Vec<u8>> {
    let mut compressed = Vec::with_capacity(bytes.len() + 64);
    Compress::new(Compression::best(), false).compress_vec(bytes, &mut compressed, end).ok()?;
    Some(compressed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::bufread::GzDecoder;
    use std::io::Read as _;

    #[test]
    fn it_is_gzip_and_short() {
        let bomb = gzip(3, b"{}").unwrap();
        assert!(bomb.len() < 8 * 1024, "{} bytes", bomb.len());
        let mut text = Vec::new();
        GzDecoder::new(bomb.as_slice()).read_to_end(&mut text).unwrap();
        assert_eq!(text.len(), 3 * MEBIBYTE + 2);
        assert!(text.ends_with(b" {}") && text.starts_with(b"  "));
    }
}
