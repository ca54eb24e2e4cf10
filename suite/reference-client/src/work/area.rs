//! What stands in the root of the account, and whether it may be used.

use super::Work;
use super::view::missing;
use crate::account::Reason;
use crate::defects::Defect;
use crate::path::UserPath;
use crate::server::{DavPath, Node};
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::recognise::AnyVersion;

/// What stands at a place in the root of the account.
pub(super) enum Area {
    /// A folder that is encrypted, or was known to be.
    Encrypted(Node),
    /// A file or folder that never was.
    Plain,
    /// Nothing.
    Missing,
}

impl Area {
    /// The folder, if it is encrypted.
    pub(super) fn encrypted(self) -> Option<Node> {
        match self {
            Self::Encrypted(node) => Some(node),
            Self::Plain | Self::Missing => None,
        }
    }
}

impl Work<'_> {
    /// Looks at a place in the root of the account. What was encrypted once stays so (R2-DET-02).
    pub(super) async fn area(&mut self, root: &str) -> Result<Area, ClientError> {
        let dav = DavPath::root().child(root);
        let node = match self.account.known_by_name(root) {
            None => self.account.http.node(&dav).await?,
            // What is in it is looked at next.
            Some(_) => self.account.http.folder(&dav).await?.map(|(node, listing)| {
                self.listed = Some((node.id, listing));
                node
            }),
        };
        self.area_of(root, node).await
    }

    pub(super) async fn area_of(&mut self, root: &str, node: Option<Node>) -> Result<Area, ClientError> {
        let by_id = node.as_ref().map(|node| node.id).filter(|id| self.account.folders.contains_key(id));
        let known = by_id.or_else(|| self.account.known_by_name(root));
        let Some(node) = node else {
            return match known {
                Some(_) if self.has(Defect::WritesIntoVanishedFolder) => Ok(Area::Plain),
                Some(id) if !self.was_deleted(id).await? => Err(self.refuse(vanished(root)).await),
                _ => Ok(Area::Missing),
            };
        };
        let Some(id) = known else {
            return self.unknown_area(node).await;
        };
        if self.has(Defect::RefusesEverything) {
            return Err(self.refuse(Reason::new("everything", &[], "nothing is good enough")).await);
        }
        if !self.is_served(id).await? {
            if self.has(Defect::UploadsPlaintextWithoutCapability) || self.unguarded {
                return Ok(Area::Plain);
            }
            if self.has(Defect::DeletesWithoutCapability) {
                self.forget(id)?;
            }
            let text =
                format!("server announces no encryption such as {root} has any more, it stays encrypted");
            return Err(self
                .refuse(Reason::new("capability-withdrawn", &["R2-DET-02", "R2-SEC-01"], text))
                .await);
        }
        if node.id != id {
            self.replaced(root, id).await?;
            return self.unknown_area(node).await;
        }
        if !node.is_encrypted {
            if self.has(Defect::UploadsPlaintextWithoutFlag) || self.unguarded {
                return Ok(Area::Plain);
            }
            return Err(self.refuse(flag_withdrawn(root)).await);
        }
        Ok(Area::Encrypted(node))
    }

    /// Whether the server announces an interface for a known folder: a folder of 2.x never goes back to 1.x
    /// (ATK-DOWN-02).
    async fn is_served(&mut self, id: u64) -> Result<bool, ClientError> {
        if self.capability().await?.is_none() {
            return Ok(false);
        }
        let known = self.account.folders.get(&id).and_then(|folder| folder.version(id));
        Ok(known.map_or(1, AnyVersion::major) <= self.version().await?.major())
    }

    async fn unknown_area(&mut self, node: Node) -> Result<Area, ClientError> {
        if !node.is_encrypted {
            return Ok(Area::Plain);
        }
        if self.has(Defect::RefusesEverything) {
            return Err(self.refuse(Reason::new("everything", &[], "nothing is good enough")).await);
        }
        // Fails when nothing is announced.
        self.version().await?;
        Ok(Area::Encrypted(node))
    }

    /// A known root folder is not listed any more. If a member signed its deletion, it goes (R2-DET-04).
    pub(super) async fn was_deleted(&mut self, id: u64) -> Result<bool, ClientError> {
        let Some(name) = self.account.folders.get(&id).map(|folder| folder.name.clone()) else {
            return Ok(false);
        };
        let dav = DavPath::root().child(&name);
        let Ok(served) = self.account.http.metadata(id).await else { return Ok(false) };
        let deleted = self.read_root(id, dav, &name, &served, None).await?.root.contents.deleted;
        if self.has(Defect::KeepsDeletedFolders) {
            return Ok(false);
        }
        if deleted {
            self.forget(id)?;
        }
        Ok(deleted)
    }

    /// Another folder stands where a known one stood.
    async fn replaced(&mut self, root: &str, known: u64) -> Result<(), ClientError> {
        let text = format!("{root} is another folder now; the encrypted one is gone");
        if self.ask("folder-replaced", text.as_str()) {
            self.account.folders.remove(&known);
            return Ok(());
        }
        Err(self.refuse(Reason::new("folder-replaced", &["R2-DET-02", "R2-DET-05"], text)).await)
    }

    /// Takes what was downloaded off the device.
    pub(super) fn forget(&mut self, id: u64) -> Result<(), ClientError> {
        let Some(folder) = self.account.folders.remove(&id) else { return Ok(()) };
        for placed in folder.placed.values() {
            self.account.local.remove(&placed.path)?;
        }
        for path in folder.paths.iter().rev() {
            self.account.local.remove_empty_folder(path);
        }
        Ok(())
    }

    /// [`forget`](Self::forget) of all root folders.
    pub(super) fn forget_all(&mut self) -> Result<(), ClientError> {
        self.account
            .folders
            .keys()
            .copied()
            .collect::<Vec<_>>()
            .into_iter()
            .try_for_each(|id| self.forget(id))
    }

    /// What becomes of the folders when the server tells this fingerprint of its data: nothing, but that the user hears of
    /// it. Who restores a server does not sign for what is gone or older than before (R2-DET-05, R2-VER-03).
    pub(super) fn look_at_fingerprint(&mut self, told: &str) -> Result<(), ClientError> {
        let before = self.account.fingerprint.replace(told.to_owned());
        if before.is_none_or(|before| before == told) {
            return Ok(());
        }
        self.warn("server-restored", "server says that its data were restored: local files are kept");
        if self.has(Defect::StartsOverAfterRestore) {
            self.forget_all()?;
        }
        Ok(())
    }

    /// The encrypted root folder of a path.
    pub(super) async fn encrypted(&mut self, path: &UserPath) -> Result<Option<Node>, ClientError> {
        match self.area(path.root()).await? {
            Area::Encrypted(node) => Ok(Some(node)),
            Area::Plain => Ok(None),
            Area::Missing => Err(missing(path.root())),
        }
    }
}

/// R2-DET-05: a warning, and what lies on the device stays.
pub(super) fn vanished(path: &str) -> Reason {
    let text =
        format!("{path} is gone from the server, and no member signed its deletion: local files are kept");
    Reason::new("folder-vanished", &["R2-DET-05", "R2-ATK-06"], text)
}

pub(super) fn flag_withdrawn(path: &str) -> Reason {
    let text = format!("server says that {path} is not encrypted any more, it stays so");
    Reason::new("flag-withdrawn", &["R2-DET-02", "R2-DET-03"], text)
}
