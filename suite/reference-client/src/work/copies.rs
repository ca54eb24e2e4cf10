//! Copies: files of their own, each under a key and a nonce of its own (R2-MOD-17, R2-MOD-22).

use super::Work;
use super::area::Area;
use super::change::Change;
use super::plain::dav;
use super::view::missing;
use crate::defects::Defect;
use crate::path::UserPath;
use crate::server::{DavPath, Node};
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::metadata::FileEntry;

impl Work<'_> {
    /// Copies a file or folder inside of an encrypted folder, into one, or outside of any.
    pub(crate) async fn copy(&mut self, path: &UserPath, to: &UserPath) -> Result<(), ClientError> {
        let target = self.area(to.root()).await?;
        match (self.encrypted(path).await?, target) {
            (Some(root), target) => self.copy_encrypted(&root, target.encrypted().as_ref(), path, to).await,
            (None, Area::Encrypted(target)) => self.copy_in(&target, path, to).await,
            (None, _) => {
                self.account.http.copy(&dav(path), &dav(to), None).await?;
                self.read_plain(to).await.map(drop)
            }
        }
    }

    /// A plain file, written encrypted; the server never learns its name inside (LEAK-05).
    pub(super) async fn copy_in(
        &mut self,
        target: &Node,
        path: &UserPath,
        to: &UserPath,
    ) -> Result<(), ClientError> {
        self.must_be_free(Some(target), to).await?;
        let content = self.read_plain(path).await?;
        self.write_encrypted(target, to, &content).await
    }

    async fn must_be_free(&mut self, target: Option<&Node>, to: &UserPath) -> Result<(), ClientError> {
        let is_free = match target {
            Some(target) => {
                !to.is_root() && self.open(target, to.folders()).await?.target().is_free(to.name())
            }
            None => self.account.http.node(&dav(to)).await?.is_none(),
        };
        match is_free {
            true => Ok(()),
            false => Err(ClientError::failed(format!("{} exists already", to.text()))),
        }
    }

    /// Into an encrypted folder, or out of all of them if there is no `target`: the server then sees what the user wants it to
    /// see, and nothing else (LEAK-05).
    pub(super) async fn copy_encrypted(
        &mut self,
        root: &Node,
        target: Option<&Node>,
        path: &UserPath,
        to: &UserPath,
    ) -> Result<(), ClientError> {
        if path.is_root() {
            return Err(ClientError::unsupported("copying an encrypted root folder"));
        }
        self.must_be_free(target, to).await?;
        let opened = self.open(root, path.folders()).await?;
        let folder = opened.target();
        if folder.folder(path.name()).is_some() {
            return self.copy_folder(root, target, path, to).await;
        }
        let (id, entry) = folder.file(path.name()).ok_or_else(|| missing(&path.text()))?;
        self.copy_file(target, &folder.dav.child(id), entry, &path.text(), to).await?;
        if target.is_none() && self.has(Defect::TakesOthersOut) {
            for (id, entry) in folder.files().filter(|(_, entry)| entry.filename != path.name()) {
                let content =
                    self.fetch(&folder.dav.child(id), &folder.path_of(&entry.filename), entry).await?;
                self.write_plain(&to.beside(&entry.filename)?, content).await?;
            }
        }
        Ok(())
    }

    /// The whole tree is read first: what is copied into itself does not grow meanwhile.
    async fn copy_folder(
        &mut self,
        root: &Node,
        target: Option<&Node>,
        path: &UserPath,
        to: &UserPath,
    ) -> Result<(), ClientError> {
        let mut opened = self.open(root, path.below_root()).await?;
        let position = opened.below.len().saturating_sub(1);
        self.open_rest(&mut opened).await?;
        let depth = if self.has(Defect::CopiesTopOnly) { 1 } else { usize::MAX };
        for folder in opened.below[position..].iter().take(depth) {
            let rest = folder.path.strip_prefix(&path.text()).unwrap_or_default();
            let copy = UserPath::parse(&format!("{}{rest}", to.text()))?;
            self.make_folder(&copy).await?;
            for (id, entry) in folder.files() {
                let to = UserPath::parse(&format!("{}/{}", copy.text(), entry.filename))?;
                let from = folder.path_of(&entry.filename);
                self.copy_file(target, &folder.dav.child(id), entry, &from, &to).await?;
            }
        }
        Ok(())
    }

    async fn copy_file(
        &mut self,
        target: Option<&Node>,
        dav: &DavPath,
        entry: &FileEntry,
        path: &str,
        to: &UserPath,
    ) -> Result<(), ClientError> {
        if target.is_none() && self.has(Defect::MovesCiphertextOut) {
            return Ok(self.account.http.copy(dav, &self::dav(to), None).await?);
        }
        if let (Some(target), true) = (target, self.has(Defect::CopiesCiphertext)) {
            let mut change = self.begin(target, to.folders()).await?;
            let outcome = self.copy_as_it_is(&mut change, dav, entry, to.name()).await;
            return self.finish(change.lock, outcome).await;
        }
        let content = self.fetch(dav, path, entry).await?;
        self.write_at(target, to, content).await
    }

    /// Writes encrypted, or plainly if there is no `target`.
    pub(super) async fn write_at(
        &mut self,
        target: Option<&Node>,
        to: &UserPath,
        content: Vec<u8>,
    ) -> Result<(), ClientError> {
        match target {
            Some(target) => self.write_encrypted(target, to, &content).await,
            None => self.write_plain(to, content).await,
        }
    }

    /// What [`Defect::CopiesCiphertext`] does.
    async fn copy_as_it_is(
        &mut self,
        change: &mut Change,
        dav: &DavPath,
        entry: &FileEntry,
        name: &str,
    ) -> Result<(), ClientError> {
        let (folder, id) = (change.opened.target(), self.new_identifier());
        self.account.http.copy(dav, &folder.dav.child(&id), Some(&change.lock.token)).await?;
        let mut contents = folder.contents.clone();
        contents.files.insert(id, FileEntry { filename: name.into(), ..entry.clone() });
        self.store_target(change, contents).await
    }
}
