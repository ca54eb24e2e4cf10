//! Batches of changes as they lie in the file.
//!
//! A batch: the file's marker (16 bytes), its position in the file and the length of its content (8 bytes each, big
//! endian), a checksum (32 bytes: SHA-256 over the checksum before, position, length and content), the content. A change
//! in it: the lengths of its head (4 bytes) and of its body (8 bytes), head, body. An empty batch ends a file that was
//! closed in good order, and may be followed by others.

use std::io::{Read, Result, Seek, SeekFrom};

use bytes::Bytes;
use openssl::sha::Sha256;

/// Bytes before the content of a batch.
pub(super) const HEAD: usize = 64;
/// Bytes before the head of a change.
pub(super) const LENGTHS: usize = 12;

/// A change as bytes: a head (JSON), and the body of the request.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Encoded {
    pub(super) head: Vec<u8>,
    pub(super) body: Bytes,
}

impl Encoded {
    /// How many bytes it takes in a batch.
    pub(super) fn length(&self) -> u64 {
        (LENGTHS + self.head.len() + self.body.len()) as u64
    }
}

/// Where a file goes on, and to which checksum the next batch is chained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct End {
    pub(super) offset: u64,
    pub(super) checksum: [u8; 32],
}

/// What is wrong at the end of a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Broken {
    /// Bytes that were never answered for.
    Tail,
    /// Later batches show that it was answered.
    Middle,
}

