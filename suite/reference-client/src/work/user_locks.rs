//! Files that others may not edit for a while.

use super::Work;
use super::plain::dav;
use super::view::missing;
use crate::defects::Defect;
use crate::path::UserPath;
use e2ee_adapter::protocol::ClientError;

impl Work<'_> {
    /// Locks a file for editing, or unlocks it. The server knows a file of an encrypted folder by its identifier, and learns
    /// no other name (LEAK-02).
    pub(crate) async fn lock_file(&mut self, path: &UserPath, locked: bool) -> Result<(), ClientError> {
        let root = self.encrypted(path).await?.filter(|_| !self.has(Defect::LocksByName));
        let file = match root {
            None => dav(path),
            Some(root) => {
                let opened = self.open(&root, path.folders()).await?;
                let folder = opened.target();
                let (id, _) = folder.file(path.name()).ok_or_else(|| missing(&path.text()))?;
                folder.dav.child(id)
            }
        };
        Ok(self.account.http.lock_file(&file, locked).await?)
    }
}
