//! The root document that was read last: what was opened and accepted once need not be opened and judged anew, as long as
//! nothing that this rested on has changed.

use super::Work;
use super::judge::names;
use super::view::Opened;
use crate::account::Account;
use crate::server::{DavPath, Node, Served};
use e2ee_adapter::protocol::{ClientError, Notice};
use e2ee_reference::metadata_v1;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What was read of a root folder, and what it rested on.
pub(crate) struct LastRead {
    served: Served,
    listed: Vec<String>,
    ground: Ground,
    opened: Opened,
    /// What the user was told, and is told again.
    notices: Vec<Notice>,
}

/// What an account knows that decides about a document.
#[derive(PartialEq)]
struct Ground {
    folder: u64,
    own: Option<[u8; 32]>,
    pinned: BTreeMap<String, [u8; 32]>,
    /// Of the last accepted state in 2.x.
    digest: Option<[u8; 32]>,
    /// The highest version in 1.x.
    older: Option<metadata_v1::Version>,
    name: String,
}

impl Ground {
    /// `None` if nothing was ever accepted.
    fn of(account: &Account, folder: u64) -> Option<Self> {
        let known = account.folders.get(&folder)?;
        Some(Self {
            folder,
            own: account.own.as_ref().map(|own| own.certificate.fingerprint()),
            pinned: account.pins.as_ref()?.certificates.clone(),
            digest: known.states.get(&folder).map(|state| state.content_digest),
            older: known.older.get(&folder).copied(),
            name: known.name.clone(),
        })
    }
}

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
        // With a defect it is not known on what the outcome rests.
        let Some(listing) = listing.filter(|_| self.setup.is_honest()) else {
            return self.read_root_anew(id, dav, path, served, listing).await;
        };
        self.own().await?;
        let listed = names(listing);
        let last = self.account.last_read.clone().filter(|last| {
            last.served == *served
                && last.listed == listed
                && last.ground.name == path
                && Ground::of(self.account, id).as_ref() == Some(&last.ground)
        });
        if let Some(last) = last {
            last.notices.iter().for_each(|notice| self.tell_again(notice));
            let mut opened = last.opened.clone();
            (opened.root.dav, opened.root.listed) = (dav, listing.to_vec());
            return Ok(opened);
        }
        self.start_listening();
        let opened = self.read_root_anew(id, dav, path, served, Some(listing)).await?;
        let notices = self.stop_listening();
        // Which of two equal names is set aside depends on what lies on the device.
        if let (Some(ground), true) = (Ground::of(self.account, id), opened.root.set_aside.is_empty()) {
            let (served, opened) = (served.clone(), opened.clone());
            self.account.last_read = Some(Arc::new(LastRead { served, listed, ground, opened, notices }));
        }
        Ok(opened)
    }
}
