//! One server among several behind one address: accounts, files, lies and exchanges of its own.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use e2ee_reference::authority::Authority;

use crate::adversary::lie::Lie;
use crate::adversary::{Attacker, ForgeryFilter, Move, MoveError, Stage};
use crate::clock::Clock;
use crate::control::events::{Event, Events};
use crate::exchange::Exchange;
use crate::face::ADMINISTRATORS;
use crate::history::History;
use crate::journal::{self, Direct, StateError, StateFile};
use crate::model::Model;
use crate::order::{Order, seed_bytes};
use crate::recorder::{Recorder, RecorderLimits};
use crate::release::AppVersion;
use crate::spill::Spill;
use crate::throttle::Throttle;

/// How a tenant is made.
#[derive(Debug, Clone)]
pub struct TenantOptions {
    /// Its name in the URL: letters, digits, `-` and `_`.
    pub name: String,
    /// What the capability `end-to-end-encryption` announces as `api-version`, `2.0` or `2.1`.
    pub api_version: String,
    /// The release of the app whose behaviour the server has. [`TenantOptions::with_app_version`] sets it together
    /// with what it announces.
    pub app_version: AppVersion,
    /// Who certifies the users. Making an authority takes an RSA key: tests may want to share one.
    pub authority: Authority,
    /// The longest request body, in bytes.
    pub max_body: usize,
    /// Whether refusals and requests for the server key are counted by address, as real servers do to slow attackers
    /// down: after eleven refusals within half an hour an address is not answered any more. Answers say how long they
    /// were delayed (`X-Nextcloud-Bruteforce-Throttled`); as with Nextcloud 32 nothing really waits. Off unless set.
    pub throttling: bool,
    /// Whether uploads in chunks are held to stricter rules, see [`Model::set_strict_uploads`].
    pub strict_uploads: bool,
    /// Makes ids, tokens, ETags, the instance's id and the clock follow from this number and from the requests, so that
    /// two tenants of one seed that get the same requests one after the other give the same answers byte for byte, as
    /// long as their base URLs are the same. Not set: as on a real server. What the attacker makes up is the same as
    /// well.
    ///
    /// Tokens and passwords that follow from a seed can be guessed by whoever knows it.
    pub seed: Option<u64>,
    /// Where the state is kept, so that a tenant with the same options that is made later, after a crash for example,
    /// has it again: accounts, files, locks, lies, the attacker's knowledge. Requests are answered when what they have
    /// changed or seen is on the disk. Of what a test does directly, the methods of [`Tenant`] are kept, and what is
    /// done to the guard of [`Tenant::model`] is not. Exchanges and the counters of `throttling` are not part of it.
    pub state: Option<StateFile>,
    /// How much of the traffic is kept.
    pub recorder: RecorderLimits,
    /// Where exchanges are written as well, if anywhere.
    pub history: Option<History>,
    /// Where files of more than 1 MiB and chunks of more than 64 KiB are kept. They stay in memory unless set, and what
    /// is no file always does: its bodies have at most 64 MiB, however long [`TenantOptions::max_body`] lets them be. With
    /// [`TenantOptions::state`] everything stays in memory.
    pub spill: Option<Spill>,
}

impl TenantOptions {
    /// Options with `api_version` 2.1, bodies of at most 64 MiB, and the default recorder.
    pub fn new(name: impl Into<String>, authority: Authority) -> Self {
        Self {
            name: name.into(),
            api_version: AppVersion::default().api_version().to_owned(),
            app_version: AppVersion::default(),
            authority,
            max_body: 64 * 1024 * 1024,
            throttling: false,
            strict_uploads: false,
            seed: None,
            state: None,
            recorder: RecorderLimits::default(),
            history: None,
            spill: None,
        }
    }
}

impl TenantOptions {
    /// The same options for a server with another release of the app.
    #[must_use]
    pub fn with_app_version(self, version: AppVersion) -> Self {
        Self { app_version: version, api_version: version.api_version().to_owned(), ..self }
    }
}

