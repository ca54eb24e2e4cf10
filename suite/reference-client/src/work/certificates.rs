//! Certificates: which of them are trusted, and how they are renewed over the key that they had (R2-CERT-01 to 04).
//!
//! The server can make one at any time: nobody takes another certificate than the known one without asking.

use super::area::Area;
use super::identity::unreadable_certificate;
use super::judge::reason;
use super::{Work, broken, now};
use crate::account::Reason;
use crate::defects::Defect;
use crate::server::{DavPath, Node};
use e2ee_adapter::protocol::ClientError;
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
        match trust::check_certificate(user, certificate, self.pins()?, now(), &self.setup.exceptions) {
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
        let user = self.account.user().to_owned();
        let request = certificate_request(&own.private_key, &user).map_err(broken)?;
        self.account.http.delete_certificate().await?;
        let issued = self.account.http.certify(&request, None).await?;
        let certificate = match Certificate::from_pem(&issued) {
            Ok(certificate) => certificate,
            Err(e) => return Err(self.refuse(unreadable_certificate(&user, &e)).await),
        };
        if !self.has_own_key(&certificate) {
            let text = "server has certified another key than the one it was asked for";
            return Err(self.refuse(Reason::new("key-pair-matches", &["R2-KEY-25"], text)).await);
        }
        if !self.is_renewed(&user, &certificate)? {
            self.check_certificate(&user, &certificate).await?;
        }
        if !self.has(Defect::RenewsWithoutFolders) {
            let listed = self.account.http.folder(&DavPath::root()).await?;
            for node in listed.map(|(_, nodes)| nodes).unwrap_or_default() {
                let name = node.name.clone();
                if let Area::Encrypted(root) = self.area_of(&name, Some(node)).await? {
                    self.bring_over(&root, &own.certificate, &certificate).await?;
                }
            }
        }
        self.take_renewed(&user, &certificate);
        Ok(())
    }

    /// Under a lock, with a metadata key of its own, signed with the new certificate (R2-CERT-03, R2-CERT-04). Until then the
    /// folder has the old one, and so have those that come after it. A folder of 1.x has no certificates in it.
    async fn bring_over(
        &mut self,
        root: &Node,
        old: &Certificate,
        new: &Certificate,
    ) -> Result<(), ClientError> {
        let user = self.account.user().to_owned();
        let mut change = self.begin(root, &[]).await?;
        let members = change.opened.circle.as_ref().map(|circle| circle.members.clone());
        let outcome = match members {
            Some(mut members) => {
                for member in members.iter_mut().filter(|member| member.user_id == user) {
                    member.certificate = new.clone();
                }
                self.take_renewed(&user, new);
                let outcome = self.rekey(&mut change, members).await;
                self.take_renewed(&user, old);
                outcome
            }
            None => Ok(()),
        };
        self.finish(change.lock, outcome).await
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
