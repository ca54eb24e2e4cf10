//! One play of one scenario.

use std::sync::Arc;
use std::time::{Duration, Instant};

use e2ee_reference::recognise::AnyVersion;
use tokio::time::{sleep, timeout};

use super::laboratory::Laboratory;
use super::opening::Opening;
use super::stage::{Cast, Stage};
use super::step::millis;
use super::{canaries, stored};
use crate::scenario::{Scenario, Step};
use crate::transcript::{Mode, Moment, Transcript};

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
        let mut transcript = Transcript::blank(&scenario.id, version);
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
        stored::open_made_keys(&stage.tenant, &mut transcript.secrets, laboratory.derived());
        transcript
    }
}
