//! What is left to a client does not count against it, and is no way around a check.

use std::sync::Arc;

use crate::support::{exchange, head, ok, read, refused, scenario, snapshot, stored, tampered, transcript};
use bytes::Bytes;
use e2ee_adapter::protocol::Answer;
use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_suite::judge::{Cause, Judgement, Verdict, judge};
use e2ee_suite::scenario::{Scenario, Step};
use e2ee_suite::transcript::{Mode, Moment, Outcome, Transcript};
use serde_json::json;

fn conformance(steps: &str) -> Scenario {
    scenario(&format!("{}[script]\nsteps = [\n{steps}\n]\n", head("conformance")))
}

/// A folder with a file, then a rollback that must be refused.
fn rolled_back() -> Scenario {
    scenario(
        &(head("attack")
            + r#"[script]
steps = [
  { laptop.write = { path = "plans/a.txt" } },
  { attack.rollback = { to = "old" } },
  { laptop.sync = {}, expect = "not-ok" },
]
reach = "GET meta-data"
proof = { lost = "plans/a.txt" }
"#)
        .replace("[script]\nsteps = [", "[script]\nsteps = [\n  { attack.snapshot = { name = \"old\" } },"),
    )
}

fn judged(scenario: &Scenario, played: &Transcript) -> Judgement {
    judge(scenario, Some(&transcript(scenario, Mode::Twin, Vec::new())), played)
}

#[test]
fn metadata_may_be_read_as_a_property() {
    let scenario = rolled_back();
    let mut played = transcript(&scenario, Mode::Attack, vec![ok(), ok(), ok(), refused()]);
    let listed = |properties: &str| {
        let body = format!("<d:multistatus><d:response>{properties}</d:response></d:multistatus>");
        let answer = tampered(31, Endpoint::Propfind, "rollback");
        Arc::new(Exchange { status: 207, response_body: Bytes::from(body), ..Exchange::clone(&answer) })
    };
    let document = "<oc:fileid>7</oc:fileid><nc:e2ee-metadata>{&quot;version&quot;:1}</nc:e2ee-metadata>";
    played.exchanges = vec![listed(document)];
    assert_eq!(judged(&scenario, &played).verdict, Verdict::Pass);
    played.exchanges = vec![listed("<oc:fileid>7</oc:fileid>")];
    assert_eq!(judged(&scenario, &played).verdict, Verdict::Inconclusive);
}

#[test]
fn a_file_in_chunks_is_an_upload() {
    let scenario = conformance("{ laptop.sync = {}, without = \"PUT file\" }");
    for endpoint in [Endpoint::MoveChunks, Endpoint::PostBulk] {
        let mut played = transcript(&scenario, Mode::Single, Vec::new());
        played.exchanges = vec![Arc::new(exchange(3, endpoint))];
        let judgement = judge(&scenario, None, &played);
        assert_eq!((judgement.verdict, judgement.cause), (Verdict::Fail, Cause::Step));
    }
}

#[test]
fn what_was_put_aside_is_not_lost() {
    let scenario = rolled_back();
    let mut played = transcript(&scenario, Mode::Attack, vec![ok(), ok(), ok(), refused()]);
    played.exchanges.push(tampered(31, Endpoint::GetMetadata, "rollback"));
    let mut end_with = |path: &str, bytes: &[u8]| {
        let before = snapshot(Moment::BeforeAttack, &[("plans/a.txt", b"content of step 1")]);
        played.snapshots = vec![before, snapshot(Moment::End, &[(path, bytes)])];
        judged(&scenario, &played).verdict
    };
    assert_eq!(end_with("plans (kept)/a.txt", b"content of step 1"), Verdict::Pass);
    assert_eq!(end_with("plans (kept)/a.txt", b"something else"), Verdict::Exploited);
}

#[test]
fn who_keeps_no_copy_brings_nothing_back() {
    let scenario = conformance(
        r#"  { laptop.write = { path = "plans/a.txt" } },
  { laptop.tree = {}, expect = "any" },
  { server.lose_file = { folder = "plans" } },
  { laptop.sync = {} },
  { phone.read = { path = "plans/a.txt" }, if_held = "laptop" },"#,
    );
    let play = |tree: Outcome, last: Outcome| {
        let mut played = transcript(&scenario, Mode::Single, vec![ok(), tree, ok(), ok(), last]);
        played.stored.iter_mut().for_each(|folder| folder.files.clear());
        judge(&scenario, None, &played).verdict
    };
    let failed = || Outcome::Failed { reason: "not found".into(), released: Vec::new() };
    let shown = || Outcome::Ok(json!({ "entries": [{ "path": "plans/a.txt", "kind": "file" }] }));
    assert_eq!(play(Outcome::Unsupported("tree".into()), failed()), Verdict::Pass);
    assert_eq!(play(Outcome::Ok(json!({ "entries": [] })), failed()), Verdict::Pass);
    assert_eq!(play(shown(), failed()), Verdict::Fail);
    assert_eq!(play(shown(), read(b"content of step 0")), Verdict::Pass);
}

#[test]
fn the_later_of_two_writers_may_keep_his_beside() {
    let write = |who: &str| format!("  {{ {who}.write = {{ path = \"plans/a.txt\" }} }},\n");
    let verdict = |writers: [&str; 2], first: &str, second: &str| {
        let scenario = conformance(&writers.map(write).concat());
        let mut played = transcript(&scenario, Mode::Single, Vec::new());
        let mut canaries = played.canaries.clone();
        canaries.contents[0].path = format!("plans/{first}");
        canaries.contents[1].path = format!("plans/{second}");
        played.stored = vec![stored(&canaries)];
        judge(&scenario, None, &played).verdict
    };
    assert_eq!(verdict(["laptop", "phone"], "a.txt", "a (of phone).txt"), Verdict::Pass);
    assert_eq!(verdict(["laptop", "laptop"], "a.txt", "a (of phone).txt"), Verdict::Fail);
    assert_eq!(verdict(["laptop", "phone"], "b.txt", "a (of phone).txt"), Verdict::Fail);
}

#[test]
fn who_wants_to_share_agrees_when_asked() {
    let share = "{ laptop.share = { path = \"plans\", with = \"bob\" }";
    let answers = |steps: String| -> Vec<Answer> {
        let text = format!("{}[script]\nsteps = [\n{steps}\n]\nreach = \"GET meta-data\"\n", head("attack"));
        let scenario = scenario(&text.replace("needs = []", "needs = [\"share\"]"));
        scenario.steps.iter().flat_map(Step::devices).map(|step| step.answer).collect()
    };
    let attacked = format!(
        "  {share} }},\n  {share}, answer = \"no\" }},\n  {share}, expect = \"any\" }},\n  \
         {{ attack.replace_server_key = {{}} }},\n  {share} }},\n  {share}, answer = \"yes\" }},"
    );
    let expected = [Answer::Yes, Answer::No, Answer::No, Answer::No, Answer::Yes];
    assert_eq!(answers(attacked), expected);
}
