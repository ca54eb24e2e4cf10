//! What DAV does to files and folders, with the write gate of encrypted folders and its redirects.

use super::content::Content;
use super::pending::{TO_DELETE, TO_SAVE};
use super::permissions::Permissions;
use super::tree::{Kind, Node};
use super::{FileId, Model};

/// How deep a user's tree can get, the root included: what walks through it may do so by recursion.
const MAX_DEPTH: usize = 200;

/// Who writes.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    /// The user id.
    pub user: &'a str,
    /// The lock token that was sent.
    pub token: Option<&'a str>,
    /// Whether the client is one that supports end-to-end encryption.
    pub supported: bool,
    /// What a share link allows, for those who come by one: encrypted folders are not guarded against them.
    pub link: Option<Permissions>,
}

/// A file as it is uploaded.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The bytes.
    pub content: Content,
    /// `OC-Checksum`.
    pub checksum: Option<String>,
    /// `X-OC-Mtime`, seconds since 1970.
    pub mtime: Option<i64>,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The node, which in an encrypted folder is the pending one.
    pub id: FileId,
    /// Whether it is a new node.
    pub created: bool,
}

/// Why a write was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The client does not support end-to-end encryption.
    #[error("unsupported client")]
    UnsupportedClient,
    /// No token was sent.
    #[error("no token sent")]
    NoToken,
    /// The token is not that of the lock in force, or there is no lock.
    #[error("resource not locked or wrong token sent")]
    WrongToken,
    /// Only one end of a move or copy is encrypted.
    #[error("source and destination differ in encryption")]
    Mixed,
    /// The name ends like that of a pending node.
    #[error("reserved suffix")]
    ReservedSuffix,
    /// The node does not exist.
    #[error("not found")]
    NotFound,
    /// The folder of the node does not exist.
    #[error("parent not found")]
    NoParent,
    /// A folder cannot be made because the name is taken.
    #[error("already exists")]
    Exists,
    /// The destination exists and must not be overwritten.
    #[error("destination exists")]
    DestinationExists,
    /// The destination lies in the source.
    #[error("destination is inside the source")]
    IntoItself,
    /// A folder cannot be uploaded to, and a root cannot be removed or replaced.
    #[error("wrong kind of node")]
    WrongKind,
    /// The share does not allow it.
    #[error("permission denied")]
    Permission,
    /// Folders would be nested deeper than the server allows.
    #[error("too many folders inside each other")]
    TooDeep,
}

/// What is at a path, and whether the path counts as encrypted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) node: Option<FileId>,
    /// `None` for a root.
    pub(super) parent: Option<FileId>,
    pub(super) encrypted: bool,
}

