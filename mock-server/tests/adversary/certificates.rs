//! Lies about certificates and about the key that signs them.

use e2ee_reference::certificate::{Certificate, PublicKey};
use e2ee_reference::identity::certificate_request;
use serde_json::{Value, json};

use crate::lab::{Lab, NOW, Reader, asker, people};

#[test]
fn replaced_certificate_breaks_the_rule_it_should() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice]);
    let reader = Reader::new(&people.alice);
    // carol was never met before, bob was.
    let cases = [
        ("carol", "stranger", None, Some("certificate-issued")),
        ("carol", "instance", Some("eve"), Some("certificate-names-user")),
        ("carol", "instance", None, None),
        ("bob", "instance", None, Some("certificate-pinned")),
    ];
    for (of, issued_by, named, rule) in cases {
        let mut members = json!({ "of": of, "issued_by": issued_by });
        if let Some(named) = named {
            members["named"] = json!(named);
        }
        let lie = lab.lie(json!({ "replace_certificate": members }));
        let told = lie.certificate(&asker("alice"), of, None).unwrap();
        assert_eq!(reader.certificate_rule(of, &told), rule, "{members}");
        let honest = Some("another".to_owned());
        assert_eq!(lie.certificate(&asker("alice"), "alice", honest.clone()), honest);
        assert_eq!(lie.certificate(&asker(of), of, honest).as_deref(), Some(told.as_str()));
    }
}

#[test]
fn an_odd_certificate_breaks_the_rule_it_should() {
    let mut lab = Lab::new(&[&people().alice]);
    let reader = Reader::new(&people().alice);
    for (odd, rule) in [
        ("expired", "certificate-in-time"),
        ("not_yet_valid", "certificate-in-time"),
        ("two_names", "certificate-names-user"),
        ("longer_name", "certificate-names-user"),
        ("short_key", "certificate-key-strong"),
        ("exponent_one", "certificate-key-strong"),
        ("exponent_three", "certificate-key-strong"),
        ("even_modulus", "certificate-key-strong"),
        ("elliptic_curve", "certificate-key-strong"),
    ] {
        let members = json!({ "of": "carol", "issued_by": "instance", "odd": odd });
        let lie = lab.lie(json!({ "replace_certificate": members }));
        let told = lie.certificate(&asker("alice"), "carol", None).unwrap();
        assert_eq!(reader.certificate_rule("carol", &told), Some(rule), "{odd}");
    }
    let members = json!({ "of": "carol", "issued_by": "instance", "odd": "short_key", "over": "own" });
    assert!(lab.play(json!({ "replace_certificate": members })).is_err());
}

#[test]
fn a_certificate_comes_along_in_every_answer() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice]);
    let lie = lab.lie(json!({ "add_certificate": { "of": "recovery", "issued_by": "instance" } }));
    let honest = serde_json::Map::from_iter([("alice".to_owned(), json!("her own"))]);
    let told = lie.certificates(&asker("alice"), honest);
    assert_eq!((told.len(), &told["alice"]), (2, &json!("her own")));
    let more = told["recovery"].as_str().unwrap();
    assert_eq!(Reader::new(&people.alice).certificate_rule("recovery", more), None);
    assert!(lab.attacker.holds().iter().any(|held| held.of == "recovery"));
}

#[test]
fn a_server_key_that_has_signed_anew_fits() {
    let people = people();
    let lie = Lab::new(&[&people.alice]).lie(json!({ "replace_server_key": { "with": "reissuing" } }));
    let key = PublicKey::from_pem(&lie.server_key(&asker("alice"), String::new())).unwrap();
    let told = lie.certificate(&asker("alice"), "bob", None).unwrap();
    let told = Certificate::from_pem(&told).unwrap();
    assert!(told.is_issued_by(&key) && told.public_key() == people.bob.certificate().public_key());
    for with in ["empty", "garbage", "private_key"] {
        let lie = Lab::new(&[&people.alice]).lie(json!({ "replace_server_key": { "with": with } }));
        assert!(PublicKey::from_pem(&lie.server_key(&asker("alice"), String::new())).is_err(), "{with}");
    }
}

