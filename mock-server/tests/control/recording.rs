//! The traffic in one piece.

use e2ee_mock_server::adversary::Move;
use e2ee_mock_server::control::{Command, Recording};
use e2ee_mock_server::model::{NewShare, ShareType};
use e2ee_mock_server::{Endpoint, Exchange, MockServer, Spill, Tenant, TenantOptions};
use reqwest::Method;
use serde_json::json;

use crate::api::Lab;

async fn recorded(lab: &Lab) -> Recording {
    serde_json::from_value(lab.get("/tenants/default/recording").await).unwrap()
}

fn done(tenant: &Tenant, command: serde_json::Value) {
    tenant.apply(&serde_json::from_value::<Command>(command).unwrap()).unwrap();
}

#[tokio::test]
async fn it_holds_the_exchanges_as_the_library_has_them() {
    let lab = Lab::new().await;
    assert_eq!(lab.as_alice("MKCOL", "/remote.php/dav/files/alice/plans").await, 201);
    assert_eq!(lab.as_alice("PUT", "/remote.php/dav/files/alice/note").await, 201);
    let recording = recorded(&lab).await;
    let told = (recording.tenant.as_str(), recording.api_version.as_str(), recording.dropped);
    assert_eq!(told, ("default", "2.1", 0));
    let kept = lab.server.default_tenant().exchanges();
    assert_eq!(recording.exchanges, kept.iter().map(|it| Exchange::clone(it)).collect::<Vec<_>>());
    assert_eq!(recording.exchanges[1].endpoint, Endpoint::PutFile);
    assert!(recording.folders.is_empty(), "nothing is encrypted");
    assert!(recording.private_keys.is_empty());
    lab.server.default_tenant().store_identity("alice", "certificate", "sealed");
    assert_eq!(recorded(&lab).await.private_keys["alice"], "sealed");
}

#[tokio::test]
async fn it_holds_encrypted_folders_and_where_each_user_has_them() {
    let lab = Lab::new().await;
    let tenant = lab.server.default_tenant();
    tenant.add_user("bob");
    for path in ["deep", "deep/plans", "deep/plans/00aa"] {
        assert_eq!(lab.as_alice("MKCOL", &format!("/remote.php/dav/files/alice/{path}")).await, 201);
    }
    let [root, inside] = {
        let mut model = tenant.model();
        let [root, inside] = ["deep/plans", "deep/plans/00aa"].map(|path| model.find("alice", path).unwrap());
        model.store_file(inside, "file", bytes::Bytes::from("x"), None).unwrap();
        let new = NewShare { kind: ShareType::User, node: root, with: "bob", permissions: None };
        model.share("alice", new).unwrap();
        model.set_encrypted(root, true);
        [root, inside]
    };
    let folders = recorded(&lab).await.folders;
    let [plans, below] = &folders[..] else { unreachable!("{folders:?}") };
    assert_eq!((plans.id, plans.parent, plans.name.as_str()), (root.number(), None, "plans"));
    assert_eq!(
        (below.id, below.parent, &below.files[..]),
        (inside.number(), Some(plans.id), &["file".to_owned()][..])
    );
    let places = json!([plans.places, below.places]);
    let expected = json!([{ "alice": "deep/plans", "bob": "plans" }, { "alice": "deep/plans/00aa", "bob": "plans/00aa" }]);
    assert_eq!(places, expected);
}

#[tokio::test]
async fn it_says_what_was_done_to_the_server() {
    let lab = Lab::new().await;
    let tenant = lab.server.default_tenant();
    let meddled = async || recorded(&lab).await.meddled;
    done(&tenant, json!({ "add_user": { "user": "bob" } }));
    done(&tenant, json!({ "snapshot": { "name": "before" } }));
    assert_eq!(meddled().await, [""; 0]);
    tenant.play(&serde_json::from_value::<Move>(json!({ "replace_server_key": {} })).unwrap()).unwrap();
    done(&tenant, json!({ "restore": { "name": "before" } }));
    assert_eq!(meddled().await, ["replace_server_key", "restore"]);
    lab.done(Method::POST, "/tenants/default/reset", None).await;
    assert_eq!(meddled().await, [""; 0]);
}

#[tokio::test]
async fn bodies_on_the_disk_are_in_it_as_far_as_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let server = MockServer::start().await;
    let authority = server.default_tenant().authority().clone();
    let spill = Spill::new(folder.path(), 1 << 30);
    let options = TenantOptions { spill: Some(spill), ..TenantOptions::new("long", authority) };
    let tenant = server.tenant(TenantOptions { max_body: 1 << 30, ..options }).unwrap();
    tenant.add_credential("alice", "secret", "phone");
    for (name, length) in [("a", 2 << 20), ("b", 63 << 20), ("c", 3 << 20)] {
        let url = format!("{}/remote.php/dav/files/alice/{name}", tenant.base_url());
        let put = reqwest::Client::new().put(url).basic_auth("alice", Some("secret"));
        assert_eq!(put.body(vec![b'x'; length]).send().await.unwrap().status(), 201);
    }
    let told = serde_json::to_value(Recording::of(&tenant)).unwrap();
    let lengths = |exchange: &serde_json::Value| {
        (
            exchange["request_body"].as_str().unwrap().len() / 4 * 3 / (1 << 20),
            exchange["request_file"]["length"].as_u64(),
        )
    };
    let lengths: Vec<_> = told["exchanges"].as_array().unwrap().iter().map(lengths).collect();
    assert_eq!(lengths, [(2, None), (0, Some(63 << 20)), (3, None)]);
}
