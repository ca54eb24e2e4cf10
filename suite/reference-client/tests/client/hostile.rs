//! A server that lies: what the honest client refuses, and the defects that do not.

use crate::common::{Lab, encrypt, read, share, unshare, write};
use e2ee_adapter::client::CallError;
use e2ee_adapter::protocol::{Failure, Request};
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

fn sync() -> Request {
    Request::Sync {}
}

#[tokio::test]
async fn a_phantom_member_is_refused() {
    let lab = Lab::new(&["alice", "bob"]).await;
    let laptop = lab.device("alice", "laptop").await;
    let faulty = lab.faulty_device("alice", "faulty", &["accepts-phantom-member"]).await;
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/a.txt", "a").await;
    faulty.ok(sync()).await;
    lab.play(json!({"insert_phantom": {"folder": "plans", "user": "phantom"}}));
    let mark = lab.mark();
    laptop.refused(sync(), "signer-was-member").await;
    laptop.refused(write("plans/later.txt", "l"), "signer-was-member").await;
    laptop.refused(share("plans", "bob"), "signer-was-member").await;
    assert!(!lab.called_since(mark).iter().any(|e| e == "PUT file" || e == "PUT meta-data"));
    faulty.ok(sync()).await;
    faulty.ok(share("plans", "bob")).await;
    assert!(!lab.tenant.attacker().opens(&lab.since(mark)).is_empty());
}

#[tokio::test]
async fn metadata_of_the_servers_making_are_refused() {
    for (signer, rule, defect) in [
        ("phantom", "signer-was-member", "accepts-replaced-metadata"),
        ("forged", "signer-bound-to-key", "binds-signer-by-name"),
    ] {
        let lab = Lab::new(&["alice"]).await;
        let laptop = lab.device("alice", "laptop").await;
        let faulty = lab.faulty_device("alice", "faulty", &[defect]).await;
        laptop.ok(encrypt("plans")).await;
        laptop.write("plans/a.txt", "a").await;
        faulty.ok(sync()).await;
        lab.play(json!({"replace_metadata": {"folder": "plans", "signer": signer, "plants": "forged.txt"}}));
        laptop.refused(sync(), rule).await;
        assert_eq!(laptop.tree().await, ["plans", "plans/a.txt"]);
        let mark = lab.mark();
        faulty.ok(sync()).await;
        assert_eq!(faulty.tree().await, ["plans", "plans/forged.txt"]);
        faulty.write("plans/later.txt", "l").await;
        assert!(!lab.tenant.attacker().opens(&lab.since(mark)).is_empty());
    }
}

#[tokio::test]
async fn an_own_certificate_that_the_server_made_is_refused() {
    let lab = Lab::new(&["alice", "bob"]).await;
    let laptop = lab.device("alice", "laptop").await;
    let faulty = lab.faulty_device("alice", "faulty", &["accepts-changed-own-certificate"]).await;
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/a.txt", "a").await;
    faulty.ok(sync()).await;
    lab.play(json!({"swap_member_certificate": {"folder": "plans", "of": "alice"}}));
    laptop.refused(sync(), "members-certificates-pinned").await;
    laptop.refused(share("plans", "bob"), "own-certificate-unchanged").await;
    let mark = lab.mark();
    faulty.ok(sync()).await;
    faulty.write("plans/later.txt", "l").await;
    assert!(!lab.tenant.attacker().opens(&lab.since(mark)).is_empty());
}

#[tokio::test]
async fn an_own_certificate_from_the_directory_is_not_wrapped_to() {
    let lab = Lab::new(&["alice", "bob"]).await;
    let laptop = lab.device("alice", "laptop").await;
    let faulty = lab.faulty_device("alice", "faulty", &["accepts-changed-own-certificate"]).await;
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/a.txt", "a").await;
    lab.play(json!({"replace_certificate": {"of": "alice", "issued_by": "instance"}}));
    laptop.refused(share("plans", "bob"), "own-certificate-unchanged").await;
    let mark = lab.mark();
    faulty.ok(share("plans", "bob")).await;
    assert!(!lab.tenant.attacker().opens(&lab.since(mark)).is_empty());
}