/// A handle on a tenant. Clones are the same tenant; it goes when the last one is dropped.
#[derive(Clone)]
pub struct Tenant {
    state: Arc<State>,
}

/// What the handles and the server share.
pub(crate) struct State {
    pub(crate) options: TenantOptions,
    /// Scheme, host and port.
    pub(crate) origin: String,
    /// What stands before every path: empty or `/t/NAME`.
    pub(crate) prefix: String,
    pub(crate) log: bool,
    model: Mutex<Model>,
    attacker: Mutex<Attacker>,
    lies: RwLock<Arc<[Arc<dyn Lie>]>>,
    filter: RwLock<Option<Arc<dyn ForgeryFilter>>>,
    recorder: Mutex<Recorder>,
    throttle: Mutex<Throttle>,
    pub(crate) events: Events,
    /// What a reset goes back to.
    beginning: Mutex<Arc<Model>>,
    begun: AtomicBool,
    order: Option<Order>,
    numbers: AtomicU64,
    started: Instant,
}

impl Tenant {
    pub(crate) fn new(
        options: TenantOptions,
        origin: &str,
        prefix: String,
        log: bool,
    ) -> Result<Self, StateError> {
        let state = options.state.clone();
        let opened = state.as_ref().map(|state| journal::open(state, &options)).transpose()?;
        let random = opened.as_ref().map(|opened| opened.header.random());
        let order =
            random.or(options.seed.map(seed_bytes)).map(|random| Order::new(random, options.seed.is_some()));
        // Six letters and digits after "oc", as the real server's ids look.
        let (ids, clock) = order.as_ref().map(Order::parts).unwrap_or_default();
        let instance = format!("oc{}", ids.secret_text(10).to_ascii_lowercase());
        let mut model = Model::with(&instance, clock, ids);
        model.set_app_version(options.app_version);
        model.set_announced(&options.api_version);
        model.set_strict_uploads(options.strict_uploads);
        let inner = State {
            origin: origin.to_owned(),
            prefix,
            log,
            events: Events::default(),
            beginning: Mutex::new(Arc::new(model.clone())),
            begun: AtomicBool::new(false),
            model: Mutex::new(model),
            attacker: Mutex::default(),
            lies: RwLock::new(Arc::new([])),
            filter: RwLock::default(),
            recorder: Mutex::new(Recorder::new(&options)),
            throttle: Mutex::default(),
            order,
            numbers: AtomicU64::new(1),
            started: Instant::now(),
            options,
        };
        let tenant = Self { state: Arc::new(inner) };
        if let (Some(state), Some(opened)) = (state, opened) {
            tenant.resume(state, opened)?;
        }
        Ok(tenant)
    }

    /// A tenant that has all of this, as [`MockServer::fork`](crate::MockServer::fork) says.
    pub(crate) fn forked(&self, name: &str, origin: &str, prefix: String) -> Self {
        let state = &*self.state;
        let options = TenantOptions { name: name.to_owned(), ..state.options.clone() };
        let model = self.model().forked();
        let inner = State {
            origin: origin.to_owned(),
            prefix,
            log: state.log,
            events: Events::default(),
            beginning: Mutex::new(Arc::new(model.clone())),
            begun: AtomicBool::new(false),
            model: Mutex::new(model),
            attacker: Mutex::new(self.attacker().clone()),
            lies: RwLock::new(Arc::new([])),
            filter: RwLock::new(state.filter()),
            recorder: Mutex::new(state.recorder().forked(&options)),
            throttle: Mutex::default(),
            order: None,
            numbers: AtomicU64::new(state.numbers.load(Ordering::Relaxed)),
            started: state.started,
            options,
        };
        Self { state: Arc::new(inner) }
    }

    /// Another handle on a tenant.
    pub(crate) fn of(state: Arc<State>) -> Self {
        Self { state }
    }

    pub(crate) fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// Where clients connect, without a trailing slash, for example `http://127.0.0.1:40001/t/first`.
    pub fn base_url(&self) -> String {
        format!("{}{}", self.state.origin, self.state.prefix)
    }

