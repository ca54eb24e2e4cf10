//! Public links: each is a member of the folder, named after the link, with keys of its own (R2-PUB-01 to 05).

use super::identity::unreadable_certificate;
use super::sharing::members;
use super::{Work, broken};
use crate::account::Reason;
use crate::defects::Defect;
use crate::new_keys::NewKeys;
use crate::path::UserPath;
use crate::server::Node;
use e2ee_adapter::protocol::{ClientError, PublicLink};
use e2ee_reference::certificate::Certificate;
use e2ee_reference::identity::{Identity, certificate_request};
use e2ee_reference::metadata::{Recipient, Version};
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::Kdf;
use e2ee_reference::recognise::AnyVersion;

impl Work<'_> {
    /// Shares a root folder by a link.
    pub(crate) async fn share_publicly(&mut self, path: &UserPath) -> Result<PublicLink, ClientError> {
        let root = self.encrypted(path).await?.filter(|_| path.is_root());
        let root = root.ok_or_else(|| ClientError::failed("expected an encrypted folder of the root"))?;
        if self.version().await? != AnyVersion::V2(Version::V2_1) {
            return Err(ClientError::unsupported("metadata before 2.1 have no public links"));
        }
        self.confirm_own_certificate().await?;
        let token = self.account.http.share_link(&root.name).await?;
        let outcome = self.admit_link(&root, &token).await;
        if outcome.is_err() {
            // A link that opens nothing is of no use to anybody; the error that led here is the one to tell.
            let _ = self.account.http.unshare_link(&root.name, &token).await;
        }
        outcome
    }

    async fn admit_link(&mut self, root: &Node, token: &str) -> Result<PublicLink, ClientError> {
        let user = format!("s:{token}");
        let NewKeys { private_key: key, mnemonic, salt } = self.new_keys().await?;
        let request = certificate_request(&key, &user).map_err(broken)?;
        let of = Some(token).filter(|_| !self.has(Defect::ForgetsShareToken));
        let issued = self.account.http.certify(&request, of).await?;
        let certificate = match Certificate::from_pem(&issued) {
            Ok(certificate) => certificate,
            Err(e) => return Err(self.refuse(unreadable_certificate(&user, &e)).await),
        };
        if let Err(e) = Identity::new(&user, certificate.clone(), key.clone())
            && !self.has(Defect::LinksToAnyKey)
        {
            let reason = Reason::new("key-pair-matches", &["R2-PUB-03", "R2-KEY-25"], e.to_string());
            return Err(self.refuse(reason).await);
        }
        self.check_certificate(&user, &certificate).await?;
        // The user passes it on over another channel (R2-PUB-06).
        let mut form = self.private_key_form();
        if self.has(Defect::SealsLinkWithOldDerivation) {
            form.kdf = Kdf::Sha1Rounds1024;
        }
        let blob = self.sealed_key_as(&key, &mnemonic, salt, form).await?;
        self.account.http.store_private_key(&[("privateKey", blob.as_str()), ("shareToken", token)]).await?;
        let mut change = self.begin(root, &[]).await?;
        let outcome = match members(&change) {
            Ok(mut all) => {
                all.push(Recipient { user_id: user, certificate });
                self.rekey(&mut change, all).await
            }
            Err(e) => Err(e),
        };
        self.finish(change.lock, outcome).await?;
        let other = self.has(Defect::SealsLinkUnderOtherMnemonic);
        let told = if other { Mnemonic::generate().words() } else { mnemonic.words() };
        Ok(PublicLink { token: token.into(), mnemonic: told.to_string() })
    }
}
