//! Shares with users, groups and by link.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{FileId, Model, Node, Permissions, WriteError};

/// The number of a share, six digits and more.
pub type ShareId = u64;

/// With whom a share is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShareType {
    /// One user.
    User,
    /// All members of a group.
    Group,
    /// Everybody who knows the token.
    Link,
}

impl ShareType {
    /// The number of the share API.
    pub const fn number(self) -> u8 {
        match self {
            Self::User => 0,
            Self::Group => 1,
            Self::Link => 3,
        }
    }
}

/// A share.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// Its number.
    pub id: ShareId,
    /// With whom.
    pub kind: ShareType,
    /// What is shared.
    pub node: FileId,
    /// Who made it.
    pub by: String,
    /// The user or group; `None` for a link.
    pub with: Option<String>,
    /// What it allows.
    pub permissions: Permissions,
    /// The token of a link.
    pub token: Option<String>,
    /// The name in the receivers' roots.
    pub target: String,
    /// When it was made, in seconds since 1970.
    pub since: i64,
    /// Members of the group who have left.
    left: Vec<String>,
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, kind, node, by, with, permissions, .. } = self;
        write!(f, "Share({id} of {node} by {by:?}: {kind:?} {with:?} {permissions:?})")
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct NewShare<'a> {
    /// With whom.
    pub kind: ShareType,
    /// What is shared.
    pub node: FileId,
    /// The user or group; ignored for a link.
    pub with: &'a str,
    /// `None`: everything for users and groups, reading for links.
    pub permissions: Option<Permissions>,
}

/// Why a share was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShareError {
    /// A user cannot share with himself, nor with the owner.
    #[error("cannot share with yourself")]
    WithYourself,
    /// There is no such user.
    #[error("no such account")]
    NoSuchUser,
    /// There is no such group.
    #[error("no such group")]
    NoSuchGroup,
    /// The sharer does not hold what he wants to give.
    #[error("more permissions than held")]
    Permissions,
    /// There is no such share, or none that concerns the user.
    #[error("wrong share id")]
    NoSuchShare,
    /// The share is not the user's to change.
    #[error("not allowed to change the share")]
    NotYours,
}

impl Model {
    /// Shares a node. Sharing again with the same user or group gives the share that exists.
    ///
    /// # Errors
    /// See [`ShareError`].
    pub fn share(&mut self, by: &str, new: NewShare<'_>) -> Result<ShareId, ShareError> {
        let NewShare { kind, node, with, permissions } = new;
        let owner = self.owner(node).unwrap_or_default();
        match kind {
            ShareType::User if with == by || with == owner => return Err(ShareError::WithYourself),
            ShareType::User if !self.users.contains_key(with) => return Err(ShareError::NoSuchUser),
            ShareType::Group if !self.groups.contains_key(with) => return Err(ShareError::NoSuchGroup),
            ShareType::User | ShareType::Group | ShareType::Link => {}
        }
        let held = self.rights(by, node).0;
        let permissions = match (kind, permissions) {
            (ShareType::Link, wanted) => link_permissions(wanted),
            (_, Some(wanted)) => wanted,
            (_, None) => held,
        };
        let is_folder = self.tree.get(node).is_some_and(Node::is_folder);
        let permissions = permissions & if is_folder { Permissions::ALL } else { Permissions::SHARED_FILE };
        if !held.contains(permissions | Permissions::SHARE) {
            return Err(ShareError::Permissions);
        }
        let with = (kind != ShareType::Link).then_some(with);
        let mut same = self.shares.values().filter(|share| share.kind == kind && share.node == node);
        if let Some(share) = same.find(|share| with.is_some() && share.with.as_deref() == with) {
            return Ok(share.id);
        }
        let id = self.ids.number();
        let name = self.tree.get(node).map(|node| node.name.clone()).unwrap_or_default();
        let token = (kind == ShareType::Link).then(|| self.ids.secret_text(15));
        let (by, with) = (by.to_owned(), with.map(str::to_owned));
        let mut share = Share {
            id,
            kind,
            node,
            by,
            with,
            permissions,
            token,
            target: name,
            since: self.now(),
            left: Vec::new(),
        };
        share.target = self.free_target(&share);
        self.shares.insert(id, share);
        self.touch(node);
        Ok(id)
    }

    /// A share by its number.
    pub fn share_by_id(&self, id: ShareId) -> Option<&Share> {
        self.shares.get(&id)
    }

    /// All shares, oldest first.
    pub fn shares(&self) -> impl Iterator<Item = &Share> {
        self.shares.values()
    }

