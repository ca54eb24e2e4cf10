//! Requests and connections that go wrong.

use std::time::{Duration, Instant};

use e2ee_mock_server::Endpoint;
use e2ee_mock_server::adversary::Move;
use e2ee_mock_server::model::Writer;
use reqwest::Method;
use serde_json::{Value, json};

use crate::lab::{Lab, people};
use crate::session::Session;

const STATUS: &str = "status.php";

async fn session() -> Session {
    Session::of(Lab::new(&[&people().alice])).await
}

fn fail(session: &Session, members: Value) {
    session.play(json!({ "fail": members }));
}

#[tokio::test]
async fn an_error_can_stand_inside_of_a_success() {
    let session = session().await;
    let what = "ocs/v2.php/apps/end_to_end_encryption/api/v2/server-key";
    fail(&session, json!({ "on": "GET server-key", "fault": "inside", "status": 404, "times": 1 }));
    let answer = session.get(what).await;
    assert_eq!(answer.status(), 200);
    let told = |body: &[u8]| serde_json::from_slice::<Value>(body).expect("JSON");
    let failed = told(&answer.bytes().await.expect("a body"));
    assert_eq!(failed["ocs"]["meta"]["statuscode"], 404);
    assert!(failed["ocs"]["data"]["public-key"].is_null(), "{failed}");
    let answer = session.get(what).await.bytes().await.expect("a body");
    assert_eq!(told(&answer)["ocs"]["meta"]["statuscode"], 200);
}

#[tokio::test]
async fn the_ones_that_are_picked_fail() {
    let session = session().await;
    fail(
        &session,
        json!({ "on": "GET status", "status": 503, "retry_after": 7, "skip": 1, "every": 2, "times": 2 }),
    );
    let mut seen = Vec::new();
    for _ in 0..7 {
        let answer = session.get(STATUS).await;
        seen.push(answer.status().as_u16());
        if answer.status() == 503 {
            assert_eq!(answer.headers()["retry-after"], "7");
            assert_eq!(session.last(Endpoint::GetStatus).tampered_by, ["fail"]);
        }
    }
    assert_eq!(seen, [200, 200, 503, 200, 503, 200, 200]);
}

#[tokio::test]
async fn a_fault_can_be_meant_for_one_device() {
    let session = session().await;
    fail(&session, json!({ "on": "GET user", "status": 500, "told_to": "phone" }));
    let path = "ocs/v2.php/cloud/user";
    assert_eq!(session.get(path).await.status(), 200);
    assert_eq!(session.by("phone", Method::GET, path).send().await.unwrap().status(), 500);
}

/// The second time that the metadata of `plans` are replaced, and nothing of `budget`.
#[tokio::test]
async fn a_fault_can_be_meant_for_one_folder() {
    let mut lab = Lab::new(&[&people().alice]);
    let plans = lab.folder;
    let writer = Writer { user: "alice", token: None, supported: true, link: None };
    lab.model.set_encrypted(plans, false);
    let [budget, inner] = [vec!["budget"], vec!["plans", "inner"]].map(|path| {
        let path: Vec<String> = path.into_iter().map(str::to_owned).collect();
        let folder = lab.model.make_folder(writer, &path).unwrap().id;
        lab.model.set_encrypted(folder, true);
        folder
    });
    lab.model.set_encrypted(plans, true);
    let session = Session::of(lab).await;
    let replace = async |folder| {
        let token = session.lock("laptop", folder, 9).await.1;
        let status = session.put("laptop", folder, &token, "{}").await;
        session.unlock("laptop", folder, &token).await;
        status
    };
    let honest = replace(plans).await;
    assert_ne!(honest, 503);
    fail(&session, json!({ "on": "PUT meta-data", "path": "plans", "status": 503, "skip": 1, "times": 1 }));
    let mut seen = Vec::new();
    for folder in [plans, budget, inner, plans, budget, plans] {
        seen.push(replace(folder).await == 503);
    }
    assert_eq!(seen, [false, false, false, true, false, false]);
    fail(&session, json!({ "on": "PUT meta-data", "folder": "/plans/", "status": 503 }));
    assert_eq!((replace(inner).await, replace(plans).await), (503, 503));
    assert_ne!(replace(budget).await, 503);
}

