//! One request being worked on: the account, its user, and the ways to refuse.

mod area;
mod certificates;
mod change;
mod copies;
mod dialect;
mod draws;
mod filedrop;
mod files;
mod flaws;
mod folders;
mod identity;
mod judge;
mod lapses;
mod last_read;
mod lock;
mod migrate;
mod narrow;
mod older;
mod plain;
mod public_link;
mod sharing;
mod side_features;
mod sync;
mod upload;
mod user_locks;
mod view;

pub use flaws::unauthenticated;
pub(crate) use last_read::LastRead;

use crate::account::{Account, OwnKeys, Reason};
use crate::common::Common;
use crate::defects::{Defect, Defects};
use crate::derived_keys::DerivedKeys;
use crate::new_keys::KeyStock;
use crate::server::{Capability, DavPath, Interface, Node};
use e2ee_adapter::client::User;
use e2ee_adapter::protocol::{Answer, ClientError, Notice};
use e2ee_reference::dialect::Dialect;
use e2ee_reference::recognise::AnyVersion;
use e2ee_reference::trust::Exceptions;
use e2ee_reference::{metadata, metadata_v1};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// What all sessions of a client have in common.
pub(crate) struct Setup {
    defects: Defects,
    /// The rules that the defects switch off.
    exceptions: Exceptions,
    dialect: Dialect,
    common: Common,
}

impl Setup {
    pub(crate) fn new(defects: Defects, dialect: Dialect, common: Common) -> Self {
        Self { exceptions: defects.exceptions(&[]), defects, dialect, common }
    }

    /// How everything is written that the client makes.
    pub(crate) fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    pub(crate) fn common(&self) -> &Common {
        &self.common
    }

    fn key_stock(&self) -> Option<Arc<KeyStock>> {
        self.common.keys.clone()
    }

    fn derived(&self) -> Arc<DerivedKeys> {
        Arc::clone(&self.common.derived)
    }

    pub(crate) fn has(&self, defect: Defect) -> bool {
        self.defects.has(defect)
    }

    fn is_honest(&self) -> bool {
        self.defects == Defects::default()
    }

    /// The rules that the defects switch off, and these others.
    fn exceptions_and(&self, others: &[&'static str]) -> Exceptions {
        self.defects.exceptions(others)
    }
}

/// One request being worked on.
pub(crate) struct Work<'a> {
    pub(crate) account: &'a mut Account,
    user: &'a dyn User,
    setup: &'a Setup,
    /// The root folder that was looked at, and what the server lists in it: as long as nothing has happened since.
    listed: Option<(u64, Vec<Node>)>,
    /// Whether a lock was granted to this request, for [`Defect::TrustsUnderItsLock`].
    holds_lock: bool,
    /// Whether nothing is known to be encrypted, for the defects that guard some places and forget others.
    unguarded: bool,
    /// Whether the root document that was read last names a member twice, for [`Defect::UsesLastOfEqualNames`].
    reads_doubled: bool,
    /// What the user is told, as long as somebody listens.
    told: Mutex<Option<Vec<Notice>>>,
    /// A folder inside that the server calls unencrypted, for [`Defect::FollowsFlagsInside`].
    unflagged: Option<DavPath>,
}

impl<'a> Work<'a> {
    pub(crate) fn new(account: &'a mut Account, user: &'a dyn User, setup: &'a Setup) -> Self {
        let (holds_lock, unguarded, reads_doubled) = (false, false, false);
        let (listed, told, unflagged) = (None, Mutex::default(), None);
        Self { account, user, setup, listed, holds_lock, unguarded, reads_doubled, told, unflagged }
    }

    fn has(&self, defect: Defect) -> bool {
        self.setup.has(defect)
    }

    fn warn(&self, kind: &str, text: impl Into<String>) {
        let notice = Notice { kind: kind.into(), text: text.into() };
        if let Some(told) = &mut *self.told.lock().unwrap_or_else(PoisonError::into_inner) {
            told.push(notice.clone());
        }
        self.user.warning(notice);
    }

