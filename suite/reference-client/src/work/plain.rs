//! What was never encrypted: plain files and folders.

use super::Work;
use super::view::missing;
use crate::defects::Defect;
use crate::path::UserPath;
use crate::server::DavPath;
use e2ee_adapter::protocol::ClientError;

impl Work<'_> {
    pub(super) async fn write_plain(&mut self, path: &UserPath, content: Vec<u8>) -> Result<(), ClientError> {
        let token = [("e2e-token", "left over".to_owned())];
        let headers = if self.has(Defect::SendsTokenOutside) { &token[..] } else { &[] };
        self.account.http.put(&dav(path), None, content.clone(), headers).await?;
        self.account.local.write(&path.text(), &content)
    }

    pub(super) async fn read_plain(&mut self, path: &UserPath) -> Result<Vec<u8>, ClientError> {
        let content = self.account.http.get(&dav(path)).await?.ok_or_else(|| missing(&path.text()))?;
        self.account.local.write(&path.text(), &content)?;
        Ok(content)
    }

    pub(super) async fn make_plain_folder(&mut self, path: &UserPath) -> Result<(), ClientError> {
        self.account.http.make_folder(&dav(path), None).await?;
        self.account.local.make_folder(&path.text())
    }

    pub(super) async fn rename_plain(&mut self, path: &UserPath, to: &UserPath) -> Result<(), ClientError> {
        self.account.http.move_plain(&dav(path), &dav(to)).await?;
        self.account.local.rename(&path.text(), &to.text())
    }

    pub(super) async fn remove_plain(&mut self, path: &UserPath) -> Result<(), ClientError> {
        self.account.http.delete(&dav(path), None).await?;
        self.account.local.remove(&path.text())
    }
}

pub(super) fn dav(path: &UserPath) -> DavPath {
    path.components().iter().fold(DavPath::root(), |dav, name| dav.child(name))
}
