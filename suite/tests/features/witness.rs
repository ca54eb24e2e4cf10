//! The smallest change with which an attack succeeds.

use serde_json::{Value, json};

use crate::schema::is_described_by;
use crate::support::{ends, suite};

fn witness(arguments: &[&str]) -> std::process::Output {
    let mut all = vec!["witness"];
    all.extend(arguments);
    suite(&all)
}

/// What an attack needs on the reference client with a defect.
#[track_caller]
fn found(scenario: &str, defect: &str) -> Value {
    let found = witness(&[scenario, "--defect", defect, "--format", "json"]);
    ends(&found, 0, &[]);
    let found = serde_json::from_slice(&found.stdout).expect("JSON");
    is_described_by("witness", &found);
    found
}

/// The paths of the differences.
fn paths(found: &Value) -> Vec<&str> {
    found["deltas"].as_array().expect("deltas").iter().filter_map(|delta| delta["path"].as_str()).collect()
}

#[test]
fn what_an_attack_does_not_need_is_left_out() {
    let found = found("phantom-member", "accepts-phantom-member");
    assert_eq!(paths(&found), ["signature", "users[phantom]"]);
    assert_eq!((&found["verdict"], &found["moves_left_out"]), (&"exploited".into(), &0.into()));
    assert_eq!((&found["without_forgery"], &found["schema_version"]), (&json!([]), &1.into()));

    // A client that takes documents without a signature needs no forged one.
    let found = witness(&[
        "phantom-member",
        "--defect",
        "accepts-invalid-signature",
        "--defect",
        "accepts-phantom-member",
        "--defect",
        "accepts-outsider-signature",
    ]);
    ends(&found, 0, &["@ users[phantom]", "(1 left out)", "Not needed: signature"]);
}

#[test]
fn of_signatures_their_header() {
    assert_eq!(paths(&found("outsider-signs", "accepts-outsider-signature")), ["signature"]);
    let stripped = found("signature-stripped", "accepts-missing-signature");
    assert_eq!(paths(&stripped), ["signature"]);
    assert_eq!(stripped["deltas"][0]["forged"], Value::Null);
}

#[test]
fn of_a_file_the_bytes() {
    // The first bit of the first byte: whatever it was, the other.
    let flipped = found("flipped-bit", "releases-unauthenticated-file");
    assert_eq!(paths(&flipped), ["file 1 in plans: bytes"]);
    let delta = &flipped["deltas"][0];
    assert_eq!(delta["bytes"], json!({ "offset": 0, "length": 1 }));
    let byte = |side: &str| u8::from_str_radix(delta[side].as_str().expect("hex"), 16).expect("a byte");
    assert_eq!(byte("honest") ^ byte("forged"), 1);

    // The attack cuts off sixteen bytes; one is enough. The plaintext has 4096 bytes, the tag sixteen.
    let shortened = found("file-shortened", "releases-unauthenticated-file");
    assert_eq!(paths(&shortened), ["file 1 in plans: end"]);
    assert_eq!(shortened["deltas"][0]["bytes"], json!({ "offset": 4111, "length": 1 }));
    assert_eq!(shortened["deltas"][0]["forged"], Value::Null);

    let planted = found("plain-file-planted", "takes-plain-files");
    assert_eq!(paths(&planted), ["planted file in plans"]);
    assert_eq!(planted["deltas"][0]["honest"], Value::Null);
}

#[test]
fn of_a_certificate_the_field() {
    let changed = found("contact-certificate-changed", "accepts-changed-certificate");
    assert_eq!(paths(&changed), ["certificate of bob/subject public key"]);
    let left_out = changed["left_out"].as_array().expect("paths");
    assert!(left_out.contains(&"certificate of bob/extensions".into()), "{left_out:?}");

    // Signed by the server key, the attacker's key would be taken by everybody on first use: both are needed.
    let foreign = found("contact-certificate-foreign", "accepts-unissued-certificate");
    let both = ["certificate of bob/issuer signature", "certificate of bob/subject public key"];
    assert_eq!(paths(&foreign), both);
    let of_another = found("contact-certificate-of-another", "ignores-common-name");
    assert_eq!(paths(&of_another), ["certificate of bob/subject", "certificate of bob/subject public key"]);
    assert_eq!(of_another["deltas"][0]["honest"], "CN=bob");

    assert_eq!(paths(&found("server-key-changed", "accepts-changed-server-key")), ["server key"]);
}

#[test]
fn of_a_private_key_blob_the_bytes_of_a_part() {
    let blob = found("blob-nonce-flipped", "makes-keys-for-broken-blob");
    assert_eq!(paths(&blob), ["private-key blob/nonce: bytes"]);
    assert_eq!(blob["deltas"][0]["bytes"], json!({ "offset": 0, "length": 1 }));
}

#[test]
fn of_other_answers_the_member() {
    let capability = found("capability-withdrawn", "uploads-plaintext-without-capability");
    assert_eq!(paths(&capability), ["capabilities/enabled"]);
    assert_eq!(paths(&found("listed-empty", "believes-listed-sizes")), ["listing/size"]);
    let flag = found("flag-withdrawn", "uploads-plaintext-without-flag");
    assert_eq!(paths(&flag), ["encrypted flag"]);
}

#[test]
fn names_that_are_random_stand_in_no_path() {
    let lost = found("migration-with-loss", "believes-unsigned-removals");
    assert_eq!(paths(&lost), ["files[gone]"]);
    let dropped = found("dropped-name-taken", "drops-replace-files");
    assert_eq!(paths(&dropped), ["filedrop[new]", "planted file in plans"]);
}

#[test]
fn where_nothing_is_forged_a_sentence_says_what_is_done() {
    let hidden = found("folder-vanishes", "deletes-vanished-folder");
    assert_eq!(hidden["deltas"], json!([]));
    let withheld = "hide forges nothing, it withholds: Something is left out of listings.";
    assert_eq!(hidden["without_forgery"], json!([withheld]));

    let found = witness(&["rollback", "--defect", "ignores-counter"]);
    let replayed = "rollback forges nothing, it replays what is genuine at another time or place";
    ends(&found, 0, &[replayed, "No bytes are forged: the moves themselves are the change"]);
}

#[test]
fn a_failure_without_proof_counts_only_where_the_honest_client_passes() {
    // Without its one change the attack asks the client to refuse an honest folder.
    let found = witness(&["members-as-object", "--defect", "crashes-on-hostile"]);
    ends(&found, 0, &["Moves that the attack needs (0 left out)", "edit_metadata"]);
}

#[test]
fn there_is_no_witness_where_nothing_succeeds() {
    ends(&witness(&["phantom-member"]), 4, &["the attack does not succeed: pass"]);
    ends(&witness(&["share-and-read"]), 4, &["has no attack"]);
    ends(&witness(&["phantom-mem"]), 4, &["no scenario has the id `phantom-mem`: phantom-member"]);
}
