//! Documents from the server, and the client's own before they go there, before the rules of trust.

use super::view::{Circle, Folder, Opened};
use super::{Work, broken, now};
use crate::account::{KnownFolder, OwnKeys, Reason};
use crate::defects::Defect;
use crate::server::{DavPath, MEMORY, Node, Served, out_of_memory};
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::Error;
use e2ee_reference::metadata::{Contents, Document, Limits, MetadataKey, Recipient, User};
use e2ee_reference::recognise::{AnyVersion, Recognised, recognise};
use e2ee_reference::trust::{self, Accepted, Candidate, Exceptions, Known, Pins, Refusal, check_entry};
use std::collections::{BTreeMap, BTreeSet};

impl Work<'_> {
    /// As [`read_root`](Self::read_root), whatever was read before.
    pub(super) async fn read_root_anew(
        &mut self,
        id: u64,
        dav: DavPath,
        path: &str,
        served: &Served,
        listing: Option<&[Node]>,
    ) -> Result<Opened, ClientError> {
        let own = self.own().await?;
        let doubled = self.read_doubled(&served.document);
        let recognised = recognise(doubled.as_deref().unwrap_or(&served.document));
        let recognised = recognised.or_else(|e| self.with_empty_key(&served.document).ok_or(e));
        if let Ok(Recognised::V1(document)) = recognised {
            let root = self.read_older(id, id, dav, path.into(), document, listing).await?;
            self.account.folders.entry(id).or_default().name = path.into();
            return Ok(Opened { circle: None, root, below: Vec::new() });
        }
        let read = || {
            let document = self.understood(recognised?)?;
            let key = self.unwrap_key(id, &document, &own)?;
            let mut limits = Limits::default();
            if self.has(Defect::InflatesWithoutBound) {
                limits.inflated_bytes = MEMORY;
            }
            match document.open_with(&key, &limits) {
                Ok(contents) => Ok((document, key, contents)),
                Err(Error::TooLarge { limit: MEMORY, .. }) => out_of_memory(),
                Err(e) => Err(e),
            }
        };
        let (document, key, contents) = match read() {
            Ok(read) => read,
            Err(e) if self.has(Defect::TellsPaddingErrors) => {
                let document = Document::parse(&served.document);
                if document.is_ok_and(|document| self.unwrap_key(id, &document, &own).is_err()) {
                    self.account.http.certificate(self.account.user()).await?;
                }
                return Err(self.refuse(unreadable(path, &e)).await);
            }
            Err(e) => return Err(self.refuse(unreadable(path, &e)).await),
        };
        if self.has(Defect::RefusesLinkMembers)
            && document.users().iter().any(|user| user.user_id.starts_with("s:"))
        {
            return Err(ClientError::failed(format!("{path}: a member has a strange name")));
        }
        if self.stumbles_over(&document, &own.private_key) {
            return Err(ClientError::failed(format!("{path}: a dropped entry cannot be opened")));
        }
        self.finds_usual(path, served, &document, &contents)?;
        if contents.deleted && self.has(Defect::ObeysUnverifiedDeletion) {
            self.forget(id)?;
        }
        let nodes = listing.map(<[Node]>::to_vec);
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
        let (document, listed) = (Recognised::V2(document), nodes.unwrap_or_default());
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
        self.finds_usual(&path, served, &document, &contents)?;
        let listed_names = names(listing);
        let candidate = Candidate {
            document: &document,
            signature: &served.signature,
            contents: &contents,
            metadata_key: key,
            root_members: Some(opened.users()),
            listing: Some(&listed_names),
            now: now(),
        };
        let set_aside = self.accept(opened.root.id, id, &path, &candidate).await?;
        Ok(Folder {
            id,
            dav,
            path,
            document: Recognised::V2(document),
            contents,
            set_aside,
            listed: listing.to_vec(),
        })
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
        self.judge_made(root, id, candidate)?.map_err(|refusal| {
            ClientError::failed(format!(
                "own document would be refused: {}: {}",
                refusal.rule, refusal.reason
            ))
        })
    }

    /// The metadata key, unwrapped only if it stands there in another form than the last time.
    fn unwrap_key(&self, root: u64, document: &Document, own: &OwnKeys) -> Result<MetadataKey, Error> {
        let last = self.account.folders.get(&root).and_then(|folder| folder.unwrapped.as_ref());
        match last {
            Some((_, key)) if self.has(Defect::ReadsWithFirstKey) => Ok(key.clone()),
            Some((wrapped, key)) if self.wrapped_key(document) == Some(wrapped) => Ok(key.clone()),
            _ => match document.unwrap_key(self.account.user(), &own.private_key) {
                Err(_) if self.has(Defect::UsesEmptyKey) => Ok(MetadataKey::from_bytes([0; 16])),
                Err(_) if self.has(Defect::PadsShortKeys) => self.padded_key(document, own),
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
        let mut judged = self.judge(root, id, candidate)?;
        if judged.as_ref().is_err_and(|refusal| refusal.rule == "members-certificates-pinned")
            && self.wants_renewed(candidate.document)?
        {
            judged = self.judge(root, id, candidate)?;
        }
        let accepted = match judged {
            Ok(accepted) => accepted,
            Err(refusal) => {
                self.remember_refused(root, id, candidate);
                return Err(self.refuse(reason(path, refusal)).await);
            }
        };
        let damaged = candidate.contents.damaged.iter().map(|(entry, damaged)| (entry, &damaged.error));
        self.tell(path, &accepted.notices, &accepted.set_aside, damaged);
        let mut set_aside: BTreeSet<String> =
            accepted.set_aside.into_iter().map(|(entry, _)| entry).collect();
        set_aside.extend(self.still_refused(candidate.contents));
        for entry in self.doubles(root, candidate.contents, &set_aside) {
            self.warn(
                "name-taken",
                format!("{path}: entry {entry} has the name of another one, and is not used"),
            );
            set_aside.insert(entry);
        }
        if let Some(pins) = &mut self.account.pins {
            pins.learn(accepted.new_pins);
        }
        let known = self.remembered(root, id, accepted.known);
        self.account.folders.entry(root).or_default().states.insert(id, known);
        Ok(set_aside)
    }

    /// What a client that is wrong about some names and identifiers refuses nevertheless.
    fn still_refused(&self, contents: &Contents) -> Vec<String> {
        let follows = |id: &str, name: &str, is_folder: bool| {
            (self.has(Defect::FollowsFolderNames) && is_folder)
                || (self.has(Defect::FollowsAbsoluteNames) && name.starts_with('/'))
                || (self.has(Defect::TurnsBackslashes) && name.contains('\\'))
                || (self.has(Defect::CutsNamesAtNul) && name.contains('\0'))
                || (self.has(Defect::JoinsIdentifiers) && !id.contains(['?', '#', '%']))
        };
        let wrong = [
            Defect::FollowsFolderNames,
            Defect::FollowsAbsoluteNames,
            Defect::TurnsBackslashes,
            Defect::CutsNamesAtNul,
            Defect::JoinsIdentifiers,
        ];
        if !wrong.into_iter().any(|defect| self.has(defect)) {
            return Vec::new();
        }
        let files = contents.files.iter().map(|(id, entry)| (id, &entry.filename, false));
        let all = files.chain(contents.folders.iter().map(|(id, name)| (id, name, true)));
        let refused = all.filter(|(id, name, is_folder)| {
            !follows(id, name, *is_folder) && check_entry(id, name, &Exceptions::default()).is_err()
        });
        refused.map(|(id, _, _)| id.clone()).collect()
    }

    /// Tells the user what is odd about a document that was accepted.
    pub(super) fn tell<'e>(
        &self,
        path: &str,
        notices: &[trust::Notice],
        set_aside: &[(String, &'static str)],
        damaged: impl Iterator<Item = (&'e String, &'e Error)>,
    ) {
        for notice in notices {
            self.warn(notice.rule, format!("{path}: {}", notice.reason));
        }
        for (entry, rule) in set_aside {
            self.warn(rule, format!("{path}: entry {entry} is not used"));
        }
        for (entry, error) in damaged {
            self.warn("entry-readable", format!("{path}: entry {entry} cannot be read: {error}"));
        }
    }

    /// Entries whose name another one has. What lies on this device keeps its name, otherwise the lowest id does
    /// (ATK-PATH-03).
    fn doubles(&self, root: u64, contents: &Contents, set_aside: &BTreeSet<String>) -> Vec<String> {
        if self.has(Defect::SameNamesOverwrite) {
            return Vec::new();
        }
        let placed = self.account.folders.get(&root).map(|folder| &folder.placed);
        let files = contents.files.iter().map(|(id, entry)| (id, entry.filename.as_str()));
        let folders = contents.folders.iter().map(|(id, name)| (id, name.as_str()));
        let mut by_name: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
        for (id, name) in files.chain(folders).filter(|(id, _)| !set_aside.contains(*id)) {
            by_name.entry(name).or_default().push(id);
        }
        let mut doubles = Vec::new();
        for mut ids in by_name.into_values().filter(|ids| ids.len() > 1) {
            if self.has(Defect::LowestIdentifierWins) {
                ids.sort();
                doubles.extend(ids.into_iter().skip(1).cloned());
                continue;
            }
            ids.sort_by_key(|id| (placed.is_none_or(|placed| !placed.contains_key(*id)), *id));
            doubles.extend(ids.into_iter().skip(1).cloned());
        }
        doubles
    }

    pub(super) fn judge(
        &self,
        root: u64,
        id: u64,
        candidate: &Candidate<'_>,
    ) -> Result<Result<Accepted, Refusal>, ClientError> {
        let pins = self.pins()?;
        let folder = self.account.folders.get(&root);
        let known = folder.and_then(|folder| folder.states.get(&id));
        // So far it had one member: he is the one to migrate it.
        let migrates = |folder: &&KnownFolder| id == root && folder.older.contains_key(&id);
        let migrates = folder.filter(migrates).filter(|_| !self.has(Defect::TakesMigrationsFromAnybody));
        let before = migrates.and_then(|_| {
            let user = self.account.user();
            pins.certificates.get(user).map(|certificate| Known::of_one(user, *certificate))
        });
        let known = known.or(before.as_ref());
        Ok(trust::judge(candidate, pins, known, &self.lapses(candidate, pins, known)))
    }

    pub(super) fn pins(&self) -> Result<&Pins, ClientError> {
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
