//! The server, the devices and their folders for one play.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use e2ee_adapter::client::Place;
use e2ee_adapter::protocol::Request;
use e2ee_mock_server::Tenant;
use e2ee_mock_server::adversary::{ForgeryFilter, Move};
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::recognise::AnyVersion;
use e2ee_reference_client::Defects;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::client::Client;
use super::device::Machine;
use super::disk::Disks;
use super::laboratory::{Crowd, Laboratory};
use super::random::token;
use crate::scenario::{Actor, IdentitySource, Role, Scenario};
use crate::transcript::{DeviceRecord, Moment, Secrets, Snapshot, Transcript};

/// How long a device may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// Who plays.
pub struct Cast<'a> {
    /// The client under test.
    pub subject: &'a Client,
    /// The honest client beside it.
    pub peer: &'a Client,
    /// What of forged metadata is let through; everything if there is none.
    pub filter: Option<Arc<dyn ForgeryFilter>>,
}

/// Everything that takes part in one play.
pub(super) struct Stage {
    pub(super) tenant: Tenant,
    disks: Disks,
    pub(super) machines: BTreeMap<String, Arc<Mutex<Machine>>>,
    keys: BTreeMap<String, PrivateKey>,
    pub(super) crowd: Crowd,
}

impl Stage {
    /// Makes accounts and folders; a sentence if that is not possible.
    pub(super) fn set(
        laboratory: &Laboratory,
        cast: &Cast<'_>,
        scenario: &Scenario,
        version: AnyVersion,
        secrets: &mut Secrets,
    ) -> Result<Self, String> {
        let tenant = laboratory.tenant(version).map_err(|error| error.to_string())?;
        let in_memory = cast.subject.connector.forks() && cast.peer.connector.forks();
        let disks = laboratory.disks(in_memory);
        let disks = disks.map_err(|error| format!("cannot make a temporary folder: {error}"))?;
        let mut keys = BTreeMap::new();
        for user in scenario.users() {
            tenant.add_user(user);
            let own = secrets.users.entry(user.to_owned()).or_default();
            let seeded = |actor: &&Actor| actor.user == user && actor.identity == IdentitySource::Seeded;
            if scenario.actors.iter().find(seeded).is_none() {
                continue;
            }
            let person = laboratory.person(user).ok_or_else(|| format!("no key pair for {user}"))?;
            let blob = laboratory.blob(person, scenario.derivation).map_err(|error| error.to_string())?;
            tenant.store_identity(user, &person.seed.certificate, &blob);
            own.private_key = Some(person.seed.private_key.clone());
            own.mnemonic = Some(person.seed.mnemonic.clone());
            keys.insert(user.to_owned(), person.key.clone());
        }
        let mut machines = BTreeMap::new();
        for actor in &scenario.actors {
            let password = token(16);
            tenant.add_credential(&actor.user, &password, &actor.name);
            if let Some(own) = secrets.users.get_mut(&actor.user) {
                own.passwords.push(password.clone());
            }
            let dir = disks
                .device(&actor.name)
                .map_err(|error| format!("cannot make a folder for {}: {error}", actor.name))?;
            let client = match actor.role {
                Role::Subject => cast.subject.clone(),
                Role::Peer => match actor.dialect {
                    Some(dialect) => cast.peer.with(laboratory.reference_client(Defects::default(), dialect)),
                    None => cast.peer.clone(),
                },
            };
            let seed = laboratory.person(&actor.user).map(|person| person.seed.clone());
            let machine = Machine::new(actor.clone(), client, tenant.base_url(), password, dir, seed);
            machines.insert(actor.name.clone(), Arc::new(Mutex::new(machine)));
        }
        Ok(Self { tenant, disks, machines, keys, crowd: laboratory.crowd() })
    }

    /// The same once more, which goes on by itself; `None` if it cannot be made.
    pub(super) async fn fork(&self, laboratory: &Laboratory) -> Option<Self> {
        let tenant = laboratory.fork(&self.tenant).ok()?;
        let disks = laboratory.fork_disks(&self.disks)?;
        let mut machines = BTreeMap::new();
        for (name, machine) in &self.machines {
            let place = Place { server: tenant.base_url(), dir: disks.of(name).display().to_string() };
            let forked = machine.lock().await.fork(place)?;
            machines.insert(name.clone(), Arc::new(Mutex::new(forked)));
        }
        Some(Self { tenant, disks, machines, keys: self.keys.clone(), crowd: self.crowd.clone() })
    }

    /// Everybody but those who come late meets the server while it is still honest. Whoever cannot start now tries again,
    /// and is heard, at the first step of its own.
    pub(super) async fn start_all(&self, scenario: &Scenario, limit: Duration) {
        for actor in scenario.actors.iter().filter(|actor| !actor.late) {
            if let Some(machine) = self.machines.get(&actor.name) {
                let mut machine = machine.lock().await;
                if !matches!(timeout(limit, machine.start()).await, Ok(Ok(()))) {
                    machine.give_up();
                }
            }
        }
    }

    /// The move with places on the disks of this play: `{outside laptop}` is a folder of that device beside the one that
    /// the client was given.
    pub(super) fn placed(&self, play: &Move) -> Move {
        let mut text = serde_json::to_string(play).unwrap_or_default();
        for actor in self.machines.keys() {
            let name = format!("{{outside {actor}}}");
            if text.contains(&name) {
                let place = serde_json::to_string(&self.disks.beside(actor).to_string_lossy());
                text = text.replace(&name, place.unwrap_or_default().trim_matches('"'));
            }
        }
        serde_json::from_str(&text).unwrap_or_else(|_| play.clone())
    }

    /// Plays a move.
    pub(super) async fn make(&self, play: Move) -> Result<(), String> {
        if let Move::Corrupt(corrupt) = &play
            && let Some(key) = self.keys.get(&corrupt.user)
        {
            self.tenant.attacker().learn_private_key(&corrupt.user, key.clone());
        }
        let tenant = self.tenant.clone();
        // A move may make an RSA key, which would hold up everybody on this thread.
        let made = tokio::task::spawn_blocking(move || tenant.play(&play)).await;
        match made {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the move broke down".to_owned()),
        }
    }

    /// Looks at what lies on the judged devices.
    pub(super) async fn take_snapshots(&self, at: Moment, limit: Duration, transcript: &mut Transcript) {
        for (actor, machine) in &self.machines {
            let machine = machine.lock().await;
            if machine.actor.role != Role::Subject {
                continue;
            }
            let mut tree = None;
            if machine.is_started()
                && let Ok(Ok(answer)) = timeout(limit, machine.call(Request::Tree {})).await
            {
                tree = serde_json::from_value(answer).ok();
            }
            transcript.snapshots.push(Snapshot {
                actor: actor.clone(),
                at,
                tree,
                disk: self.disks.look(actor),
            });
        }
    }

    /// Ends all devices and keeps their logs.
    pub(super) async fn say_goodbye(&self, transcript: &mut Transcript) {
        for (actor, machine) in &self.machines {
            let mut machine = machine.lock().await;
            let _ = timeout(GOODBYE, machine.stop()).await;
            transcript.devices.push(DeviceRecord {
                actor: actor.clone(),
                role: machine.actor.role,
                user: machine.actor.user.clone(),
                log: machine.log(),
            });
            machine.give_up();
        }
    }

    /// The number of the last exchange so far.
    pub(super) fn last_exchange(&self) -> u64 {
        self.tenant.last_exchange()
    }
}
