//! Verdicts on hand-made transcripts: each verdict once, and the traps in which a suite says "pass" too easily.

use std::sync::Arc;

use crate::monitors::{with, with_token};
use crate::support::{exchange, head, ok, read, refused, scenario, sha256, snapshot, tampered, transcript};
use e2ee_adapter::protocol::{Notice, Released};
use e2ee_mock_server::Endpoint;
use e2ee_suite::judge::{Cause, Judgement, Verdict, judge};
use e2ee_suite::scenario::Scenario;
use e2ee_suite::transcript::{DiskFile, Mode, Moment, Outcome, Snapshot, Transcript};

/// Write, attack by phantom, write: must be refused.
fn phantom() -> Scenario {
    scenario(
        &(head("attack")
            + r#"[script]
steps = [
  { laptop.encrypt_folder = { path = "plans" } },
  { laptop.write = { path = "plans/old.txt" } },
  { attack.insert_phantom = { folder = "plans", user = "eve" } },
  { laptop.write = { path = "plans/new.txt" }, expect = "refused" },
]
reach = "GET meta-data"
proof = { lost = "plans/old.txt" }
"#),
    )
}

/// A play of [`phantom`] with this outcome of the last step, the attacked answer delivered.
fn attacked(scenario: &Scenario, last: Outcome) -> Transcript {
    let mut played = transcript(scenario, Mode::Attack, vec![ok(), ok(), ok(), last]);
    played.exchanges.push(tampered(31, Endpoint::GetMetadata, "insert_phantom"));
    played
}

fn twin(scenario: &Scenario) -> Transcript {
    transcript(scenario, Mode::Twin, Vec::new())
}

#[track_caller]
fn expect(judgement: &Judgement, verdict: Verdict, cause: Cause, words: &str) {
    assert_eq!((judgement.verdict, judgement.cause), (verdict, cause), "{}", judgement.reason);
    assert!(judgement.reason.contains(words), "{}", judgement.reason);
}

#[test]
fn a_refusal_of_the_attacked_answer_passes() {
    let scenario = phantom();
    let judgement = judge(&scenario, Some(&twin(&scenario)), &attacked(&scenario, refused()));
    expect(&judgement, Verdict::Pass, Cause::None, "");
    assert_eq!(judgement.steps.len(), 3 + 4);
}

#[test]
fn an_acceptance_fails() {
    let scenario = phantom();
    let judgement = judge(&scenario, Some(&twin(&scenario)), &attacked(&scenario, ok()));
    expect(&judgement, Verdict::Fail, Cause::Step, "expected refused, came ok");
}

#[test]
fn who_refuses_everything_gets_nothing() {
    let scenario = phantom();
    let twin = transcript(&scenario, Mode::Twin, vec![refused(), refused(), refused()]);
    let played = transcript(&scenario, Mode::Attack, vec![refused(), refused(), ok(), refused()]);
    expect(&judge(&scenario, Some(&twin), &played), Verdict::Inconclusive, Cause::Twin, "honest twin");
}

#[test]
fn a_refusal_without_the_attacked_answer_is_inconclusive() {
    let scenario = phantom();
    let mut played = attacked(&scenario, refused());
    played.exchanges.clear();
    let judgement = judge(&scenario, Some(&twin(&scenario)), &played);
    expect(&judgement, Verdict::Inconclusive, Cause::Reach, "no GET meta-data was seen after the attack");

    played.exchanges = vec![tampered(5, Endpoint::GetMetadata, "insert_phantom")];
    let judgement = judge(&scenario, Some(&twin(&scenario)), &played);
    expect(&judgement, Verdict::Inconclusive, Cause::Reach, "no GET meta-data was seen after the attack");

    played.exchanges = vec![Arc::new(exchange(31, Endpoint::GetMetadata))];
    let judgement = judge(&scenario, Some(&twin(&scenario)), &played);
    expect(&judgement, Verdict::Inconclusive, Cause::Reach, "got the attacker's answer");

    let mut cut = exchange(31, Endpoint::GetMetadata);
    cut.delivered = false;
    cut.tampered_by = vec!["insert_phantom".into()];
    played.exchanges = vec![Arc::new(cut)];
    let judgement = judge(&scenario, Some(&twin(&scenario)), &played);
    expect(&judgement, Verdict::Inconclusive, Cause::Reach, "to its end");
}

#[test]
fn an_answer_to_a_peer_reaches_nobody() {
    let scenario = phantom();
    let mut played = attacked(&scenario, refused());
    let mut of_peer = exchange(31, Endpoint::GetMetadata);
    of_peer.device = Some("bob".into());
    of_peer.tampered_by = vec!["insert_phantom".into()];
    played.exchanges = vec![Arc::new(of_peer)];
    let judgement = judge(&scenario, Some(&twin(&scenario)), &played);
    expect(&judgement, Verdict::Inconclusive, Cause::Reach, "GET meta-data");
}

#[test]
fn a_miss_before_the_attack_is_inconclusive() {
    let scenario = phantom();
    let mut played = transcript(&scenario, Mode::Attack, vec![ok(), refused(), ok(), refused()]);
    played.exchanges.push(tampered(31, Endpoint::GetMetadata, "insert_phantom"));
    let judgement = judge(&scenario, Some(&twin(&scenario)), &played);
    expect(&judgement, Verdict::Inconclusive, Cause::Step, "before the attack");
}

#[test]
fn a_crash_is_no_refusal() {
    let scenario = phantom();
    let crash = || Outcome::Crashed("signal 11".into());
    let judgement = judge(&scenario, Some(&twin(&scenario)), &attacked(&scenario, crash()));
    expect(&judgement, Verdict::Fail, Cause::Step, "signal 11");

    let mut unreached = attacked(&scenario, crash());
    unreached.exchanges.clear();
    let judgement = judge(&scenario, Some(&twin(&scenario)), &unreached);
    expect(&judgement, Verdict::Inconclusive, Cause::Reach, "GET meta-data");

    let mut crashed = twin(&scenario);
    crashed.steps[1].outcome = crash();
    let judgement = judge(&scenario, Some(&crashed), &attacked(&scenario, refused()));
    expect(&judgement, Verdict::Inconclusive, Cause::Twin, "signal 11");
}

#[test]
fn silence_is_a_hang() {
    let scenario = phantom();
    let judgement = judge(&scenario, Some(&twin(&scenario)), &attacked(&scenario, Outcome::Hung(10)));
    expect(&judgement, Verdict::Hang, Cause::Step, "10 s");
}

#[test]
fn who_waits_for_a_silent_server_does_not_hang() {
    let judged = |moves: &str| {
        let steps = format!("  {moves}\n  {{ laptop.sync = {{}}, expect = \"any\" }},");
        let scenario = scenario(&format!("{}[script]\nsteps = [\n{steps}\n]\n", head("robustness")));
        let mut outcomes = vec![ok(); scenario.steps.len() - 1];
        outcomes.push(Outcome::Hung(10));
        judge(&scenario, None, &transcript(&scenario, Mode::Single, outcomes))
    };
    let fault = |members: &str| format!("{{ server.fail = {{ on = \"GET meta-data\", {members} }} }},");
    let relents = "{ server.relent = {} },";
    for silent in ["fault = \"delay\", millis = 60000", "fault = \"drip\", millis = 500"] {
        let judgement = judged(&fault(silent));
        expect(&judgement, Verdict::Inconclusive, Cause::Step, "--timeout");
        expect(&judged(&(fault(silent) + relents)), Verdict::Hang, Cause::Step, "10 s");
    }
    for other in ["fault = \"delay\", millis = 100", "status = 500"] {
        expect(&judged(&fault(other)), Verdict::Hang, Cause::Step, "10 s");
    }
}

#[test]
fn garbage_is_an_error_of_the_adapter() {
    let scenario = phantom();
    let garbage = Outcome::Garbage("no JSON".into());
    let judgement = judge(&scenario, Some(&twin(&scenario)), &attacked(&scenario, garbage));
    expect(&judgement, Verdict::Error, Cause::Adapter, "no JSON");
}

#[test]
fn what_the_client_cannot_do_it_has_not_withstood() {
    let scenario = phantom();
    let unsupported = Outcome::Unsupported("no write".into());
    let judgement = judge(&scenario, Some(&twin(&scenario)), &attacked(&scenario, unsupported));
    expect(&judgement, Verdict::Fail, Cause::Step, "came unsupported");
}

#[test]
fn a_move_that_cannot_be_made_is_inconclusive() {
    let scenario = phantom();
    let failed = Outcome::MoveFailed("no such folder".into());
    let played = transcript(&scenario, Mode::Attack, vec![ok(), ok(), failed]);
    let judgement = judge(&scenario, Some(&twin(&scenario)), &played);
    expect(&judgement, Verdict::Inconclusive, Cause::Step, "no such folder");
}

#[test]
fn a_harness_that_breaks_is_an_error() {
    let scenario = phantom();
    let mut played = attacked(&scenario, refused());
    played.broken = Some("no temporary folder".into());
    let judgement = judge(&scenario, Some(&twin(&scenario)), &played);
    expect(&judgement, Verdict::Error, Cause::Harness, "no temporary folder");
}

#[test]
fn a_recorder_that_forgets_makes_no_pass() {
    let scenario = phantom();
    let mut played = attacked(&scenario, refused());
    played.exchanges_dropped = 3;
    let judgement = judge(&scenario, Some(&twin(&scenario)), &played);
    expect(&judgement, Verdict::Inconclusive, Cause::Harness, "forget 3 exchanges");
}

/// A lock that was forgotten looks like one that was never asked for.
#[test]
fn a_recorder_that_forgets_makes_no_fail() {
    let mut play = with(vec![with_token(exchange(12, Endpoint::PutMetadata))]);
    let scenario = scenario(&(head("conformance") + "[script]\nsteps = [ { laptop.sync = {} } ]\n"));
    let judged = |play: &Transcript| judge(&scenario, None, play);
    expect(&judged(&play), Verdict::Fail, Cause::Monitor, "never granted");
    play.exchanges_dropped = 3;
    expect(&judged(&play), Verdict::Inconclusive, Cause::Harness, "forget 3 exchanges");
}

#[test]
fn bytes_given_out_before_a_refusal_fail() {
    let scenario = phantom();
    let released = Released { path: "plans/old.txt".into(), sha256: sha256(b"forged"), size: 6 };
    let outcome = Outcome::Refused { reason: "tag".into(), released: vec![released] };
    let judgement = judge(&scenario, Some(&twin(&scenario)), &attacked(&scenario, outcome));
    expect(&judgement, Verdict::Fail, Cause::Step, "6 bytes of plans/old.txt were given out");
}

#[test]
fn a_lost_file_is_an_exploit() {
    let scenario = phantom();
    let mut played = attacked(&scenario, refused());
    let held: &[(&str, &[u8])] = &[("plans/old.txt", b"content of step 1")];
    played.snapshots = vec![snapshot(Moment::BeforeAttack, held), snapshot(Moment::End, &[])];
    let judgement = judge(&scenario, Some(&twin(&scenario)), &played);
    expect(&judgement, Verdict::Exploited, Cause::Proof, "plans/old.txt is gone");
    assert_eq!(judgement.proof.map(|proof| proof.kind).as_deref(), Some("lost"));

    played.snapshots = vec![snapshot(Moment::BeforeAttack, held), snapshot(Moment::End, held)];
    expect(&judge(&scenario, Some(&twin(&scenario)), &played), Verdict::Pass, Cause::None, "");
}

#[test]
fn a_device_that_says_nothing_has_lost_nothing() {
    let scenario = phantom();
    let mut played = attacked(&scenario, Outcome::Crashed("signal 11".into()));
    let held: &[(&str, &[u8])] = &[("plans/old.txt", b"content of step 1")];
    let silent = Snapshot { tree: None, ..snapshot(Moment::End, &[]) };
    played.snapshots = vec![snapshot(Moment::BeforeAttack, held), silent];
    let judgement = judge(&scenario, Some(&twin(&scenario)), &played);
    expect(&judgement, Verdict::Fail, Cause::Step, "signal 11");
}

#[test]
fn a_file_that_the_device_never_held_is_not_lost() {
    let scenario = phantom();
    let mut played = attacked(&scenario, refused());
    played.snapshots = vec![snapshot(Moment::BeforeAttack, &[]), snapshot(Moment::End, &[])];
    expect(&judge(&scenario, Some(&twin(&scenario)), &played), Verdict::Pass, Cause::None, "");
}

#[test]
fn other_bytes_on_the_device_are_forged() {
    let scenario = scenario(
        &(head("attack")
            + r#"[script]
steps = [
  { laptop.encrypt_folder = { path = "plans" } },
  { laptop.write = { path = "plans/old.txt" } },
  { attack.flip_bit = { folder = "plans" } },
  { phone.read = { path = "plans/old.txt" }, expect = "not-ok" },
]
reach = "GET file"
proof = { forged_lands = "plans/old.txt" }
"#),
    );
    let play = |last: Outcome| {
        let mut played = transcript(&scenario, Mode::Attack, vec![ok(), ok(), ok(), last]);
        played.exchanges.push(tampered(31, Endpoint::GetFile, "flip_bit"));
        played
    };
    let genuine = transcript(&scenario, Mode::Twin, vec![ok(), ok(), read(b"content of step 1")]);
    let judgement = judge(&scenario, Some(&genuine), &play(read(b"Content of step 1")));
    expect(&judgement, Verdict::Exploited, Cause::Proof, "taken for genuine");
    assert_eq!(judgement.proof.and_then(|proof| proof.canary).as_deref(), Some("Content of step 1"));

    expect(&judge(&scenario, Some(&genuine), &play(refused())), Verdict::Pass, Cause::None, "");

    let released = Released { path: "plans/old.txt".into(), sha256: sha256(b"half"), size: 4 };
    let outcome = Outcome::Failed { reason: "tag".into(), released: vec![released] };
    let judgement = judge(&scenario, Some(&genuine), &play(outcome));
    expect(&judgement, Verdict::Exploited, Cause::Proof, "given out before the error");

    // A twin that reads rubbish proves that the client, not the attack, is at fault.
    let rubbish = transcript(&scenario, Mode::Twin, vec![ok(), ok(), read(b"rubbish")]);
    let judgement = judge(&scenario, Some(&rubbish), &play(refused()));
    expect(&judgement, Verdict::Inconclusive, Cause::Twin, "no device has written");
}

#[test]
fn what_lands_beside_the_users_folder_has_escaped() {
    let scenario = phantom();
    let mut played = attacked(&scenario, refused());
    let canary = &mut played.canaries.contents[0];
    canary.token = Some("0123456789abcdef0123456789abcdef".into());
    let sha256 = canary.sha256.clone();
    let mut end = snapshot(Moment::End, &[]);
    end.disk = vec![DiskFile { path: "../x".into(), size: 17, sha256, mode: None, content: None }];
    played.snapshots = vec![end];
    let judgement = judge(&scenario, Some(&twin(&scenario)), &played);
    expect(&judgement, Verdict::Exploited, Cause::Proof, "outside the user's folder, at ../x");
}

#[test]
fn a_stale_read_fails_a_conformance_scenario() {
    let scenario = scenario(
        &(head("conformance")
            + r#"[script]
steps = [
  { laptop.write = { path = "plans/a.txt" } },
  { laptop.write = { path = "plans/a.txt" } },
  { laptop.read = { path = "plans/a.txt" } },
  { laptop.rename = { path = "plans/a.txt", to = "plans/b.txt" } },
  { laptop.read = { path = "plans/b.txt" } },
]
"#)
        .replace("needs = []", "needs = [\"rename\"]"),
    );
    let play = |outcomes| {
        let mut played = transcript(&scenario, Mode::Single, outcomes);
        played.stored.clear();
        judge(&scenario, None, &played)
    };
    let stale = play(vec![ok(), ok(), read(b"content of step 0"), ok(), read(b"content of step 1")]);
    expect(&stale, Verdict::Fail, Cause::Step, "older content");
    let wrong = play(vec![ok(), ok(), read(b"content of step 1"), ok(), read(b"something")]);
    expect(&wrong, Verdict::Fail, Cause::Step, "no device has written");
    // Nothing of it is on the server: the monitor sees through a client that only pretends.
    let pretended = play(vec![ok(), ok(), read(b"content of step 1"), ok(), read(b"content of step 1")]);
    expect(&pretended, Verdict::Fail, Cause::Monitor, "plans/b.txt was acknowledged");
}

#[test]
fn a_forbidden_request_fails() {
    let scenario = scenario(
        &(head("conformance")
            + r#"[script]
steps = [ { laptop.sync = {}, without = "PUT file" } ]
"#),
    );
    let mut played = transcript(&scenario, Mode::Single, vec![ok()]);
    played.exchanges = vec![Arc::new(exchange(3, Endpoint::PutFile))];
    expect(&judge(&scenario, None, &played), Verdict::Fail, Cause::Step, "sent PUT file (exchange 3)");
    played.exchanges = vec![Arc::new(exchange(11, Endpoint::PutFile))];
    expect(&judge(&scenario, None, &played), Verdict::Pass, Cause::None, "");
}

#[test]
fn who_meets_no_trouble_is_not_judged_by_what_comes_after_it() {
    let scenario = scenario(
        &(head("robustness")
            + r#"[script]
steps = [
  { server.fail = { on = "PUT file", status = 507 } },
  { laptop.write = { path = "plans/new.txt" }, expect = "not-ok", without = "DELETE file" },
]
"#),
    );
    let mut played = transcript(&scenario, Mode::Single, vec![ok(), ok()]);
    played.exchanges = vec![Arc::new(exchange(11, Endpoint::DeleteFile))];
    let unmet = "no request met the trouble";
    expect(&judge(&scenario, None, &played), Verdict::Inconclusive, Cause::Reach, unmet);
    played.exchanges.clear();
    expect(&judge(&scenario, None, &played), Verdict::Inconclusive, Cause::Reach, unmet);
    played.exchanges = vec![tampered(11, Endpoint::PutFile, "fail")];
    expect(&judge(&scenario, None, &played), Verdict::Fail, Cause::Step, "expected not-ok, came ok");
    played.steps[1].outcome = Outcome::Crashed("signal 11".into());
    played.exchanges.clear();
    expect(&judge(&scenario, None, &played), Verdict::Fail, Cause::Step, "signal 11");
}

#[test]
fn a_missing_notice_is_a_warning() {
    let scenario = scenario(
        &(head("attack")
            + r#"[script]
steps = [
  { attack.replace_server_key = {} },
  { laptop.sync = {}, expect = "any", notice = true },
]
reach = "GET server-key"
"#),
    );
    let mut played = transcript(&scenario, Mode::Attack, vec![ok(), ok()]);
    played.exchanges.push(tampered(11, Endpoint::GetServerKey, "replace_server_key"));
    let judgement = judge(&scenario, Some(&twin(&scenario)), &played);
    expect(&judgement, Verdict::Warn, Cause::Step, "neither warned nor asked");
    played.steps[1].warnings.push(Notice { kind: "server-key-changed".into(), text: "look out".into() });
    expect(&judge(&scenario, Some(&twin(&scenario)), &played), Verdict::Pass, Cause::None, "");
}

#[test]
fn a_transcript_survives_json_and_is_judged_the_same() {
    let scenario = phantom();
    let played = attacked(&scenario, ok());
    let text = serde_json::to_string(&played).expect("serialises");
    let again: Transcript = serde_json::from_str(&text).expect("parses");
    let first = judge(&scenario, Some(&twin(&scenario)), &played);
    assert_eq!(first, judge(&scenario, Some(&twin(&scenario)), &again));
}

#[test]
fn a_forbidden_request_fails_in_the_twin_too() {
    let scenario = scenario(
        &(head("attack")
            + r#"[script]
steps = [
  { laptop.sync = {}, without = "PUT file" },
  { attack.touch_etags = {} },
  { laptop.sync = {} },
]
reach = "PROPFIND"
"#),
    );
    let mut twin = twin(&scenario);
    twin.exchanges = vec![Arc::new(exchange(3, Endpoint::PutFile))];
    let played = transcript(&scenario, Mode::Attack, Vec::new());
    expect(&judge(&scenario, Some(&twin), &played), Verdict::Fail, Cause::Step, "sent PUT file (exchange 3)");
}

#[test]
fn the_attack_begins_where_it_can_show() {
    let scenario = scenario(
        &(head("attack")
            + r#"[script]
steps = [
  { attack.snapshot = { name = "old" } },
  { laptop.write = { path = "plans/a.txt" } },
  { attack.rollback = { to = "old" } },
  { laptop.sync = {}, expect = "refused" },
]
reach = "GET meta-data"
proof = { lost = "plans/a.txt" }
"#),
    );
    let mut played = transcript(&scenario, Mode::Attack, vec![ok(), ok(), ok(), refused()]);
    played.exchanges.push(tampered(31, Endpoint::GetMetadata, "rollback"));
    let held: &[(&str, &[u8])] = &[("plans/a.txt", b"content of step 1")];
    played.snapshots = vec![snapshot(Moment::BeforeAttack, held), snapshot(Moment::End, &[])];
    let judgement = judge(&scenario, Some(&twin(&scenario)), &played);
    expect(&judgement, Verdict::Exploited, Cause::Proof, "plans/a.txt is gone");

    // What goes wrong between keeping a state and going back to it says nothing about the attack.
    let played = transcript(&scenario, Mode::Attack, vec![ok(), refused(), ok(), refused()]);
    let judgement = judge(&scenario, Some(&twin(&scenario)), &played);
    expect(&judgement, Verdict::Inconclusive, Cause::Step, "before the attack");
}