/// By paths that are there or not, and by where a MOVE goes.
#[tokio::test]
async fn a_fault_can_be_meant_for_one_path() {
    let session = session().await;
    fail(&session, json!({ "on": "PUT file", "path": "plans/new", "status": 507 }));
    fail(&session, json!({ "on": "MOVE", "folder": "plans", "status": 507 }));
    fail(&session, json!({ "on": "MKCOL", "folder": "plans", "status": 507, "told_to": "phone" }));
    let files = "remote.php/dav/files/alice";
    let put = async |path: &str| {
        let request = session.request(Method::PUT, &format!("{files}/{path}")).body("bytes");
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!((put("plans/new").await, put("plansnew").await, put("plans/new2").await), (507, 201, 403));
    assert_eq!(put("free").await, 201);
    let shift = async |from: &str, to: &str| {
        let to = format!("{}/{files}/{to}", session.tenant.base_url());
        let request = session.request(Method::from_bytes(b"MOVE").unwrap(), &format!("{files}/{from}"));
        request.header("destination", to).send().await.unwrap().status().as_u16()
    };
    assert_eq!((shift("free", "plans/new").await, shift("free", "plans2").await), (507, 201));
    let mkcol = async |device, path: &str| {
        let request = session.by(device, Method::from_bytes(b"MKCOL").unwrap(), &format!("{files}/{path}"));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!((mkcol("phone", "plans/a/b").await, mkcol("phone", "other").await), (507, 201));
    assert_ne!(mkcol("laptop", "plans/a").await, 507);
}

/// A path is that of the owner, also for those who see the folder elsewhere.
#[tokio::test]
async fn a_fault_follows_a_folder_to_those_it_is_shared_with() {
    let session = session().await;
    session.tenant.add_credential("bob", "secret", "tablet");
    let base = session.tenant.base_url();
    let by_bob = |method: &[u8], path: &str| {
        let method = Method::from_bytes(method).unwrap();
        reqwest::Client::new()
            .request(method, format!("{base}/remote.php/dav/files/bob/{path}"))
            .basic_auth("bob", Some("secret"))
            .header("x-e2ee-supported", "true")
    };
    // His own folder of this name makes the shared one another.
    assert_eq!(by_bob(b"MKCOL", "plans").send().await.unwrap().status(), 201);
    session.play(json!({ "reshare": { "folder": "plans", "with": "bob" } }));
    let list = async |path| by_bob(b"PROPFIND", path).send().await.unwrap().status().as_u16();
    assert_eq!(list("plans%20(2)").await, 207);
    fail(&session, json!({ "on": "PROPFIND", "path": "plans", "status": 503 }));
    assert_eq!((list("plans%20(2)").await, list("").await), (503, 207));

    let path = "ocs/v2.php/apps/files_sharing/api/v1/shares?format=json";
    let share = session.request(Method::POST, path).form(&[("path", "/open"), ("shareType", "3")]);
    let folder = session.request(Method::from_bytes(b"MKCOL").unwrap(), "remote.php/dav/files/alice/open");
    assert_eq!(folder.send().await.unwrap().status(), 201);
    let shared: Value = serde_json::from_slice(&share.send().await.unwrap().bytes().await.unwrap()).unwrap();
    let link = format!("{base}/public.php/dav/files/{}", shared["ocs"]["data"]["token"].as_str().unwrap());
    let get = async |name| reqwest::get(format!("{link}/{name}")).await.unwrap().status().as_u16();
    fail(&session, json!({ "on": "GET file", "path": "open/a", "status": 503 }));
    assert_eq!((get("a").await, get("b").await), (503, 404));
}

#[tokio::test]
async fn connections_end_before_or_after_the_effect() {
    let session = session().await;
    for (fault, there) in [("reset_before", 404), ("reset_after", 200)] {
        fail(&session, json!({ "on": "PUT file", "fault": fault, "times": 1 }));
        let path = format!("remote.php/dav/files/alice/{fault}");
        let put = session.request(Method::PUT, &path).body("bytes").send().await;
        assert!(put.is_err(), "{put:?}");
        let exchange = session.last(Endpoint::PutFile);
        assert_eq!((exchange.delivered, exchange.status != 0), (false, there == 200));
        assert_eq!(exchange.tampered_by, ["fail"]);
        assert_eq!(session.get(&path).await.status(), there, "{fault}");
    }
}

#[tokio::test]
async fn half_a_body_is_never_delivered() {
    let session = session().await;
    fail(&session, json!({ "on": "GET status", "fault": "half_body", "times": 1 }));
    let answer = session.get(STATUS).await;
    let length: u64 = answer.content_length().unwrap();
    assert!(answer.bytes().await.is_err());
    let exchange = session.last(Endpoint::GetStatus);
    assert_eq!((exchange.delivered, exchange.response_body.len() as u64), (false, length));
    let whole = session.get(STATUS).await.bytes().await.unwrap();
    assert_eq!(whole.len() as u64, length);
    assert!(session.last(Endpoint::GetStatus).delivered);
}

#[tokio::test]
async fn answers_drip_and_requests_wait() {
    let session = session().await;
    let whole = session.get(STATUS).await.bytes().await.unwrap();
    fail(&session, json!({ "on": "GET status", "fault": "drip", "millis": 1, "times": 1 }));
    let started = Instant::now();
    assert_eq!(session.get(STATUS).await.bytes().await.unwrap(), whole);
    assert!(started.elapsed() >= Duration::from_millis(whole.len() as u64 - 1));
    assert!(session.last(Endpoint::GetStatus).delivered);
    fail(&session, json!({ "on": "GET status", "fault": "delay", "millis": 50, "times": 1 }));
    let started = Instant::now();
    session.get(STATUS).await;
    assert!(started.elapsed() >= Duration::from_millis(50));
    assert_eq!(session.get(STATUS).await.status(), 200);
}

#[tokio::test]
async fn a_request_takes_effect_twice_or_not_at_all() {
    let lab = Lab::new(&[&people().alice]);
    let folder = lab.folder;
    let session = Session::of(lab).await;
    fail(&session, json!({ "on": "POST lock", "fault": "twice", "times": 1 }));
    assert_eq!(session.lock("laptop", folder, 2).await.0, 423);
    session.play(json!({ "expire_locks": {} }));
    fail(&session, json!({ "on": "POST lock", "fault": "pretence", "times": 1 }));
    let (status, token) = session.lock("laptop", folder, 2).await;
    assert_eq!((status, token.len()), (200, 64));
    assert_eq!(session.last(Endpoint::PostLock).tampered_by, ["fail"]);
    assert_eq!(session.unlock("laptop", folder, &token).await, 403);
    assert!(!session.tenant.model().is_forked());
}

#[test]
fn members_have_to_fit() {
    let mut lab = Lab::new(&[&people().alice]);
    for wrong in [
        json!({ "on": "PUT file" }),
        json!({ "on": "PUT file", "status": 200 }),
        json!({ "on": "PUT file", "fault": "drip" }),
        json!({ "on": "PUT file", "fault": "delay", "millis": 0 }),
        json!({ "on": "PUT file", "fault": "delay", "millis": 60001 }),
        json!({ "on": "PUT file", "fault": "half_body", "status": 500 }),
        json!({ "on": "PUT file", "fault": "twice", "carried_out": true }),
        json!({ "on": "PUT file", "status": 500, "millis": 5 }),
        json!({ "on": "GET status", "status": 500, "folder": "plans" }),
        json!({ "on": "GET user", "status": 500, "path": "plans" }),
    ] {
        assert!(lab.play(json!({ "fail": wrong })).is_err(), "{wrong}");
    }
    for unreadable in [json!({ "on": "PUT file", "status": 500, "every": 0 }), json!({ "on": "GET nothing" })]
    {
        assert!(serde_json::from_value::<Move>(json!({ "fail": unreadable })).is_err());
    }
}
