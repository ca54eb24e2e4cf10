//! One device of a play.

use std::path::PathBuf;
use std::sync::Arc;

use e2ee_adapter::client::{CallError, Device, Place, User};
use e2ee_adapter::protocol::{Failure, Feature, Request, SeedIdentity, Start};
use serde_json::Value;

use super::client::Client;
use super::user::RecordingUser;
use crate::scenario::{Actor, IdentitySource};
use crate::transcript::Outcome;

/// A device and what is needed to connect it.
pub(super) struct Machine {
    pub(super) actor: Actor,
    pub(super) client: Client,
    pub(super) user: Arc<RecordingUser>,
    pub(super) server: String,
    pub(super) password: String,
    /// The device's own folder.
    pub(super) dir: PathBuf,
    /// What it is given at its first start, if the script does not make it.
    pub(super) seed: Option<SeedIdentity>,
    device: Option<Box<dyn Device>>,
    /// The logs of those that were killed.
    past_log: String,
    started: bool,
    has_identity: bool,
}

impl Machine {
    pub(super) fn new(
        actor: Actor,
        client: Client,
        server: String,
        password: String,
        dir: PathBuf,
        seed: Option<SeedIdentity>,
    ) -> Self {
        let seed = seed.filter(|_| actor.identity == IdentitySource::Seeded);
        Self {
            actor,
            client,
            user: Arc::default(),
            server,
            password,
            dir,
            seed,
            device: None,
            past_log: String::new(),
            started: false,
            has_identity: false,
        }
    }

    /// The same device once more at another place; `None` if its kind cannot be copied.
    pub(super) fn fork(&self, place: Place) -> Option<Self> {
        let user: Arc<RecordingUser> = Arc::default();
        let device = match &self.device {
            Some(device) => Some(device.fork(place.clone(), Arc::clone(&user) as Arc<dyn User>)?),
            None => None,
        };
        Some(Self {
            actor: self.actor.clone(),
            client: self.client.clone(),
            user,
            server: place.server,
            password: self.password.clone(),
            dir: place.dir.into(),
            seed: self.seed.clone(),
            device,
            past_log: self.past_log.clone(),
            started: self.started,
            has_identity: self.has_identity,
        })
    }

    /// Whether it takes part at this moment.
    pub(super) fn is_started(&self) -> bool {
        self.started
    }

    /// The end of its log.
    pub(super) fn log(&self) -> String {
        let current = self.device.as_ref().map(|device| device.log()).unwrap_or_default();
        format!("{}{current}", self.past_log)
    }

    /// Connects, introduces, starts and provides it, as far as that has not been done.
    pub(super) async fn start(&mut self) -> Result<(), Outcome> {
        if self.started {
            return Ok(());
        }
        if self.device.is_none() {
            let user = Arc::clone(&self.user);
            let device = self.client.connector.connect(user).await.map_err(outcome)?;
            self.device = Some(device);
            self.call(Request::Hello {}).await?;
        }
        let seeds = self.client.has(Feature::SeedIdentity);
        let identity = self.seed.clone().filter(|_| seeds && !self.has_identity);
        let speaks = self.actor.speaks.filter(|_| self.client.has(Feature::Speaks));
        self.call(Request::Start(Start {
            server: self.server.clone(),
            user: self.actor.user.clone(),
            password: self.password.clone(),
            dir: self.dir.display().to_string(),
            identity,
            speaks: speaks.map(|version| version.to_string()),
        }))
        .await?;
        self.started = true;
        if let Some(seed) = self.seed.clone().filter(|_| !seeds && !self.has_identity) {
            self.call(Request::RestoreIdentity { mnemonic: seed.mnemonic }).await?;
        }
        self.has_identity = true;
        Ok(())
    }

    /// Disconnects it.
    pub(super) async fn stop(&mut self) -> Result<(), Outcome> {
        if self.started {
            self.started = false;
            self.call(Request::Stop {}).await?;
        }
        Ok(())
    }

    /// Sends one request.
    pub(super) async fn call(&self, request: Request) -> Result<Value, Outcome> {
        match &self.device {
            Some(device) => device.call(request).await.map_err(outcome),
            None => {
                Err(Outcome::Failed { reason: "the device is not connected".into(), released: Vec::new() })
            }
        }
    }

    /// Kills it, a call having been given up: nothing in it goes on, and what lies in its folder stays.
    pub(super) async fn kill(&mut self) {
        if let Some(device) = self.device.take() {
            device.kill().await;
            self.past_log.push_str(&device.log());
        }
        self.started = false;
    }

    /// Ends it at once.
    pub(super) fn give_up(&mut self) {
        self.device = None;
        self.started = false;
    }
}

/// What an error of a call means for a step.
pub(super) fn outcome(error: CallError) -> Outcome {
    match error {
        CallError::Client(error) => match error.failure {
            Failure::Refused => Outcome::Refused { reason: error.reason, released: error.released },
            Failure::Busy => Outcome::Busy(error.reason),
            Failure::Unsupported => Outcome::Unsupported(error.reason),
            Failure::Failed => Outcome::Failed { reason: error.reason, released: error.released },
        },
        CallError::Exited { how } => Outcome::Crashed(how),
        CallError::Garbage(what) => Outcome::Garbage(what),
        other => Outcome::Garbage(other.to_string()),
    }
}
