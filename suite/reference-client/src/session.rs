//! One device: takes requests, remembers its account between them.

use crate::account::Account;
use crate::common::Common;
use crate::defects::{Defect, Defects};
use crate::disk::Volatile;
use crate::limits::Limits;
use crate::local::Bend;
use crate::path::UserPath;
use crate::work::{Setup, Work};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_adapter::client::{Place, User};
use e2ee_adapter::protocol::{
    ClientError, Content, CreatedIdentity, Feature, Hello, Listing, PROTOCOL_VERSION, Request, Start,
};
use e2ee_adapter::serve::Handler;
use e2ee_reference::dialect::Dialect;
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::recognise::AnyVersion;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// See [`Feature::ShortPatience`].
const SHORT_PATIENCE: Duration = Duration::from_secs(5);
/// Length in bytes; see [`Feature::ShortChunks`].
const SHORT_FILE: usize = 600_000;

/// One device of one user. What it learnt stays in memory as long as the session lives.
pub struct Session {
    setup: Arc<Setup>,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    account: Option<Account>,
    connected: bool,
}

impl Session {
    /// A fresh device of a client with these defects, which writes in this dialect.
    pub fn new(defects: Defects, dialect: Dialect, common: Common) -> Self {
        Self { setup: Arc::new(Setup::new(defects, dialect, common)), memory: Mutex::default() }
    }

    /// A second device with the same memory at another place; `None` while a request is worked on.
    pub(crate) fn fork(&self, to: &Place) -> Option<Self> {
        let memory = self.memory.try_lock().ok()?;
        let account = memory.account.as_ref().map(|account| account.fork(to, self.setup.common()));
        let memory = Memory { account: account.transpose().ok()?, connected: memory.connected };
        Some(Self { setup: Arc::clone(&self.setup), memory: Mutex::new(memory) })
    }

    /// Carries out one request; `Ok` holds the result as the protocol wants it.
    pub async fn answer(&self, request: Request, user: &dyn User) -> Result<Value, ClientError> {
        if matches!(request, Request::Hello {}) {
            return Ok(json!(hello(self.setup.dialect(), &self.setup.common().limits)));
        }
        if self.setup.has(Defect::LiesAboutSuccess) {
            return Ok(lie(&request));
        }
        let mut memory = self.memory.lock().await;
        let outcome = match request {
            Request::Start(start) => Box::pin(self.start(&mut memory, start, user)).await,
            Request::Stop {} => {
                memory.connected = false;
                Ok(json!({}))
            }
            request => {
                let connected = memory.connected;
                let account = memory.account.as_mut().filter(|_| connected);
                let account = account.ok_or_else(|| ClientError::failed("device is not started"))?;
                // On the heap: a call's future is moved several times before it is run.
                Box::pin(self.work(Work::new(account, user, &self.setup), request)).await
            }
        };
        let kept = memory.account.as_mut().map_or(Ok(()), Account::keep);
        outcome.and_then(|answer| kept.map(|()| answer))
    }

    /// Waits until nothing is worked on any more, and whatever was given up is gone.
    pub(crate) async fn rest(&self) {
        drop(self.memory.lock().await);
    }

    async fn start(&self, memory: &mut Memory, start: Start, user: &dyn User) -> Result<Value, ClientError> {
        memory.connected = false;
        let account = Account::connect(memory.account.take(), &start, self.setup.common())?;
        let account = memory.account.insert(account);
        account.local.bent = self.bends();
        account.disk.without = self.volatile();
        account.disk.is_open = self.setup.has(Defect::KeepsKeysInTheOpen);
        account.http.joins = self.setup.has(Defect::JoinsIdentifiers);
        account.http.inflates = self.setup.has(Defect::InflatesAnswers);
        account.http.takes_all = self.setup.has(Defect::TakesAnswersOfAnyLength);
        account.http.is_silent = self.setup.has(Defect::SaysNotWhatItIs);
        Work::new(account, user, &self.setup).start(start.identity).await?;
        memory.connected = true;
        Ok(json!({}))
    }

    /// What the defects do not write down.
    fn volatile(&self) -> Vec<Volatile> {
        let lost = [
            (Defect::ForgetsHeldLocks, Volatile::Locks),
            (Defect::KeepsTokensInMemory, Volatile::Locks),
            (Defect::KeepsCountersInMemory, Volatile::States),
        ];
        lost.into_iter().filter(|(defect, _)| self.setup.has(*defect)).map(|(_, what)| what).collect()
    }

