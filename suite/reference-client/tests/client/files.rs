//! Files and folders, on one device and as another one sees them.

use crate::common::{Lab, copy, encrypt, make, read, remove, rename, write};
use e2ee_adapter::protocol::{Failure, Request, SideFeature};
use serde_json::json;

#[tokio::test]
async fn a_file_lives_from_upload_to_removal() {
    let lab = Lab::new(&["alice"]).await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/a.txt", "one").await;
    assert_eq!(laptop.text("plans/a.txt").await, "one");
    laptop.write("plans/a.txt", "two, longer").await;
    assert_eq!(laptop.text("plans/a.txt").await, "two, longer");
    laptop.write("plans/empty", "").await;
    assert_eq!(laptop.text("plans/empty").await, "");
    assert_eq!(laptop.list("plans").await, ["a.txt", "empty"]);

    let mark = lab.mark();
    laptop.ok(rename("plans/a.txt", "plans/b.txt")).await;
    assert!(!lab.called_since(mark).contains(&"PUT file".to_owned()));
    assert_eq!(laptop.text("plans/b.txt").await, "two, longer");
    assert_eq!(laptop.tree().await, ["plans", "plans/b.txt", "plans/empty"]);
    assert_eq!(laptop.error(rename("plans/b.txt", "plans/empty")).await.failure, Failure::Failed);

    laptop.ok(remove("plans/b.txt")).await;
    assert_eq!(laptop.error(read("plans/b.txt")).await.failure, Failure::Failed);
    assert_eq!(laptop.tree().await, ["plans", "plans/empty"]);
    assert_eq!(laptop.list("plans").await, ["empty"]);
    assert_eq!(laptop.kinds(), ["change-aborted"]);
}

#[tokio::test]
async fn a_write_takes_the_steps_in_order_and_shows_no_name() {
    let lab = Lab::new(&["alice"]).await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    let mark = lab.mark();
    laptop.write("plans/secret-name.txt", "secret content").await;
    let mut writes = lab.called_since(mark);
    writes.retain(|endpoint| !endpoint.starts_with("GET") && endpoint != "PROPFIND");
    assert_eq!(writes, ["POST lock", "PUT file", "PUT meta-data", "DELETE lock"]);
    for exchange in lab.since(mark) {
        let sent = format!("{} {:?}", exchange.path, exchange.request_headers);
        assert!(!sent.contains("secret-name"));
        let body = String::from_utf8_lossy(&exchange.request_body).into_owned();
        assert!(!body.contains("secret"), "{}", exchange.endpoint);
    }
}

#[tokio::test]
async fn folders_nest_and_another_device_follows() {
    let lab = Lab::new(&["alice"]).await;
    let (laptop, phone) = (lab.device("alice", "laptop").await, lab.device("alice", "phone").await);
    laptop.ok(encrypt("plans")).await;
    laptop.ok(make("plans/year")).await;
    laptop.write("plans/year/report.txt", "r").await;
    laptop.ok(make("plans/year/month")).await;
    laptop.write("plans/year/month/detail.txt", "d").await;
    phone.ok(Request::Sync {}).await;
    let all =
        ["plans", "plans/year", "plans/year/month", "plans/year/month/detail.txt", "plans/year/report.txt"];
    assert_eq!(phone.tree().await, all);

    let mark = lab.mark();
    laptop.ok(rename("plans/year", "plans/decade")).await;
    assert!(!lab.called_since(mark).contains(&"PUT file".to_owned()));
    assert_eq!(phone.text("plans/decade/report.txt").await, "r");
    laptop.ok(remove("plans/decade/month")).await;
    assert_eq!(phone.error(read("plans/decade/month/detail.txt")).await.failure, Failure::Failed);
    phone.ok(Request::Sync {}).await;
    assert_eq!(phone.tree().await, ["plans", "plans/decade", "plans/decade/report.txt"]);
    assert_eq!(laptop.tree().await, ["plans", "plans/decade", "plans/decade/report.txt"]);
    assert!(phone.kinds().is_empty(), "{:?}", phone.kinds());
}

