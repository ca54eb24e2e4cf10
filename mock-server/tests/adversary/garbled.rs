//! Metadata, blobs and properties that are told as something else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_mock_server::Endpoint;
use e2ee_reference::backend::backend;
use e2ee_reference::dialect::{Dialect, PrivateKeyForm};
use e2ee_reference::error::Error;
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::{DerivedKey, Kdf, KeyDerivation, open_with, seal_as};
use reqwest::Method;
use serde_json::json;

use crate::lab::{Lab, asker, people};
use crate::session::{API, Session};

#[tokio::test]
async fn metadata_are_withheld_or_garbled_in_both_channels() {
    for (how, expected) in [("empty", ""), ("braces", "{}"), ("html", "<!DOCTYPE html>")] {
        let lab = Lab::new(&[&people().alice]);
        let folder = lab.folder;
        let session = Session::of(lab).await;
        session.play(json!({ "garble_metadata": { "folder": "plans", "how": how } }));
        let told = session.told("laptop", folder).await;
        assert!(told.starts_with(expected) && told.len() < 100, "{told}");
        assert_eq!(session.last(Endpoint::GetMetadata).tampered_by, ["garble_metadata"]);
        assert!(!session.propfind("e2ee-metadata").await.contains("ciphertext"));
        session.play(json!({ "relent": {} }));
        assert!(session.propfind("e2ee-metadata").await.contains("ciphertext"));
    }
    let lab = Lab::new(&[&people().alice]);
    let (folder, honest) = (lab.folder, lab.stored());
    let session = Session::of(lab).await;
    session.play(json!({ "garble_metadata": { "folder": "plans", "how": "truncated" } }));
    let told = session.told("laptop", folder).await;
    assert!(honest.document.starts_with(&told) && told.len() == honest.document.len() / 2);
    session.play(json!({ "garble_metadata": { "folder": "plans", "how": "withheld" } }));
    assert_eq!(session.get(&format!("{API}/meta-data/{folder}")).await.status(), 404);
}

#[tokio::test]
async fn one_channel_tells_what_was() {
    let mut lab = Lab::new(&[&people().alice]);
    let (folder, then) = (lab.folder, lab.stored());
    lab.play(json!({ "snapshot": { "name": "before" } })).unwrap();
    lab.write(&people().alice);
    let (now, attacker) = (lab.stored(), lab.attacker.clone());
    let session = Session::of(lab).await;
    *session.tenant.attacker() = attacker;
    let signature = then.signature.clone().unwrap();
    session.play(json!({ "split_channels": { "folder": "plans", "channel": "dav", "as_of": "before" } }));
    assert_eq!(session.told("laptop", folder).await, now.document);
    assert_eq!(session.last(Endpoint::GetMetadata).tampered_by, [""; 0]);
    assert!(session.propfind("e2ee-metadata-signature").await.contains(&signature));
    assert_eq!(session.last(Endpoint::Propfind).tampered_by, ["split_channels"]);
    session.play(json!({ "relent": {} }));
    session.play(json!({ "split_channels": { "folder": "plans", "channel": "api", "as_of": "before" } }));
    assert_eq!(session.told("laptop", folder).await, then.document);
    assert!(!session.propfind("e2ee-metadata-signature").await.contains(&signature));
}

#[test]
fn private_key_blobs_are_forged_part_by_part() {
    let mut lab = Lab::new(&[&people().alice]);
    let honest = "AAAAAAAAAAAAAAAAAAAAAAAA|AAAA|AAAA";
    lab.model.set_private_key("alice", Some(honest.to_owned()));
    lab.model.set_private_key("bob", Some("QkJC|QkJC|QkJC".to_owned()));
    let told = [
        ("ciphertext", "AQAAAAAAAAAAAAAAAAAAAAAA|AAAA|AAAA"),
        ("tag", "AAAAAAAAAAAAAAAAAAAAAAAB|AAAA|AAAA"),
        ("no_tag", "AAA=|AAAA|AAAA"),
        ("nonce", "AAAAAAAAAAAAAAAAAAAAAAAA|AQAA|AAAA"),
        ("salt", "AAAAAAAAAAAAAAAAAAAAAAAA|AAAA|AQAA"),
        ("reordered", "AAAA|AAAAAAAAAAAAAAAAAAAAAAAA|AAAA"),
        ("junk", "no blob"),
        ("empty", ""),
    ];
    for (how, expected) in told {
        let lie = lab.lie(json!({ "replace_private_key": { "of": "alice", "how": how } }));
        let told = |user| lie.private_key(&asker(user), Some(honest.to_owned()));
        assert_eq!(
            (told("alice").as_deref(), told("bob").as_deref()),
            (Some(expected), Some(honest)),
            "{how}"
        );
    }
    let lie =
        lab.lie(json!({ "replace_private_key": { "of": "alice", "how": "of_another", "from": "bob" } }));
    assert_eq!(lie.private_key(&asker("alice"), None).as_deref(), Some("QkJC|QkJC|QkJC"));
    for wrong in
        [json!({ "of": "alice", "how": "of_another" }), json!({ "of": "alice", "how": "tag", "from": "bob" })]
    {
        assert!(lab.play(json!({ "replace_private_key": wrong })).is_err());
    }
    assert!(lab.play(json!({ "replace_private_key": { "of": "carol", "how": "tag" } })).is_err());
}

