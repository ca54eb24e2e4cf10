//! Keys made, restored, and what speaks against them.

use crate::common::{Lab, encrypt, read, share};
use e2ee_adapter::protocol::{Failure, Request};
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob;
use serde_json::json;

fn restore(mnemonic: &str) -> Request {
    Request::RestoreIdentity { mnemonic: mnemonic.into() }
}

#[tokio::test]
async fn a_second_device_reads_what_the_first_wrote() {
    let lab = Lab::new(&[]).await;
    let laptop = lab.bare_device("alice", "laptop", &[]).await;
    let mnemonic = laptop.ok(Request::CreateIdentity {}).await["mnemonic"].as_str().unwrap().to_owned();
    assert_eq!(mnemonic.split(' ').count(), 12);
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/a.txt", "from the laptop").await;

    let phone = lab.bare_device("alice", "phone", &[]).await;
    assert_eq!(phone.error(read("plans/a.txt")).await.failure, Failure::Failed);
    phone.refused(restore(&Mnemonic::generate().words()), "private-key-opens").await;
    phone.refused(restore("twelve words these are not"), "private-key-opens").await;
    phone.ok(restore(&format!("  {} ", mnemonic.to_uppercase()))).await;
    assert_eq!(phone.text("plans/a.txt").await, "from the laptop");
    assert_eq!(phone.error(Request::CreateIdentity {}).await.failure, Failure::Failed);
}

#[tokio::test]
async fn a_certificate_of_another_key_ends_the_set_up() {
    let lab = Lab::new(&[]).await;
    lab.play(json!({"issue_foreign_certificate": {}}));
    let laptop = lab.bare_device("alice", "laptop", &[]).await;
    laptop.refused(Request::CreateIdentity {}, "certificate-issued").await;
    assert!(!lab.called_since(0).contains(&"POST private-key".to_owned()));

    let lab = Lab::new(&[]).await;
    lab.play(json!({"issue_foreign_certificate": {}}));
    let faulty = lab.bare_device("alice", "laptop", &["accepts-foreign-certificate"]).await;
    faulty.ok(Request::CreateIdentity {}).await;
    faulty.ok(encrypt("plans")).await;
}

#[tokio::test]
async fn a_key_of_another_certificate_is_refused() {
    let lab = Lab::new(&["alice"]).await;
    let (other, mnemonic) = (PrivateKey::generate().unwrap(), Mnemonic::generate());
    let blob = private_key_blob::seal(&other, &mnemonic).unwrap();
    let certificate = lab.identity("alice").unwrap().certificate;
    lab.tenant.store_identity("alice", &certificate, &blob);
    let phone = lab.bare_device("alice", "phone", &[]).await;
    phone.refused(restore(&mnemonic.words()), "key-pair-matches").await;
    let faulty = lab.bare_device("alice", "faulty", &["accepts-wrong-key-pair"]).await;
    faulty.ok(restore(&mnemonic.words())).await;
}

#[tokio::test]
async fn a_changed_server_key_is_told_at_start_and_refused_on_use() {
    let lab = Lab::new(&["alice", "bob"]).await;
    let laptop = lab.device("alice", "laptop").await;
    let faulty = lab.faulty_device("alice", "faulty", &["accepts-changed-server-key"]).await;
    laptop.ok(encrypt("plans")).await;
    faulty.ok(Request::Sync {}).await;
    lab.play(json!({"replace_server_key": {}}));
    for device in [&laptop, &faulty] {
        device.ok(Request::Stop {}).await;
        device.ok(device.start.clone()).await;
    }
    assert_eq!(laptop.kinds(), ["server-key-changed"]);
    laptop.refused(share("plans", "bob"), "server-key-changed").await;
    laptop.refused(Request::Sync {}, "server-key-changed").await;
    faulty.ok(share("plans", "bob")).await;
}

#[tokio::test]
async fn another_own_certificate_is_told_at_start_and_refused_on_use() {
    let lab = Lab::new(&["alice", "bob"]).await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    lab.play(json!({"replace_certificate": {"of": "alice", "issued_by": "instance"}}));
    laptop.refused(share("plans", "bob"), "own-certificate-unchanged").await;
    laptop.forget_notices();
    laptop.ok(Request::Stop {}).await;
    laptop.ok(laptop.start.clone()).await;
    assert_eq!(laptop.kinds(), ["own-certificate-unchanged"]);
}

#[tokio::test]
async fn the_mnemonic_stays_on_the_device_unless_it_leaks() {
    for (defects, leaks) in [(&[][..], false), (&["leaks-mnemonic"][..], true)] {
        let lab = Lab::new(&[]).await;
        let laptop = lab.bare_device("alice", "laptop", defects).await;
        let mnemonic = laptop.ok(Request::CreateIdentity {}).await["mnemonic"].as_str().unwrap().to_owned();
        let sent = lab.since(0).iter().any(|exchange| {
            String::from_utf8_lossy(&exchange.request_body).contains(&mnemonic.replace(' ', "+"))
        });
        assert_eq!(sent, leaks);
    }
}
