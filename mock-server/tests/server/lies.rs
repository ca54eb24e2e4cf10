//! The way of lies into the answers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use e2ee_mock_server::model::{Content, FileId};
use e2ee_mock_server::{Aim, Asker, Endpoint, Lie, Pause, Rendezvous, SignedMetadata};
use serde_json::Value;

use crate::client::{E2EE, Lab};

/// Tells alice's phone other metadata, without signature, and everybody other bytes.
struct Changed;

impl Lie for Changed {
    fn name(&self) -> &'static str {
        "changed"
    }

    fn capabilities(&self, _: &Asker, _: Value) -> Value {
        Value::Null
    }

    fn metadata(&self, told_to: &Asker, _: FileId, honest: Option<SignedMetadata>) -> Option<SignedMetadata> {
        if told_to.device.as_deref() == Some("phone") {
            return Some(SignedMetadata { document: "{}".to_owned(), signature: None });
        }
        honest
    }

    fn file_bytes(&self, _: &Asker, _: FileId, _: Content) -> Content {
        b"other".to_vec().into()
    }

    fn hidden(&self, _: &Asker, _: FileId) -> bool {
        true
    }
}

#[tokio::test]
async fn a_lie_changes_answers_and_is_named() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "plans").await;
    lab.send("alice", "PUT", "/remote.php/dav/files/alice/a", &[], "true").await;
    let honest = lab.metadata("alice", &id).await.body;
    lab.tenant.tell(Arc::new(Changed));
    assert!(!lab.metadata("alice", &id).await.header("x-nc-e2ee-signature").is_empty());
    let url = format!("{}{E2EE}/meta-data/{id}?format=json", lab.server.uri());
    let phone = reqwest::Client::new().get(url).basic_auth("alice", Some("phone's"));
    let phone =
        phone.header("ocs-apirequest", "true").header("x-e2ee-supported", "true").send().await.unwrap();
    assert!(phone.headers().get("x-nc-e2ee-signature").is_none());
    assert!(phone.text().await.unwrap().contains(r#""meta-data":"{}""#));
    assert_eq!(lab.send("alice", "GET", "/remote.php/dav/files/alice/a", &[], "").await.body, "other");
    let capabilities = lab.ocs("alice", "GET", "/ocs/v2.php/cloud/capabilities", &[]).await;
    assert!(capabilities.data()["capabilities"].get("end-to-end-encryption").is_none());
    let listed = lab.propfind("alice", "", "1", "<d:getetag/>").await.body;
    assert_eq!(listed.matches("<d:response>").count(), 1, "{listed}");
    let exchanges = lab.tenant.exchanges();
    let last: Vec<bool> = exchanges.iter().rev().take(5).map(|it| it.tampered_by == ["changed"]).collect();
    assert_eq!(last, [true, true, true, true, false]);
    lab.tenant.retract("changed");
    assert_eq!(lab.metadata("alice", &id).await.body, honest);
    assert_eq!(lab.send("alice", "GET", "/remote.php/dav/files/alice/a", &[], "").await.body, "true");
}

/// Lets locks wait for each other.
struct Meet(Arc<Rendezvous>);

impl Lie for Meet {
    fn name(&self) -> &'static str {
        "meet"
    }

    fn before(&self, aim: &Aim, _: &Asker) -> Pause {
        if aim.endpoint == Endpoint::PostLock { Pause::Meet(Arc::clone(&self.0)) } else { Pause::None }
    }
}

#[tokio::test]
async fn requests_meet_or_give_up() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "plans").await;
    let rendezvous = Rendezvous::new(2, Duration::from_millis(100));
    lab.tenant.tell(Arc::new(Meet(Arc::clone(&rendezvous))));
    let alone = Instant::now();
    let token = lab.lock("alice", &id, 2).await;
    assert!(alone.elapsed() >= Duration::from_millis(100) && !rendezvous.met());
    lab.unlock("alice", &id, &token).await;
    let (first, second) = tokio::join!(lab.try_lock("alice", &id, 2), lab.try_lock("alice", &id, 2));
    let mut both = [first.status, second.status];
    both.sort_unstable();
    assert_eq!(both, [200, 423]);
    assert!(rendezvous.met());
    let tampered = lab.tenant.exchanges().iter().filter(|it| !it.tampered_by.is_empty()).count();
    assert_eq!(tampered, 0);
}