/// Derived at once, and as different as the real ones.
struct Quick;

impl KeyDerivation for Quick {
    fn derive(&self, mnemonic: &Mnemonic, salt: &[u8], kdf: Kdf) -> Result<DerivedKey, Error> {
        let of = format!("{} {salt:?} {kdf:?}", mnemonic.passphrase());
        Ok(DerivedKey::new(backend().sha256(of.as_bytes())))
    }
}

#[test]
fn private_key_blobs_lead_to_what_was_weaker() {
    let mut lab = Lab::new(&[&people().alice]);
    let (words, key) = (Mnemonic::generate(), people().alice.private_key());
    let sealed_by = |kdf| {
        let form = PrivateKeyForm { kdf, ..Dialect::SPECIFIED.private_key };
        seal_as(key, &words, &[7; 40], &Quick, &form).unwrap()
    };
    let (older, honest) = (sealed_by(Kdf::Sha1Rounds1024), sealed_by(Kdf::CURRENT));
    lab.model.set_private_key("alice", Some(older.clone()));
    lab.play(json!({ "snapshot": { "name": "before" } })).unwrap();
    lab.model.set_private_key("alice", Some(honest.clone()));
    let told = |lab: &mut Lab, members| {
        let lie = lab.lie(json!({ "downgrade_private_key": members }));
        assert_eq!(lie.name(), "downgrade_private_key");
        assert_eq!(lie.private_key(&asker("bob"), Some(honest.clone())), Some(honest.clone()));
        lie.private_key(&asker("alice"), Some(honest.clone())).unwrap()
    };
    let opened = |blob: &str| {
        open_with(blob, &words, &Quick).map(|(opened, kdf)| {
            assert!(opened.public_key() == key.public_key());
            kdf
        })
    };
    let replayed = told(&mut lab, json!({ "of": "alice", "to": "replayed", "as_of": "before" }));
    assert_eq!((&replayed, opened(&replayed)), (&older, Ok(Kdf::Sha1Rounds1024)));
    let forms = [
        ("separator", Ok(Kdf::CURRENT)),
        ("static_salt", Err(Error::WrongMnemonic)),
        ("long_nonce", Err(Error::WrongMnemonic)),
        ("short_tag", Err(Error::WrongMnemonic)),
        ("unopenable", Err(Error::WrongMnemonic)),
    ];
    for (to, expected) in forms {
        let told = told(&mut lab, json!({ "of": "alice", "to": to }));
        assert_eq!(opened(&told), expected, "{to}");
    }
    let parts: Vec<&str> = honest.split('|').collect();
    let mut form = |to| told(&mut lab, json!({ "of": "alice", "to": to }));
    assert_eq!(form("separator"), parts.join("fA=="));
    assert_eq!(form("static_salt"), parts[..2].join("fA=="));
    assert_eq!(form("long_nonce").split('|').nth(1).unwrap(), format!("{}AAAAAA==", parts[1]));
    assert_ne!(form("unopenable"), form("unopenable"));
    let members: serde_json::Value = serde_json::from_str(&form("members")).unwrap();
    assert_eq!((&members["nonce"], &members["salt"]), (&json!(parts[1]), &json!(parts[2])));
    let [sealed, tag] = ["encryptedKey", "authenticationTag"]
        .map(|name| STANDARD.decode(members[name].as_str().unwrap()).unwrap());
    assert_eq!(STANDARD.encode([sealed, tag].concat()), parts[0]);
    for wrong in [
        json!({ "of": "alice", "to": "replayed" }),
        json!({ "of": "alice", "to": "replayed", "as_of": "never" }),
        json!({ "of": "alice", "to": "separator", "as_of": "before" }),
        json!({ "of": "carol", "to": "separator" }),
    ] {
        assert!(lab.play(json!({ "downgrade_private_key": wrong })).is_err(), "{wrong}");
    }
    lab.model.set_private_key("alice", Some("two|parts".to_owned()));
    assert!(lab.play(json!({ "downgrade_private_key": { "of": "alice", "to": "separator" } })).is_err());
}

