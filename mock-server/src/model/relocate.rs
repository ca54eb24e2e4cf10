//! MOVE and COPY.

use super::files::{Place, Stored, WriteError, Writer};
use super::pending::TO_SAVE;
use super::permissions::Permissions;
use super::{FileId, Model};

/// Where a move or copy ends.
struct Target {
    parent: FileId,
    name: String,
    replaces: Option<FileId>,
}

impl Model {
    /// Moves or renames a node. Inside encrypted folders the new name is pending until the unlock, while the
    /// old one is gone at once: an abort loses the node, as on the real server.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub fn relocate(
        &mut self,
        writer: Writer<'_>,
        from: &[String],
        to: &[String],
        overwrite: bool,
    ) -> Result<Stored, WriteError> {
        let (id, target) = self.both_ends(writer, from, to, overwrite)?;
        let user = writer.user;
        let mounted = self.mount(user, id).filter(|share| share.node == id).map(|share| share.id);
        if let Some(share) = mounted {
            self.rename_share(user, share, target.parent, &target.name)?;
        } else {
            self.need(writer, Some(id), Permissions::DELETE, target.parent, Permissions::CREATE)?;
            if let Some(replaced) = target.replaces {
                self.remove_node(replaced);
            }
            self.put_in_place(id, target.parent, &target.name);
            self.changed(target.parent);
        }
        Ok(Stored { id, created: target.replaces.is_none() })
    }

    /// Copies a node with everything below it; the copy gets an id of its own.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub fn copy(
        &mut self,
        writer: Writer<'_>,
        from: &[String],
        to: &[String],
        overwrite: bool,
    ) -> Result<Stored, WriteError> {
        let (id, target) = self.both_ends(writer, from, to, overwrite)?;
        if let Some(replaced) = target.replaces {
            self.remove_node(replaced);
        }
        let copy = self.tree.copy(id, target.parent, &target.name, self.now()).ok_or(WriteError::NotFound)?;
        self.touch(copy);
        self.changed(target.parent);
        Ok(Stored { id: copy, created: target.replaces.is_none() })
    }

    fn both_ends(
        &self,
        writer: Writer<'_>,
        from: &[String],
        to: &[String],
        overwrite: bool,
    ) -> Result<(FileId, Target), WriteError> {
        let source = self.place(writer, from)?;
        let goal = self.place(writer, to)?;
        if source.encrypted != goal.encrypted {
            return Err(WriteError::Mixed);
        }
        let mut name = to.last().cloned().ok_or(WriteError::Permission)?;
        if source.encrypted {
            self.gate(writer, &source)?;
            self.gate(writer, &goal)?;
            name.push_str(TO_SAVE);
        }
        let Place { node: Some(id), parent: Some(_), .. } = source else { return Err(WriteError::NotFound) };
        let parent = goal.parent.ok_or(WriteError::Permission)?;
        if self.tree.upwards(parent).any(|above| above == id) {
            return Err(WriteError::IntoItself);
        }
        let replaces = self.child_seen(writer.user, parent, &name);
        if replaces.is_some() && !overwrite {
            return Err(WriteError::DestinationExists);
        }
        if let Some(replaced) = replaces {
            // Neither the source nor a folder around it can make room for it, and nobody replaces what is shared
            // with him: that would delete it for its owner.
            let around = self.tree.upwards(id).any(|above| above == replaced);
            if around || self.mount(writer.user, replaced).is_some_and(|share| share.node == replaced) {
                return Err(WriteError::Permission);
            }
        }
        self.fits(parent, self.tree.height(id))?;
        self.need(writer, None, Permissions::CREATE, parent, Permissions::CREATE)?;
        Ok((id, Target { parent, name, replaces }))
    }
}
