//! What clients offer beside the files themselves, of which the server learns no name (LEAK-06).

use super::Work;
use super::plain::dav;
use super::view::missing;
use crate::defects::Defect;
use crate::path::UserPath;
use crate::server::Node;
use e2ee_adapter::protocol::{ClientError, SideFeature};
use serde_json::{Value, json};

/// Where a log goes that the user sends: a plain file in the root of the account.
const LOG: &str = "client-log.txt";

impl Work<'_> {
    /// Uses one of them on a file. `text` is what the user types.
    pub(crate) async fn side_feature(
        &mut self,
        feature: SideFeature,
        path: &UserPath,
        text: &str,
    ) -> Result<(), ClientError> {
        match feature {
            SideFeature::Search => self.search(text).await,
            SideFeature::Comment => {
                let comment = json!({ "actorType": "users", "verb": "comment", "message": text });
                let told = self.has(Defect::CommentsOnServer);
                let node = self.node_to_tell_of(path, told).await?;
                self.leave_with_app(&format!("comments/files/{}", node.id), &comment).await
            }
            SideFeature::Tag => {
                let tag = json!({ "name": text, "userVisible": true, "userAssignable": true });
                let told = self.has(Defect::TagsOnServer);
                self.node_to_tell_of(path, told).await?;
                self.leave_with_app("systemtags", &tag).await
            }
            SideFeature::SendLog => {
                let log = self.log();
                self.write_plain(&UserPath::parse(LOG)?, log.into_bytes()).await
            }
        }
    }

    /// Looks on this device alone: what is searched for is a name, or stands in a file.
    async fn search(&mut self, text: &str) -> Result<(), ClientError> {
        if self.has(Defect::SearchesOnServer) {
            self.account.http.search(text).await;
        }
        match self.account.local.tree()?.iter().any(|entry| entry.path.contains(text)) {
            true => Ok(()),
            false => Err(missing(text)),
        }
    }

    /// What the server knows a file by. Words on an encrypted file are no less secret than it is, and the server would keep
    /// them in the clear: an honest client sends none.
    async fn node_to_tell_of(&mut self, path: &UserPath, told: bool) -> Result<Node, ClientError> {
        let place = match self.encrypted(path).await? {
            None => dav(path),
            Some(_) if !told => {
                return Err(ClientError::refused("the server would keep in the clear what is written on it"));
            }
            Some(root) => {
                let opened = self.open(&root, path.folders()).await?;
                let folder = opened.target();
                let (id, _) = folder.file(path.name()).ok_or_else(|| missing(&path.text()))?;
                folder.dav.child(id)
            }
        };
        self.account.http.node(&place).await?.ok_or_else(|| missing(&path.text()))
    }

    /// Servers without the app do not know the place.
    async fn leave_with_app(&self, place: &str, what: &Value) -> Result<(), ClientError> {
        match self.account.http.post_json(place, what).await {
            Ok(()) => Ok(()),
            Err(e) if matches!(e.status(), Some(404 | 405 | 501)) => {
                Err(ClientError::unsupported("the server has no such app"))
            }
            Err(e) => Err(e.into()),
        }
    }

    /// What helps whoever reads it, and tells how much there is and not what.
    fn log(&self) -> String {
        let mut lines = vec![format!("newest metadata version {}", self.account.newest)];
        for (id, folder) in &self.account.folders {
            let (files, locks) = (folder.placed.len(), self.account.held.len());
            lines.push(format!("encrypted folder {id}: {files} files, {locks} locks held"));
            if self.has(Defect::NamesFilesInLog) {
                lines.extend(folder.placed.values().map(|placed| format!("downloaded {}", placed.path)));
            }
        }
        lines.join("\n")
    }
}
