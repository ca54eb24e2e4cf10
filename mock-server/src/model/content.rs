//! The bytes of files, which may be too many for memory.

mod piece;

use std::fmt;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use openssl::sha::Sha256;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::spill::SpilledFile;
use piece::{PIECE, Piece};

/// Bytes in memory or in temporary files, which are deleted with the last holder. Clones and slices share them.
#[derive(Clone, Default)]
pub struct Content {
    pieces: Pieces,
    length: u64,
}

#[derive(Clone)]
enum Pieces {
    One(Piece),
    Many(Arc<[Piece]>),
}

impl Content {
    /// How many bytes.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The bytes, if all of them are in memory in one piece.
    pub fn in_memory(&self) -> Option<&Bytes> {
        match &self.pieces {
            Pieces::One(Piece::Memory(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// How many of the bytes are in memory.
    pub fn held(&self) -> u64 {
        self.pieces().iter().filter(|piece| matches!(piece, Piece::Memory(_))).map(Piece::len).sum()
    }

    /// All bytes, which are read when they are in files: do not ask that of contents that can be long.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn to_bytes(&self) -> io::Result<Bytes> {
        if let Some(bytes) = self.in_memory() {
            return Ok(bytes.clone());
        }
        let length = usize::try_from(self.length).map_err(io::Error::other)?;
        let mut all = BytesMut::with_capacity(length);
        while all.len() < length {
            all.extend_from_slice(&self.read_at(all.len() as u64)?);
        }
        Ok(all.freeze())
    }

    /// Some of the bytes from a place on, at most 192 KiB; none behind the end.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read_at(&self, at: u64) -> io::Result<Bytes> {
        let mut before = 0;
        for piece in self.pieces() {
            let length = piece.len();
            if at < before + length {
                return piece.read_at(at - before);
            }
            before += length;
        }
        Ok(Bytes::new())
    }

    /// The bytes one after the other.
    pub fn reader(&self) -> impl Read + '_ {
        Reader { content: self, at: 0, piece: Bytes::new() }
    }

    /// A part, cut off at the end of the whole.
    #[must_use]
    pub fn slice(&self, range: Range<u64>) -> Self {
        let mut before = 0;
        let mut parts = Vec::new();
        for piece in self.pieces() {
            let (start, end) = (before, before + piece.len());
            before = end;
            if range.start < end && start < range.end {
                parts.push(piece.slice(range.start.max(start) - start..range.end.min(end) - start));
            }
        }
        Self::of(parts)
    }

    /// These contents one after the other, without reading any.
    pub fn joined(contents: impl IntoIterator<Item = Self>) -> Self {
        let pieces = contents.into_iter().flat_map(|content| content.pieces().to_vec());
        Self::of(pieces.filter(|piece| piece.len() > 0).collect())
    }

    /// SHA-256, which is known already of a whole file.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn sha256(&self) -> io::Result<[u8; 32]> {
        if let [Piece::File { file, from: 0, length }] = self.pieces()
            && *length == file.len()
        {
            return Ok(file.sha256());
        }
        let (mut hash, mut at) = (Sha256::new(), 0);
        while at < self.length {
            let piece = self.read_at(at)?;
            hash.update(&piece);
            at += piece.len() as u64;
        }
        Ok(hash.finish())
    }

    /// What shows that two contents are the same bytes in memory, without looking at them. `None`: some are in files.
    pub(crate) fn place(&self) -> Option<(usize, u64)> {
        let at = match &self.pieces {
            Pieces::One(Piece::Memory(bytes)) => bytes.as_ptr().addr(),
            Pieces::One(Piece::File { .. }) => return None,
            Pieces::Many(pieces) => pieces.as_ptr().addr(),
        };
        Some((at, self.length))
    }

    /// Bytes of which only this is known.
    pub(crate) fn elsewhere(length: u64, sha256: [u8; 32]) -> Self {
        SpilledFile::elsewhere(length, sha256).into()
    }

    fn of(pieces: Vec<Piece>) -> Self {
        let length = pieces.iter().map(Piece::len).sum();
        let pieces = match <[Piece; 1]>::try_from(pieces) {
            Ok([piece]) => Pieces::One(piece),
            Err(pieces) => Pieces::Many(pieces.into()),
        };
        Self { pieces, length }
    }

    fn pieces(&self) -> &[Piece] {
        match &self.pieces {
            Pieces::One(piece) => std::slice::from_ref(piece),
            Pieces::Many(pieces) => pieces,
        }
    }
}

impl Default for Pieces {
    fn default() -> Self {
        Self::One(Piece::Memory(Bytes::new()))
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self::of(vec![Piece::Memory(bytes)])
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<SpilledFile> for Content {
    fn from(file: SpilledFile) -> Self {
        let length = file.len();
        Self::of(vec![Piece::File { file: Arc::new(file), from: 0, length }])
    }
}

impl PartialEq for Content {
    /// What cannot be read equals nothing.
    fn eq(&self, other: &Self) -> bool {
        if self.length != other.length {
            return false;
        }
        let (ours, theirs) = (self.pieces(), other.pieces());
        if ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(our, their)| our.is_same(their)) {
            return true;
        }
        if let (Some(bytes), Some(other)) = (self.in_memory(), other.in_memory()) {
            return bytes == other;
        }
        matches!((self.sha256(), other.sha256()), (Ok(our), Ok(their)) if our == their)
    }
}

impl Eq for Content {}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.in_memory() {
            Some(bytes) if bytes.len() <= 256 => bytes.fmt(f),
            _ => write!(f, "Content({} bytes)", self.length),
        }
    }
}

/// Base64, written piece by piece.
impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut reader = self.reader();
        let mut piece = Vec::with_capacity(PIECE);
        loop {
            piece.clear();
            reader.by_ref().take(PIECE as u64).read_to_end(&mut piece).map_err(|_| fmt::Error)?;
            if piece.is_empty() {
                return Ok(());
            }
            f.write_str(&STANDARD.encode(&piece))?;
        }
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self::from).map_err(serde::de::Error::custom)
    }
}

struct Reader<'a> {
    content: &'a Content,
    at: u64,
    piece: Bytes,
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() {
            self.piece = self.content.read_at(self.at)?;
            self.at += self.piece.len() as u64;
        }
        let length = buffer.len().min(self.piece.len());
        buffer[..length].copy_from_slice(&self.piece.split_to(length));
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spill::Spill;

    /// Ten digits in three pieces, the middle one in a file.
    fn digits() -> Content {
        let spill = Spill::new(std::env::temp_dir(), 100);
        let mut writer = spill.writer().unwrap();
        writer.write(b"x3456x").unwrap();
        let file = Content::from(writer.finish().unwrap());
        Content::joined([
            Bytes::from_static(b"012").into(),
            file.slice(1..5),
            Bytes::from_static(b"789").into(),
        ])
    }

    #[test]
    fn every_part_is_that_of_the_whole() {
        let whole = digits();
        for from in 0..=10u64 {
            for to in from..=12 {
                let end = to.min(10) as usize;
                let part = whole.slice(from..to);
                assert_eq!(part.to_bytes().unwrap(), b"0123456789"[from as usize..end], "{from}..{to}");
                assert_eq!(part.len(), (end - from as usize) as u64);
            }
        }
        assert_eq!(whole, Content::from(b"0123456789".to_vec()));
        assert_ne!(whole, Content::from(b"0123456780".to_vec()));
        assert_eq!(whole.sha256().unwrap(), openssl::sha::sha256(b"0123456789"));
        assert_eq!(whole.to_string(), STANDARD.encode("0123456789"));
        assert_eq!(whole.held(), 6);
    }
}
