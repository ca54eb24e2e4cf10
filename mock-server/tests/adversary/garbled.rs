//! Metadata, blobs and properties that are told as something else.

use e2ee_mock_server::Endpoint;
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
