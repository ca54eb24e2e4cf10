//! One play of one scenario.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use e2ee_reference::recognise::AnyVersion;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::device::Machine;
use super::laboratory::Laboratory;
use super::opening::Opening;
use super::perform::{Performed, Props, perform};
use super::stage::{Cast, Stage};
use super::{canaries, stored};
use crate::scenario::{Action, DeviceStep, MoveStep, Mover, Scenario, Step};
use crate::transcript::{Deed, Mode, Moment, Outcome, Secrets, StepRecord, TRANSCRIPT_VERSION, Transcript};

/// Plays a scenario once and records it. What the harness itself cannot do is noted in [`Transcript::broken`].
pub async fn play(
    laboratory: &Laboratory,
    cast: &Cast<'_>,
    scenario: &Scenario,
    version: AnyVersion,
    mode: Mode,
    limit: Duration,
) -> Transcript {
    play_after(None, laboratory, cast, scenario, version, mode, limit).await
}

/// [`play`], beginning with a copy of what was played before, if there is an opening and it can be copied.
pub(super) async fn play_after(
    opening: Option<&Opening>,
    laboratory: &Laboratory,
    cast: &Cast<'_>,
    scenario: &Scenario,
    version: AnyVersion,
    mode: Mode,
    limit: Duration,
) -> Transcript {
    let begun = Instant::now();
    let copy = match opening {
        Some(opening) => opening.copy(laboratory, cast, limit).await,
        None => None,
    };
    let play = match copy {
        Some(copy) => Ok(copy),
        None => Play::begin(laboratory, cast, scenario, version, limit).await,
    };
    let mut transcript = match play {
        Ok(mut play) => {
            play.belongs_to(scenario, scenario.steps.len(), mode);
            cast.filter.iter().for_each(|filter| play.stage.tenant.filter_forgeries(Arc::clone(filter)));
            play.go_on(scenario, scenario.steps.len(), limit).await;
            play.end(laboratory, limit).await
        }
        Err(transcript) => Transcript { mode, ..*transcript },
    };
    transcript.millis = millis(begun);
    transcript
}

/// A play that goes on.
pub(super) struct Play {
    stage: Stage,
    /// What was recorded so far, without what is looked at in the end.
    transcript: Transcript,
    /// The position of the next step.
    next: usize,
    /// Whether a step has gone so wrong that no other follows.
    is_over: bool,
}

impl Play {
    /// Makes accounts and folders and starts the devices.
    pub(super) async fn begin(
        laboratory: &Laboratory,
        cast: &Cast<'_>,
        scenario: &Scenario,
        version: AnyVersion,
        limit: Duration,
    ) -> Result<Self, Box<Transcript>> {
        let mut transcript = Transcript {
            schema_version: TRANSCRIPT_VERSION,
            scenario: scenario.id.clone(),
            version,
            mode: Mode::Single,
            devices: Vec::new(),
            steps: Vec::new(),
            exchanges: Vec::new(),
            exchanges_dropped: 0,
            attacker: Default::default(),
            canaries: Default::default(),
            secrets: Secrets::default(),
            snapshots: Vec::new(),
            stored: Vec::new(),
            broken: None,
            millis: 0,
        };
        match Stage::set(laboratory, cast, scenario, version, &mut transcript.secrets) {
            Ok(stage) => {
                stage.start_all(scenario, limit).await;
                Ok(Self { stage, transcript, next: 0, is_over: false })
            }
            Err(reason) => {
                transcript.broken = Some(reason);
                Err(Box::new(transcript))
            }
        }
    }

    /// A copy that goes on by itself; `None` if it cannot be made.
    pub(super) async fn fork(&self, laboratory: &Laboratory) -> Option<Self> {
        let stage = self.stage.fork(laboratory).await?;
        Some(Self { stage, transcript: self.transcript.clone(), next: self.next, is_over: self.is_over })
    }

    /// Waits until the server has nothing left to do, so that what is copied does not change any more. `false`: it
    /// goes on and on.
    pub(super) async fn settle(&self, limit: Duration) -> bool {
        let idle = async {
            while !self.stage.tenant.is_idle() {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(limit, idle).await.is_ok()
    }

    /// From now on it is a play of so many steps of this scenario, which has begun as it has.
    pub(super) fn belongs_to(&mut self, scenario: &Scenario, steps: usize, mode: Mode) {
        self.transcript.scenario.clone_from(&scenario.id);
        self.transcript.mode = mode;
        canaries::add(scenario, steps, &mut self.transcript.canaries);
    }

    /// Plays the steps up to this position.
    pub(super) async fn go_on(&mut self, scenario: &Scenario, to: usize, limit: Duration) {
        let (stage, transcript) = (&self.stage, &mut self.transcript);
        let attack = scenario.first_attack();
        for (position, step) in scenario.steps.iter().enumerate().take(to).skip(self.next) {
            if self.is_over {
                break;
            }
            if attack == Some(position) {
                stage.take_snapshots(Moment::BeforeAttack, limit, transcript).await;
            }
            let records = match step {
                Step::Device(part) => {
                    vec![stage.device_step(position, part, limit, transcript).await]
                }
                Step::Together(parts) => stage.together(position, parts, limit, transcript).await,
                Step::Move(part) => {
                    stage.server_move(position, part, transcript.mode).await.into_iter().collect()
                }
            };
            self.is_over = records.iter().any(|record| record.outcome.is_fatal());
            self.next = position + 1;
            transcript.steps.extend(records);
        }
    }

    /// Ends the devices and looks at what is there.
    async fn end(self, laboratory: &Laboratory, limit: Duration) -> Transcript {
        let Self { stage, mut transcript, .. } = self;
        stage.take_snapshots(Moment::End, limit, &mut transcript).await;
        stage.say_goodbye(&mut transcript).await;
        transcript.exchanges = stage.tenant.exchanges();
        transcript.exchanges_dropped = stage.tenant.exchanges_dropped();
        transcript.attacker = stage.tenant.attacker().clone();
        transcript.stored = stored::folders(&stage.tenant);
        stored::open_made_keys(&stage.tenant, &mut transcript.secrets, &*laboratory.derived);
        transcript
    }
}

impl Stage {
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

    async fn keep_mnemonic(&self, part: &DeviceStep, made: Option<String>, transcript: &mut Transcript) {
        let (Some(mnemonic), Some(machine)) = (made, self.machines.get(&part.actor)) else { return };
        let user = machine.lock().await.actor.user.clone();
        let secrets = transcript.secrets.users.entry(user).or_default();
        secrets.mnemonic = Some(mnemonic);
        // The new key is opened with it at the end.
        secrets.earlier_keys.extend(secrets.private_key.take());
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