#[tokio::test]
async fn a_file_moves_between_folders_as_a_new_file() {
    let lab = Lab::new(&["alice"]).await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    laptop.ok(make("plans/year")).await;
    laptop.write("plans/a.txt", "moved").await;
    laptop.ok(rename("plans/a.txt", "plans/year/b.txt")).await;
    assert_eq!(laptop.text("plans/year/b.txt").await, "moved");
    assert_eq!(laptop.list("plans").await, ["year"]);
    assert_eq!(laptop.error(rename("plans", "other")).await.failure, Failure::Unsupported);
    assert_eq!(laptop.error(rename("plans/year", "plans/year/y")).await.failure, Failure::Failed);
    laptop.ok(make("plans/year/month")).await;
    laptop.write("plans/year/month/c.txt", "deep").await;
    laptop.ok(rename("plans/year", "plans/old")).await;
    laptop.ok(make("plans/new")).await;
    laptop.ok(rename("plans/old", "plans/new/year")).await;
    let tree = [
        "plans",
        "plans/new",
        "plans/new/year",
        "plans/new/year/b.txt",
        "plans/new/year/month",
        "plans/new/year/month/c.txt",
    ];
    assert_eq!(laptop.tree().await, tree);
    assert_eq!(laptop.text("plans/new/year/month/c.txt").await, "deep");
}

#[tokio::test]
async fn a_copy_is_a_file_of_its_own() {
    let lab = Lab::new(&["alice"]).await;
    let (laptop, phone) = (lab.device("alice", "laptop").await, lab.device("alice", "phone").await);
    laptop.ok(encrypt("plans")).await;
    laptop.ok(make("plans/year")).await;
    laptop.write("plans/year/a.txt", "first").await;
    laptop.write("plain.txt", "plain").await;
    laptop.ok(copy("plans/year/a.txt", "plans/b.txt")).await;
    laptop.ok(copy("plans/year", "plans/year/inside")).await;
    laptop.ok(copy("plain.txt", "plans/plain.txt")).await;
    laptop.ok(copy("plain.txt", "again.txt")).await;
    laptop.write("plans/year/a.txt", "second").await;
    for (path, text) in [
        ("plans/b.txt", "first"),
        ("plans/year/inside/a.txt", "first"),
        ("plans/year/a.txt", "second"),
        ("plans/plain.txt", "plain"),
        ("plain.txt", "plain"),
        ("again.txt", "plain"),
    ] {
        assert_eq!(phone.text(path).await, text, "{path}");
    }
    assert_eq!(laptop.error(copy("plans/b.txt", "plans/year/a.txt")).await.failure, Failure::Failed);
    assert_eq!(laptop.error(copy("plans", "other")).await.failure, Failure::Unsupported);
}

#[tokio::test]
async fn a_file_is_locked_by_its_identifier() {
    let lab = Lab::new(&["alice"]).await;
    let laptop = lab.device("alice", "laptop").await;
    let faulty = lab.faulty_device("alice", "faulty", &["locks-by-name"]).await;
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/a.txt", "a").await;
    let lock = || Request::LockFile { path: "plans/a.txt".into() };
    assert_eq!(laptop.error(lock()).await.failure, Failure::Failed, "there are no locks");
    lab.play(json!({"offer_file_locks": {}}));
    let mark = lab.mark();
    laptop.ok(lock()).await;
    laptop.ok(Request::UnlockFile { path: "plans/a.txt".into() }).await;
    assert!(lab.since(mark).iter().all(|exchange| !exchange.path.contains("a.txt")));
    assert_eq!(faulty.error(lock()).await.failure, Failure::Failed);
    assert!(lab.since(mark).iter().any(|exchange| exchange.path.ends_with("plans/a.txt")));
}

#[tokio::test]
async fn a_removed_root_goes_here_and_is_doubted_elsewhere() {
    let lab = Lab::new(&["alice"]).await;
    let (laptop, phone) = (lab.device("alice", "laptop").await, lab.device("alice", "phone").await);
    laptop.ok(encrypt("plans")).await;
    laptop.ok(make("plans/year")).await;
    laptop.write("plans/year/a.txt", "a").await;
    phone.ok(Request::Sync {}).await;
    laptop.ok(remove("plans")).await;
    assert!(laptop.tree().await.is_empty());
    assert!(laptop.list("").await.is_empty());
    // The real server forgets the signed word with the folder.
    phone.ok(Request::Sync {}).await;
    assert_eq!(phone.kinds(), ["folder-vanished"]);
    assert_eq!(phone.tree().await, ["plans", "plans/year", "plans/year/a.txt"]);
    phone.refused(write("plans/b.txt", "b"), "folder-vanished").await;
}