    /// The tenant's name; `default` for the default tenant.
    pub fn name(&self) -> &str {
        &self.state.options.name
    }

    /// Who certifies the users.
    pub fn authority(&self) -> &Authority {
        &self.state.options.authority
    }

    /// Makes an account. It has no password yet.
    pub fn add_user(&self, user: &str) {
        let direct = || Direct::AddUser { user: user.to_owned() };
        self.directly_or_say(direct, || self.model().add_user(user));
    }

    /// Gives a user, who is made if necessary, a password. `device` is what stands in the exchanges.
    pub fn add_credential(&self, user: &str, password: &str, device: &str) {
        let direct = || Direct::AddCredential {
            user: user.to_owned(),
            password: password.to_owned(),
            device: device.to_owned(),
        };
        self.directly_or_say(direct, || {
            let mut model = self.model();
            model.add_user(user);
            model.add_credential(user, password, device);
        });
    }

    /// Gives an administrator, who is made if necessary, a password. Administrators may use the provisioning API.
    pub fn add_admin(&self, user: &str, password: &str) {
        let direct = || Direct::AddAdmin { user: user.to_owned(), password: password.to_owned() };
        self.directly_or_say(direct, || {
            self.add_credential(user, password, "default");
            self.model().add_to_group(ADMINISTRATORS, user);
        });
    }

    /// Puts an account into a group, which is made when it does not exist.
    pub fn add_to_group(&self, group: &str, user: &str) {
        let direct = || Direct::AddToGroup { group: group.to_owned(), user: user.to_owned() };
        self.directly_or_say(direct, || self.model().add_to_group(group, user));
    }

    /// The tenant's clock, which can be advanced. Nothing happens by itself when it is: see [`Model::roll_back`].
    pub fn clock(&self) -> Clock {
        self.model().clock().clone()
    }

    /// Grants a login that a client has begun (login flow v2), as its user would in a browser. `login` is the address
    /// that the client was told to open. `false`: no such login waits, or there is no such user.
    pub fn grant_login(&self, login: &str, user: &str) -> bool {
        let token = login.rsplit('/').next().unwrap_or_default();
        let direct = || Direct::GrantLogin { login: token.to_owned(), user: user.to_owned() };
        self.directly(direct, || self.model().grant_login(token, user), |granted| *granted).unwrap_or(false)
    }

    /// Stores the key pair of a user without any check: the certificate in PEM, the private key as blob.
    pub fn store_identity(&self, user: &str, certificate: &str, private_key: &str) {
        let direct = || Direct::StoreIdentity {
            user: user.to_owned(),
            certificate: certificate.to_owned(),
            private_key: private_key.to_owned(),
        };
        self.directly_or_say(direct, || {
            let mut model = self.model();
            model.add_user(user);
            model.set_certificate(user, Some(certificate.to_owned()));
            model.set_private_key(user, Some(private_key.to_owned()));
        });
    }

