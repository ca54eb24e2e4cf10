//! What plays have in common is played once, in this process without connections, and nobody can tell.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use e2ee_adapter::client::{BoxFuture, CallError, Connector, Device, User};
use e2ee_reference::dialect::Dialect;
use e2ee_reference_client::{Defects, ReferenceConnector};
use e2ee_suite::judge::Verdict;
use e2ee_suite::play::{Client, Keeper, Laboratory, Options, run};
use e2ee_suite::scenario::{Scenario, Step, built_in};
use e2ee_suite::transcript::{Deed, Outcome, Transcript};

/// The reference client, which may or may not be copied; counts how many devices were made from nothing.
struct Counted {
    inner: ReferenceConnector,
    forks: bool,
    connected: AtomicUsize,
}

impl Connector for Counted {
    fn connect<'a>(&'a self, user: Arc<dyn User>) -> BoxFuture<'a, Result<Box<dyn Device>, CallError>> {
        self.connected.fetch_add(1, Ordering::Relaxed);
        self.inner.connect(user)
    }

    fn forks(&self) -> bool {
        self.forks
    }
}

/// What a play looked like from outside, without what is random: what the devices did, and every request with its answer.
type Seen = (Vec<(usize, String, String)>, Vec<(Option<String>, String, u16)>);

#[derive(Debug, Default)]
struct Watch(Mutex<BTreeMap<String, Seen>>);

impl Keeper for Watch {
    fn keep(&self, twin: Option<&Transcript>, played: &Transcript) -> Result<(), String> {
        let mut plays = self.0.lock().map_err(|error| error.to_string())?;
        for play in twin.into_iter().chain([played]) {
            plays.insert(format!("{} {} {:?}", play.scenario, play.version, play.mode), seen(play));
        }
        Ok(())
    }
}

fn seen(play: &Transcript) -> Seen {
    let step = |record: &e2ee_suite::transcript::StepRecord| {
        let outcome = match &record.outcome {
            Outcome::Ok(_) => "ok".to_owned(),
            Outcome::Refused { .. } => "refused".to_owned(),
            other => format!("{other:?}").split(['(', ' ']).next().unwrap_or_default().to_owned(),
        };
        let deed = match &record.deed {
            Deed::Device(action) => format!("{action:?}").split(' ').next().unwrap_or_default().to_owned(),
            Deed::Move(_) => "move".to_owned(),
        };
        (record.step, format!("{} {deed}", record.actor), outcome)
    };
    let exchanges = play
        .exchanges
        .iter()
        .map(|exchange| (exchange.device.clone(), exchange.endpoint.to_string(), exchange.status));
    (play.steps.iter().map(step).collect(), exchanges.collect())
}

struct Run {
    plays: BTreeMap<String, Seen>,
    verdicts: Vec<(String, Verdict)>,
    connected: usize,
}

/// How the reference client is spared work in these plays.
#[derive(Clone, Copy)]
struct Spared {
    openings: bool,
    connections: bool,
}

async fn play(scenarios: &[Arc<Scenario>], spared: Spared, defects: &[&str]) -> Run {
    let users: BTreeSet<String> =
        scenarios.iter().flat_map(|scenario| scenario.users()).map(str::to_owned).collect();
    let laboratory = Arc::new(Laboratory::prepare(users).await.expect("a laboratory"));
    let defects = Defects::parse(defects).expect("defects");
    let mut inner = laboratory.reference_client(defects, Dialect::default());
    if !spared.connections {
        inner.common.transport = None;
    }
    let connector = Arc::new(Counted { inner, forks: spared.openings, connected: AtomicUsize::new(0) });
    let limit = Duration::from_secs(30);
    let client = Client::meet(Arc::clone(&connector) as Arc<dyn Connector>, limit).await.expect("a client");
    let watch = Arc::new(Watch::default());
    let options = Options {
        newest_only: true,
        limit,
        keeper: Some(Arc::clone(&watch) as Arc<dyn Keeper>),
        ..Options::default()
    };
    let played = run(&laboratory, &client, &client, scenarios, &options, |_| {}).await;
    let verdicts = played.iter().map(|it| (it.scenario.id.clone(), it.judgement.verdict)).collect();
    let plays = std::mem::take(&mut *watch.0.lock().expect("not broken"));
    Run { plays, verdicts, connected: connector.connected.load(Ordering::Relaxed) }
}

/// A part of the catalogue in which the order of requests does not hang on time.
fn chosen() -> Vec<Arc<Scenario>> {
    let chosen: Vec<_> = built_in()
        .expect("the catalogue")
        .into_iter()
        .filter(|scenario| {
            let in_folder = |folder: &&str| scenario.file.contains(&format!("{folder}/"));
            // The last have one twin.
            (["signature", "sharing"].iter().any(in_folder) || scenario.id.starts_with("counter-"))
                && !scenario.steps.iter().any(|step| matches!(step, Step::Together(_)))
        })
        .map(Arc::new)
        .collect();
    assert!(chosen.len() > 10, "{} scenarios", chosen.len());
    chosen
}

fn assert_alike(one: &Run, other: &Run, defects: &[&str]) {
    assert_eq!(one.verdicts, other.verdicts, "{defects:?}");
    assert_eq!(one.plays.keys().collect::<Vec<_>>(), other.plays.keys().collect::<Vec<_>>());
    for (name, seen) in &one.plays {
        assert_eq!(Some(seen), other.plays.get(name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_opening_leads_to_the_same_play() {
    let scenarios = chosen();
    for defects in [&[][..], &["accepts-invalid-signature"]] {
        let spared = |openings| Spared { openings, connections: true };
        let (copied, alone) =
            (play(&scenarios, spared(true), defects).await, play(&scenarios, spared(false), defects).await);
        assert_alike(&copied, &alone, defects);
        // One device is there to introduce the client.
        assert!(
            (copied.connected - 1) * 3 < alone.connected,
            "{} devices instead of {}: what is alike was not played once",
            copied.connected,
            alone.connected
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_play_without_connections_is_the_same() {
    let scenarios = chosen();
    for defects in [&[][..], &["accepts-invalid-signature"]] {
        let spared = |connections| Spared { openings: true, connections };
        let (direct, connected) =
            (play(&scenarios, spared(true), defects).await, play(&scenarios, spared(false), defects).await);
        assert_alike(&direct, &connected, defects);
    }
}