    /// What the defects do to paths on the device.
    fn bends(&self) -> Vec<Bend> {
        let bends = [
            (Defect::DecodesNames, Bend::Decoded),
            (Defect::TurnsBackslashes, Bend::Turned),
            (Defect::FollowsAbsoluteNames, Bend::Restarted),
            (Defect::CutsNamesAtNul, Bend::Cut),
            (Defect::FoldsNames, Bend::Folded),
            (Defect::TrimsNames, Bend::Trimmed),
            (Defect::CutsLongNames, Bend::Shortened),
        ];
        bends.into_iter().filter(|(defect, _)| self.setup.has(*defect)).map(|(_, bend)| bend).collect()
    }

    async fn work(&self, mut work: Work<'_>, request: Request) -> Result<Value, ClientError> {
        let path = |text: String| UserPath::parse(&text);
        work.forget_to_guard(&request);
        match request {
            Request::CreateIdentity {} => return work.create_identity().await.map(|created| json!(created)),
            Request::RestoreIdentity { mnemonic } => work.restore_identity(&mnemonic).await?,
            Request::RenewCertificate {} => work.renew_certificate().await?,
            Request::RenewKeys {} => return work.renew_keys().await.map(|created| json!(created)),
            Request::EncryptFolder { path: folder } => work.encrypt_folder(&path(folder)?).await?,
            Request::MakeFolder { path: folder } => work.make_folder(&path(folder)?).await?,
            Request::Write { path: file, content } => {
                let content = STANDARD.decode(content);
                let content = content.map_err(|e| ClientError::failed(format!("content: {e}")))?;
                work.write(&path(file)?, content).await?;
            }
            Request::Read { path: file } => {
                let content = STANDARD.encode(work.read(&path(file)?).await?);
                return Ok(json!(Content { content }));
            }
            Request::List { path } => return Ok(json!(Listing { entries: work.list(&path).await? })),
            Request::Tree {} => return Ok(json!(Listing { entries: work.account.local.tree()? })),
            Request::Rename { path: from, to } => work.rename(&path(from)?, &path(to)?).await?,
            Request::Copy { path: from, to } => work.copy(&path(from)?, &path(to)?).await?,
            Request::Remove { path: node } => work.remove(&path(node)?).await?,
            Request::Share { path: folder, with } => work.share(&path(folder)?, &with).await?,
            Request::Unshare { path: folder, with } => work.unshare(&path(folder)?, &with).await?,
            Request::SharePublicly { path: folder } => {
                return work.share_publicly(&path(folder)?).await.map(|link| json!(link));
            }
            Request::Leave { path: folder } => work.leave(&path(folder)?).await?,
            Request::LockFile { path: file } => work.lock_file(&path(file)?, true).await?,
            Request::UnlockFile { path: file } => work.lock_file(&path(file)?, false).await?,
            Request::SideFeature { feature, path: file, text } => {
                work.side_feature(feature, &path(file)?, &text).await?;
            }
            Request::Sync {} if self.setup.has(Defect::NeverSyncs) => {}
            Request::Sync {} => work.sync().await?,
            Request::Hello {} | Request::Start(_) | Request::Stop {} => {}
        }
        Ok(json!({}))
    }
}

impl Handler for Session {
    async fn call(&self, request: Request, user: &dyn User) -> Result<Value, ClientError> {
        self.answer(request, user).await
    }
}

fn hello(dialect: &Dialect, limits: &Limits) -> Hello {
    let settings = [
        (Feature::ShortPatience, limits.patience <= SHORT_PATIENCE),
        (Feature::ShortChunks, limits.chunk < SHORT_FILE),
    ];
    let writes = |version: &&AnyVersion| version.major() > 1 || dialect.writes_v1;
    Hello {
        name: "e2ee-reference-client".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        protocol: PROTOCOL_VERSION,
        features: [
            Feature::CreateIdentity,
            Feature::RestoreIdentity,
            Feature::RenewCertificate,
            Feature::RenewKeys,
            Feature::SeedIdentity,
            Feature::Speaks,
            Feature::Subfolder,
            Feature::Rename,
            Feature::Copy,
            Feature::Remove,
            Feature::Share,
            Feature::SharePublicly,
            Feature::Leave,
            Feature::LockFile,
            Feature::OutlivesKill,
            Feature::SideFeatures,
        ]
        .into_iter()
        .chain(settings.into_iter().filter(|(_, is_so)| *is_so).map(|(feature, _)| feature))
        .collect(),
        reads: AnyVersion::ALL.iter().map(ToString::to_string).collect(),
        writes: AnyVersion::ALL.iter().filter(writes).map(ToString::to_string).collect(),
    }
}

fn lie(request: &Request) -> Value {
    match request {
        Request::CreateIdentity {} | Request::RenewKeys {} => {
            json!(CreatedIdentity { mnemonic: Mnemonic::generate().words() })
        }
        Request::Read { .. } => json!(Content { content: String::new() }),
        Request::List { .. } | Request::Tree {} => json!(Listing::default()),
        _ => json!({}),
    }
}