    /// Changes what a share allows.
    ///
    /// # Errors
    /// See [`ShareError`].
    pub fn change_share(&mut self, user: &str, id: ShareId, wanted: Permissions) -> Result<(), ShareError> {
        let share = self.shares.get(&id).ok_or(ShareError::NoSuchShare)?;
        self.is_concerned(user, share).then_some(()).ok_or(ShareError::NoSuchShare)?;
        let node = share.node;
        if share.by != user && self.owner(node) != Some(user) {
            return Err(ShareError::NotYours);
        }
        if let Some(share) = self.shares.get_mut(&id) {
            share.permissions = match share.kind {
                ShareType::Link => link_permissions(Some(wanted)),
                ShareType::User | ShareType::Group => wanted,
            };
        }
        self.touch(node);
        Ok(())
    }

    /// Ends a share; a receiver leaves it.
    ///
    /// # Errors
    /// See [`ShareError`].
    pub fn unshare(&mut self, user: &str, id: ShareId) -> Result<(), ShareError> {
        let share = self.shares.get(&id).ok_or(ShareError::NoSuchShare)?;
        let node = share.node;
        if share.by == user || self.owner(node) == Some(user) {
            self.touch(node);
            let token = self.shares.remove(&id).and_then(|share| share.token);
            token.map(|token| self.link_keys.remove(&token));
            return Ok(());
        }
        self.receives(share, user).then_some(()).ok_or(ShareError::NoSuchShare)?;
        self.leave_share(user, id);
        Ok(())
    }

    /// Everybody who sees the node through a share, the node's own or one of a folder above it.
    pub fn share_members(&self, id: FileId) -> Vec<String> {
        let above: Vec<FileId> = self.tree.upwards(id).collect();
        let shares = self.shares.values().filter(|share| above.contains(&share.node));
        let mut members: Vec<String> = shares.flat_map(|share| self.receivers(share)).collect();
        members.sort();
        members.dedup();
        members
    }

    /// Whether the user owns, made or receives the share.
    pub fn is_concerned(&self, user: &str, share: &Share) -> bool {
        share.by == user || self.owner(share.node) == Some(user) || self.receives(share, user)
    }

    pub(crate) fn receives(&self, share: &Share, user: &str) -> bool {
        let with = share.with.as_deref().unwrap_or_default();
        let meant = match share.kind {
            ShareType::User => with == user,
            ShareType::Group => self.is_in_group(with, user) && self.owner(share.node) != Some(user),
            ShareType::Link => false,
        };
        meant && !share.left.iter().any(|left| left == user)
    }

    pub(super) fn receivers<'a>(&'a self, share: &'a Share) -> impl Iterator<Item = String> + 'a {
        self.users.keys().filter(|user| self.receives(share, user)).cloned()
    }

    /// The share of exactly this node that the user receives.
    pub(super) fn share_received(&self, user: &str, node: FileId) -> Option<&Share> {
        self.shares.values().find(|share| share.node == node && self.receives(share, user))
    }

    /// A receiver does not want the share any more.
    pub(super) fn leave_share(&mut self, user: &str, id: ShareId) {
        let Some(share) = self.shares.get_mut(&id) else { return };
        let node = share.node;
        share.left.push(user.to_owned());
        let over = share.kind == ShareType::User;
        self.touch(node);
        if over {
            self.shares.remove(&id);
        }
        if let Some(root) = self.users.get(user).map(|user| user.root) {
            self.touch(root);
        }
    }

    /// A receiver gives the share another name; it stays in his root.
    pub(super) fn rename_share(
        &mut self,
        user: &str,
        id: ShareId,
        parent: FileId,
        name: &str,
    ) -> Result<(), WriteError> {
        let in_root = self.users.get(user).is_some_and(|user| user.root == parent);
        let share = self.shares.get_mut(&id).filter(|_| in_root).ok_or(WriteError::Permission)?;
        share.target = name.to_owned();
        self.touch(parent);
        Ok(())
    }

    /// The node's name, or `name (2)` … if a receiver has something of that name.
    fn free_target(&self, share: &Share) -> String {
        let receivers: Vec<String> = self.receivers(share).collect();
        let taken = |name: &str| {
            let mut roots = receivers.iter().filter_map(|user| Some((user, self.users.get(user)?.root)));
            roots.any(|(user, root)| self.child_seen(user, root, name).is_some())
        };
        let numbered = (2u32..).map(|n| format!("{} ({n})", share.target));
        let mut names = std::iter::once(share.target.clone()).chain(numbered);
        names.find(|name| !taken(name)).unwrap_or_default()
    }
}

/// Links can be shared further when they can be read.
fn link_permissions(wanted: Option<Permissions>) -> Permissions {
    let wanted = wanted.unwrap_or(Permissions::READ);
    if wanted.contains(Permissions::READ) { wanted | Permissions::SHARE } else { wanted }
}
