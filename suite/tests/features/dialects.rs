//! The honest client in the dialects of released ones: no alarm that nothing explains, and every one that nothing does.

use std::collections::BTreeSet;
use std::sync::Arc;

use e2ee_reference::dialect::{Dialect, PrivateKeyForm};
use e2ee_reference::metadata::Version;
use e2ee_reference::private_key_blob::Kdf;
use e2ee_reference::recognise::AnyVersion;
use e2ee_suite::judge::Verdict;
use e2ee_suite::play::{Laboratory, Options};
use e2ee_suite::scenario::{Scenario, built_in};
use e2ee_suite::selftest::{DEVIATIONS, Heard, Shows, Spoken};

use crate::support::{ends, run};

const V1_2: AnyVersion = AnyVersion::V1(e2ee_reference::metadata_v1::Version::V1_2);
const V2_1: AnyVersion = AnyVersion::V2(Version::V2_1);

fn heard(verdict: Verdict, reason: &str, found: &[(&str, &str)]) -> Heard {
    let found = found.iter().map(|(monitor, requirement)| ((*monitor).to_owned(), (*requirement).to_owned()));
    Heard {
        scenario: "test".to_owned(),
        version: V2_1,
        verdict,
        reason: reason.to_owned(),
        found: found.collect(),
    }
}

fn alarms(dialect: Dialect, play: Heard) -> usize {
    Spoken { dialect, peer: Dialect::SPECIFIED, plays: vec![play] }.alarms(DEVIATIONS).len()
}

#[test]
fn a_warning_is_no_alarm_where_the_dialect_deserves_it() {
    let warned = |monitor, requirement| heard(Verdict::Warn, "so it is", &[(monitor, requirement)]);
    assert_eq!(alarms(Dialect::DESKTOP, warned("departures", "R2-MOD-06")), 0);
    assert_eq!(alarms(Dialect::ANDROID, warned("departures", "R2-MD-12")), 0);
    // Another dialect, another requirement, another monitor, something else beside it, nothing at all.
    assert_eq!(alarms(Dialect::WEB, warned("departures", "R2-MOD-06")), 1);
    assert_eq!(alarms(Dialect::SPECIFIED, warned("departures", "R2-MOD-06")), 1);
    assert_eq!(alarms(Dialect::DESKTOP, warned("departures", "R2-MD-12")), 1);
    assert_eq!(alarms(Dialect::DESKTOP, warned("leak", "R2-MOD-06")), 1);
    let two = [("departures", "R2-MOD-06"), ("departures", "R2-MOD-13")];
    assert_eq!(alarms(Dialect::DESKTOP, heard(Verdict::Warn, "so it is", &two)), 1);
    assert_eq!(alarms(Dialect::DESKTOP, heard(Verdict::Warn, "the user was not asked", &[])), 1);
}

#[test]
fn only_what_the_server_refuses_may_fail() {
    let text = "laptop (create the identity): expected ok, came failed: 400 Invalid private key format";
    let failed = |verdict, reason| heard(verdict, reason, &[]);
    assert_eq!(alarms(Dialect::IOS, failed(Verdict::Fail, text)), 0);
    assert_eq!(alarms(Dialect::IOS, failed(Verdict::Inconclusive, text)), 0);
    assert_eq!(alarms(Dialect::IOS, failed(Verdict::Fail, "came refused")), 1);
    assert_eq!(alarms(Dialect::IOS, failed(Verdict::Exploited, text)), 1);
    assert_eq!(alarms(Dialect::IOS, heard(Verdict::Fail, text, &[("leak", "R2-SEC-01")])), 1);
    assert_eq!(alarms(Dialect::DESKTOP, failed(Verdict::Fail, text)), 1);
    let beside = Spoken {
        dialect: Dialect::ANDROID,
        peer: Dialect::IOS,
        plays: vec![failed(Verdict::Inconclusive, text)],
    };
    assert_eq!(beside.alarms(DEVIATIONS), [] as [&str; 0]);
}

