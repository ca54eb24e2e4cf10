//! Defects that are a lapse: a rule that is kept in one place and forgotten in another.

use super::{Work, broken};
use crate::account::{KnownFolder, OwnKeys};
use crate::defects::Defect;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_adapter::protocol::{ClientError, Request};
use e2ee_reference::Error;
use e2ee_reference::backend::backend;
use e2ee_reference::certificate::{Certificate, PublicKey};
use e2ee_reference::metadata::{Document, MetadataKey, Recipient};
use e2ee_reference::recognise::{Recognised, recognise};
use e2ee_reference::signature::{Signature, SignatureError};
use e2ee_reference::trust::{self, Accepted, Candidate, Exceptions, Known, Pins, RULES, Refusal};
use serde_json::{Value, json};
use std::borrow::Cow;

/// The base point of P-256.
const NOBODYS_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt
6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==
-----END PUBLIC KEY-----
";

impl Work<'_> {
    /// What a forgetful client no longer knows after a start.
    pub(super) fn forget_at_start(&mut self) {
        if self.has(Defect::ForgetsContacts) {
            let user = self.account.user().to_owned();
            let pins = self.account.pins.iter_mut();
            pins.for_each(|pins| pins.certificates.retain(|of, _| *of == user));
        }
        for KnownFolder { states, older, .. } in self.account.folders.values_mut() {
            if self.setup.has(Defect::ForgetsMembers) {
                states.values_mut().for_each(|known| known.members.clear());
            }
            if self.setup.has(Defect::ForgetsOlderVersions) {
                older.clear();
            }
        }
        let knew = !self.account.folders.is_empty();
        self.account.unguarded = knew && self.has(Defect::ForgetsWhatIsEncrypted);
    }

    /// Whether a server key has signed the certificate that the server gives out for this user.
    pub(super) async fn fits(&self, server_key: &PublicKey) -> Result<bool, ClientError> {
        let served = self.account.http.certificate(self.account.user()).await?;
        let served = served.and_then(|served| Certificate::from_pem(&served).ok());
        Ok(served.is_some_and(|served| served.is_issued_by(server_key)))
    }

    /// What [`Defect::GoesWithoutServerKey`] does; where there was no server key before, one that signs no certificates
    /// stands in its place.
    pub(super) fn go_without_server_key(&mut self) -> Result<(), ClientError> {
        self.account.without_server_key = true;
        if self.account.pins.is_none() {
            self.trust_first(PublicKey::from_pem(NOBODYS_KEY).map_err(broken)?);
        }
        Ok(())
    }

    /// All others whose certificates come along when this user asks for his own.
    pub(super) async fn answered_too(&self) -> Result<Vec<Recipient>, ClientError> {
        let own = self.account.user();
        let all = self.account.http.certificates(own).await?.unwrap_or_default();
        let others = all.as_object().into_iter().flatten().filter(|(user_id, _)| *user_id != own);
        let certified = others.filter_map(|(user_id, pem)| {
            let certificate = Certificate::from_pem(pem.as_str()?).ok()?;
            Some(Recipient { user_id: user_id.clone(), certificate })
        });
        Ok(certified.collect())
    }

    /// Notes whether this request is one that a client with gaps does not guard.
    pub(crate) fn forget_to_guard(&mut self, request: &Request) {
        let deep = |path: &str| path.matches('/').count() > 1;
        let (writes, below) = match request {
            Request::Write { path, .. } => (true, deep(path)),
            Request::MakeFolder { path } | Request::Rename { path, .. } => (false, deep(path)),
            _ => return,
        };
        let gap = (self.has(Defect::GuardsTopLevelOnly) && below)
            || (self.has(Defect::GuardsWritingOnly) && !writes);
        self.unguarded = self.account.unguarded || gap;
    }

    /// What becomes of a document that this client has made; of [`Defect::RenewsOverAnyKey`], with a signature that fits
    /// nobody's certificate.
    pub(super) fn judge_made(
        &self,
        root: u64,
        id: u64,
        made: &Candidate<'_>,
    ) -> Result<Result<Accepted, Refusal>, ClientError> {
        match self.has(Defect::RenewsOverAnyKey) {
            true => Ok(trust::judge(made, self.pins()?, None, &self.no_rules())),
            false => self.judge(root, id, made),
        }
    }

    /// What [`Defect::UsesEmptyKey`] takes metadata of 1.x for that have no key.
    pub(super) fn with_empty_key(&self, document: &str) -> Option<Recognised> {
        let document: Value =
            serde_json::from_str(document).ok().filter(|_| self.has(Defect::UsesEmptyKey))?;
        let empty = [("metadataKeys", json!({ "0": "" })), ("metadataKey", json!(""))];
        empty.into_iter().find_map(|(member, key)| {
            let mut document = document.clone();
            document.get_mut("metadata")?.as_object_mut()?.insert(member.to_owned(), key);
            recognise(&document.to_string()).ok()
        })
    }

    /// What is remembered of a folder whose document was accepted.
    pub(super) fn remembered(&self, root: u64, id: u64, mut known: Known) -> Known {
        if self.has(Defect::RemembersOwnCountersOnly) {
            let own = self.account.folders.get(&root).and_then(|folder| folder.states.get(&id));
            known.counter = own.map_or(0, |own| own.counter);
            known.content_digest = own.map_or(known.content_digest, |own| own.content_digest);
        }
        known
    }

    /// What is remembered of a folder whose document was refused: nothing, but for one defect.
    pub(super) fn remember_refused(&mut self, root: u64, id: u64, refused: &Candidate<'_>) {
        if !self.has(Defect::RemembersRefusedCounters) {
            return;
        }
        let folder = self.account.folders.get_mut(&root);
        if let Some(known) = folder.and_then(|folder| folder.states.get_mut(&id)) {
            known.counter = refused.contents.counter;
            known.content_digest = backend().sha256(refused.document.signed_content().as_bytes());
        }
    }

    /// Whether something is wrong with a signature to which a client with a lapse pays no heed.
    fn overlooks(&self, signature: &str) -> bool {
        let lapse = match Signature::parse(signature) {
            Err(SignatureError::Attribute("set")) => Defect::TakesBareSignatures,
            Err(SignatureError::SignerCount(0)) => Defect::TakesSignaturesOfNobody,
            Err(SignatureError::SignerCount(_)) => Defect::ContentWithOneSigner,
            Err(SignatureError::NotDetached) => Defect::VerifiesEmbeddedContent,
            _ => return false,
        };
        self.has(lapse)
    }

    /// A document in which members of one name stand twice, read as no honest client does: the last of them counts.
    pub(super) fn read_doubled(&mut self, document: &str) -> Option<String> {
        self.reads_doubled = false;
        if !self.has(Defect::UsesLastOfEqualNames) || recognise(document).is_ok() {
            return None;
        }
        let last = serde_json::from_str::<serde_json::Value>(document).ok()?.to_string();
        self.reads_doubled = recognise(&last).is_ok();
        self.reads_doubled.then_some(last)
    }

    /// What was wrapped for this user, of whatever length, as a metadata key.
    pub(super) fn padded_key(&self, document: &Document, own: &OwnKeys) -> Result<MetadataKey, Error> {
        let wrapped = STANDARD.decode(self.wrapped_key(document).unwrap_or_default()).unwrap_or_default();
        let given = backend().oaep_unwrap(&own.private_key, &wrapped)?;
        let mut key = [0; 16];
        key.iter_mut().zip(&given).for_each(|(octet, given)| *octet = *given);
        Ok(MetadataKey::from_bytes(key))
    }

    fn no_rules(&self) -> Exceptions {
        let all: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
        self.setup.exceptions_and(&all)
    }

    /// The rules that are not applied to a document.
    pub(super) fn lapses(
        &self,
        candidate: &Candidate<'_>,
        pins: &Pins,
        known: Option<&Known>,
    ) -> Cow<'_, Exceptions> {
        let is_root = candidate.root_members.is_none();
        let owner = candidate.document.users().first().map(|user| user.user_id.as_str());
        let trusts = (self.has(Defect::TrustsUnderItsLock) && self.holds_lock)
            || (self.has(Defect::TrustsKnownCounters)
                && known.is_some_and(|known| known.counter == candidate.contents.counter))
            || (self.has(Defect::TrustsReceivedFolders) && is_root && owner != Some(self.account.user()))
            || (self.has(Defect::ChecksKnownFoldersOnly) && is_root && known.is_none())
            || (self.has(Defect::BelievesOfVanishedFolders) && is_root && candidate.listing.is_none());
        if trusts {
            return Cow::Owned(self.no_rules());
        }
        let mut off = Vec::new();
        if self.has(Defect::TakesUnsignedSubfolders) && !is_root {
            off.push("signature-present");
        }
        if self.has(Defect::ExpectsIssuersInSignatures)
            && Signature::parse(candidate.signature).is_ok_and(|signature| !signature.names_issuer())
        {
            self.crash("no issuer");
        }
        if self.overlooks(candidate.signature) || self.reads_doubled {
            off.push("signature-valid");
        }
        if self.account.without_server_key {
            off.push("members-certificates-issued");
        }
        let has_fewer = |known: &Known| candidate.contents.key_checksums.len() < known.key_checksums.len();
        if self.has(Defect::CountsKeyHistory) && !known.is_some_and(has_fewer) {
            off.push("key-history-kept");
        }
        if self.has(Defect::ForgetsMembers) && known.is_some_and(|known| known.members.is_empty()) {
            off.push("signer-was-member");
        }
        let carried = || Signature::parse(candidate.signature).map(|signature| signature.embedded());
        let is_link = |name: &str| name.starts_with("s:");
        if self.has(Defect::LetsLinksIn)
            && known.is_some_and(|known| known.members.keys().any(|id| is_link(id)))
            && carried().is_ok_and(|all| all.iter().any(|one| one.common_name().is_some_and(is_link)))
        {
            off.extend(["signer-was-member", "counter-not-reused"]);
        }
        if self.has(Defect::BindsSignerByCommonName)
            && carried().is_ok_and(|all| all.iter().any(|one| one.is_issued_by(&pins.server_key)))
        {
            off.push("signer-bound-to-key");
        }
        let is_pinned = |fingerprint| pins.certificates.values().any(|pin| *pin == fingerprint);
        if self.has(Defect::LetsContactsSign)
            && carried().is_ok_and(|all| all.iter().any(|one| is_pinned(one.fingerprint())))
        {
            off.extend(["signer-is-member", "signer-was-member"]);
        }
        match off.is_empty() {
            true => Cow::Borrowed(&self.setup.exceptions),
            false => Cow::Owned(self.setup.exceptions_and(&off)),
        }
    }
}