    fn tell_again(&self, notice: &Notice) {
        self.user.warning(notice.clone());
    }

    /// From now on it is noted what the user is told.
    fn start_listening(&mut self) {
        self.told = Mutex::new(Some(Vec::new()));
    }

    /// What was noted.
    fn stop_listening(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.told)
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .unwrap_or_default()
    }

    fn ask(&self, kind: &str, text: impl Into<String>) -> bool {
        self.user.question(Notice { kind: kind.into(), text: text.into() }) == Answer::Yes
    }

    /// A panic without the message on standard error.
    fn crash(&self, reason: &'static str) {
        std::panic::resume_unwind(Box::new(reason));
    }

    /// The one place where something hostile ends: the user is told, the request is refused (R2-VER-08).
    async fn refuse(&self, reason: Reason) -> ClientError {
        if self.has(Defect::CrashesOnHostile) {
            self.crash(reason.rule);
        }
        if self.has(Defect::HangsOnHostile) {
            std::future::pending::<()>().await;
        }
        self.warn(reason.rule, reason.text.as_str());
        ClientError::refused(reason.sentence())
    }

    /// What the server announces: asked for at every start and at every synchronisation, and believed until the next.
    async fn capability(&mut self) -> Result<Option<Capability>, ClientError> {
        if self.account.announced.is_none() {
            let announced = self.account.http.capability().await?;
            if let Some(announced) = &announced {
                let version = self.version_for(announced);
                let older = match version.major() {
                    1 => !self.has(Defect::SpeaksNewerInterface),
                    _ => self.has(Defect::SpeaksOlderInterface),
                };
                let interface = if older { Interface::V1 } else { Interface::V2 };
                self.account.http.speak(interface);
            }
            self.account.announced = Some(announced);
        }
        Ok(self.account.announced.clone().flatten())
    }

    /// The metadata version to write: what the server announces, at most what this client knows.
    async fn version(&mut self) -> Result<AnyVersion, ClientError> {
        let announced = self.capability().await?;
        let announced =
            announced.ok_or_else(|| ClientError::failed("server announces no end-to-end encryption"))?;
        Ok(self.version_for(&announced))
    }

    fn version_for(&self, announced: &Capability) -> AnyVersion {
        let announced = match announced.version {
            (1, 0) => AnyVersion::V1(metadata_v1::Version::V1_0),
            (1, 1) => AnyVersion::V1(metadata_v1::Version::V1_1),
            (1, _) => AnyVersion::V1(metadata_v1::Version::V1_2),
            (2, 0) => AnyVersion::V2(metadata::Version::V2_0),
            _ => AnyVersion::V2(metadata::Version::V2_1),
        };
        match announced.min(self.account.newest) {
            _ if self.has(Defect::IgnoresAnnouncedVersion) => self.account.newest,
            _ if self.has(Defect::WritesAnnouncedVersion) => announced,
            AnyVersion::V1(_) if self.has(Defect::WritesOldestVersion) => {
                AnyVersion::V1(metadata_v1::Version::V1_0)
            }
            AnyVersion::V2(_) if self.has(Defect::WritesOldestVersion) => {
                AnyVersion::V2(metadata::Version::V2_0)
            }
            version => version,
        }
    }

    /// The user's keys, unless nothing rests on them any more.
    async fn own(&self) -> Result<OwnKeys, ClientError> {
        if let Some(reason) = &self.account.distrust {
            return Err(self.refuse(reason.clone()).await);
        }
        let none = || ClientError::failed("no identity on this device: create or restore one first");
        self.account.own.clone().ok_or_else(none)
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// An error of the reference implementation that no hostile input explains.
fn broken(error: e2ee_reference::Error) -> ClientError {
    ClientError::failed(error.to_string())
}
