//! One piece of a content.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::spill::SpilledFile;

/// How much is read at once, a multiple of three: base64 of pieces is base64 of the whole.
pub(super) const PIECE: usize = 192 * 1024;

#[derive(Clone)]
pub(super) enum Piece {
    Memory(Bytes),
    File { file: Arc<SpilledFile>, from: u64, length: u64 },
}

impl Piece {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File { length, .. } => *length,
        }
    }

    /// `at` lies in the piece.
    pub(super) fn read_at(&self, at: u64) -> io::Result<Bytes> {
        match self {
            Self::Memory(bytes) => {
                let from = usize::try_from(at).map_err(io::Error::other)?;
                Ok(bytes.slice(from..bytes.len().min(from + PIECE)))
            }
            Self::File { file, from, length } => {
                let most = usize::try_from(length - at).unwrap_or(PIECE).min(PIECE);
                file.read_at(from + at, most)
            }
        }
    }

    /// The range lies in the piece.
    pub(super) fn slice(&self, range: Range<u64>) -> Self {
        match self {
            Self::Memory(bytes) => {
                let at = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                Self::Memory(bytes.slice(at(range.start)..at(range.end)))
            }
            Self::File { file, from, .. } => Self::File {
                file: Arc::clone(file),
                from: from + range.start,
                length: range.end - range.start,
            },
        }
    }

    /// Whether it is known without looking that the bytes are the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File { file, from, length }, Self::File { file: f, from: o, length: l }) => {
                Arc::ptr_eq(file, f) && (from, length) == (o, l)
            }
            (Self::Memory(bytes), Self::Memory(other)) => bytes == other,
            _ => false,
        }
    }
}
