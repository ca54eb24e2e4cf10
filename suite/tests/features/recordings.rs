//! The monitors on what is left of plays when nobody knows what was to be done: the exchanges.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use e2ee_mock_server::Exchange;
use e2ee_mock_server::control::{RECORDING_VERSION, RecordedFolder, Recording};
use e2ee_reference::dialect::Dialect;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference_client::Defects;
use e2ee_suite::monitors::{Finding, MONITORS, Sight, watch, watch_recording};
use e2ee_suite::play::{Client, Keeper, Laboratory, Options, run};
use e2ee_suite::recorded::{Known, KnownUser, Recorded};
use e2ee_suite::scenario::{Scenario, built_in};
use e2ee_suite::transcript::{Mode, Outcome, StoredFolder, Transcript};

/// Keeps all plays.
#[derive(Default)]
struct Kept(Mutex<Vec<Transcript>>);

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

impl Keeper for Kept {
    fn keep(&self, twin: Option<&Transcript>, played: &Transcript) -> Result<(), String> {
        self.0.lock().expect("no panic").extend(twin.into_iter().chain([played]).cloned());
        Ok(())
    }
}

/// Scenarios and who plays them.
pub(crate) struct Theatre {
    scenarios: Vec<Arc<Scenario>>,
    laboratory: Arc<Laboratory>,
}

impl Theatre {
    pub(crate) async fn new() -> Self {
        let scenarios = built_in().expect("the scenarios are right");
        let scenarios: Vec<Arc<Scenario>> = scenarios.into_iter().map(Arc::from).collect();
        let users: BTreeSet<String> =
            scenarios.iter().flat_map(|scenario| scenario.users()).map(str::to_owned).collect();
        Self { scenarios, laboratory: Arc::new(Laboratory::prepare(users).await.expect("a laboratory")) }
    }

    /// Plays scenarios in the newest version on the reference client with these defects.
    pub(crate) async fn play(&self, wanted: impl Fn(&str) -> bool, defects: &[&str]) -> Vec<Transcript> {
        self.play_as(Dialect::SPECIFIED, wanted, defects).await
    }

    /// The same by clients that write as a released one does.
    async fn play_as(
        &self,
        dialect: Dialect,
        wanted: impl Fn(&str) -> bool,
        defects: &[&str],
    ) -> Vec<Transcript> {
        let chosen: Vec<_> = self.scenarios.iter().filter(|scenario| wanted(&scenario.id)).cloned().collect();
        let client = async |defects: &[&str]| {
            let client = self.laboratory.reference_client(Defects::parse(defects).expect("defects"), dialect);
            Client::meet(Arc::new(client), Duration::from_secs(10)).await.expect("a client")
        };
        let (subject, peer) = (client(defects).await, client(&[]).await);
        let kept = Arc::new(Kept::default());
        let options = Options { keeper: Some(kept.clone()), newest_only: true, ..Options::default() };
        run(&self.laboratory, &subject, &peer, &chosen, &options, |_| {}).await;
        let mut plays = kept.0.lock().expect("no panic");
        std::mem::take(&mut *plays)
    }
}

/// What the mock server would tell of a play.
pub(crate) fn recording(play: &Transcript) -> Recording {
    let folder = |folder: &StoredFolder| RecordedFolder {
        id: folder.id,
        parent: folder.parent,
        owner: folder.owner.clone(),
        name: folder.name.clone(),
        places: match folder.parent {
            None => BTreeMap::from([(folder.owner.clone(), folder.name.clone())]),
            Some(_) => BTreeMap::new(),
        },
        metadata: folder.metadata.clone(),
        files: folder.files.keys().cloned().collect(),
    };
    Recording {
        schema_version: RECORDING_VERSION,
        tenant: "default".into(),
        api_version: play.version.to_string(),
        exchanges: play.exchanges.iter().map(|exchange| Exchange::clone(exchange)).collect(),
        dropped: 0,
        meddled: Vec::new(),
        private_keys: BTreeMap::new(),
        folders: play.stored.iter().map(folder).collect(),
    }
}

/// What the users of a play know: the private keys, and the mnemonics, too.
pub(crate) fn known(play: &Transcript, words: bool) -> Known {
    let user = |(user, secrets): (&String, &e2ee_suite::transcript::UserSecrets)| {
        let words = secrets.mnemonic.as_deref().filter(|_| words);
        let key = secrets.private_keys().next();
        let known = KnownUser {
            mnemonic: words.map(|words| Mnemonic::parse(words).expect("words")),
            private_key: key.map(|pem| PrivateKey::from_pem(pem).expect("a key")),
        };
        (user.clone(), known)
    };
    Known { users: play.secrets.users.iter().map(user).collect(), canaries: play.canaries.names.clone() }
}

fn sight(recording: Recording, known: &Known) -> Sight {
    watch_recording(&Recorded::new(recording, known).expect("a recording"), MONITORS)
}

