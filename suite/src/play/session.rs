//! One play of one scenario.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use e2ee_adapter::protocol::Request;
use e2ee_mock_server::Tenant;
use e2ee_mock_server::adversary::Move;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::Version;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::client::Client;
use super::device::Machine;
use super::disk::Disks;
use super::laboratory::Laboratory;
use super::perform::{Performed, Props, perform};
use super::random::token;
use super::{canaries, stored};
use crate::scenario::{Action, DeviceStep, IdentitySource, MoveStep, Mover, Role, Scenario, Step};
use crate::transcript::{
    Deed, DeviceRecord, Mode, Moment, Outcome, Secrets, Snapshot, StepRecord, TRANSCRIPT_VERSION, Transcript,
};

/// How long a device may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// Plays a scenario once and records it. What the harness itself cannot do is noted in [`Transcript::broken`].
pub async fn play(
    laboratory: &Laboratory,
    subject: &Client,
    peer: &Client,
    scenario: &Scenario,
    version: Version,
    mode: Mode,
    limit: Duration,
) -> Transcript {
    let begun = Instant::now();
    let mut transcript = Transcript {
        schema_version: TRANSCRIPT_VERSION,
        scenario: scenario.id.clone(),
        version,
        mode,
        devices: Vec::new(),
        steps: Vec::new(),
        exchanges: Vec::new(),
        exchanges_dropped: 0,
        attacker: Default::default(),
        canaries: canaries::make(scenario),
        secrets: Secrets::default(),
        snapshots: Vec::new(),
        stored: Vec::new(),
        broken: None,
        millis: 0,
    };
    match Stage::set(laboratory, subject, peer, scenario, version, &mut transcript.secrets) {
        Ok(stage) => stage.play(laboratory, scenario, limit, &mut transcript).await,
        Err(reason) => transcript.broken = Some(reason),
    }
    transcript.millis = millis(begun);
    transcript
}

struct Stage {
    tenant: Tenant,
    disks: Disks,
    machines: BTreeMap<String, Arc<Mutex<Machine>>>,
    keys: BTreeMap<String, PrivateKey>,
}

