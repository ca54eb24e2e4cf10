//! Where moves are played: the state, the attacker, and what moves have in common.

use std::collections::BTreeMap;

use bytes::Bytes;
use e2ee_reference::authority::Authority;
use e2ee_reference::metadata::{Document, Recipient, User};

use super::attacker::{Attacker, Phantom, Planted};
use super::error::MoveError;
use super::filter::{ForgeryFilter, Place};
use super::forge::Forgery;
use super::handiwork::Handiwork;
use super::lie::SignedMetadata;
use crate::model::{Content, FileId, KeyOwner, Model};

/// What a move is played on.
pub struct Stage<'a> {
    /// The server's state.
    pub model: &'a mut Model,
    /// Who plays.
    pub attacker: &'a mut Attacker,
    /// The instance's authority: the server certifies whom it likes.
    pub authority: &'a Authority,
    /// Now, in seconds since 1970: the time in forged certificates and signatures.
    pub now: i64,
    /// What of forgeries is let through; everything if there is none.
    pub filter: Option<&'a dyn ForgeryFilter>,
}

/// The root metadata of an encrypted folder as it lies on the server.
pub(super) struct Root {
    pub(super) folder: FileId,
    pub(super) path: String,
    pub(super) document: Document,
}

/// Bytes that a move has put into the tree.
pub(super) struct ForgedFile {
    pub(super) node: FileId,
    pub(super) content: Content,
}

