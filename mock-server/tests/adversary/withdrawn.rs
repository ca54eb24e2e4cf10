//! What the server no longer announces, and requests that wait.

use e2ee_mock_server::adversary::MoveError;
use e2ee_mock_server::{Aim, Endpoint, Pause};
use serde_json::{Value, json};

use crate::lab::{Lab, asker, people};

#[test]
fn capability_is_absent_or_disabled() {
    let mut lab = Lab::new(&[&people().alice]);
    let honest = json!({ "enabled": true, "api-version": "2.1" });
    let absent = lab.lie(json!({ "withdraw_capability": { "how": "absent" } }));
    assert_eq!(absent.capabilities(&asker("alice"), honest.clone()), Value::Null);
    let disabled = lab.lie(json!({ "withdraw_capability": { "how": "disabled" } }));
    let told = disabled.capabilities(&asker("alice"), honest);
    assert_eq!(told, json!({ "enabled": false, "api-version": "2.1" }));
    assert_eq!(disabled.capabilities(&asker("alice"), Value::Null), json!({ "enabled": false }));
}

#[test]
fn flag_is_absent_or_zero_in_the_whole_folder() {
    let mut lab = Lab::new(&[&people().alice]);
    let etags = lab.etags();
    let [file] = lab.model.children(lab.folder)[..] else { panic!("one file") };
    let root = lab.model.user("alice").unwrap().root();
    let absent = lab.lie(json!({ "withdraw_flag": { "folder": "plans", "how": "absent" } }));
    let zero = lab.lie(json!({ "withdraw_flag": { "folder": "/plans/", "how": "zero" } }));
    for node in [lab.folder, file] {
        let told = absent.encrypted_flag(&asker("alice"), node, Some(true));
        assert_eq!(told, None);
        assert_eq!(zero.encrypted_flag(&asker("alice"), node, told), Some(false));
    }
    assert_eq!(zero.encrypted_flag(&asker("alice"), root, Some(false)), Some(false));
    assert_eq!(absent.encrypted_flag(&asker("alice"), root, Some(false)), Some(false));
    assert!(lab.model.node(lab.folder).unwrap().encrypted());
    assert_ne!(lab.etags(), etags);
}

#[test]
fn rendezvous_stops_its_own_endpoint_only() {
    let mut lab = Lab::new(&[&people().alice]);
    let lie = lab.lie(json!({ "rendezvous": { "on": "POST lock", "count": 2 } }));
    let before = |endpoint| lie.before(&Aim { endpoint, paths: Vec::new() }, &asker("alice"));
    assert!(matches!(before(Endpoint::PostLock), Pause::Meet(_)));
    assert!(matches!(before(Endpoint::DeleteLock), Pause::None));
    for count in [0, 1, 17] {
        let rendezvous = lab.play(json!({ "rendezvous": { "on": "POST lock", "count": count } }));
        assert!(matches!(rendezvous.err(), Some(MoveError::OutOfRange { member: "count", .. })));
    }
}
