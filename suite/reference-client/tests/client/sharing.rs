//! Members come and go.

use crate::common::{Lab, encrypt, leave, make, read, share, unshare, write};
use e2ee_adapter::protocol::{Failure, Request};
use serde_json::json;
use std::sync::atomic::Ordering;

#[tokio::test]
async fn a_member_reads_and_writes() {
    let lab = Lab::new(&["alice", "bob"]).await;
    let (laptop, bob) = (lab.device("alice", "laptop").await, lab.device("bob", "bob").await);
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/report.txt", "report").await;
    laptop.ok(make("plans/year")).await;
    laptop.write("plans/year/a.txt", "a").await;
    let mark = lab.mark();
    laptop.ok(share("plans", "bob")).await;
    let called = lab.called_since(mark);
    assert!(!called.contains(&"PUT file".to_owned()));
    assert_eq!(called.iter().filter(|e| *e == "PUT meta-data").count(), 2);

    bob.ok(Request::Sync {}).await;
    assert_eq!(bob.tree().await, ["plans", "plans/report.txt", "plans/year", "plans/year/a.txt"]);
    assert_eq!(bob.text("plans/report.txt").await, "report");
    bob.write("plans/answer.txt", "answer").await;
    bob.write("plans/year/b.txt", "b").await;
    assert_eq!(laptop.text("plans/answer.txt").await, "answer");
    assert_eq!(laptop.text("plans/year/b.txt").await, "b");
    assert_eq!(laptop.error(share("plans", "bob")).await.failure, Failure::Failed);
    assert_eq!(bob.error(crate::common::remove("plans")).await.failure, Failure::Failed);
}

#[tokio::test]
async fn a_former_member_opens_nothing_new() {
    let lab = Lab::new(&["alice", "bob"]).await;
    let (laptop, bob) = (lab.device("alice", "laptop").await, lab.device("bob", "bob").await);
    laptop.ok(encrypt("plans")).await;
    laptop.ok(make("plans/year")).await;
    laptop.write("plans/year/before.txt", "before").await;
    laptop.ok(share("plans", "bob")).await;
    bob.ok(Request::Sync {}).await;
    lab.corrupt("bob");
    let mark = lab.mark();
    laptop.ok(unshare("plans", "bob")).await;
    assert!(!lab.called_since(mark).contains(&"PUT file".to_owned()));
    laptop.write("plans/year/after.txt", "after").await;
    let opened = lab.tenant.attacker().opens(&lab.since(mark));
    assert!(opened.is_empty(), "{opened:?}");
    assert_eq!(laptop.text("plans/year/before.txt").await, "before");
    // What was lawfully received stays.
    bob.ok(Request::Sync {}).await;
    assert_eq!(bob.kinds(), ["folder-vanished"]);
    assert!(bob.tree().await.contains(&"plans/year/before.txt".to_owned()));
    assert_eq!(laptop.error(unshare("plans", "bob")).await.failure, Failure::Failed);
}

#[tokio::test]
async fn a_member_brings_in_a_third_one_and_the_owner_removes_him() {
    let lab = Lab::new(&["alice", "bob", "carol"]).await;
    let (laptop, bob) = (lab.device("alice", "laptop").await, lab.device("bob", "bob").await);
    let carol = lab.device("carol", "carol").await;
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/report.txt", "report").await;
    laptop.ok(share("plans", "bob")).await;
    bob.ok(share("plans", "carol")).await;
    laptop.ok(Request::Sync {}).await;
    assert_eq!(carol.text("plans/report.txt").await, "report");
    carol.write("plans/answer.txt", "answer").await;
    assert_eq!(laptop.text("plans/answer.txt").await, "answer");
    laptop.ok(unshare("plans", "carol")).await;
    assert!(carol.list("").await.is_empty());
    assert_eq!(bob.text("plans/answer.txt").await, "answer");
}

