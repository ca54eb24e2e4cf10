//! How moves are written.

use e2ee_mock_server::adversary::Move;
use serde_json::{Value, json};

pub(crate) fn examples() -> Vec<Value> {
    vec![
        json!({ "replace_certificate": { "of": "bob", "issued_by": "stranger" } }),
        json!({ "replace_certificate": { "of": "bob", "issued_by": "instance", "odd": "exponent_one" } }),
        json!({ "swap_member_certificate": { "folder": "plans", "of": "alice" } }),
        json!({ "replace_server_key": { "with": "reissuing" } }),
        json!({ "issue_foreign_certificate": {} }),
        json!({ "insert_phantom": { "folder": "plans", "user": "phantom" } }),
        json!({ "replace_metadata": { "folder": "plans", "signer": "forged", "plants": "forged.txt" } }),
        json!({ "strip_signature": { "folder": "plans", "how": "missing" } }),
        json!({ "snapshot": { "name": "before" } }),
        json!({ "rollback": { "to": "before" } }),
        json!({ "flip_bit": { "folder": "plans" } }),
        json!({ "withdraw_capability": { "how": "absent" } }),
        json!({ "withdraw_flag": { "folder": "plans", "below": true, "alone": true, "how": "zero" } }),
        json!({ "corrupt": { "user": "bob" } }),
        json!({ "plant_entry": { "folder": "plans", "by": "bob", "name": "../x" } }),
        json!({ "readmit_member": { "folder": "plans", "user": "bob" } }),
        json!({ "rendezvous": { "on": "POST lock", "count": 2 } }),
        json!({ "touch_etags": {} }),
        json!({ "edit_metadata": { "folder": "plans", "by": "bob", "ahead": 1, "signature": "by_key_identifier", "doubled": true,
            "outer": [{ "op": "remove", "path": "/users/0" }] } }),
        json!({ "starve_key": { "folder": "plans", "by": "bob", "with": "short" } }),
        json!({ "late_write": { "folder": "plans", "by": "bob", "name": "late.txt" } }),
        json!({ "swap": { "folder": "plans", "what": "files" } }),
        json!({ "swap": { "folder": "plans", "what": "metadata", "channel": "api" } }),
        json!({ "swap": { "folder": "plans", "what": "identifiers" } }),
        json!({ "reshape_files": { "folder": "plans", "cut": 16, "append": 0 } }),
        json!({ "plant_plain": { "folder": "plans", "name": "invoice.pdf" } }),
        json!({ "plant_plain": { "folder": "plans", "name": "invoices", "directory": true } }),
        json!({ "hide": { "what": "file", "folder": "plans" } }),
        json!({ "reshare": { "folder": "plans", "with": "bob" } }),
        json!({ "forget_keys": { "of": "alice", "only_announced": true } }),
        json!({ "substitute_certificate": { "of": "alice" } }),
        json!({ "rewrap": { "folder": "plans", "by": "bob", "of": "alice", "how": "unpadded" } }),
        json!({ "reset_encryption": { "of": "alice" } }),
        json!({ "inflate": { "folder": "plans", "by": "bob", "mebibytes": 64 } }),
        json!({ "inflate": { "folder": "plans", "by": "bob", "mebibytes": 0, "form": "cut" } }),
        json!({ "inflate": { "folder": "plans", "by": "bob", "mebibytes": 0, "entries": 2 } }),
        json!({ "fail": { "on": "POST lock", "status": 423 } }),
        json!({ "fail": { "on": "GET meta-data", "fault": "endless" } }),
        json!({ "fail": { "on": "GET meta-data", "fault": "compressed" } }),
        json!({ "update": { "to": "2.0" } }),
        json!({ "announce": { "version": "1.2" } }),
        json!({ "serve_older": { "folder": "plans", "version": "1.1", "plants": "forged.txt" } }),
        json!({ "insert_key": { "folder": "plans" } }),
        json!({ "patch_metadata": { "folder": "plans", "changes": [{ "op": "remove", "path": "/files/*" }] } }),
        json!({ "when": { "on": "PUT meta-data", "play": { "expire_locks": {} } } }),
        json!({ "fork": { "device": "laptop" } }),
        json!({ "join": { "device": "laptop" } }),
        json!({ "hold_lock": { "folder": "plans" } }),
        json!({ "keep_lock": { "folder": "plans" } }),
        json!({ "expire_locks": {} }),
        json!({ "grant_lock_twice": { "folder": "plans", "token": "shared" } }),
        json!({ "forge_lock_token": { "folder": "plans", "token": "empty" } }),
        json!({ "ignore_counter": { "folder": "plans" } }),
        json!({ "set_counter": { "folder": "plans", "to": 7 } }),
        json!({ "drop_file": { "folder": "plans", "name": "x", "id": "of_first_file", "damage": "key" } }),
        json!({ "forget_drops": { "folder": "plans" } }),
        json!({ "end_share": { "folder": "plans", "with": "bob" } }),
        json!({ "garble_metadata": { "folder": "plans", "how": "braces" } }),
        json!({ "split_channels": { "folder": "plans", "channel": "dav", "as_of": "before" } }),
        json!({ "replace_private_key": { "of": "alice", "how": "no_tag" } }),
        json!({ "downgrade_private_key": { "of": "alice", "to": "replayed", "as_of": "before" } }),
        json!({ "tell_properties": { "folder": "plans", "inside": true, "size": 0, "permissions": "RG" } }),
        json!({ "offer_file_locks": {} }),
        json!({ "lose_file": { "folder": "plans" } }),
        json!({ "add_plain": { "of": "alice", "folder": "letters", "name": "draft.txt" } }),
        json!({ "tell_deletions": {} }),
        json!({ "replay_deletion": { "folder": "plans" } }),
        json!({ "add_certificate": { "of": "recovery", "issued_by": "instance" } }),
        json!({ "list_another_root": { "of": "bob" } }),
        json!({ "change_fingerprint": { "to": "restored" } }),
        json!({ "relent": {} }),
    ]
}

#[test]
fn every_move_is_written_as_its_name_says() {
    let mut names = Vec::new();
    for example in examples() {
        let it: Move = serde_json::from_value(example.clone()).unwrap();
        assert_eq!(serde_json::to_value(&it).unwrap(), example);
        names.push(it.name());
        assert!(example.get(it.name()).is_some(), "{example}");
    }
    names.dedup();
    assert_eq!(names, Move::NAMES);
}

#[test]
fn unknown_members_and_values_are_refused() {
    for example in examples() {
        let Value::Object(mut it) = example.clone() else { panic!("an object") };
        let members = it.values_mut().next().unwrap();
        members["unheard_of"] = json!(1);
        let error = serde_json::from_value::<Move>(Value::Object(it)).unwrap_err().to_string();
        assert!(error.contains("unheard_of"), "{error}");
    }
    for wrong in [
        json!({ "strip_signature": { "folder": "plans", "how": "partly" } }),
        json!({ "rendezvous": { "on": "POST nothing", "count": 2 } }),
        json!({ "no_such_move": {} }),
        json!("snapshot"),
    ] {
        assert!(serde_json::from_value::<Move>(wrong.clone()).is_err(), "{wrong}");
    }
}
