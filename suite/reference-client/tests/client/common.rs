//! A mock server, users with identities, devices of the reference client.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_adapter::client::{CallError, Connector, Device, User};
use e2ee_adapter::protocol::{Answer, ClientError, Failure, Notice, Request, SeedIdentity, Start};
use e2ee_mock_server::adversary::Move;
use e2ee_mock_server::{Exchange, MockServer, Tenant};
use e2ee_reference::dialect::Dialect;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference_client::{Common, Defects, ReferenceConnector};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};
use tempfile::TempDir;

/// Making an RSA key takes longer than most tests: users of the same place in a lab have the same key.
static KEYS: LazyLock<Vec<PrivateKey>> =
    LazyLock::new(|| (0..3).map(|_| PrivateKey::generate().unwrap()).collect());

/// Everybody's words.
pub(crate) const MNEMONIC: &str =
    "radar mosquito gallery ribbon oxygen trumpet velvet anchor lemon puzzle winter canyon";

pub(crate) struct Lab {
    _server: MockServer,
    pub(crate) tenant: Tenant,
    users: Vec<String>,
    pub(crate) common: Common,
    dirs: TempDir,
}

impl Lab {
    /// A server with users who have identities.
    pub(crate) async fn new(users: &[&str]) -> Self {
        let server = MockServer::start().await;
        let tenant = server.default_tenant();
        for (user, key) in users.iter().zip(&*KEYS) {
            let certificate = tenant.authority().certify(user, key, now() - 86_400).unwrap();
            tenant.store_identity(user, &certificate.to_pem(), "a|b|c");
        }
        Self {
            _server: server,
            tenant,
            users: users.iter().map(ToString::to_string).collect(),
            common: Common::default(),
            dirs: TempDir::new().unwrap(),
        }
    }

    /// A started device of a user with an identity.
    pub(crate) async fn device(&self, user: &str, label: &str) -> Phone {
        self.faulty_device(user, label, &[]).await
    }

    pub(crate) async fn faulty_device(&self, user: &str, label: &str, defects: &[&str]) -> Phone {
        let connector = self.client(defects, Dialect::default());
        let phone = self.connect(&connector, user, label, self.identity(user)).await;
        phone.ok(phone.start.clone()).await;
        phone
    }

    /// A device of a user who has no identity on it yet; started.
    pub(crate) async fn bare_device(&self, user: &str, label: &str, defects: &[&str]) -> Phone {
        let connector = self.client(defects, Dialect::default());
        let phone = self.connect(&connector, user, label, None).await;
        phone.ok(phone.start.clone()).await;
        phone
    }

    /// A client of which devices are made.
    pub(crate) fn client(&self, defects: &[&str], dialect: Dialect) -> ReferenceConnector {
        let defects = Defects::parse(defects).unwrap();
        ReferenceConnector { defects, dialect, common: self.common.clone() }
    }

    pub(crate) async fn connect(
        &self,
        connector: &dyn Connector,
        user: &str,
        label: &str,
        identity: Option<SeedIdentity>,
    ) -> Phone {
        self.tenant.add_credential(user, label, label);
        let person = Arc::new(Person::default());
        let device = connector.connect(person.clone()).await.unwrap();
        let dir = self.dirs.path().join(label);
        let start = Request::Start(Start {
            server: self.tenant.base_url(),
            user: user.into(),
            password: label.into(),
            dir: dir.display().to_string(),
            identity,
            speaks: None,
        });
        Phone { device, person, dir, start }
    }

    pub(crate) fn identity(&self, user: &str) -> Option<SeedIdentity> {
        let position = self.users.iter().position(|known| known == user)?;
        let certificate = self.tenant.model().user(user)?.certificate()?.to_owned();
        let private_key = KEYS[position].to_pem().to_string();
        Some(SeedIdentity { certificate, private_key, mnemonic: MNEMONIC.into() })
    }

    /// A user is on the attacker's side from now on.
    pub(crate) fn corrupt(&self, user: &str) {
        let position = self.users.iter().position(|known| known == user).unwrap();
        self.tenant.attacker().learn_private_key(user, KEYS[position].clone());
        self.play(json!({"corrupt": {"user": user}}));
    }

    /// Plays a move in the spelling of a scenario.
    pub(crate) fn play(&self, it: Value) {
        let it: Move = serde_json::from_value(it).unwrap();
        self.tenant.play(&it).unwrap();
    }

    /// How many exchanges there were so far.
    pub(crate) fn mark(&self) -> usize {
        self.tenant.exchanges().len()
    }

    pub(crate) fn since(&self, mark: usize) -> Vec<Arc<Exchange>> {
        self.tenant.exchanges().split_off(mark)
    }

