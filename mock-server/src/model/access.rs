//! Who may do what with a file id: the rules of the E2EE API, which are not those of DAV.

use super::permissions::Permissions;
use super::shares::{Share, ShareType};
use super::{FileId, Model, Node};

/// Who calls the E2EE API.
#[derive(Debug, Clone, Copy, Default)]
pub struct Caller<'a> {
    /// The user id, if somebody is logged in.
    pub user: Option<&'a str>,
    /// The token of a share link (header `X-NC-E2EE-SHARE-TOKEN`), which goes before the user.
    pub share_token: Option<&'a str>,
}

/// What is meant to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading metadata.
    Read,
    /// Locking, writing metadata, setting the flag.
    Write,
}

/// Why it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// No share link has the token.
    #[error("unknown share token")]
    UnknownShare,
    /// The id is not below the node that the link shares.
    #[error("file id does not belong to the share")]
    NotInShare,
    /// Neither a user nor a share token.
    #[error("no user logged in")]
    NotLoggedIn,
    /// The user does not see a node with this id.
    #[error("file not found")]
    NotFound,
    /// The share does not allow it.
    #[error("insufficient permissions on share")]
    Insufficient,
}

impl Denied {
    /// Whether the share token is the trouble, which the real server seldom expects.
    pub fn is_unknown_share(self) -> bool {
        self == Self::UnknownShare
    }
}

impl Model {
    /// The permissions with which the caller sees the id: everything for an owner, the share's otherwise.
    pub(super) fn look_up(&self, caller: Caller<'_>, id: FileId) -> Result<Permissions, Denied> {
        let link_users = self.behaviour.link_users;
        if let Some(token) = caller.share_token.filter(|token| link_users && !token.is_empty()) {
            let share = self.link(token).ok_or(Denied::UnknownShare)?;
            let inside = self.tree.upwards(id).any(|above| above == share.node);
            return inside.then_some(share.permissions).ok_or(Denied::NotInShare);
        }
        let user = caller.user.ok_or(Denied::NotLoggedIn)?;
        if self.owner(id) == Some(user) {
            return Ok(Permissions::ALL);
        }
        let mut above = self.tree.upwards(id);
        let share = above.find_map(|above| self.share_received(user, above));
        share.map(|share| share.permissions).ok_or(Denied::NotFound)
    }

    /// Whether the caller may read or write the metadata of this id.
    ///
    /// # Errors
    /// See [`Denied`].
    pub fn permit(&self, caller: Caller<'_>, id: FileId, access: Access) -> Result<(), Denied> {
        let needed = match access {
            Access::Read => Permissions::READ,
            Access::Write => Permissions::UPDATE,
        };
        let held = self.look_up(caller, id)?;
        let by_share = caller.share_token.is_none_or(str::is_empty);
        if by_share && !self.behaviour.checks_share_permissions {
            return Ok(());
        }
        held.contains(needed).then_some(()).ok_or(Denied::Insufficient)
    }

    /// Sets or clears the flag of an empty folder. Clearing it drops the folder's metadata.
    ///
    /// # Errors
    /// See [`FlagError`].
    pub fn flag(&mut self, caller: Caller<'_>, id: FileId, encrypted: bool) -> Result<(), FlagError> {
        if self.behaviour.receivers_flag {
            self.permit(caller, id, Access::Write)?;
        } else {
            self.look_up(caller, id)?;
        }
        if !self.tree.get(id).is_some_and(Node::is_folder) {
            return Err(FlagError::NoFolder);
        }
        if self.tree.children(id).next().is_some() {
            return Err(FlagError::NotEmpty);
        }
        if self.owner(id) != caller.user && !self.behaviour.receivers_flag {
            // The flag ends in the receiver's own view of the share, where nobody looks.
            return Ok(());
        }
        self.set_encrypted(id, encrypted);
        if !encrypted {
            self.metadata.remove(&id);
        }
        Ok(())
    }

    /// Deletes everything with the encrypted flag in the user's own files; the folders that were deleted.
    pub fn delete_encrypted(&mut self, user: &str) -> Vec<FileId> {
        let flagged = self.encrypted_folders().into_iter();
        let own: Vec<FileId> = flagged.filter(|id| self.owner(*id) == Some(user)).collect();
        // The root itself can be marked, but not deleted.
        let deletable = own.into_iter().filter(|id| !self.roots.contains_key(id));
        let deletable: Vec<FileId> = deletable.collect();
        let gone = |model: &mut Self, id: &FileId| {
            let exists = model.node(*id).is_some();
            model.remove_node(*id);
            exists
        };
        deletable.into_iter().filter(|id| gone(self, id)).collect()
    }

    /// The share link with this token.
    pub(crate) fn link(&self, token: &str) -> Option<&Share> {
        let mut links = self.shares.values().filter(|share| share.kind == ShareType::Link);
        links.find(|share| share.token.as_deref() == Some(token))
    }
}

/// Why a node cannot have the encrypted flag changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FlagError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It is a file.
    #[error("no folder")]
    NoFolder,
    /// Something lies in it.
    #[error("folder not empty")]
    NotEmpty,
}