impl Model {
    /// Uploads a file. In an encrypted folder it is stored under a pending name.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub fn put(&mut self, writer: Writer<'_>, path: &[String], upload: Upload) -> Result<Stored, WriteError> {
        let (place, name) = self.place_for_new(writer, path)?;
        let parent = place.parent.ok_or(WriteError::WrongKind)?;
        let existing = self.child_seen(writer.user, parent, &name);
        if existing.is_some_and(|id| self.tree.get(id).is_some_and(Node::is_folder)) {
            return Err(WriteError::WrongKind);
        }
        self.need(writer, existing, Permissions::UPDATE, parent, Permissions::CREATE)?;
        let now = self.now();
        let Upload { content, checksum, mtime } = upload;
        let kind = Kind::File { content, checksum };
        let id = match existing {
            Some(id) => id,
            None => self.tree.insert(Node::folder(Some(parent), &name, now)),
        };
        if let Some(node) = self.tree.get_mut(id) {
            node.kind = kind;
            node.mtime = mtime.unwrap_or(now);
        }
        self.touch(id);
        self.changed(parent);
        Ok(Stored { id, created: existing.is_none() })
    }

    /// Makes a folder. In an encrypted folder it gets a pending name.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub fn make_folder(&mut self, writer: Writer<'_>, path: &[String]) -> Result<Stored, WriteError> {
        let (place, name) = self.place_for_new(writer, path)?;
        let parent = place.parent.ok_or(WriteError::Exists)?;
        if self.child_seen(writer.user, parent, &name).is_some() {
            return Err(WriteError::Exists);
        }
        self.need(writer, None, Permissions::CREATE, parent, Permissions::CREATE)?;
        let id = self.tree.insert(Node::folder(Some(parent), &name, self.now()));
        self.touch(id);
        self.changed(parent);
        Ok(Stored { id, created: true })
    }

    /// Deletes a node. In an encrypted folder it is renamed until the unlock, and the node is returned.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub fn delete(&mut self, writer: Writer<'_>, path: &[String]) -> Result<Option<Stored>, WriteError> {
        let place = self.place(writer, path)?;
        if place.encrypted {
            self.gate(writer, &place)?;
            self.may_leave(writer, &place)?;
        }
        let id = place.node.ok_or(WriteError::NotFound)?;
        let parent = place.parent.ok_or(WriteError::Permission)?;
        self.need(writer, Some(id), Permissions::DELETE, parent, Permissions::DELETE)?;
        if let Some(share) =
            self.mount(writer.user, id).filter(|share| share.node == id).map(|share| share.id)
        {
            self.leave_share(writer.user, share);
            return Ok(None);
        }
        if !place.encrypted {
            self.throw_away(writer.user, id);
            return Ok(None);
        }
        let name = self.tree.get(id).map(|node| node.name.clone()).unwrap_or_default();
        if name.ends_with(TO_DELETE) {
            return Err(WriteError::ReservedSuffix);
        }
        self.put_in_place(id, parent, &format!("{name}{TO_DELETE}"));
        Ok(Some(Stored { id, created: false }))
    }

    /// Refuses to put something of this height (1 for a file) into a folder when it would lie too deep.
    pub(super) fn fits(&self, folder: FileId, height: usize) -> Result<(), WriteError> {
        let depth = self.tree.upwards(folder).count();
        (depth + height <= MAX_DEPTH).then_some(()).ok_or(WriteError::TooDeep)
    }

    /// Where a PUT or MKCOL goes, past the gate, and under which name.
    fn place_for_new(&self, writer: Writer<'_>, path: &[String]) -> Result<(Place, String), WriteError> {
        let place = self.place(writer, path)?;
        let mut name = path.last().cloned().unwrap_or_default();
        if place.encrypted {
            if name.ends_with(TO_SAVE) {
                return Err(WriteError::ReservedSuffix);
            }
            self.gate(writer, &place)?;
            name.push_str(TO_SAVE);
        }
        place.parent.map_or(Ok(()), |parent| self.fits(parent, 1))?;
        Ok((place, name))
    }

    /// What is at a path. One that does not exist is judged by its folder, which must.
    pub(super) fn place(&self, writer: Writer<'_>, path: &[String]) -> Result<Place, WriteError> {
        let place = self.place_seen(writer.user, path)?;
        Ok(Place { encrypted: place.encrypted && writer.link.is_none(), ..place })
    }

    fn place_seen(&self, user: &str, path: &[String]) -> Result<Place, WriteError> {
        let Some((_, folder)) = path.split_last() else {
            let node = self.resolve(user, path).ok_or(WriteError::NotFound)?;
            let encrypted = self.tree.get(node).is_some_and(Node::encrypted);
            return Ok(Place { node: Some(node), parent: None, encrypted });
        };
        let parent = self.resolve(user, folder).ok_or(WriteError::NoParent)?;
        let folder = self.tree.get(parent).filter(|node| node.is_folder()).ok_or(WriteError::NoParent)?;
        let node = self.resolve(user, path);
        let judged = node.and_then(|id| Some((id, self.tree.get(id)?)));
        let encrypted = judged.map_or_else(
            || self.counts_as_encrypted(parent, folder),
            |(id, node)| self.counts_as_encrypted(id, node),
        );
        Ok(Place { node, parent: Some(parent), encrypted })
    }

    /// Lets only those write into an encrypted place who hold its lock.
    pub(super) fn gate(&self, writer: Writer<'_>, place: &Place) -> Result<(), WriteError> {
        if !writer.supported {
            return Err(WriteError::UnsupportedClient);
        }
        let token = writer.token.ok_or(WriteError::NoToken)?;
        let id = place.node.or(place.parent).ok_or(WriteError::NotFound)?;
        if self.is_locked(id, Some(token), true) {
            return Err(WriteError::WrongToken);
        }
        Ok(())
    }

    /// Deleting is a move next to the folder: older releases want the lock there too, where nobody can hold it.
    fn may_leave(&self, writer: Writer<'_>, place: &Place) -> Result<(), WriteError> {
        let above = place.parent.filter(|_| !self.behaviour.deletes_encrypted_roots);
        match above.filter(|parent| self.encrypted_root(*parent).is_none()) {
            Some(parent) if self.is_locked(parent, writer.token, true) => Err(WriteError::WrongToken),
            _ => Ok(()),
        }
    }

    /// Whether the user's permissions suffice for the node, or for its folder when it does not exist.
    pub(super) fn need(
        &self,
        writer: Writer<'_>,
        node: Option<FileId>,
        on_node: Permissions,
        folder: FileId,
        on_folder: Permissions,
    ) -> Result<(), WriteError> {
        let (id, needed) = node.map_or((folder, on_folder), |id| (id, on_node));
        let held = self.rights(writer.user, id).0 & writer.link.unwrap_or(Permissions::ALL);
        held.contains(needed).then_some(()).ok_or(WriteError::Permission)
    }

    pub(super) fn changed(&mut self, folder: FileId) {
        let now = self.now();
        if let Some(node) = self.tree.get_mut(folder) {
            node.mtime = now;
        }
    }
}
