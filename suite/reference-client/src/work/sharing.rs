//! Members come and go.

use super::Work;
use super::change::{Change, Draft};
use super::identity::unreadable_certificate;
use super::lock::Lock;
use super::view::{Folder, missing};
use crate::defects::Defect;
use crate::path::UserPath;
use crate::server::Node;
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::certificate::Certificate;
use e2ee_reference::file_cipher::FileKey;
use e2ee_reference::metadata::{Contents, Recipient};

impl Work<'_> {
    /// Makes a user a member of a root folder (R2-SHR-01 to 11).
    pub(crate) async fn share(&mut self, path: &UserPath, with: &str) -> Result<(), ClientError> {
        if self.has(Defect::SharesInside) && !path.is_root() {
            return self.share_inside(path, with).await;
        }
        let root = self.shareable(path, with).await?;
        self.confirm_own_certificate().await?;
        let certificate = self.discover(&root.name, with).await?;
        let mut change = self.begin(&root, &[]).await?;
        let outcome = self.admit(&mut change, with, certificate).await;
        self.finish(change.lock, outcome).await
    }

    /// Ends a membership; what is written from now on is not for that user (R2-SHR-12 to 16).
    pub(crate) async fn unshare(&mut self, path: &UserPath, with: &str) -> Result<(), ClientError> {
        let root = self.shareable(path, with).await?;
        self.confirm_own_certificate().await?;
        let mut change = self.begin(&root, &[]).await?;
        let outcome = self.dismiss(&mut change, with).await;
        self.finish(change.lock, outcome).await
    }

    /// Ends one's own membership. The folder stays as it is for all others; who is left takes the name out of the
    /// metadata, under a key that the leaver has not seen (R2-SHR-13).
    pub(crate) async fn leave(&mut self, path: &UserPath) -> Result<(), ClientError> {
        match self.encrypted(path).await?.filter(|root| path.is_root() && root.is_received) {
            Some(root) if self.has(Defect::DeletesReceivedFolders) => self.remove_root(&root).await,
            Some(root) => {
                self.account.http.leave(root.id).await?;
                self.forget(root.id)
            }
            None => Err(ClientError::failed("expected an encrypted folder that another user shares")),
        }
    }

    /// What [`Defect::SharesInside`] does: the receiver gets ciphertext under a name that says nothing.
    async fn share_inside(&mut self, path: &UserPath, with: &str) -> Result<(), ClientError> {
        let root = self.encrypted(path).await?.ok_or_else(|| missing(&path.text()))?;
        let opened = self.open(&root, path.folders()).await?;
        let folder = opened.target();
        let found = folder.file(path.name()).map(|(id, _)| id).or_else(|| folder.folder(path.name()));
        let inside = folder.dav.child(found.ok_or_else(|| missing(&path.text()))?);
        Ok(self.account.http.share(&inside.text(), with).await?)
    }

    async fn shareable(&mut self, path: &UserPath, with: &str) -> Result<Node, ClientError> {
        let root = self.encrypted(path).await?;
        match root {
            Some(root) if path.is_root() && with != self.account.user() => Ok(root),
            _ => Err(ClientError::failed("expected an encrypted folder of the root, and another user")),
        }
    }

    /// The certificate of a user: the one that was seen first, or none (R2-SHR-01 to 06).
    async fn discover(&mut self, folder: &str, user: &str) -> Result<Certificate, ClientError> {
        let Some(served) = self.account.http.certificate(user).await? else {
            if self.has(Defect::SharesBeforeKeys) {
                self.account.http.share(folder, user).await?;
            }
            self.warn("contact-without-key", format!("{user} has no keys yet: sharing is impossible"));
            return Err(ClientError::failed(format!("{user} has no keys")));
        };
        let certificate = match Certificate::from_pem(&served) {
            Ok(certificate) => certificate,
            Err(e) => return Err(self.refuse(unreadable_certificate(user, &e)).await),
        };
        let agreed = self.is_renewed(user, &certificate)? && self.wants(user, &certificate);
        if !agreed {
            let checked = self.check_certificate(user, &certificate).await;
            if checked.is_err() && self.has(Defect::PinsWhatItRefuses) {
                self.pin(user, &certificate);
            }
            checked?;
        }
        self.pin(user, &certificate);
        Ok(certificate)
    }

    pub(super) async fn confirm_own_certificate(&mut self) -> Result<(), ClientError> {
        match self.doubt_about_own_certificate().await? {
            Some(reason) => Err(self.refuse(reason).await),
            None => Ok(()),
        }
    }

    async fn admit(
        &mut self,
        change: &mut Change,
        with: &str,
        certificate: Certificate,
    ) -> Result<(), ClientError> {
        let mut members = members(change)?;
        if members.iter().any(|member| member.user_id == with) {
            return Err(ClientError::failed(format!("{with} is a member already")));
        }
        members.push(Recipient { user_id: with.into(), certificate });
        if self.has(Defect::ForgetsOtherMembers) {
            let own = self.account.user();
            members.retain(|member| member.user_id == with || member.user_id == own);
        }
        let folder = change.opened.root.path.clone();
        if self.has(Defect::ReadmitsSharedUsers) {
            for user_id in self.account.http.shared_with(&folder).await? {
                if members.iter().all(|member| member.user_id != user_id) {
                    let certificate = self.discover(&folder, &user_id).await?;
                    members.push(Recipient { user_id, certificate });
                }
            }
        }
        if self.has(Defect::WrapsForAllAnswered) {
            let others = self.answered_too().await?;
            members.extend(others.into_iter().filter(|other| other.user_id != with));
        }
        self.account.http.share(&folder, with).await?;
        let outcome = self.rekey(change, members).await;
        if outcome.is_err() {
            // A share without keys is of no use to anybody; the error that led here is the one to tell.
            let _ = self.account.http.unshare(&folder, with, true).await;
        }
        outcome
    }

    async fn dismiss(&mut self, change: &mut Change, with: &str) -> Result<(), ClientError> {
        let mut members = members(change)?;
        let before = members.len();
        members.retain(|member| member.user_id != with);
        if members.len() == before {
            return Err(ClientError::failed(format!("{with} is no member")));
        }
        let folder = change.opened.root.path.clone();
        if self.has(Defect::SkipsThoseWhoLeft)
            && self.account.http.shared_with(&folder).await?.iter().all(|user| user != with)
        {
            return Ok(());
        }
        self.account.http.unshare(&folder, with, self.has(Defect::OverlooksReshares)).await?;
        self.rekey(change, members).await
    }

    /// Seals the root folder and all folders below under a new metadata key, for these members. Files have
    /// keys of their own and stay as they are.
    pub(super) async fn rekey(
        &mut self,
        change: &mut Change,
        mut members: Vec<Recipient>,
    ) -> Result<(), ClientError> {
        self.open_rest(&mut change.opened).await?;
        if self.has(Defect::AcceptsChangedOwnCertificate) {
            self.follow_own_certificate(&mut members).await?;
        }
        let Change { lock, opened } = change;
        let stay = members.len() > 1 && members.len() < opened.users().len();
        let keeps =
            self.has(Defect::KeepsMetadataKey) || (stay && self.has(Defect::KeepsMetadataKeyForOthers));
        let key = match &opened.circle {
            Some(circle) if keeps => circle.key.clone(),
            _ => self.new_metadata_key(),
        };
        let mut contents = self.next_contents(lock, &opened.root).await?;
        if self.has(Defect::ForgetsKeyHistory) {
            contents.key_checksums.clear();
        }
        if !contents.key_checksums.contains(&key.checksum()) {
            contents.key_checksums.push(key.checksum());
        }
        let (id, old) = (opened.root.id, Some(&opened.root.document));
        let draft = Draft { id, contents, key: &key, members: Some(&members), users: &[], old };
        let root = self.store(lock, draft).await?;
        let one_level = self.has(Defect::RekeysOneLevel);
        for folder in opened.below.iter().filter(|folder| !one_level || !folder.is_deep()) {
            let contents = self.next_contents(lock, folder).await?;
            let (id, old) = (folder.id, Some(&folder.document));
            let draft = Draft { id, contents, key: &key, members: None, users: root.users(), old };
            self.store(lock, draft).await?;
        }
        Ok(())
    }

    async fn next_contents(&self, lock: &Lock, folder: &Folder) -> Result<Contents, ClientError> {
        let mut contents = folder.contents.clone();
        contents.counter = lock.counter_for(folder.id, &contents);
        if self.has(Defect::ReuploadsFiles) {
            self.upload_again(lock, folder, &mut contents).await?;
        }
        Ok(contents)
    }

    async fn upload_again(
        &self,
        lock: &Lock,
        folder: &Folder,
        contents: &mut Contents,
    ) -> Result<(), ClientError> {
        for (id, entry) in &mut contents.files {
            let dav = folder.dav.child(id);
            let content = self.fetch(&dav, &folder.path_of(&entry.filename), entry).await?;
            (entry.key, entry.nonce) = (FileKey::generate(), self.nonce(false));
            let sealed = self.sealed_file(entry, &content)?;
            self.account.http.put(&dav, Some(&lock.token), sealed, &[]).await?;
        }
        Ok(())
    }

    async fn follow_own_certificate(&self, members: &mut [Recipient]) -> Result<(), ClientError> {
        let user = self.account.user();
        let served = self.account.http.certificate(user).await?;
        let served = served.and_then(|pem| Certificate::from_pem(&pem).ok());
        if let (Some(certificate), Some(own)) = (served, members.iter_mut().find(|m| m.user_id == user)) {
            own.certificate = certificate;
        }
        Ok(())
    }
}

/// Folders of 1.x have none: sharing them was given up after ATK-META-02.
pub(super) fn members(change: &Change) -> Result<Vec<Recipient>, ClientError> {
    let circle = change.opened.circle.as_ref();
    let circle = circle.ok_or_else(|| ClientError::unsupported("sharing a folder of 1.x"))?;
    Ok(circle.members.clone())
}