#[tokio::test]
async fn plain_folders_stay_plain() {
    let lab = Lab::new(&["alice"]).await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(make("plain")).await;
    laptop.write("plain/a.txt", "hello").await;
    assert_eq!(laptop.text("plain/a.txt").await, "hello");
    laptop.ok(rename("plain/a.txt", "plain/b.txt")).await;
    assert_eq!(laptop.list("plain").await, ["b.txt"]);
    laptop.write("root.txt", "at the root").await;
    assert_eq!(laptop.list("").await, ["plain", "root.txt"]);
    assert_eq!(laptop.tree().await, ["plain", "plain/b.txt", "root.txt"]);
    laptop.ok(remove("plain")).await;
    assert_eq!(laptop.tree().await, ["root.txt"]);
    assert_eq!(laptop.error(write("nowhere/a.txt", "x")).await.failure, Failure::Failed);
}

#[tokio::test]
async fn a_failed_change_is_taken_back() {
    let lab = Lab::new(&["alice"]).await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/a.txt", "a").await;
    laptop.ok(make("plans/year")).await;
    assert_eq!(laptop.error(write("plans/year", "no file")).await.failure, Failure::Failed);
    assert_eq!(laptop.kinds(), ["change-aborted"]);
    let last = lab.tenant.exchanges().last().unwrap().clone();
    assert_eq!(
        (last.endpoint.to_string().as_str(), last.query.contains("abort=true")),
        ("DELETE lock", true)
    );
    laptop.write("plans/b.txt", "b").await;
    assert_eq!(laptop.list("plans").await, ["a.txt", "b.txt", "year"]);
}

#[tokio::test]
async fn what_is_written_carries_the_announced_version() {
    let lab = Lab::new(&["alice"]).await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    let body = lab.since(0).iter().find(|e| e.endpoint.to_string() == "POST meta-data").unwrap().clone();
    assert!(String::from_utf8_lossy(&body.request_body).contains("%222.1%22"));
}

#[tokio::test]
async fn what_is_moved_out_is_plain_and_what_stays_behind_is_not() {
    let lab = Lab::new(&["alice"]).await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    laptop.ok(make("letters")).await;
    laptop.ok(make("plans/year")).await;
    laptop.write("plans/a.txt", "one").await;
    laptop.write("plans/year/b.txt", "two").await;
    laptop.write("plans/c.txt", "three").await;
    laptop.ok(rename("plans/a.txt", "letters/d.txt")).await;
    assert_eq!(laptop.text("letters/d.txt").await, "one");
    laptop.ok(rename("plans/year", "letters/year")).await;
    assert_eq!(laptop.text("letters/year/b.txt").await, "two");
    laptop.ok(copy("plans/c.txt", "e.txt")).await;
    assert_eq!(laptop.list("plans").await, ["c.txt"]);
    assert_eq!(laptop.list("").await, ["e.txt", "letters", "plans"]);
    let tree =
        ["e.txt", "letters", "letters/d.txt", "letters/year", "letters/year/b.txt", "plans", "plans/c.txt"];
    assert_eq!(laptop.tree().await, tree);
    assert_eq!(laptop.error(rename("plans/c.txt", "e.txt")).await.failure, Failure::Failed);
    assert_eq!(laptop.error(rename("plans/c.txt", "nowhere/c.txt")).await.failure, Failure::Failed);
    assert_eq!(laptop.text("plans/c.txt").await, "three");
}

#[tokio::test]
async fn side_features_tell_the_server_nothing() {
    let lab = Lab::new(&["alice"]).await;
    let laptop = lab.device("alice", "laptop").await;
    let use_it =
        |feature, path: &str| Request::SideFeature { feature, path: path.into(), text: "secret-name".into() };
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/secret-name.txt", "one").await;
    laptop.write("notes.txt", "two").await;
    let mark = lab.mark();
    laptop.ok(use_it(SideFeature::Search, "plans/secret-name.txt")).await;
    for feature in [SideFeature::Comment, SideFeature::Tag] {
        assert_eq!(laptop.error(use_it(feature, "plans/secret-name.txt")).await.failure, Failure::Refused);
    }
    laptop.ok(use_it(SideFeature::SendLog, "plans/secret-name.txt")).await;
    for exchange in lab.since(mark) {
        let sent = format!("{} {} {:?}", exchange.path, exchange.query, exchange.request_headers);
        let body = String::from_utf8_lossy(&exchange.request_body).into_owned();
        assert!(!sent.contains("secret") && !body.contains("secret"), "{}", exchange.endpoint);
    }
    // The mock server has no such app.
    for feature in [SideFeature::Comment, SideFeature::Tag] {
        assert_eq!(laptop.error(use_it(feature, "notes.txt")).await.failure, Failure::Unsupported);
    }
}
