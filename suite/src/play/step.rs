//! One step of a play: what a device does, several at once, or the server.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use e2ee_mock_server::Endpoint;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::device::Machine;
use super::kill::Trap;
use super::perform::{Made, Performed, Props, perform};
use super::stage::Stage;
use crate::scenario::{Action, DeviceStep, MoveStep, Mover};
use crate::transcript::{Deed, Mode, Outcome, StepRecord, Transcript};

impl Stage {
    pub(super) async fn device_step(
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
        let trap = part.killed_at.map(|on| Trap::set(&self.tenant, &part.actor, on));
        let asked = Asked { action, props, trap };
        let (mut record, mnemonic) = do_step(position, part, Arc::clone(machine), asked, limit).await;
        record.exchanges_before = before;
        record.exchanges_after = self.last_exchange();
        self.keep_mnemonic(part, mnemonic, transcript).await;
        record
    }

    pub(super) async fn together(
        &self,
        position: usize,
        parts: &[DeviceStep],
        limit: Duration,
        transcript: &mut Transcript,
    ) -> Vec<StepRecord> {
        let before = self.last_exchange();
        let _gathered = self.crowd.gather();
        let mut tasks = JoinSet::new();
        for (place, part) in parts.iter().enumerate() {
            let Some(machine) = self.machines.get(&part.actor) else { continue };
            let (action, props) = prepare(position, part, machine, transcript).await;
            let (part, machine) = (part.clone(), Arc::clone(machine));
            let asked = Asked { action, props, trap: None };
            tasks.spawn(async move { (place, do_step(position, &part, machine, asked, limit).await) });
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

    pub(super) async fn server_move(
        &self,
        position: usize,
        part: &MoveStep,
        mode: Mode,
    ) -> Option<StepRecord> {
        let play = match (part.by, mode, &part.twin) {
            (Mover::Attack, Mode::Twin, None) => return None,
            (Mover::Attack, Mode::Twin, Some(twin)) => twin,
            _ => &part.play,
        };
        let before = self.last_exchange();
        let begun = Instant::now();
        let outcome = match self.make(self.placed(play)).await {
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

    async fn keep_mnemonic(&self, part: &DeviceStep, made: Option<Made>, transcript: &mut Transcript) {
        let (Some(Made { link, mnemonic }), Some(machine)) = (made, self.machines.get(&part.actor)) else {
            return;
        };
        let user = match link {
            Some(link) => link,
            None => machine.lock().await.actor.user.clone(),
        };
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

/// What a device is asked, and at which request it dies.
struct Asked {
    action: Action,
    props: Props,
    trap: Option<Trap>,
}

async fn do_step(
    position: usize,
    part: &DeviceStep,
    machine: Arc<Mutex<Machine>>,
    Asked { action, props, trap }: Asked,
    limit: Duration,
) -> (StepRecord, Option<Made>) {
    let begun = Instant::now();
    let mut machine = machine.lock().await;
    machine.user.will_answer(part.answer);
    let call = timeout(limit, perform(&mut machine, &action, props));
    let ended = match &trap {
        None => Ended::By(call.await.ok()),
        Some(trap) => tokio::select! {
            biased;
            () = trap.sprung() => Ended::KilledAt(trap.on()),
            done = call => Ended::By(done.ok()),
        },
    };
    let performed = match ended {
        Ended::By(Some(performed)) => performed,
        Ended::By(None) => {
            machine.give_up();
            Performed { outcome: Outcome::Hung(limit.as_secs()), made: None }
        }
        Ended::KilledAt(on) => {
            machine.kill().await;
            Performed { outcome: Outcome::Killed(on), made: None }
        }
    };
    // What the dead had asked for is gone with them.
    drop(trap);
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
    (record, performed.made)
}

/// How a call has ended.
enum Ended {
    /// With an answer, or none in time.
    By(Option<Performed>),
    /// Given up when this request was there.
    KilledAt(Endpoint),
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

/// Whole milliseconds until now.
pub(super) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