impl Stage<'_> {
    /// The encrypted folder at this path in its owner's files.
    pub(super) fn folder(&self, path: &str) -> Result<FileId, MoveError> {
        let wanted = path.trim_matches('/');
        let encrypted = self.model.encrypted_folders().into_iter();
        let mut found = encrypted.filter(|id| self.model.path_of(*id).as_deref() == Some(wanted));
        match (found.next(), found.next()) {
            (Some(folder), None) => Ok(folder),
            (Some(_), Some(_)) => Err(MoveError::AmbiguousFolder(path.to_owned())),
            (None, _) => Err(MoveError::UnknownFolder(path.to_owned())),
        }
    }

    /// The newest root metadata of the encrypted folder at this path.
    pub(super) fn root(&self, path: &str) -> Result<Root, MoveError> {
        self.root_of(self.folder(path)?, path)
    }

    /// All encrypted folders with readable root metadata.
    pub(super) fn roots(&self) -> Vec<Root> {
        let folders = self.model.encrypted_folders().into_iter();
        folders.filter_map(|id| self.root_of(id, &self.model.path_of(id)?).ok()).collect()
    }

    fn root_of(&self, folder: FileId, path: &str) -> Result<Root, MoveError> {
        let stored = self.model.metadata(folder).ok_or_else(|| MoveError::NoMetadata(path.to_owned()))?;
        let unexpected = |reason: String| MoveError::UnexpectedMetadata { folder: path.to_owned(), reason };
        let document = Document::parse(&stored.document).map_err(|error| unexpected(error.to_string()))?;
        if !document.is_root() {
            return Err(unexpected("`users` is missing".to_owned()));
        }
        Ok(Root { folder, path: path.to_owned(), document })
    }

    /// The metadata of all folders.
    pub(super) fn all_metadata(&self) -> BTreeMap<FileId, SignedMetadata> {
        let folders = self.model.encrypted_folders().into_iter();
        folders.filter_map(|id| Some((id, self.model.metadata(id)?.clone()))).collect()
    }

    /// The node and everything below it.
    pub(super) fn at_and_below(&self, node: FileId) -> Vec<FileId> {
        let mut nodes = vec![node];
        let mut looked_at = 0;
        while let Some(node) = nodes.get(looked_at) {
            nodes.extend(self.model.children(*node));
            looked_at += 1;
        }
        nodes
    }

    /// The files of a folder that are not empty, the oldest first.
    pub(super) fn files(&self, folder: FileId) -> Vec<FileId> {
        let file = |id: &FileId| {
            let node = self.model.node(*id);
            node.and_then(|node| node.content()).is_some_and(|content| !content.is_empty())
        };
        let mut files: Vec<FileId> = self.model.children(folder).into_iter().filter(file).collect();
        files.sort_unstable();
        files
    }

    /// The counter that the last lock of the folder was taken with, 0 if none was kept.
    pub(super) fn counter(&self, folder: FileId) -> u64 {
        u64::try_from(self.model.counter(folder)).unwrap_or(0)
    }

    /// The certificate that the server has for a user.
    pub(super) fn certificate_of(&self, user: &str) -> Result<String, MoveError> {
        let certificate = self.model.certificate(KeyOwner::User(user)).map(str::to_owned);
        certificate.ok_or_else(|| MoveError::UnknownUser(user.to_owned()))
    }

    /// The phantom of this name, made and certified by the instance when it is new. If nobody of that name has a
    /// certificate, the phantom gets an account and its certificate is the one that the server answers.
    pub(super) fn phantom(&mut self, user: &str) -> Result<Phantom, MoveError> {
        if let Some(phantom) = self.attacker.phantom(user) {
            return Ok(phantom.clone());
        }
        let key = self.attacker.make_up_private_key()?;
        let phantom = Phantom { certificate: self.authority.certify(user, &key, self.now)?, key };
        if self.model.certificate(KeyOwner::User(user)).is_none() {
            self.model.add_user(user);
            self.model.set_certificate(user, Some(phantom.certificate.to_pem()));
        }
        self.attacker.keep_phantom(user, phantom.clone());
        Ok(phantom)
    }

    /// Puts forged bytes into a file of a folder, as far as they are let through; `checksum` is asked for that of what
    /// is left. `None`: nothing is.
    pub(super) fn forge_file(
        &mut self,
        folder: FileId,
        name: &str,
        forged: impl Into<Content>,
        checksum: impl FnOnce(&Content) -> Option<String>,
    ) -> Result<Option<ForgedFile>, MoveError> {
        let mut content = forged.into();
        let path = self.model.path_of(folder).unwrap_or_default();
        if let Some(filter) = self.filter {
            let nodes = self.model.children(folder).into_iter().filter_map(|id| self.model.node(id));
            let honest = nodes.filter(|node| node.name() == name).find_map(|node| node.content());
            match filter.file(Place { folder: &path, name }, honest, content) {
                Some(left) if honest != Some(&left) => content = left,
                _ => return Ok(None),
            }
        }
        let checksum = checksum(&content);
        let stored = self.model.store_file(folder, name, content.clone(), checksum);
        let node = stored.ok_or(MoveError::UnknownFolder(path))?;
        Ok(Some(ForgedFile { node, content }))
    }

    /// Puts the bytes of a forged file into the folder and remembers them as planted.
    pub(super) fn plant(
        &mut self,
        by: &str,
        root: &Root,
        forgery: Forgery,
    ) -> Result<Option<ForgedFile>, MoveError> {
        self.plant_in(by, root.folder, &root.path, forgery)
    }

    /// As [`plant`](Self::plant), in a folder whose metadata do not matter.
    pub(super) fn plant_in(
        &mut self,
        by: &str,
        folder: FileId,
        path: &str,
        forgery: Forgery,
    ) -> Result<Option<ForgedFile>, MoveError> {
        let forged = self.forge_file(folder, &forgery.file_id, forgery.blob, |_| None)?;
        self.attacker.keep_planted(Planted {
            by: by.to_owned(),
            folder: path.to_owned(),
            file_id: forgery.file_id,
            filename: forgery.entry.filename.clone(),
            content: Bytes::from(forgery.content),
        });
        Ok(forged)
    }

    /// Replaces the metadata of a folder, with `counter` as the one that the next lock has to exceed if there is
    /// one, and has all clients look again. If nothing of the forgery is let through, the counter stays, too.
    pub(super) fn publish(
        &mut self,
        by: &'static str,
        root: &Root,
        forged: SignedMetadata,
        counter: Option<u64>,
    ) -> Handiwork {
        let before = self.model.metadata(root.folder).cloned();
        let work = self.forge_metadata(Handiwork::of(by), root.folder, forged);
        let is_forged = before.as_ref() != self.model.metadata(root.folder);
        if let Some(counter) = counter.filter(|_| is_forged || self.filter.is_none()) {
            self.model.set_counter(root.folder, i64::try_from(counter).unwrap_or(i64::MAX));
        }
        work
    }

    /// Replaces the metadata of a folder, as far as they are let through, notes that in `work`, and has all clients look
    /// again.
    pub(super) fn forge_metadata(
        &mut self,
        work: Handiwork,
        folder: FileId,
        forged: SignedMetadata,
    ) -> Handiwork {
        let honest = self.model.metadata(folder).filter(|_| self.filter.is_some()).cloned();
        let signed = match (self.filter, &honest) {
            (Some(filter), Some(honest)) => filter.metadata(honest, forged),
            _ => forged,
        };
        self.model.touch(folder);
        if honest.as_ref() == Some(&signed) {
            return work;
        }
        self.model.set_metadata(folder, Some(signed.clone()));
        work.metadata(folder, signed)
    }
}

impl Root {
    /// The entry of a member.
    pub(super) fn member(&self, user: &str) -> Result<&User, MoveError> {
        let found = self.document.users().iter().find(|entry| entry.user_id == user);
        found.ok_or_else(|| MoveError::NotAMember { user: user.to_owned(), folder: self.path.clone() })
    }

    /// An error if the user is a member.
    pub(super) fn refuse_member(&self, user: &str) -> Result<(), MoveError> {
        let still = MoveError::StillAMember { user: user.to_owned(), folder: self.path.clone() };
        self.member(user).map_or(Ok(()), |_| Err(still))
    }

    /// The members with the certificates that stand in `users`.
    pub(super) fn recipients(&self) -> Result<Vec<Recipient>, MoveError> {
        let recipient = |entry: &User| {
            Ok(Recipient { user_id: entry.user_id.clone(), certificate: entry.certificate()? })
        };
        self.document.users().iter().map(recipient).collect()
    }

    /// The error that says what is wrong with this metadata.
    pub(super) fn unexpected(&self, reason: &str) -> MoveError {
        MoveError::UnexpectedMetadata { folder: self.path.clone(), reason: reason.to_owned() }
    }
}