    /// The names of the endpoints that were called.
    pub(crate) fn called_since(&self, mark: usize) -> Vec<String> {
        self.since(mark).iter().map(|exchange| exchange.endpoint.to_string()).collect()
    }
}

#[derive(Default)]
pub(crate) struct Person {
    pub(crate) says_yes: std::sync::atomic::AtomicBool,
    noticed: Mutex<Vec<Notice>>,
}

impl User for Person {
    fn warning(&self, notice: Notice) {
        self.noticed.lock().unwrap().push(notice);
    }
    fn question(&self, notice: Notice) -> Answer {
        self.noticed.lock().unwrap().push(notice);
        if self.says_yes.load(std::sync::atomic::Ordering::Relaxed) { Answer::Yes } else { Answer::No }
    }
}

pub(crate) struct Phone {
    pub(crate) device: Box<dyn Device>,
    pub(crate) person: Arc<Person>,
    pub(crate) dir: PathBuf,
    pub(crate) start: Request,
}

impl Phone {
    pub(crate) async fn call(&self, request: Request) -> Result<Value, CallError> {
        self.device.call(request).await
    }

    pub(crate) async fn ok(&self, request: Request) -> Value {
        let method = request.method();
        self.call(request).await.unwrap_or_else(|e| panic!("{method}: {e}; {:?}", self.kinds()))
    }

    pub(crate) async fn error(&self, request: Request) -> ClientError {
        let method = request.method();
        match self.call(request).await {
            Err(CallError::Client(error)) => error,
            other => panic!("{method}: expected an error, got {other:?}"),
        }
    }

    /// The request is refused, the rule is named, and the user was warned of it.
    pub(crate) async fn refused(&self, request: Request, rule: &str) {
        let error = self.error(request).await;
        assert_eq!(error.failure, Failure::Refused, "{error}");
        assert!(error.reason.contains(&format!("[{rule}: ")), "expected {rule}: {error}");
        assert!(self.kinds().iter().any(|kind| kind == rule), "no warning {rule}: {:?}", self.kinds());
    }

    pub(crate) async fn write(&self, path: &str, content: &str) -> Value {
        self.ok(write(path, content)).await
    }

    pub(crate) async fn text(&self, path: &str) -> String {
        let content = self.ok(Request::Read { path: path.into() }).await;
        String::from_utf8(STANDARD.decode(content["content"].as_str().unwrap()).unwrap()).unwrap()
    }

    /// Paths of files and folders on the device, sorted.
    pub(crate) async fn tree(&self) -> Vec<String> {
        sorted(&self.ok(Request::Tree {}).await)
    }

    pub(crate) async fn list(&self, path: &str) -> Vec<String> {
        sorted(&self.ok(Request::List { path: path.into() }).await)
    }

    /// What the user was told and asked.
    pub(crate) fn kinds(&self) -> Vec<String> {
        self.person.noticed.lock().unwrap().iter().map(|notice| notice.kind.clone()).collect()
    }

    pub(crate) fn forget_notices(&self) {
        self.person.noticed.lock().unwrap().clear();
    }
}

fn sorted(listing: &Value) -> Vec<String> {
    let entries = listing["entries"].as_array().unwrap();
    let mut paths: Vec<String> = entries.iter().map(|e| e["path"].as_str().unwrap().to_owned()).collect();
    paths.sort();
    paths
}

pub(crate) fn write(path: &str, content: &str) -> Request {
    Request::Write { path: path.into(), content: STANDARD.encode(content) }
}

pub(crate) fn read(path: &str) -> Request {
    Request::Read { path: path.into() }
}

pub(crate) fn encrypt(path: &str) -> Request {
    Request::EncryptFolder { path: path.into() }
}

pub(crate) fn make(path: &str) -> Request {
    Request::MakeFolder { path: path.into() }
}

pub(crate) fn rename(path: &str, to: &str) -> Request {
    Request::Rename { path: path.into(), to: to.into() }
}

pub(crate) fn copy(path: &str, to: &str) -> Request {
    Request::Copy { path: path.into(), to: to.into() }
}

pub(crate) fn remove(path: &str) -> Request {
    Request::Remove { path: path.into() }
}

pub(crate) fn share(path: &str, with: &str) -> Request {
    Request::Share { path: path.into(), with: with.into() }
}

pub(crate) fn unshare(path: &str, with: &str) -> Request {
    Request::Unshare { path: path.into(), with: with.into() }
}

pub(crate) fn leave(path: &str) -> Request {
    Request::Leave { path: path.into() }
}

pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}
