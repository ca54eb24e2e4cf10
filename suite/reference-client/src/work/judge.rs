//! Documents from the server, and the client's own before they go there, before the rules of trust.

use super::view::{Circle, Folder, Opened};
use super::{Work, broken, now};
use crate::account::{OwnKeys, Reason};
use crate::defects::Defect;
use crate::server::{DavPath, Node, Served};
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::Error;
use e2ee_reference::certificate::Certificate;
use e2ee_reference::metadata::{Document, MetadataKey, Recipient, User};
use e2ee_reference::recognise::{AnyVersion, Recognised, recognise};
use e2ee_reference::trust::{self, Accepted, Candidate, Known, Pins, Refusal};
use std::collections::BTreeSet;

impl Work<'_> {
    /// Opens and judges the document of a root folder; what is accepted is remembered.
    pub(super) async fn read_root(
        &mut self,
        id: u64,
        dav: DavPath,
        path: &str,
        served: &Served,
        listing: Option<&[Node]>,
    ) -> Result<Opened, ClientError> {
        let own = self.own().await?;
        let recognised = recognise(&served.document);
        if let Ok(Recognised::V1(document)) = recognised {
            let root = self.read_older(id, id, dav, path.into(), document, listing).await?;
            self.account.folders.entry(id).or_default().name = path.into();
            return Ok(Opened { circle: None, root, below: Vec::new() });
        }
        let read = || {
            let document = self.understood(recognised?)?;
            let key = self.unwrap_key(id, &document, &own)?;
            let contents = document.open(&key)?;
            Ok((document, key, contents))
        };
        let (document, key, contents) = match read() {
            Ok(read) => read,
            Err(e) => return Err(self.refuse(unreadable(path, &e)).await),
        };
        if self.stumbles_over(&document, &own.private_key) {
            return Err(ClientError::failed(format!("{path}: a dropped entry cannot be opened")));
        }
        if contents.deleted && self.has(Defect::ObeysUnverifiedDeletion) {
            self.forget(id)?;
        }
        let listing = listing.map(names);
        let candidate = Candidate {
            document: &document,
            signature: &served.signature,
            contents: &contents,
            metadata_key: &key,
            root_members: None,
            listing: listing.as_deref(),
            now: now(),
        };
        let set_aside = self.accept(id, id, path, &candidate).await?;
        let unwrapped = self.wrapped_key(&document).map(|wrapped| (wrapped.to_owned(), key.clone()));
        let folder = self.account.folders.entry(id).or_default();
        (folder.name, folder.unwrapped) = (path.into(), unwrapped);
        let members = recipients(&document)?;
        let (document, listed) = (Recognised::V2(document), listing.unwrap_or_default());
        let root = Folder { id, dav, path: path.into(), document, contents, set_aside, listed };
        Ok(Opened { circle: Some(Circle { key, members }), root, below: Vec::new() })
    }

    /// Opens and judges the document of a folder below an opened root; what is accepted is remembered.
    pub(super) async fn read_below(
        &mut self,
        opened: &Opened,
        id: u64,
        dav: DavPath,
        path: String,
        served: &Served,
        listing: &[Node],
    ) -> Result<Folder, ClientError> {
        let recognised = recognise(&served.document);
        // One version for a folder and all below it: what stands between would be nobody's word.
        let (document, key, contents) = match (&opened.circle, recognised) {
            (None, Ok(Recognised::V1(document))) => {
                return self.read_older(opened.root.id, id, dav, path, document, Some(listing)).await;
            }
            (Some(Circle { key, .. }), Ok(Recognised::V2(document))) => match document.open(key) {
                Ok(contents) => (document, key, contents),
                Err(e) => return Err(self.refuse(unreadable(&path, &e)).await),
            },
            (_, Ok(other)) => {
                let (root, version) = (opened.root.document.version(), other.version());
                let text = format!("metadata of {path} are of version {version} below a folder of {root}");
                return Err(self.refuse(Reason::new("version-known", &["ATK-DOWN-01"], text)).await);
            }
            (_, Err(e)) => return Err(self.refuse(unreadable(&path, &e)).await),
        };
        let listed = names(listing);
        let candidate = Candidate {
            document: &document,
            signature: &served.signature,
            contents: &contents,
            metadata_key: key,
            root_members: Some(opened.users()),
            listing: Some(&listed),
            now: now(),
        };
        let set_aside = self.accept(opened.root.id, id, &path, &candidate).await?;
        Ok(Folder { id, dav, path, document: Recognised::V2(document), contents, set_aside, listed })
    }

    /// A document of a version that this device does not speak is one that it does not know.
    fn understood(&self, recognised: Recognised) -> Result<Document, Error> {
        match recognised {
            Recognised::V2(document) if AnyVersion::V2(document.version()) <= self.account.newest => {
                Ok(document)
            }
            other => Err(Error::UnknownVersion { found: other.version().to_string() }),
        }
    }

    /// Judges a document that this client made, as every other reader will. Nothing is remembered yet.
    pub(super) fn judge_own(
        &self,
        root: u64,
        id: u64,
        candidate: &Candidate<'_>,
    ) -> Result<Accepted, ClientError> {
        self.judge(root, id, candidate)?.map_err(|refusal| {
            ClientError::failed(format!(
                "own document would be refused: {}: {}",
                refusal.rule, refusal.reason
            ))
        })
    }

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

    /// The metadata key, unwrapped only if it stands there in another form than the last time.
    fn unwrap_key(&self, root: u64, document: &Document, own: &OwnKeys) -> Result<MetadataKey, Error> {
        let last = self.account.folders.get(&root).and_then(|folder| folder.unwrapped.as_ref());
        match last {
            Some((wrapped, key)) if self.wrapped_key(document) == Some(wrapped) => Ok(key.clone()),
            _ => match document.unwrap_key(self.account.user(), &own.private_key) {
                Err(_) if self.has(Defect::UsesEmptyKey) => Ok(MetadataKey::from_bytes([0; 16])),
                unwrapped => unwrapped,
            },
        }
    }

    /// The user's own entry of a root document.
    pub(super) fn wrapped_key<'d>(&self, document: &'d Document) -> Option<&'d str> {
        let own = document.users().iter().find(|user| user.user_id == self.account.user());
        own.map(|user| user.encrypted_metadata_key.as_str())
    }

    async fn accept(
        &mut self,
        root: u64,
        id: u64,
        path: &str,
        candidate: &Candidate<'_>,
    ) -> Result<BTreeSet<String>, ClientError> {
        let accepted = match self.judge(root, id, candidate)? {
            Ok(accepted) => accepted,
            Err(refusal) => return Err(self.refuse(reason(path, refusal)).await),
        };
        for notice in &accepted.notices {
            self.warn(notice.rule, format!("{path}: {}", notice.reason));
        }
        for (entry, rule) in &accepted.set_aside {
            self.warn(rule, format!("{path}: entry {entry} is not used"));
        }
        for (entry, damaged) in &candidate.contents.damaged {
            self.warn("entry-readable", format!("{path}: entry {entry} cannot be read: {}", damaged.error));
        }
        if let Some(pins) = &mut self.account.pins {
            pins.learn(accepted.new_pins);
        }
        self.account.folders.entry(root).or_default().states.insert(id, accepted.known);
        Ok(accepted.set_aside.into_iter().map(|(entry, _)| entry).collect())
    }

    fn judge(
        &self,
        root: u64,
        id: u64,
        candidate: &Candidate<'_>,
    ) -> Result<Result<Accepted, Refusal>, ClientError> {
        let pins = self.pins()?;
        let folder = self.account.folders.get(&root);
        let known = folder.and_then(|folder| folder.states.get(&id));
        // So far it had one member: he is the one to migrate it.
        let before = folder.filter(|folder| id == root && folder.older.contains_key(&id)).and_then(|_| {
            let user = self.account.user();
            pins.certificates.get(user).map(|certificate| Known::of_one(user, *certificate))
        });
        Ok(trust::judge(candidate, pins, known.or(before.as_ref()), &self.setup.exceptions))
    }

    fn pins(&self) -> Result<&Pins, ClientError> {
        self.account.pins.as_ref().ok_or_else(|| ClientError::failed("server key was never seen"))
    }
}

/// The members of an accepted root document.
fn recipients(document: &Document) -> Result<Vec<Recipient>, ClientError> {
    let recipient = |user: &User| {
        Ok(Recipient { user_id: user.user_id.clone(), certificate: user.certificate().map_err(broken)? })
    };
    document.users().iter().map(recipient).collect()
}

pub(super) fn names(listing: &[Node]) -> Vec<String> {
    listing.iter().map(|node| node.name.clone()).collect()
}

pub(super) fn unreadable(path: &str, error: &Error) -> Reason {
    Reason::new("metadata-readable", &["R2-READ-05", "R2-ATK-04"], format!("metadata of {path}: {error}"))
}

pub(super) fn reason(of: &str, refusal: Refusal) -> Reason {
    Reason::new(refusal.rule, refusal.requirements, format!("{of}: {}", refusal.reason))
}