#[tokio::test]
async fn a_missing_signature_is_refused() {
    for how in ["missing", "empty", "blank"] {
        let lab = Lab::new(&["alice"]).await;
        let laptop = lab.device("alice", "laptop").await;
        let faulty = lab.faulty_device("alice", "faulty", &["accepts-missing-signature"]).await;
        laptop.ok(encrypt("plans")).await;
        laptop.write("plans/a.txt", "a").await;
        lab.play(json!({"strip_signature": {"folder": "plans", "how": how}}));
        laptop.refused(read("plans/a.txt"), "signature-present").await;
        assert_eq!(faulty.text("plans/a.txt").await, "a");
    }
}

#[tokio::test]
async fn an_older_state_is_refused_also_after_a_restart() {
    let lab = Lab::new(&["alice"]).await;
    let laptop = lab.device("alice", "laptop").await;
    let faulty = lab.faulty_device("alice", "faulty", &["ignores-counter"]).await;
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/a.txt", "one").await;
    lab.play(json!({"snapshot": {"name": "before"}}));
    laptop.write("plans/b.txt", "b").await;
    faulty.ok(sync()).await;
    lab.play(json!({"rollback": {"to": "before"}}));
    laptop.refused(sync(), "counter-not-lower").await;
    laptop.ok(Request::Stop {}).await;
    laptop.ok(laptop.start.clone()).await;
    laptop.refused(sync(), "counter-not-lower").await;
    assert_eq!(laptop.tree().await, ["plans", "plans/a.txt", "plans/b.txt"]);
    faulty.ok(sync()).await;
    assert_eq!(faulty.tree().await, ["plans", "plans/a.txt"]);
}

#[tokio::test]
async fn a_removed_member_does_not_return() {
    let lab = Lab::new(&["alice", "bob"]).await;
    let laptop = lab.device("alice", "laptop").await;
    let bob = lab.device("bob", "bob").await;
    let faulty = lab.faulty_device("alice", "faulty", &["readmits-removed-member"]).await;
    laptop.ok(encrypt("plans")).await;
    laptop.ok(share("plans", "bob")).await;
    bob.ok(sync()).await;
    lab.corrupt("bob");
    laptop.ok(unshare("plans", "bob")).await;
    faulty.ok(sync()).await;
    lab.play(json!({"readmit_member": {"folder": "plans", "user": "bob"}}));
    laptop.refused(sync(), "signer-was-member").await;
    let mark = lab.mark();
    faulty.ok(sync()).await;
    faulty.write("plans/after.txt", "after").await;
    assert!(!lab.tenant.attacker().opens(&lab.since(mark)).is_empty());
}

#[tokio::test]
async fn a_flipped_bit_is_noticed_before_anything_is_given_out() {
    let lab = Lab::new(&["alice"]).await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    let content = "abcdefgh".repeat(512);
    laptop.write("plans/a.txt", &content).await;
    lab.play(json!({"flip_bit": {"folder": "plans"}}));
    let phone = lab.device("alice", "phone").await;
    phone.refused(sync(), "file-authentic").await;
    phone.refused(read("plans/a.txt"), "file-authentic").await;
    assert_eq!(phone.tree().await, ["plans"]);
    // The good copy stays.
    laptop.refused(read("plans/a.txt"), "file-authentic").await;
    assert_eq!(std::fs::read_to_string(laptop.dir.join("files/plans/a.txt")).unwrap(), content);
    let faulty = lab.faulty_device("alice", "faulty", &["releases-unauthenticated-file"]).await;
    faulty.ok(sync()).await;
    let released = std::fs::read(faulty.dir.join("files/plans/a.txt")).unwrap();
    assert_eq!(released.len(), content.len());
    assert_ne!(released, content.as_bytes());
}