#[tokio::test]
async fn a_member_leaves_and_is_taken_out_afterwards() {
    let lab = Lab::new(&["alice", "bob"]).await;
    let (laptop, bob) = (lab.device("alice", "laptop").await, lab.device("bob", "bob").await);
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/report.txt", "report").await;
    laptop.ok(share("plans", "bob")).await;
    bob.ok(Request::Sync {}).await;
    assert_eq!(laptop.error(leave("plans")).await.failure, Failure::Failed, "it is her own");
    bob.ok(leave("plans")).await;
    assert!(bob.tree().await.is_empty() && bob.list("").await.is_empty());
    assert_eq!(laptop.text("plans/report.txt").await, "report");
    lab.corrupt("bob");
    let mark = lab.mark();
    laptop.ok(unshare("plans", "bob")).await;
    laptop.write("plans/after.txt", "after").await;
    assert!(lab.tenant.attacker().opens(&lab.since(mark)).is_empty());
}

#[tokio::test]
async fn a_new_certificate_of_a_contact_is_asked_about() {
    let lab = Lab::new(&["alice", "bob"]).await;
    let laptop = lab.device("alice", "laptop").await;
    let faulty = lab.faulty_device("alice", "faulty", &["accepts-changed-certificate"]).await;
    for folder in ["plans", "budget", "more"] {
        laptop.ok(encrypt(folder)).await;
    }
    laptop.ok(share("plans", "bob")).await;
    faulty.ok(Request::Sync {}).await;
    lab.play(json!({"replace_certificate": {"of": "bob", "issued_by": "instance"}}));
    laptop.refused(share("budget", "bob"), "certificate-pinned").await;
    assert_eq!(laptop.kinds()[0], "certificate-changed");
    faulty.ok(share("more", "bob")).await;
    laptop.person.says_yes.store(true, Ordering::Relaxed);
    laptop.ok(share("budget", "bob")).await;
}

#[tokio::test]
async fn a_public_link_is_a_member() {
    let lab = Lab::new(&["alice"]).await;
    let (laptop, phone) = (lab.device("alice", "laptop").await, lab.device("alice", "phone").await);
    let faulty = lab.faulty_device("alice", "faulty", &["forgets-share-token"]).await;
    let links = || lab.tenant.model().shares().filter(|share| share.token.is_some()).count();
    let publicly = || Request::SharePublicly { path: "plans".into() };
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/a.txt", "a").await;
    faulty.error(publicly()).await;
    assert_eq!(links(), 0, "a link that opens nothing is taken back");
    let mark = lab.mark();
    laptop.ok(publicly()).await;
    assert_eq!(links(), 1);
    let since = lab.since(mark);
    let with_token = |endpoint: &str| {
        let mut sent = since.iter().filter(|exchange| exchange.endpoint.to_string() == endpoint);
        sent.any(|exchange| exchange.parameter("shareToken").is_some())
    };
    assert!(with_token("POST public-key") && with_token("POST private-key"));
    let uploaded = since.iter().rev().find_map(|exchange| exchange.parameter("metaData")).unwrap();
    assert!(uploaded.contains("\"userId\":\"s:"), "{uploaded}");
    assert_eq!(phone.text("plans/a.txt").await, "a");
    assert_eq!(laptop.error(Request::SharePublicly { path: "none".into() }).await.failure, Failure::Failed);
}

