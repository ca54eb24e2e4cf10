//! Uploads in chunks, before they are put together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::content::Content;
use super::files::{Stored, Upload, WriteError, Writer};
use super::{FileId, Model};
use crate::uploaded::natural;

/// How many uploads may be under way in a tenant, how many chunks one may have, and how many bytes of all chunks
/// together may be in memory.
const MAX_UPLOADS: usize = 1000;
const MAX_CHUNKS: usize = 10_000;
const MAX_HELD: u64 = 256 << 20;

/// The chunks of one upload by their names.
type Chunks = BTreeMap<String, Content>;

/// All uploads that are under way, by user and id.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Uploads {
    #[serde(with = "super::whole::pairs")]
    chunks: BTreeMap<(String, String), Chunks>,
    /// Bytes in memory.
    held: u64,
    strict: bool,
}

/// Why a chunk is not taken, or the chunks make no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// There is no such upload.
    #[error("no such upload")]
    Missing,
    /// There is one of that name.
    #[error("upload exists")]
    Exists,
    /// More would be held than the server is willing to.
    #[error("too many or too long chunks")]
    TooMuch,
    /// The chunks have another length together than was announced.
    #[error("chunks sum up to {0} bytes")]
    Length(u64),
    /// The file cannot be stored.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Uploads {
    pub(super) fn contents_mut(&mut self) -> impl Iterator<Item = &mut Content> {
        self.chunks.values_mut().flat_map(Chunks::values_mut)
    }
}

impl Model {
    /// Whether uploads in chunks are held to what clients are told, beyond what stock servers insist on: chunks have
    /// numbers from 1 to 10,000, every request names the destination, and an encrypted folder wants its lock's token
    /// when the chunks are put together, as the app's own unit tests do. Off unless set.
    pub fn set_strict_uploads(&mut self, strict: bool) {
        self.uploads.strict = strict;
    }

    /// Whether [`Model::set_strict_uploads`] is set.
    pub fn strict_uploads(&self) -> bool {
        self.uploads.strict
    }

    /// Begins an upload.
    ///
    /// # Errors
    /// [`UploadError::Exists`] and [`UploadError::TooMuch`].
    pub fn begin_upload(&mut self, user: &str, id: &str) -> Result<(), UploadError> {
        let key = (user.to_owned(), id.to_owned());
        if self.uploads.chunks.contains_key(&key) {
            return Err(UploadError::Exists);
        }
        if self.uploads.chunks.len() >= MAX_UPLOADS {
            return Err(UploadError::TooMuch);
        }
        self.uploads.chunks.insert(key, Chunks::new());
        Ok(())
    }

    /// Adds or replaces a chunk. Whether it is new.
    ///
    /// # Errors
    /// [`UploadError::Missing`] and [`UploadError::TooMuch`].
    pub fn add_chunk(
        &mut self,
        user: &str,
        id: &str,
        name: &str,
        chunk: Content,
    ) -> Result<bool, UploadError> {
        let key = (user.to_owned(), id.to_owned());
        let chunks = self.uploads.chunks.get_mut(&key).ok_or(UploadError::Missing)?;
        let replaced = chunks.get(name).map(Content::held);
        let held = self.uploads.held - replaced.unwrap_or(0) + chunk.held();
        if held > MAX_HELD || (replaced.is_none() && chunks.len() >= MAX_CHUNKS) {
            return Err(UploadError::TooMuch);
        }
        self.uploads.held = held;
        chunks.insert(name.to_owned(), chunk);
        Ok(replaced.is_none())
    }

    /// The names and lengths of the chunks.
    pub fn chunks(&self, user: &str, id: &str) -> Option<Vec<(&str, u64)>> {
        let chunks = self.uploads.chunks.get(&(user.to_owned(), id.to_owned()))?;
        Some(chunks.iter().map(|(name, chunk)| (name.as_str(), chunk.len())).collect())
    }

    /// Forgets an upload. Whether there was one.
    pub fn cancel_upload(&mut self, user: &str, id: &str) -> bool {
        let chunks = self.uploads.chunks.remove(&(user.to_owned(), id.to_owned()));
        let held: u64 = chunks.iter().flat_map(Chunks::values).map(Content::held).sum();
        self.uploads.held -= held;
        chunks.is_some()
    }

    /// Puts the chunks together in the natural order of their names. As on the real server neither lock nor token
    /// is asked for, and the file has its final name at once.
    ///
    /// # Errors
    /// See [`UploadError`].
    pub fn finish_upload(
        &mut self,
        writer: Writer<'_>,
        id: &str,
        to: &[String],
        expected: Option<u64>,
        upload: Upload,
    ) -> Result<Stored, UploadError> {
        let key = (writer.user.to_owned(), id.to_owned());
        let chunks = self.uploads.chunks.get(&key).ok_or(UploadError::Missing)?;
        let mut names: Vec<&String> = chunks.keys().collect();
        names.sort_by_key(|name| natural(name));
        let length = chunks.values().map(Content::len).sum();
        if expected.is_some_and(|expected| expected != length) {
            return Err(UploadError::Length(length));
        }
        let content = Content::joined(names.into_iter().filter_map(|name| chunks.get(name)).cloned());
        if self.uploads.strict {
            let place = self.place(writer, to)?;
            if place.encrypted {
                self.gate(writer, &place)?;
            }
        }
        let unguarded = Writer { link: Some(super::Permissions::ALL), ..writer };
        let stored = self.put(unguarded, to, Upload { content, ..upload })?;
        self.cancel_upload(&key.0, id);
        Ok(stored)
    }

    /// Whether the user has marked the node as a favourite.
    pub fn is_favourite(&self, user: &str, id: FileId) -> bool {
        self.favourites.contains(&(user.to_owned(), id))
    }

    /// Marks the node as a favourite of the user, or takes the mark away.
    pub fn set_favourite(&mut self, user: &str, id: FileId, favourite: bool) {
        let key = (user.to_owned(), id);
        if favourite {
            self.favourites.insert(key);
        } else {
            self.favourites.remove(&key);
        }
    }
}
