//! Requests without a connection are answered and recorded as those that come over one.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use e2ee_mock_server::adversary::Move;
use e2ee_mock_server::{Direct, Exchange, HungUp, MockServer, Tenant, TenantOptions};
use http::{Method, Request, Response};
use serde_json::json;
use tokio::time::timeout;

struct Said {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: &'static str,
}

/// Credentials of alice, whose password is `secret`.
const ALICE: &str = "Basic YWxpY2U6c2VjcmV0";

fn said(method: &'static str, path: &str, headers: &[(&'static str, &str)], body: &'static str) -> Said {
    let own = [("authorization", ALICE), ("accept", "*/*"), ("ocs-apirequest", "true")];
    let headers = own.iter().chain(headers).map(|(name, value)| (*name, (*value).to_owned())).collect();
    Said { method, path: path.to_owned(), headers, body }
}

fn talk() -> Vec<Said> {
    let files = "/remote.php/dav/files/alice";
    let api = "/ocs/v2.php/apps/end_to_end_encryption/api/v2";
    let form = [("content-type", "application/x-www-form-urlencoded")];
    vec![
        said("GET", "/status.php", &[], ""),
        said("GET", "/ocs/v2.php/cloud/capabilities?format=json", &[], ""),
        said("PUT", &format!("{files}/caf%C3%A9%20menu.txt"), &[], "soup"),
        said("PUT", &format!("{files}/empty"), &[], ""),
        said("GET", &format!("{files}/caf%C3%A9%20menu.txt"), &[("range", "bytes=1-2")], ""),
        said("HEAD", &format!("{files}/caf%C3%A9%20menu.txt"), &[], ""),
        said("PROPFIND", files, &[("depth", "1")], ""),
        said("MKCOL", &format!("{files}/plans"), &[], ""),
        said("DELETE", &format!("{files}/empty"), &[], ""),
        said("POST", &format!("{api}/public-key?format=json"), &form, "csr=no"),
        said("GET", &format!("{api}/server-key?format=json"), &[], ""),
        said("GET", "/no/such/thing", &[], ""),
    ]
}

fn tenant(server: &MockServer, name: &str) -> Tenant {
    let authority = server.default_tenant().authority().clone();
    let tenant = server.tenant(TenantOptions::new(name, authority)).unwrap();
    tenant.add_credential("alice", "secret", "laptop");
    tenant
}

async fn over_a_connection(tenant: &Tenant, said: &Said) -> (u16, Vec<String>, Bytes) {
    let method = Method::from_bytes(said.method.as_bytes()).unwrap();
    let mut request = reqwest::Client::new().request(method, format!("{}{}", tenant.base_url(), said.path));
    for (name, value) in &said.headers {
        request = request.header(*name, value);
    }
    let response = request.body(said.body).send().await.unwrap();
    let (status, names) = (response.status().as_u16(), names(response.headers()));
    (status, names, response.bytes().await.unwrap())
}

async fn directly(direct: &Direct, tenant: &Tenant, said: &Said) -> Result<Response<Bytes>, HungUp> {
    let url = format!("{}{}", tenant.base_url(), said.path);
    let mut request = Request::builder().method(said.method).uri(url);
    for (name, value) in &said.headers {
        request = request.header(*name, value);
    }
    direct.answer(request.body(said.body.into()).unwrap()).await
}

/// In the order of the alphabet, without those that belong to the connection.
fn names(headers: &http::HeaderMap) -> Vec<String> {
    let own = |name: &&str| !["date", "content-length", "connection", "transfer-encoding"].contains(name);
    let mut names: Vec<String> =
        headers.keys().map(|name| name.as_str()).filter(own).map(str::to_owned).collect();
    names.sort();
    names
}

/// What is recorded, without what is random or told by the time.
fn record(exchange: &Exchange) -> String {
    let headers: BTreeMap<_, _> = exchange.request_headers.iter().collect();
    format!(
        "{} {} {} {} {headers:?} {:?} {} {}",
        exchange.number,
        exchange.method,
        exchange.path,
        exchange.query,
        exchange.request_content().to_bytes().unwrap(),
        exchange.status,
        exchange.delivered
    )
}