#[tokio::test]
async fn encryption_is_never_given_up() {
    let moves = [
        (
            json!({"withdraw_capability": {"how": "absent"}}),
            "capability-withdrawn",
            "uploads-plaintext-without-capability",
        ),
        (
            json!({"withdraw_capability": {"how": "disabled"}}),
            "capability-withdrawn",
            "uploads-plaintext-without-capability",
        ),
        (
            json!({"withdraw_flag": {"folder": "plans", "how": "absent"}}),
            "flag-withdrawn",
            "uploads-plaintext-without-flag",
        ),
        (
            json!({"withdraw_flag": {"folder": "plans", "how": "zero"}}),
            "flag-withdrawn",
            "uploads-plaintext-without-flag",
        ),
    ];
    for (it, rule, defect) in moves {
        let lab = Lab::new(&["alice"]).await;
        let laptop = lab.device("alice", "laptop").await;
        let faulty = lab.faulty_device("alice", "faulty", &[defect]).await;
        laptop.ok(encrypt("plans")).await;
        laptop.ok(crate::common::make("plain")).await;
        faulty.ok(sync()).await;
        lab.play(it);
        let mark = lab.mark();
        laptop.refused(sync(), rule).await;
        laptop.refused(write("plans/secret.txt", "plain words"), rule).await;
        // A plain sibling goes on.
        laptop.write("plain/a.txt", "hello").await;
        let sent = |mark| {
            let holds = |body: &[u8]| String::from_utf8_lossy(body).contains("plain words");
            lab.since(mark).iter().any(|exchange| holds(&exchange.request_body))
        };
        assert!(!sent(mark));
        let _ = faulty.call(sync()).await;
        let _ = faulty.call(write("plans/secret.txt", "plain words")).await;
        assert!(sent(mark));
    }
}

#[tokio::test]
async fn names_with_paths_are_set_aside() {
    for (defects, escapes) in [(&[][..], false), (&["follows-paths-in-names"][..], true)] {
        let lab = Lab::new(&["alice", "bob"]).await;
        let laptop = lab.faulty_device("alice", "laptop", defects).await;
        let bob = lab.device("bob", "bob").await;
        laptop.ok(encrypt("plans")).await;
        laptop.write("plans/a.txt", "a").await;
        laptop.ok(share("plans", "bob")).await;
        bob.ok(sync()).await;
        lab.corrupt("bob");
        lab.play(json!({"plant_entry": {"folder": "plans", "by": "bob", "name": "../../outside.txt"}}));
        laptop.ok(sync()).await;
        assert_eq!(laptop.dir.join("outside.txt").exists(), escapes);
        assert_eq!(laptop.kinds().contains(&"name-is-one-component".to_owned()), !escapes);
        // The rest of the folder is used, and the odd entry not dropped.
        laptop.write("plans/b.txt", "b").await;
        assert_eq!(laptop.text("plans/a.txt").await, "a");
    }
}

#[tokio::test]
async fn some_defects_show_in_the_answer_alone() {
    let lab = Lab::new(&["alice"]).await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/a.txt", "a").await;
    let device = async |defect: &str| {
        let device = lab.faulty_device("alice", defect, &[defect]).await;
        device.call(sync()).await.ok();
        device
    };
    let refuser = device("refuses-everything").await;
    assert_eq!(refuser.error(write("plans/x", "x")).await.failure, Failure::Refused);
    let liar = device("lies-about-success").await;
    liar.ok(write("plans/lie.txt", "x")).await;
    assert_eq!(laptop.list("plans").await, ["a.txt"]);
    let idler = device("never-syncs").await;
    idler.ok(sync()).await;
    assert!(idler.tree().await.is_empty());
    let (crasher, hanger) = (device("crashes-on-hostile").await, device("hangs-on-hostile").await);
    lab.play(json!({"strip_signature": {"folder": "plans", "how": "missing"}}));
    let crashed = Err(CallError::Exited { how: "panic".into() });
    assert_eq!(crasher.call(read("plans/a.txt")).await, crashed);
    assert_eq!(crasher.call(Request::Hello {}).await, crashed);
    assert!(timeout(Duration::from_millis(300), hanger.call(read("plans/a.txt"))).await.is_err());
}