/// The next batch, as bytes, and the end behind it.
pub(super) fn batch(marker: &[u8; 16], end: End, changes: &[Encoded]) -> (Vec<u8>, End) {
    let length: u64 = changes.iter().map(Encoded::length).sum();
    let mut bytes = Vec::with_capacity(HEAD + usize::try_from(length).unwrap_or(0));
    bytes.extend_from_slice(marker);
    bytes.extend(end.offset.to_be_bytes());
    bytes.extend(length.to_be_bytes());
    bytes.extend([0; 32]);
    for Encoded { head, body } in changes {
        bytes.extend(u32::try_from(head.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend((body.len() as u64).to_be_bytes());
        bytes.extend_from_slice(head);
        bytes.extend_from_slice(body);
    }
    let checksum = checksum(end, length, &bytes[HEAD..]);
    bytes[HEAD - 32..HEAD].copy_from_slice(&checksum);
    let offset = end.offset + bytes.len() as u64;
    (bytes, End { offset, checksum })
}

/// Reads the batch at `end`: its changes and the end behind it. `None`: there is none, or it is broken.
pub(super) fn read(
    file: &mut (impl Read + Seek),
    marker: &[u8; 16],
    end: End,
    size: u64,
) -> Result<Option<(Vec<Encoded>, End)>> {
    let mut head = [0; HEAD];
    let left = size.saturating_sub(end.offset + HEAD as u64);
    if end.offset + HEAD as u64 > size {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(end.offset))?;
    file.read_exact(&mut head)?;
    let length = number(&head[24..32]);
    if head[..16] != *marker || number(&head[16..24]) != end.offset || length > left {
        return Ok(None);
    }
    let mut content = vec![0; usize::try_from(length).unwrap_or(0)];
    file.read_exact(&mut content)?;
    let checksum = checksum(end, length, &content);
    if head[32..] != checksum {
        return Ok(None);
    }
    let offset = end.offset + HEAD as u64 + length;
    Ok(changes(&content).map(|changes| (changes, End { offset, checksum })))
}

/// What it means that there is no batch at `end` although the file goes on: whether a later one can be found.
pub(super) fn broken(
    file: &mut (impl Read + Seek),
    marker: &[u8; 16],
    end: End,
    size: u64,
) -> Result<Broken> {
    const STEP: u64 = 1 << 20;
    let mut from = end.offset;
    while from < size {
        file.seek(SeekFrom::Start(from))?;
        let mut window = Vec::new();
        file.by_ref().take(STEP + 23).read_to_end(&mut window)?;
        for (at, candidate) in window.windows(24).enumerate().filter(|(_, bytes)| bytes[..16] == *marker) {
            // The broken one itself; where the disk has not got its position, there are zeros.
            let own = from + at as u64 == end.offset && [0, end.offset].contains(&number(&candidate[16..]));
            if !own {
                return Ok(Broken::Middle);
            }
        }
        from += STEP;
    }
    Ok(Broken::Tail)
}

/// The bodies are copies: a file that is kept should not keep the others of its batch.
fn changes(content: &[u8]) -> Option<Vec<Encoded>> {
    let mut changes = Vec::new();
    let mut at = 0;
    while at < content.len() {
        let lengths = content.get(at..at + LENGTHS)?;
        let head = usize::try_from(number(&lengths[..4])).ok()?;
        let body = usize::try_from(number(&lengths[4..])).ok()?;
        let begins = at + LENGTHS;
        let (middle, ends) = (begins.checked_add(head)?, begins.checked_add(head)?.checked_add(body)?);
        content.get(begins..ends)?;
        changes.push(Encoded {
            head: content[begins..middle].to_vec(),
            body: Bytes::copy_from_slice(&content[middle..ends]),
        });
        at = ends;
    }
    Some(changes)
}

fn checksum(before: End, length: u64, content: &[u8]) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update(&before.checksum);
    sha.update(&before.offset.to_be_bytes());
    sha.update(&length.to_be_bytes());
    sha.update(content);
    sha.finish()
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const MARKER: [u8; 16] = *b"0123456789abcdef";
    const BEGIN: End = End { offset: 0, checksum: [0; 32] };

    fn encoded(head: &str) -> Encoded {
        Encoded { head: head.as_bytes().to_vec(), body: Bytes::from_static(b"body") }
    }

    /// Three batches, and where they end.
    fn three() -> (Vec<u8>, Vec<End>) {
        let (mut bytes, mut ends) = (Vec::new(), vec![BEGIN]);
        for heads in [vec!["one"], vec!["two", "three"], vec!["four"]] {
            let changes: Vec<Encoded> = heads.into_iter().map(encoded).collect();
            let (batch, end) = batch(&MARKER, *ends.last().unwrap(), &changes);
            bytes.extend(batch);
            ends.push(end);
        }
        (bytes, ends)
    }

    /// How many batches can be read, and what the rest is.
    fn scan(bytes: &[u8]) -> (usize, Option<Broken>) {
        let (size, mut file) = (bytes.len() as u64, Cursor::new(bytes));
        let (mut end, mut count) = (BEGIN, 0);
        while let Some((_, next)) = read(&mut file, &MARKER, end, size).unwrap() {
            (end, count) = (next, count + 1);
        }
        let rest = (end.offset < size).then(|| broken(&mut file, &MARKER, end, size).unwrap());
        (count, rest)
    }

    #[test]
    fn batches_are_read_as_they_were_written() {
        let (bytes, ends) = three();
        let size = bytes.len() as u64;
        let read = read(&mut Cursor::new(&bytes), &MARKER, ends[1], size).unwrap();
        assert_eq!(read, Some((vec![encoded("two"), encoded("three")], ends[2])));
        assert_eq!(scan(&bytes), (3, None));
    }

    #[test]
    fn what_is_broken_at_the_end_is_a_tail() {
        let (bytes, ends) = three();
        let last = usize::try_from(ends[2].offset).unwrap();
        for cut in last + 1..bytes.len() {
            assert_eq!(scan(&bytes[..cut]), (2, Some(Broken::Tail)), "{cut}");
        }
        for at in last..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            // Whole, but not where it belongs: something before it was left out.
            let rest = if (last + 16..last + 24).contains(&at) { Broken::Middle } else { Broken::Tail };
            assert_eq!(scan(&bytes), (2, Some(rest)), "{at}");
        }
    }

    #[test]
    fn what_is_broken_before_is_damage() {
        let (bytes, ends) = three();
        for at in 0..usize::try_from(ends[2].offset).unwrap() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            assert_eq!(scan(&bytes).1, Some(Broken::Middle), "{at}");
        }
    }

    /// Batches that are whole, but not where they belong, are not taken.
    #[test]
    fn batches_cannot_be_left_out_or_exchanged() {
        let (bytes, ends) = three();
        let ends: Vec<usize> = ends.iter().map(|end| usize::try_from(end.offset).unwrap()).collect();
        let without = [&bytes[..ends[1]], &bytes[ends[2]..]].concat();
        assert_eq!(scan(&without), (1, Some(Broken::Middle)));
        let exchanged = [&bytes[ends[1]..ends[2]], &bytes[..ends[1]], &bytes[ends[2]..]].concat();
        assert_eq!(scan(&exchanged), (0, Some(Broken::Middle)));
    }
}