/// The records of a tenant, once the last answer has gone.
async fn records(tenant: &Tenant) -> Vec<String> {
    while !tenant.is_idle() {
        tokio::task::yield_now().await;
    }
    tenant
        .exchanges()
        .iter()
        .map(|exchange| record(exchange))
        .map(|text| text.replace(tenant.name(), "tenant"))
        .collect()
}

#[tokio::test]
async fn nobody_can_tell_by_the_answer_or_the_record() {
    let server = MockServer::start().await;
    let (wired, unwired, direct) = (tenant(&server, "one"), tenant(&server, "two"), server.direct());
    for said in talk() {
        let (status, names_then, body) = over_a_connection(&wired, &said).await;
        let answer = directly(&direct, &unwired, &said).await.unwrap();
        let context = format!("{} {}", said.method, said.path);
        assert_eq!((answer.status().as_u16(), names(answer.headers())), (status, names_then), "{context}");
        // Listings and keys tell tenants and etags; their length tells enough.
        let same = if body.len() < 100 { *answer.body() == body } else { answer.body().len() == body.len() };
        assert!(same, "{context}: {:?} and {body:?}", answer.body());
    }
    assert_eq!(records(&unwired).await, records(&wired).await);
}

#[tokio::test]
async fn lies_reach_those_without_a_connection() {
    let server = MockServer::start().await;
    let (tenant, direct) = (server.default_tenant(), server.direct());
    let status = said("GET", "/status.php", &[], "");
    let fail = async |members: serde_json::Value| {
        tenant.retract("fail");
        tenant.play(&serde_json::from_value::<Move>(json!({ "fail": members })).unwrap()).unwrap();
        let answer = directly(&direct, &tenant, &status).await.map(|answer| answer.status().as_u16());
        (answer, tenant.exchanges().last().unwrap().delivered)
    };
    assert_eq!(fail(json!({ "on": "GET status", "status": 503 })).await, (Ok(503), true));
    for fault in ["reset_before", "half_body"] {
        assert_eq!(
            fail(json!({ "on": "GET status", "fault": fault })).await,
            (Err(HungUp), false),
            "{fault}"
        );
    }
    let drip = fail(json!({ "on": "GET status", "fault": "drip", "millis": 1 })).await;
    assert_eq!(drip, (Ok(200), true));
}

#[tokio::test]
async fn who_is_kept_waiting_may_leave() {
    let server = MockServer::start().await;
    let (tenant, direct) = (tenant(&server, "slow"), server.direct());
    let file = "/remote.php/dav/files/alice/soup.txt";
    let waiting = json!({ "fail": { "on": "PUT file", "fault": "delay", "millis": 60_000 } });
    tenant.play(&serde_json::from_value::<Move>(waiting).unwrap()).unwrap();
    let (put, late) = (said("PUT", file, &[], "soup"), Duration::from_millis(50));
    assert!(timeout(late, directly(&direct, &tenant, &put)).await.is_err());
    let exchange = tenant.exchanges().last().cloned().unwrap();
    let seen = (exchange.status, exchange.delivered, exchange.tampered_by.clone());
    assert_eq!(seen, (0, false, vec!["fail".to_owned()]));
    assert_eq!(exchange.request_content().to_bytes().unwrap(), Bytes::from("soup"));
    tenant.retract("fail");
    let answer = directly(&direct, &tenant, &said("GET", file, &[], "")).await.unwrap();
    assert_eq!(answer.status(), 404);
}

#[tokio::test]
async fn what_no_connection_would_take_is_not_taken() {
    let server = MockServer::start().await;
    let (tenant, direct) = (server.default_tenant(), server.direct());
    let (value, headers) = ("x".repeat(130 * 1024), [("x-many", "x"); 120]);
    let answer = directly(&direct, &tenant, &said("GET", "/status.php", &[("x-long", &value)], "")).await;
    assert_eq!(answer.unwrap().status(), 431);
    let answer = directly(&direct, &tenant, &said("GET", "/status.php", &headers, "")).await;
    assert_eq!(answer.unwrap().status(), 431);
    assert!(tenant.exchanges().is_empty());
}

#[tokio::test]
async fn a_server_that_has_stopped_answers_nobody() {
    let server = MockServer::start().await;
    let (tenant, direct) = (server.default_tenant(), server.direct());
    server.stop().await;
    let answer = directly(&direct, &tenant, &said("GET", "/status.php", &[], "")).await;
    assert_eq!(answer.map(|answer| answer.status()), Err(HungUp));
}
