//! Certificates: which of them are trusted, and how they are renewed, over the key that they had or a new one (R2-CERT-01
//! to 04).
//!
//! The server can make one at any time: nobody takes another certificate than the known one without asking.

use super::area::Area;
use super::identity::unreadable_certificate;
use super::judge::reason;
use super::{Work, broken, now};
use crate::account::{OwnKeys, Reason};
use crate::defects::Defect;
use crate::new_keys::NewKeys;
use crate::server::{DavPath, Node};
use e2ee_adapter::protocol::{ClientError, CreatedIdentity};
use e2ee_reference::certificate::Certificate;
use e2ee_reference::identity::certificate_request;
use e2ee_reference::metadata::{Document, User};
use e2ee_reference::trust;

impl Work<'_> {
    /// Whether a certificate may be used for a user: issued, named, and the one that is known.
    pub(super) async fn check_certificate(
        &self,
        user: &str,
        certificate: &Certificate,
    ) -> Result<(), ClientError> {
        let begins = |text: &str| certificate.common_name().is_some_and(|name| name.starts_with(text));
        let names_nobody = (self.has(Defect::ComparesBeginningsOfNames) && begins(user))
            || (self.has(Defect::TakesLinkNames) && begins("s:"));
        let exceptions = match names_nobody {
            true => &self.setup.exceptions_and(&["certificate-names-user"]),
            false if self.account.without_server_key => &self.setup.exceptions_and(&["certificate-issued"]),
            false => &self.setup.exceptions,
        };
        match trust::check_certificate(user, certificate, self.pins()?, now(), exceptions) {
            Ok(()) => Ok(()),
            Err(refusal) => Err(self.refuse(reason(user, refusal)).await),
        }
    }

    /// Whether the only thing to say against a certificate is that another one is known.
    pub(super) fn is_renewed(&self, user: &str, certificate: &Certificate) -> Result<bool, ClientError> {
        let refused =
            trust::check_certificate(user, certificate, self.pins()?, now(), &self.setup.exceptions);
        Ok(refused.is_err_and(|refusal| refusal.rule == "certificate-pinned"))
    }

    /// From now on this certificate is the user's, and no other.
    pub(super) fn pin(&mut self, user: &str, certificate: &Certificate) {
        if let Some(pins) = &mut self.account.pins {
            pins.certificates.insert(user.into(), certificate.fingerprint());
        }
    }

    /// Has the user's key certified anew, and puts the new certificate into every folder.
    pub(crate) async fn renew_certificate(&mut self) -> Result<(), ClientError> {
        let own = self.own().await?;
        // What cannot be read now is not brought over later (R2-CERT-01).
        self.sync().await?;
        let renewed = self.certified_anew(own.clone()).await?;
        self.bring_all_over(own, renewed).await
    }

    /// Makes new keys in the place of the user's, stores them under new words, and wraps the metadata key of every folder
    /// for them. With the old ones nothing opens any more (R2-CERT-03).
    pub(crate) async fn renew_keys(&mut self) -> Result<CreatedIdentity, ClientError> {
        if self.version().await?.major() == 1 {
            return Err(ClientError::unsupported("new keys for folders of 1.x"));
        }
        let own = self.own().await?;
        self.sync().await?;
        let NewKeys { private_key, mnemonic, salt } = self.new_keys().await?;
        let words = mnemonic.words().to_string();
        let blob = self.sealed_key(&private_key, &mnemonic, salt).await?;
        let keys = OwnKeys { private_key, mnemonic: Some(mnemonic), ..own.clone() };
        let renewed = self.certified_anew(keys).await?;
        if !self.has(Defect::KeepsOldStoredKey) {
            self.account.http.delete_private_key().await?;
            self.account.http.store_private_key(&[("privateKey", blob.as_str())]).await?;
        }
        self.bring_all_over(own, renewed).await?;
        Ok(CreatedIdentity { mnemonic: words })
    }

    /// The keys with a new certificate, which takes the place of the old one on the server (R2-CERT-02).
    async fn certified_anew(&mut self, keys: OwnKeys) -> Result<OwnKeys, ClientError> {
        let user = self.account.user().to_owned();
        let request = certificate_request(&keys.private_key, &user).map_err(broken)?;
        self.account.http.delete_certificate().await?;
        let issued = self.account.http.certify(&request, None).await?;
        let certificate = match Certificate::from_pem(&issued) {
            Ok(certificate) => certificate,
            Err(e) => return Err(self.refuse(unreadable_certificate(&user, &e)).await),
        };
        if keys.private_key.public_key() != *certificate.public_key() && !self.has(Defect::RenewsOverAnyKey) {
            let text = "server has certified another key than the one it was asked for";
            return Err(self.refuse(Reason::new("key-pair-matches", &["R2-KEY-25"], text)).await);
        }
        if !self.is_renewed(&user, &certificate)? {
            self.check_certificate(&user, &certificate).await?;
        }
        Ok(OwnKeys { certificate, ..keys })
    }

    async fn bring_all_over(&mut self, own: OwnKeys, renewed: OwnKeys) -> Result<(), ClientError> {
        if !self.has(Defect::RenewsWithoutFolders) {
            let listed = self.account.http.folder(&DavPath::root()).await?;
            for node in listed.map(|(_, nodes)| nodes).unwrap_or_default() {
                let name = node.name.clone();
                if let Area::Encrypted(root) = self.area_of(&name, Some(node)).await? {
                    self.bring_over(&root, &own, &renewed).await?;
                }
            }
        }
        self.go_on_with(&renewed);
        Ok(())
    }

    /// Under a lock, with a metadata key of its own, signed with the new certificate (R2-CERT-03, R2-CERT-04). Until then the
    /// folder has the old one, and so have those that come after it. A folder of 1.x has no certificates in it.
    async fn bring_over(&mut self, root: &Node, old: &OwnKeys, new: &OwnKeys) -> Result<(), ClientError> {
        let mut change = self.begin(root, &[]).await?;
        let members = change.opened.circle.as_ref().map(|circle| circle.members.clone());
        let outcome = match members {
            Some(mut members) => {
                let user = self.account.user();
                for member in members.iter_mut().filter(|member| member.user_id == user) {
                    member.certificate = new.certificate.clone();
                }
                self.go_on_with(new);
                let outcome = self.rekey(&mut change, members).await;
                self.go_on_with(old);
                outcome
            }
            None => Ok(()),
        };
        self.finish(change.lock, outcome).await
    }

    fn go_on_with(&mut self, keys: &OwnKeys) {
        let user = self.account.user().to_owned();
        self.pin(&user, &keys.certificate);
        self.account.own = Some(keys.clone());
    }

    /// Whether the user wants the renewed certificates that a document has for known members; one's own only over the key
    /// that one has (ATK-KEY-06).
    pub(super) fn wants_renewed(&mut self, document: &Document) -> Result<bool, ClientError> {
        let mut wanted = false;
        for (user, certificate) in document.users().iter().filter_map(certified) {
            if self.is_renewed(&user, &certificate)? {
                if !self.wants(&user, &certificate) {
                    return Ok(false);
                }
                self.take_renewed(&user, &certificate);
                wanted = true;
            }
        }
        Ok(wanted)
    }

    /// Asks about a certificate against which nothing speaks but that another one is known.
    pub(super) fn wants(&self, user: &str, certificate: &Certificate) -> bool {
        if self.has(Defect::RefusesRenewals) {
            return false;
        }
        if user != self.account.user() {
            let text = format!("{user} has another certificate than before: trust it?");
            return self.ask("certificate-changed", text);
        }
        let text = "your certificate was renewed, for the key that you have: did you do that?";
        self.has_own_key(certificate) && self.ask("own-certificate-changed", text)
    }

    pub(super) fn take_renewed(&mut self, user: &str, certificate: &Certificate) {
        self.pin(user, certificate);
        if user == self.account.user()
            && let Some(own) = &mut self.account.own
        {
            own.certificate = certificate.clone();
        }
    }

    fn has_own_key(&self, certificate: &Certificate) -> bool {
        let own = self.account.own.as_ref();
        own.is_some_and(|own| own.private_key.public_key() == *certificate.public_key())
    }
}

fn certified(user: &User) -> Option<(String, Certificate)> {
    Some((user.user_id.clone(), user.certificate().ok()?))
}
