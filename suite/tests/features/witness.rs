//! The smallest change with which an attack succeeds.

use crate::support::{ends, suite};

fn witness(arguments: &[&str]) -> std::process::Output {
    let mut all = vec!["witness"];
    all.extend(arguments);
    suite(&all)
}

#[test]
fn what_an_attack_does_not_need_is_left_out() {
    let found = witness(&["phantom-member", "--defect", "accepts-phantom-member", "--format", "json"]);
    ends(&found, 0, &[]);
    let found: serde_json::Value = serde_json::from_slice(&found.stdout).expect("JSON");
    let paths: Vec<&str> =
        found["deltas"].as_array().expect("deltas").iter().filter_map(|d| d["path"].as_str()).collect();
    assert_eq!(paths, ["signature", "users[phantom]"]);
    assert_eq!((&found["verdict"], &found["moves_left_out"]), (&"exploited".into(), &0.into()));

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
fn a_failure_without_proof_counts_only_where_the_honest_client_passes() {
    // Without its one change the attack asks the client to refuse an honest folder.
    let found = witness(&["members-as-object", "--defect", "crashes-on-hostile"]);
    ends(&found, 0, &["Moves that the attack needs (0 left out)", "edit_metadata"]);
}

#[test]
fn there_is_no_witness_where_nothing_succeeds() {
    ends(&witness(&["phantom-member"]), 4, &["the attack does not succeed: pass"]);
    ends(&witness(&["share-and-read"]), 4, &["has no attack"]);
    ends(&witness(&["phantom"]), 4, &["no scenario has the id `phantom`: phantom-member"]);
}