    /// What the server knows. Requests wait while the guard is held; do not hold it while awaiting.
    pub fn model(&self) -> MutexGuard<'_, Model> {
        self.state.model()
    }

    /// What the attacker holds. Take the model's guard first if you need both.
    pub fn attacker(&self) -> MutexGuard<'_, Attacker> {
        self.state.attacker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plays a move of the adversary: it changes the model, or leaves a lie in force, or both.
    ///
    /// # Errors
    /// When the move does not fit the state, for example because there is no such folder; nothing has changed then.
    pub fn play(&self, it: &Move) -> Result<(), MoveError> {
        self.directly(|| Direct::Play(it.clone()), || self.play_now(it), Result::is_ok)?
    }

    fn play_now(&self, it: &Move) -> Result<(), MoveError> {
        let mut model = self.model();
        let mut attacker = self.attacker();
        let (now, seed) = (model.now(), model.ids().seed_of_move());
        let filter = self.state.filter();
        let mut stage = Stage {
            model: &mut model,
            attacker: &mut attacker,
            authority: self.authority(),
            now,
            filter: filter.as_deref(),
        };
        let lie = match seed {
            None => it.play(&mut stage),
            Some(seed) => e2ee_rustcrypto::seeded::with_seed(seed, || it.play(&mut stage)),
        }?;
        if matches!(it, Move::Relent(_)) {
            *self.state.lies.write().unwrap_or_else(PoisonError::into_inner) = Arc::from([]);
        }
        lie.into_iter().for_each(|lie| self.tell(Arc::from(lie)));
        self.state.events.push(Event::Move(Box::new(it.clone())));
        Ok(())
    }

    /// From now on lets only a part of forged metadata through.
    pub fn filter_forgeries(&self, filter: Arc<dyn ForgeryFilter>) {
        *self.state.filter.write().unwrap_or_else(PoisonError::into_inner) = Some(filter);
    }

    /// Puts a lie in force, after those that are.
    pub fn tell(&self, lie: Arc<dyn Lie>) {
        let mut lies = self.state.lies.write().unwrap_or_else(PoisonError::into_inner);
        *lies = lies.iter().cloned().chain([lie]).collect();
    }

    /// Takes back all lies of this name.
    pub fn retract(&self, name: &str) {
        self.directly_or_say(
            || Direct::Retract { lie: name.to_owned() },
            || {
                let mut lies = self.state.lies.write().unwrap_or_else(PoisonError::into_inner);
                *lies = lies.iter().filter(|lie| lie.name() != name).cloned().collect();
            },
        );
    }

    /// The lies in force, in the order in which they are asked.
    pub fn lies(&self) -> Arc<[Arc<dyn Lie>]> {
        self.state.lies()
    }

    /// The exchanges so far, in the order in which they took effect, as far as they are kept.
    pub fn exchanges(&self) -> Vec<Arc<Exchange>> {
        self.state.recorder().all()
    }

    /// What is there now is what [`Command::Reset`](crate::control::Command::Reset) goes back to, unless that was said
    /// before: a state file goes on from its own beginning.
    pub(crate) fn begin_here(&self) -> Result<(), StateError> {
        if self.state.begun.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        let begin = || {
            let now = Arc::new(self.model().clone());
            *self.state.beginning.lock().unwrap_or_else(PoisonError::into_inner) = now;
        };
        self.directly(|| Direct::Begin {}, begin, |()| true)
    }

    /// Whether that was said.
    pub(crate) fn has_begun(&self) -> bool {
        self.state.begun.load(Ordering::Relaxed)
    }

    /// Goes back to the beginning.
    pub(crate) fn reset(&self) {
        let beginning = Arc::clone(&self.state.beginning.lock().unwrap_or_else(PoisonError::into_inner));
        let mut model = self.model();
        let mut attacker = self.attacker();
        model.restore(&beginning);
        model.clock().reset();
        *attacker = Attacker::default();
        *self.state.lies.write().unwrap_or_else(PoisonError::into_inner) = Arc::new([]);
        *self.state.throttle() = Throttle::default();
        self.state.recorder().clear();
    }

    /// The number of the newest exchange; 0 if there was none.
    pub fn last_exchange(&self) -> u64 {
        self.state.recorder().last().unwrap_or(0)
    }

    /// Whether no answer is under way. What an exchange says of its delivery can still change while one is.
    pub fn is_idle(&self) -> bool {
        self.state.recorder().is_idle()
    }

    /// How many exchanges the recorder had to drop.
    pub fn exchanges_dropped(&self) -> u64 {
        self.state.recorder().dropped()
    }
}

impl State {
    pub(crate) fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn recorder(&self) -> MutexGuard<'_, Recorder> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lies(&self) -> Arc<[Arc<dyn Lie>]> {
        Arc::clone(&self.lies.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn filter(&self) -> Option<Arc<dyn ForgeryFilter>> {
        self.filter.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What makes changes happen one after the other, if the tenant has to be the same each time.
    pub(crate) fn order(&self) -> Option<&Order> {
        self.order.as_ref()
    }

    pub(crate) fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Microseconds since the tenant was made.
    pub(crate) fn micros(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tenant").field(&self.base_url()).finish()
    }
}