#[tokio::test]
async fn listings_say_something_else() {
    let lab = Lab::new(&[&people().alice]);
    let etag = lab.etags()[0].clone();
    let session = Session::of(lab).await;
    session.play(json!({ "tell_properties": { "folder": "plans", "freeze_etags": true } }));
    session.play(json!({ "touch_etags": {} }));
    let list = || async {
        let method = Method::from_bytes(b"PROPFIND").unwrap();
        let request = session.request(method, "remote.php/dav/files/alice/plans").header("depth", "1");
        request.send().await.unwrap().text().await.unwrap()
    };
    assert!(list().await.contains(&etag));
    assert_eq!(session.last(Endpoint::Propfind).tampered_by, ["tell_properties"]);
    session.play(json!({ "relent": {} }));
    assert!(!list().await.contains(&etag));
    let it = json!({ "folder": "plans", "inside": true, "etag": "odd", "size": 7, "modified": -1, "other_type": true });
    session.play(json!({ "tell_properties": it }));
    let listed = list().await;
    assert!(listed.contains("odd") && listed.contains("31 Dec 1969 23:59:59"), "{listed}");
    assert_eq!(listed.matches("<d:collection/>").count(), 2, "{listed}");
}

#[tokio::test]
async fn a_root_says_something_else() {
    let mut lab = Lab::new(&[&people().alice]);
    lab.model.add_user("zoe");
    assert!(lab.play(json!({ "list_another_root": { "of": "nobody" } })).is_err());
    let session = Session::of(lab).await;
    let list = |path: &'static str| {
        let method = Method::from_bytes(b"PROPFIND").unwrap();
        let body = r#"<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop>
            <oc:permissions/><oc:data-fingerprint/></d:prop></d:propfind>"#;
        let request =
            session.request(method, &format!("remote.php/dav/files/alice{path}")).header("depth", "1");
        async move { request.body(body).send().await.unwrap().text().await.unwrap() }
    };
    let honest = list("").await;
    assert!(honest.contains("/files/alice/plans/") && honest.contains("<oc:data-fingerprint/>"), "{honest}");
    session.play(json!({ "change_fingerprint": { "to": "restored" } }));
    session.play(json!({ "tell_properties": { "folder": "plans", "permissions": "none at all" } }));
    let listed = list("").await;
    assert!(listed.contains("<oc:data-fingerprint>restored<"), "{listed}");
    assert_eq!(listed.matches("<oc:permissions>none at all<").count(), 1, "{listed}");
    assert_eq!(session.last(Endpoint::Propfind).tampered_by, ["change_fingerprint", "tell_properties"]);
    session.play(json!({ "relent": {} }));
    session.play(json!({ "list_another_root": { "of": "zoe" } }));
    let listed = list("").await;
    assert!(listed.contains("/files/zoe/<") && !listed.contains("alice"), "{listed}");
    assert_eq!(session.last(Endpoint::Propfind).tampered_by, ["list_another_root"]);
    assert!(list("/plans").await.contains("/files/alice/plans/"));
}

#[tokio::test]
async fn a_share_ends_without_a_word() {
    let mut lab = Lab::new(&[&people().alice, &people().bob]);
    let end = json!({ "end_share": { "folder": "plans", "with": "bob" } });
    assert!(lab.play(end.clone()).is_err());
    lab.remove("bob");
    lab.play(json!({ "reshare": { "folder": "plans", "with": "bob" } })).unwrap();
    assert_eq!(lab.model.find("bob", "plans"), Some(lab.folder));
    lab.play(end).unwrap();
    assert_eq!(lab.model.find("bob", "plans"), None);
}
