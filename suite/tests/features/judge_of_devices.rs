//! Verdicts that rest on what lies on a device, and on what its requests tell.

use std::sync::Arc;

use crate::support::{exchange, head, ok, refused, scenario, snapshot, tampered, transcript};
use e2ee_mock_server::Endpoint;
use e2ee_suite::judge::{Verdict, judge};
use e2ee_suite::transcript::{Mode, Moment, Transcript};

#[test]
fn a_file_that_was_overwritten_is_lost() {
    let scenario = scenario(
        &(head("attack")
            + r#"[script]
steps = [
  { laptop.encrypt_folder = { path = "plans" } },
  { laptop.write = { path = "plans/old.txt" } },
  { attack.insert_phantom = { folder = "plans", user = "eve" } },
  { laptop.write = { path = "plans/old.txt" }, expect = "any" },
]
reach = "GET meta-data"
proof = { lost = "plans/old.txt" }
"#),
    );
    let end_with = |bytes: &[u8], last| {
        let mut played = transcript(&scenario, Mode::Attack, vec![ok(), ok(), ok(), last]);
        played.exchanges.push(tampered(31, Endpoint::GetMetadata, "insert_phantom"));
        let held = |at, bytes| snapshot(at, &[("plans/old.txt", bytes)]);
        played.snapshots =
            vec![held(Moment::BeforeAttack, b"content of step 1".as_slice()), held(Moment::End, bytes)];
        judge(&scenario, Some(&transcript(&scenario, Mode::Twin, Vec::new())), &played)
    };
    let judgement = end_with(b"from the server", refused());
    assert_eq!(judgement.verdict, Verdict::Exploited, "{}", judgement.reason);
    assert!(judgement.reason.contains("holds what no device has written"), "{}", judgement.reason);
    // Its own newer bytes are no loss, and neither are those of a write that did not succeed.
    for last in [ok(), refused()] {
        for bytes in [b"content of step 3".as_slice(), b"content of step 1"] {
            let judgement = end_with(bytes, last.clone());
            let reverted = bytes == b"content of step 1" && last == ok();
            let expected = if reverted { Verdict::Exploited } else { Verdict::Pass };
            assert_eq!(judgement.verdict, expected, "{}", judgement.reason);
        }
    }
}

/// A device that sends these requests in four steps, of two secrets in turn.
fn asked(requests: [&[Endpoint]; 4]) -> (Verdict, String) {
    let scenario = scenario(
        &(head("conformance")
            + r#"[script]
steps = [
  { laptop.sync = {}, secret = "long" },
  { laptop.sync = {}, secret = "short" },
  { laptop.sync = {}, secret = "long" },
  { laptop.sync = {}, secret = "short" },
]
"#),
    );
    let mut played: Transcript = transcript(&scenario, Mode::Single, Vec::new());
    for (step, endpoints) in (0..).zip(requests) {
        let sent = (1..).zip(endpoints).map(|(n, endpoint)| Arc::new(exchange(10 * step + n, *endpoint)));
        played.exchanges.extend(sent);
    }
    let judgement = judge(&scenario, None, &played);
    (judgement.verdict, judgement.reason)
}

#[test]
fn requests_do_not_tell_a_secret() {
    use Endpoint::{GetMetadata, GetPublicKey};
    let (some, more): (&[Endpoint], &[Endpoint]) = (&[GetMetadata], &[GetMetadata, GetPublicKey]);
    assert_eq!(asked([some, some, some, some]).0, Verdict::Pass);
    // How often is no kind.
    assert_eq!(asked([some, &[GetMetadata, GetMetadata], some, some]).0, Verdict::Pass);
    // What varies for one secret tells nothing.
    assert_eq!(asked([some, more, more, some]).0, Verdict::Pass);
    let (verdict, reason) = asked([some, more, some, more]);
    assert_eq!(verdict, Verdict::Fail, "{reason}");
    assert!(reason.contains("long: GET meta-data; short: GET meta-data, GET public-key"), "{reason}");
}