#[tokio::test(flavor = "multi_thread")]
async fn honest_clients_are_left_alone() {
    let plays = Theatre::new().await.play(|_| true, &[]).await;
    let mut seeing: BTreeMap<&str, usize> = BTreeMap::new();
    // A recording does not tell that somebody was killed, who has left something behind.
    let killed = |play: &Transcript| play.steps.iter().any(|step| matches!(step.outcome, Outcome::Killed(_)));
    // Nor does it tell what users take out, and want to be seen.
    let takes_out = |play: &Transcript| ["moved-out", "folder-moved-out"].contains(&play.scenario.as_str());
    let honest = plays.iter().filter(|play| play.mode != Mode::Attack && !killed(play) && !takes_out(play));
    for play in honest.clone() {
        let seen = sight(recording(play), &known(play, false));
        assert_eq!(seen.findings, [], "{} in {}", play.scenario, play.version);
        for monitor in
            MONITORS.iter().filter(|monitor| seen.gaps.iter().all(|gap| gap.monitor != monitor.name))
        {
            *seeing.entry(monitor.name).or_default() += 1;
        }
    }
    assert!(honest.count() > 150, "{}", plays.len());
    // No hollow silence: those that can look have looked nearly everywhere; one needs words, which are left out here.
    let unseeing: Vec<&str> =
        MONITORS.iter().map(|it| it.name).filter(|name| !seeing.contains_key(name)).collect();
    assert_eq!(
        unseeing,
        ["leak", "acknowledged-writes", "history", "entries-kept", "on-device", "randomness"],
        "{seeing:?}"
    );
    assert!(seeing.values().all(|plays| *plays > 100), "{seeing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_write_otherwise_are_accused_of_no_more_than_in_plays() {
    let theatre = Theatre::new().await;
    let names = |findings: &[Finding]| -> BTreeSet<String> {
        findings.iter().map(|finding| finding.monitor.clone()).collect()
    };
    for dialect in Dialect::ALL {
        let lives = ["file-lifecycle", "nested-folders", "member-writes-on", "older-file-lifecycle"];
        let plays = theatre.play_as(dialect, |id| lives.contains(&id), &[]).await;
        assert!(!plays.is_empty(), "{}", dialect.name);
        for play in plays {
            let alone = names(&sight(recording(&play), &known(&play, false)).findings);
            let in_play = names(&watch(&play).findings);
            assert!(alone.is_subset(&in_play), "{} {}: {alone:?} {in_play:?}", dialect.name, play.scenario);
        }
    }
}

/// Each monitor that can look at a recording, a defect that it must catch, and a scenario in which that shows.
const CAUGHT: &[(&str, &str, &str)] = &[
    ("leak", "sends-name-in-clear", "file-lifecycle"),
    ("leak", "leaks-mnemonic", "first-device"),
    ("leak", "leaks-words-as-list", "first-device"),
    ("key-reuse", "reuses-file-key", "file-lifecycle"),
    ("write-under-lock", "writes-without-lock", "lock-contention"),
    ("locks-released", "never-unlocks", "file-lifecycle"),
    ("stored-key", "seals-under-other-mnemonic", "first-device"),
    ("stored-key", "seals-with-old-derivation", "first-device"),
    ("valid-uploads", "signs-other-content", "nested-folders"),
    ("valid-uploads", "omits-key-checksum", "nested-folders"),
    ("made-for-members", "wraps-key-as-text", "written-form"),
    ("made-for-members", "signs-without-certificate", "written-form"),
    ("link-opens", "seals-link-under-other-mnemonic", "public-link"),
    ("link-opens", "seals-link-with-old-derivation", "public-link"),
    ("counter-grows", "keeps-counter", "four-devices"),
    ("history", "deletes-without-word", "folder-deleted"),
    ("flag-kept", "takes-flag-back", "folder-deleted"),
    ("identifiers", "short-identifiers", "many-files"),
    ("orphans", "leaves-orphans", "folder-emptied"),
    ("own-keys", "copies-ciphertext", "file-copied"),
    ("randomness", "same-randomness-everywhere", "fresh-installs"),
    ("randomness", "draws-keys-of-letters", "fresh-installs"),
    ("plaintext-traces", "sends-plaintext-checksum", "many-files"),
    ("plaintext-traces", "sends-mimetype", "many-files"),
    ("token-inside", "sends-token-outside", "plain-files-go-on"),
    ("request-budget", "hammers-locks", "lock-busy-for-ever"),
];

#[tokio::test(flavor = "multi_thread")]
async fn defects_are_seen_from_the_traffic_alone() {
    let theatre = Theatre::new().await;
    let mut missed = Vec::new();
    for (monitor, defect, scenario) in CAUGHT {
        let plays = theatre.play(|id| id == *scenario, &[defect]).await;
        let found = |play: &Transcript| {
            let seen = sight(recording(play), &known(play, true));
            assert!(seen.findings.iter().all(|finding| !finding.text.contains("radar mosquito")));
            seen.findings.iter().any(|finding| finding.monitor == *monitor)
        };
        if !plays.iter().any(found) {
            missed.push((monitor, defect, scenario, plays.len()));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}