#[test]
fn the_user_himself_can_be_spared() {
    let mut lab = Lab::new(&[&people().alice]);
    let members = json!({ "of": "bob", "issued_by": "instance", "told_to": "others" });
    let lie = lab.lie(json!({ "replace_certificate": members }));
    let honest = Some("his own".to_owned());
    assert_eq!(lie.certificate(&asker("bob"), "bob", honest.clone()), honest);
    assert_ne!(lie.certificate(&asker("alice"), "bob", honest.clone()), honest);
}

#[test]
fn replaced_server_key_has_issued_nothing() {
    let people = people();
    let lie = Lab::new(&[&people.alice]).lie(json!({ "replace_server_key": {} }));
    let honest = people.authority.server_key().to_pem();
    let told = lie.server_key(&asker("alice"), honest.clone());
    assert_ne!(told, honest);
    assert_eq!(lie.server_key(&asker("bob"), honest), told);
    assert!(!people.alice.certificate().is_issued_by(&PublicKey::from_pem(&told).unwrap()));
}

#[test]
fn foreign_certificate_is_right_but_for_its_issuer() {
    let people = people();
    let lie = Lab::new(&[&people.alice]).lie(json!({ "issue_foreign_certificate": {} }));
    let honest = people.alice.certificate().to_pem();
    assert_eq!(lie.certificate(&asker("bob"), "alice", Some(honest.clone())), Some(honest.clone()));

    let request = certificate_request(people.alice.private_key(), "alice").unwrap();
    let told = lie.issued_certificate(&asker("alice"), &request, honest.clone());

    let certificate = Certificate::from_pem(&told).unwrap();
    assert_eq!(certificate.common_name(), Some("alice"));
    assert!(certificate.public_key() == people.alice.certificate().public_key());
    assert!(certificate.is_valid_at(NOW + 1));
    assert!(!certificate.is_issued_by(&people.authority.server_key()));
    assert_eq!(lie.certificate(&asker("bob"), "alice", Some(honest.clone())), Some(told));
    assert_eq!(lie.certificate(&asker("bob"), "carol", None), None);
    assert_eq!(lie.issued_certificate(&asker("bob"), "no request", honest.clone()), honest);
}

#[test]
fn a_key_made_for_a_lie_is_held() {
    let mut lab = Lab::new(&[&people().alice]);
    lab.lie(json!({ "replace_certificate": { "of": "bob", "issued_by": "stranger" } }));
    let Value::Object(held) = serde_json::to_value(&lab.attacker).unwrap() else { panic!("an object") };
    assert_eq!(held["private_keys"][0]["user"], "bob");
    assert_eq!(held["private_keys"][0]["origin"], "substitute");
    assert!(!format!("{:?}", lab.attacker).contains("PRIVATE KEY"));
}

#[test]
fn the_users_own_key_can_be_certified_by_a_stranger() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice]);
    let it = json!({ "of": "alice", "issued_by": "stranger", "over": "own" });
    let lie = lab.lie(json!({ "replace_certificate": it }));
    let told = lie.certificate(&asker("alice"), "alice", None).unwrap();
    let told = Certificate::from_pem(&told).unwrap();
    assert!(told.public_key() == people.alice.certificate().public_key());
    assert_eq!(told.common_name(), Some("alice"));
    assert!(!told.is_issued_by(&people.authority.server_key()));
    let weak = json!({ "of": "alice", "issued_by": "stranger", "over": "own", "bits": 512 });
    assert!(lab.play(json!({ "replace_certificate": weak })).is_err());
}

#[test]
fn a_member_is_brought_in_with_a_certificate_of_a_stranger() {
    let people = people();
    for (added_by, rule) in [("instance", None), ("stranger", Some("members-certificates-issued"))] {
        let mut lab = Lab::new(&[&people.alice, &people.bob]);
        let reader = Reader::of(&people.alice, &lab);
        lab.corrupt(&people.bob);
        let it = json!({ "folder": "plans", "by": "bob", "adds": ["eve"], "added_by": added_by });
        lab.lie(json!({ "edit_metadata": it }));
        assert_eq!(reader.broken(&lab.stored()), rule.into_iter().collect::<Vec<_>>(), "{added_by}");
    }
}
