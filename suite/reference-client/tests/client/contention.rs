//! Several devices at once, locks, and a device that was away.

use crate::common::{Lab, encrypt, make, write};
use e2ee_adapter::protocol::{Failure, Request};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_write_at_once_and_nothing_is_lost() {
    let lab = Lab::new(&["alice"]).await;
    let (laptop, phone) = (lab.device("alice", "laptop").await, lab.device("alice", "phone").await);
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/shared.txt", "s").await;
    phone.ok(Request::Sync {}).await;
    lab.play(json!({"rendezvous": {"on": "POST lock", "count": 2}}));
    tokio::join!(laptop.write("plans/first.txt", "1"), phone.write("plans/second.txt", "2"));
    for device in [&laptop, &phone] {
        assert_eq!(device.list("plans").await, ["first.txt", "second.txt", "shared.txt"]);
    }
    let locks = lab.called_since(0).iter().filter(|e| *e == "POST lock").count();
    assert!(locks >= 4, "{locks}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_keeps_its_old_view_loses_what_the_other_wrote() {
    let lab = Lab::new(&["alice"]).await;
    let defect = &["loses-concurrent-write"];
    let laptop = lab.faulty_device("alice", "laptop", defect).await;
    let phone = lab.faulty_device("alice", "phone", defect).await;
    laptop.ok(encrypt("plans")).await;
    phone.ok(Request::Sync {}).await;
    lab.play(json!({"rendezvous": {"on": "POST lock", "count": 2}}));
    tokio::join!(laptop.write("plans/first.txt", "1"), phone.write("plans/second.txt", "2"));
    assert_eq!(laptop.list("plans").await.len(), 1);
}

#[tokio::test]
async fn a_lock_of_somebody_else_makes_busy_and_is_left_alone() {
    let lab = Lab::new(&["alice"]).await;
    let laptop = lab.device("alice", "laptop").await;
    let rude = lab.faulty_device("alice", "rude", &["never-unlocks"]).await;
    laptop.ok(encrypt("plans")).await;
    laptop.ok(make("plans/year")).await;
    rude.write("plans/never.txt", "x").await;
    let begun = std::time::Instant::now();
    let mark = lab.mark();
    assert_eq!(laptop.error(write("plans/a.txt", "a")).await.failure, Failure::Busy);
    assert!(begun.elapsed().as_millis() < 1000, "{:?}", begun.elapsed());
    let called = lab.called_since(mark);
    assert_eq!(called.iter().filter(|e| *e == "POST lock").count(), 5);
    assert!(!called.iter().any(|e| e == "DELETE lock" || e == "PUT file"));
    // The lock of the root holds for the folders below.
    assert_eq!(laptop.error(write("plans/year/a.txt", "a")).await.failure, Failure::Busy);
}

#[tokio::test]
async fn without_a_lock_nothing_is_written() {
    let lab = Lab::new(&["alice"]).await;
    let laptop = lab.device("alice", "laptop").await;
    let rude = lab.faulty_device("alice", "rude", &["writes-without-lock"]).await;
    laptop.ok(encrypt("plans")).await;
    let mark = lab.mark();
    assert_eq!(rude.error(write("plans/a.txt", "a")).await.failure, Failure::Failed);
    assert!(lab.called_since(mark).contains(&"PUT file".to_owned()));
}

#[tokio::test]
async fn a_device_that_was_away_catches_up() {
    let lab = Lab::new(&["alice"]).await;
    let (laptop, phone) = (lab.device("alice", "laptop").await, lab.device("alice", "phone").await);
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/a.txt", "one").await;
    phone.ok(Request::Sync {}).await;
    phone.ok(Request::Stop {}).await;
    assert_eq!(phone.error(Request::Sync {}).await.failure, Failure::Failed);
    laptop.write("plans/a.txt", "two").await;
    laptop.ok(crate::common::rename("plans/a.txt", "plans/b.txt")).await;
    laptop.write("plans/a.txt", "new").await;
    laptop.write("plans/gone.txt", "gone").await;
    phone.ok(phone.start.clone()).await;
    phone.ok(Request::Sync {}).await;
    assert_eq!(phone.tree().await, ["plans", "plans/a.txt", "plans/b.txt", "plans/gone.txt"]);
    laptop.ok(crate::common::remove("plans/gone.txt")).await;
    phone.ok(Request::Sync {}).await;
    assert_eq!(phone.tree().await, ["plans", "plans/a.txt", "plans/b.txt"]);
    assert_eq!(std::fs::read_to_string(phone.dir.join("files/plans/b.txt")).unwrap(), "two");
    assert_eq!(std::fs::read_to_string(phone.dir.join("files/plans/a.txt")).unwrap(), "new");
    // Nothing new, nothing fetched.
    let mark = lab.mark();
    phone.ok(Request::Sync {}).await;
    assert!(!lab.called_since(mark).contains(&"GET file".to_owned()));
}
