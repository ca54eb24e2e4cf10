//! One server among several behind one address: accounts, files, lies and exchanges of its own.

mod accounts;
mod lies;
mod options;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use e2ee_reference::authority::Authority;

pub use options::TenantOptions;

use crate::adversary::lie::Lie;
use crate::adversary::{Attacker, ForgeryFilter};
use crate::clock::Clock;
use crate::control::events::Events;
use crate::exchange::Exchange;
use crate::face::LastAnswer;
use crate::journal::{self, Direct, StateError};
use crate::model::Model;
use crate::order::{Order, seed_bytes};
use crate::recorder::Recorder;
use crate::throttle::Throttle;

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
    pub(crate) capabilities: LastAnswer,
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
            capabilities: LastAnswer::default(),
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
            capabilities: LastAnswer::default(),
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

    /// The tenant's clock, which can be advanced. Nothing happens by itself when it is: see [`Model::roll_back`].
    pub fn clock(&self) -> Clock {
        self.model().clock().clone()
    }

    /// What the server knows. Requests wait while the guard is held; do not hold it while awaiting.
    pub fn model(&self) -> MutexGuard<'_, Model> {
        self.state.model()
    }

    /// What the attacker holds. Take the model's guard first if you need both.
    pub fn attacker(&self) -> MutexGuard<'_, Attacker> {
        self.state.attacker()
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
            self.state.set_beginning(true, now);
        };
        self.directly(|| Direct::Begin {}, begin, |()| true)
    }

    /// Whether that was said.
    pub(crate) fn has_begun(&self) -> bool {
        self.state.beginning().0
    }

    /// Goes back to the beginning.
    pub(crate) fn reset(&self) {
        let (_, beginning) = self.state.beginning();
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

    pub(crate) fn attacker(&self) -> MutexGuard<'_, Attacker> {
        self.attacker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a reset goes back to, and whether that was said.
    pub(crate) fn beginning(&self) -> (bool, Arc<Model>) {
        let beginning = self.beginning.lock().unwrap_or_else(PoisonError::into_inner);
        (self.begun.load(Ordering::Relaxed), Arc::clone(&beginning))
    }

    pub(crate) fn set_beginning(&self, begun: bool, beginning: Arc<Model>) {
        *self.beginning.lock().unwrap_or_else(PoisonError::into_inner) = beginning;
        self.begun.store(begun, Ordering::Relaxed);
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