#[test]
fn nothing_is_skipped_but_what_a_client_never_wrote() {
    let skipped = |version| Heard { version, ..heard(Verdict::Skipped, "lacks it", &[]) };
    assert_eq!(alarms(Dialect::WEB, skipped(V1_2)), 0);
    assert_eq!(alarms(Dialect::WEB, skipped(V2_1)), 1);
    assert_eq!(alarms(Dialect::DESKTOP, skipped(V1_2)), 1);
    assert_eq!(alarms(Dialect::DESKTOP, heard(Verdict::Pass, "", &[])), 0);
}

#[test]
fn the_specified_dialect_deviates_from_nothing() {
    for deviation in DEVIATIONS {
        assert!(!(deviation.applies)(&Dialect::SPECIFIED), "{}", deviation.what);
        assert!(Dialect::ALL.iter().any(deviation.applies), "nobody: {}", deviation.what);
    }
    assert!(DEVIATIONS.iter().any(|deviation| deviation.shows == Shows::Nowhere));
}

/// Some built-in scenarios.
fn chosen(ids: &[&str]) -> Vec<Arc<Scenario>> {
    let mut all = built_in().expect("the catalogue");
    all.retain(|scenario| ids.contains(&scenario.id.as_str()));
    assert_eq!(all.len(), ids.len());
    all.into_iter().map(Arc::new).collect()
}

async fn played(dialect: Dialect, peer: Dialect, scenarios: &[Arc<Scenario>]) -> Spoken {
    let users: BTreeSet<String> =
        scenarios.iter().flat_map(|scenario| scenario.users()).map(str::to_owned).collect();
    let laboratory = Arc::new(Laboratory::prepare(users).await.expect("a laboratory"));
    Spoken::play(&laboratory, dialect, peer, scenarios, &Options::default()).await.expect("plays")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_honest_client_in_any_dialect_raises_no_false_alarm() {
    let scenarios = chosen(&[
        "file-lifecycle",
        "written-form",
        "rollback",
        "phantom-member",
        "revoked-share",
        "migration",
    ]);
    for (dialect, peer) in [
        (Dialect::DESKTOP, Dialect::ANDROID),
        (Dialect::ANDROID, Dialect::SPECIFIED),
        (Dialect::IOS, Dialect::WEB),
        (Dialect::WEB, Dialect::DESKTOP),
    ] {
        let spoken = played(dialect, peer, &scenarios).await;
        assert_eq!(spoken.alarms(DEVIATIONS), [] as [&str; 0]);
        // Beside one that writes no 1.x there is none to migrate from.
        let passed = spoken.plays.iter().filter(|play| play.verdict == Verdict::Pass).count();
        assert!(passed >= 5, "{passed} of {} in {}", spoken.plays.len(), dialect.name);
        let deserves = dialect != Dialect::WEB;
        assert_eq!(!spoken.alarms(&[]).is_empty(), deserves, "{}: {:?}", dialect.name, spoken.alarms(&[]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_made_up_dialect_that_breaks_a_rule_is_an_alarm() {
    let scenarios = chosen(&["first-device"]);
    let private_key = PrivateKeyForm { kdf: Kdf::Sha1Rounds1024, ..Dialect::DESKTOP.private_key };
    let made_up = Dialect { name: "made-up", private_key, ..Dialect::DESKTOP };
    let alarms = played(made_up, Dialect::SPECIFIED, &scenarios).await.alarms(DEVIATIONS);
    assert_eq!(alarms.len(), 3, "{alarms:#?}");
    let said = "first-device in 2.1: the honest client in the dialect made-up (beside specified) gets fail \
                (monitor stored-key";
    assert!(alarms.iter().any(|alarm| alarm.starts_with(said)), "{alarms:#?}");
}

#[test]
fn a_dialect_is_asked_for_by_its_name() {
    ends(&run(&["round-trip", "--dialect", "desktop"]), 0, &["passed"]);
    let unknown = "unknown dialect `klingon`: expected one of specified, desktop, android, ios, web";
    ends(&run(&["--dialect", "klingon"]), 2, &[unknown]);
    ends(&run(&["--dialect", "web", "--client", "true"]), 2, &["cannot be used with"]);
    let program = format!("'{}' reference-client --dialect android", env!("CARGO_BIN_EXE_e2ee-suite"));
    ends(&run(&["round-trip", "--client", &program]), 0, &["passed"]);
}