impl Stage {
    fn set(
        laboratory: &Laboratory,
        subject: &Client,
        peer: &Client,
        scenario: &Scenario,
        version: Version,
        secrets: &mut Secrets,
    ) -> Result<Self, String> {
        let tenant = laboratory.tenant(version).map_err(|error| error.to_string())?;
        let disks = Disks::new().map_err(|error| format!("cannot make a temporary folder: {error}"))?;
        let mut keys = BTreeMap::new();
        for user in scenario.users() {
            tenant.add_user(user);
            let own = secrets.users.entry(user.to_owned()).or_default();
            let seeded = |actor: &&crate::scenario::Actor| {
                actor.user == user && actor.identity == IdentitySource::Seeded
            };
            if scenario.actors.iter().find(seeded).is_none() {
                continue;
            }
            let person = laboratory.person(user).ok_or_else(|| format!("no key pair for {user}"))?;
            tenant.store_identity(user, &person.seed.certificate, &person.blob);
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
                Role::Subject => subject.clone(),
                Role::Peer => peer.clone(),
            };
            let seed = laboratory.person(&actor.user).map(|person| person.seed.clone());
            let machine = Machine::new(actor.clone(), client, tenant.base_url(), password, dir, seed);
            machines.insert(actor.name.clone(), Arc::new(Mutex::new(machine)));
        }
        Ok(Self { tenant, disks, machines, keys })
    }

    async fn play(
        &self,
        laboratory: &Laboratory,
        scenario: &Scenario,
        limit: Duration,
        transcript: &mut Transcript,
    ) {
        self.start_all(scenario, limit).await;
        let attack = scenario.first_attack();
        for (position, step) in scenario.steps.iter().enumerate() {
            if attack == Some(position) {
                self.take_snapshots(Moment::BeforeAttack, limit, transcript).await;
            }
            let records = match step {
                Step::Device(part) => {
                    vec![self.device_step(position, part, limit, transcript).await]
                }
                Step::Together(parts) => self.together(position, parts, limit, transcript).await,
                Step::Move(part) => {
                    self.server_move(position, part, transcript.mode).await.into_iter().collect()
                }
            };
            let fatal = records.iter().any(|record| record.outcome.is_fatal());
            transcript.steps.extend(records);
            if fatal {
                break;
            }
        }
        self.take_snapshots(Moment::End, limit, transcript).await;
        self.say_goodbye(transcript).await;
        transcript.exchanges = self.tenant.exchanges();
        transcript.exchanges_dropped = self.tenant.exchanges_dropped();
        transcript.attacker = self.tenant.attacker().clone();
        transcript.stored = stored::folders(&self.tenant);
        stored::open_made_keys(&self.tenant, &mut transcript.secrets, &*laboratory.derived);
    }

    /// Everybody meets the server while it is still honest. Whoever cannot start now tries again, and is heard, at
    /// the first step of its own.
    async fn start_all(&self, scenario: &Scenario, limit: Duration) {
        for actor in &scenario.actors {
            if let Some(machine) = self.machines.get(&actor.name) {
                let mut machine = machine.lock().await;
                if !matches!(timeout(limit, machine.start()).await, Ok(Ok(()))) {
                    machine.give_up();
                }
            }
        }
    }

    async fn device_step(
        &self,
        position: usize,
        part: &DeviceStep,
        limit: Duration,
        transcript: &mut Transcript,
    ) -> StepRecord {
        let Some(machine) = self.machines.get(&part.actor) else {
            return unplayable(position, part);
        };
        let (action, props) = prepare(position, part, machine, transcript).await;
        let before = self.last_exchange();
        let (mut record, mnemonic) = do_step(position, part, Arc::clone(machine), action, props, limit).await;
        record.exchanges_before = before;
        record.exchanges_after = self.last_exchange();
        self.keep_mnemonic(part, mnemonic, transcript).await;
        record
    }

    async fn together(
        &self,
        position: usize,
        parts: &[DeviceStep],
        limit: Duration,
        transcript: &mut Transcript,
    ) -> Vec<StepRecord> {
        let before = self.last_exchange();
        let mut tasks = JoinSet::new();
        for (place, part) in parts.iter().enumerate() {
            let Some(machine) = self.machines.get(&part.actor) else { continue };
            let (action, props) = prepare(position, part, machine, transcript).await;
            let (part, machine) = (part.clone(), Arc::clone(machine));
            tasks
                .spawn(async move { (place, do_step(position, &part, machine, action, props, limit).await) });
        }
        let mut records = BTreeMap::new();
        while let Some(done) = tasks.join_next().await {
            if let Ok((place, (record, mnemonic))) = done {
                records.insert(place, (record, mnemonic));
            }
        }
        let after = self.last_exchange();
        let mut finished = Vec::new();
        for (place, part) in parts.iter().enumerate() {
            match records.remove(&place) {
                Some((mut record, mnemonic)) => {
                    record.exchanges_before = before;
                    record.exchanges_after = after;
                    self.keep_mnemonic(part, mnemonic, transcript).await;
                    finished.push(record);
                }
                None => finished.push(unplayable(position, part)),
            }
        }
        finished
    }

    async fn server_move(&self, position: usize, part: &MoveStep, mode: Mode) -> Option<StepRecord> {
        let play = match (part.by, mode, &part.twin) {
            (Mover::Attack, Mode::Twin, None) => return None,
            (Mover::Attack, Mode::Twin, Some(twin)) => twin,
            _ => &part.play,
        };
        let before = self.last_exchange();
        let begun = Instant::now();
        let outcome = match self.make(play.clone()).await {
            Ok(()) => Outcome::Ok(serde_json::Value::Null),
            Err(reason) => Outcome::MoveFailed(reason),
        };
        Some(StepRecord {
            step: position,
            actor: part.by.as_str().to_owned(),
            deed: Deed::Move(serde_json::to_value(play).unwrap_or_default()),
            outcome,
            exchanges_before: before,
            exchanges_after: self.last_exchange(),
            warnings: Vec::new(),
            questions: Vec::new(),
            millis: millis(begun),
        })
    }

    async fn make(&self, play: Move) -> Result<(), String> {
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

    async fn take_snapshots(&self, at: Moment, limit: Duration, transcript: &mut Transcript) {
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

    async fn say_goodbye(&self, transcript: &mut Transcript) {
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

    async fn keep_mnemonic(&self, part: &DeviceStep, made: Option<String>, transcript: &mut Transcript) {
        let (Some(mnemonic), Some(machine)) = (made, self.machines.get(&part.actor)) else { return };
        let user = machine.lock().await.actor.user.clone();
        transcript.secrets.users.entry(user).or_default().mnemonic = Some(mnemonic);
    }

    fn last_exchange(&self) -> u64 {
        self.tenant.exchanges().last().map_or(0, |exchange| exchange.number)
    }
}

/// The action with the names of this play, and what it needs.
async fn prepare(
    position: usize,
    part: &DeviceStep,
    machine: &Mutex<Machine>,
    transcript: &Transcript,
) -> (Action, Props) {
    let action = part.action.map_paths(|path| transcript.canaries.played(path).to_owned());
    let content = transcript.canaries.content_of(position, &part.actor);
    let user = machine.lock().await.actor.user.clone();
    let mnemonic = transcript.secrets.users.get(&user).and_then(|user| user.mnemonic.clone());
    (action, Props { content: content.map(|content| content.bytes.clone()).unwrap_or_default(), mnemonic })
}

async fn do_step(
    position: usize,
    part: &DeviceStep,
    machine: Arc<Mutex<Machine>>,
    action: Action,
    props: Props,
    limit: Duration,
) -> (StepRecord, Option<String>) {
    let begun = Instant::now();
    let mut machine = machine.lock().await;
    machine.user.will_answer(part.answer);
    let performed = match timeout(limit, perform(&mut machine, &action, props)).await {
        Ok(performed) => performed,
        Err(_) => {
            machine.give_up();
            Performed { outcome: Outcome::Hung(limit.as_secs()), mnemonic: None }
        }
    };
    let (warnings, questions) = machine.user.take();
    let record = StepRecord {
        step: position,
        actor: part.actor.clone(),
        deed: Deed::Device(action),
        outcome: performed.outcome,
        exchanges_before: 0,
        exchanges_after: 0,
        warnings,
        questions,
        millis: millis(begun),
    };
    (record, performed.mnemonic)
}

fn unplayable(position: usize, part: &DeviceStep) -> StepRecord {
    StepRecord {
        step: position,
        actor: part.actor.clone(),
        deed: Deed::Device(part.action.clone()),
        outcome: Outcome::MoveFailed("the device's task broke down".to_owned()),
        exchanges_before: 0,
        exchanges_after: 0,
        warnings: Vec::new(),
        questions: Vec::new(),
        millis: 0,
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