#[tokio::test]
async fn a_renewed_certificate_is_asked_about_once() {
    let lab = Lab::new(&["alice", "bob"]).await;
    let (laptop, phone) = (lab.device("alice", "laptop").await, lab.device("alice", "phone").await);
    let bob = lab.device("bob", "bob").await;
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/a.txt", "a").await;
    laptop.ok(share("plans", "bob")).await;
    phone.ok(Request::Sync {}).await;
    bob.ok(Request::Sync {}).await;
    let mark = lab.mark();
    laptop.ok(Request::RenewCertificate {}).await;
    let called = lab.called_since(mark);
    for wanted in ["DELETE public-key", "POST public-key", "POST lock", "PUT meta-data", "DELETE lock"] {
        assert!(called.contains(&wanted.to_owned()), "{called:?}");
    }
    for (device, question) in [(&bob, "certificate-changed"), (&phone, "own-certificate-changed")] {
        device.refused(Request::Sync {}, "members-certificates-pinned").await;
        assert_eq!(device.kinds()[0], question);
        device.person.says_yes.store(true, Ordering::Relaxed);
        device.ok(Request::Sync {}).await;
        device.person.says_yes.store(false, Ordering::Relaxed);
    }
    phone.write("plans/a.txt", "b").await;
    assert_eq!(bob.text("plans/a.txt").await, "b");
    bob.ok(encrypt("budget")).await;
    bob.ok(share("budget", "alice")).await;
    laptop.ok(Request::Stop {}).await;
    laptop.ok(laptop.start.clone()).await;
    assert_eq!(laptop.kinds(), [""; 0], "it is its own renewal");
}

#[tokio::test]
async fn a_renewal_over_another_key_is_none() {
    let lab = Lab::new(&["alice", "bob"]).await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    laptop.person.says_yes.store(true, Ordering::Relaxed);
    lab.play(json!({"substitute_certificate": {"of": "alice"}}));
    laptop.refused(Request::RenewCertificate {}, "key-pair-matches").await;
    lab.play(json!({"swap_member_certificate": {"folder": "plans", "of": "alice"}}));
    laptop.refused(Request::Sync {}, "members-certificates-pinned").await;
    laptop.refused(share("plans", "bob"), "own-certificate-unchanged").await;
}

#[tokio::test]
async fn a_foreign_certificate_of_a_contact_is_refused() {
    let lab = Lab::new(&["alice", "bob"]).await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    let faulty = lab.faulty_device("alice", "faulty", &["accepts-unissued-certificate"]).await;
    lab.play(json!({"replace_certificate": {"of": "bob", "issued_by": "stranger"}}));
    laptop.refused(share("plans", "bob"), "certificate-issued").await;
    // Whatever the user says.
    laptop.person.says_yes.store(true, Ordering::Relaxed);
    laptop.refused(share("plans", "bob"), "certificate-issued").await;
    laptop.write("plans/a.txt", "still fine").await;
    faulty.ok(share("plans", "bob")).await;
}

#[tokio::test]
async fn nobody_is_added_without_keys() {
    let lab = Lab::new(&["alice"]).await;
    lab.tenant.add_user("dora");
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    assert_eq!(laptop.error(share("plans", "dora")).await.failure, Failure::Failed);
    assert_eq!(laptop.kinds(), ["contact-without-key"]);
    assert_eq!(laptop.error(share("plans", "alice")).await.failure, Failure::Failed);
    laptop.ok(make("plain")).await;
    assert_eq!(laptop.error(share("plain", "dora")).await.failure, Failure::Failed);
}

#[tokio::test]
async fn defects_of_sharing_show() {
    let lab = Lab::new(&["alice", "bob"]).await;
    let keeper = lab.faulty_device("alice", "keeper", &["keeps-metadata-key"]).await;
    keeper.ok(encrypt("plans")).await;
    keeper.ok(share("plans", "bob")).await;
    lab.corrupt("bob");
    keeper.ok(unshare("plans", "bob")).await;
    let mark = lab.mark();
    keeper.write("plans/after.txt", "after").await;
    assert!(!lab.tenant.attacker().opens(&lab.since(mark)).is_empty());

    let uploader = lab.faulty_device("alice", "uploader", &["reuploads-files"]).await;
    let mark = lab.mark();
    uploader.ok(share("plans", "bob")).await;
    assert!(lab.called_since(mark).contains(&"PUT file".to_owned()));
    assert_eq!(uploader.text("plans/after.txt").await, "after");
    assert_eq!(keeper.error(write("plans", "x")).await.failure, Failure::Failed);
    assert_eq!(keeper.error(read("plans/none.txt")).await.failure, Failure::Failed);
}
