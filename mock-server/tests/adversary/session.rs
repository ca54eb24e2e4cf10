//! A client of a tenant that has the state of a lab.

use std::sync::Arc;

use e2ee_mock_server::model::FileId;
use e2ee_mock_server::{Endpoint, Exchange, MockServer, Tenant, TenantOptions};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use crate::lab::{Lab, people};

pub(crate) const API: &str = "ocs/v2.php/apps/end_to_end_encryption/api/v2";

/// A tenant with the state of a lab, and alice's client.
pub(crate) struct Session {
    _server: MockServer,
    pub(crate) tenant: Tenant,
    client: reqwest::Client,
}

impl Session {
    pub(crate) async fn of(lab: Lab) -> Self {
        let server = MockServer::start().await;
        let tenant = server.tenant(TenantOptions::new("lab", people().authority.clone())).unwrap();
        *tenant.model() = lab.model;
        tenant.add_credential("alice", "secret", "laptop");
        tenant.add_credential("alice", "phone's", "phone");
        Self { _server: server, tenant, client: reqwest::Client::new() }
    }

    pub(crate) fn play(&self, it: Value) {
        self.tenant.play(&serde_json::from_value(it).unwrap()).unwrap();
    }

    /// A request of the laptop.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.by("laptop", method, path)
    }

    /// A request of the laptop or of the phone.
    pub(crate) fn by(&self, device: &str, method: Method, path: &str) -> RequestBuilder {
        let password = if device == "phone" { "phone's" } else { "secret" };
        let request = self.client.request(method, format!("{}/{path}", self.tenant.base_url()));
        let request = request.basic_auth("alice", Some(password)).header("ocs-apirequest", "true");
        request.header("accept", "application/json").header("x-e2ee-supported", "true")
    }

    /// Asks for the lock of a folder; the status and, if it is text, the token.
    pub(crate) async fn lock(&self, device: &str, folder: FileId, counter: u32) -> (u16, String) {
        let request = self.by(device, Method::POST, &format!("{API}/lock/{folder}"));
        let answer = request.header("x-nc-e2ee-counter", counter).send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        (status, body["ocs"]["data"]["e2e-token"].as_str().unwrap_or_default().to_owned())
    }

    /// Releases the lock of a folder; the status.
    pub(crate) async fn unlock(&self, device: &str, folder: FileId, token: &str) -> u16 {
        let request = self.by(device, Method::DELETE, &format!("{API}/lock/{folder}"));
        request.header("e2e-token", token).send().await.unwrap().status().as_u16()
    }

    /// Replaces the metadata of a folder by this text, pending; the status.
    pub(crate) async fn put(&self, device: &str, folder: FileId, token: &str, document: &str) -> u16 {
        let request = self.by(device, Method::PUT, &format!("{API}/meta-data/{folder}"));
        let request = request.header("e2e-token", token).header("x-nc-e2ee-signature", "signed");
        request.form(&[("metaData", document)]).send().await.unwrap().status().as_u16()
    }

    /// The document that a device is told.
    pub(crate) async fn told(&self, device: &str, folder: FileId) -> String {
        let request = self.by(device, Method::GET, &format!("{API}/meta-data/{folder}"));
        let body = request.send().await.unwrap().bytes().await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        body["ocs"]["data"]["meta-data"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub(crate) async fn propfind(&self, property: &str) -> String {
        let method = Method::from_bytes(b"PROPFIND").unwrap();
        let body = format!(
            r#"<d:propfind xmlns:d="DAV:" xmlns:nc="http://nextcloud.org/ns"><d:prop><nc:{property}/></d:prop></d:propfind>"#
        );
        let request = self.request(method, "remote.php/dav/files/alice/plans").header("depth", "0");
        request.body(body).send().await.unwrap().text().await.unwrap()
    }

    /// The newest exchange, of the endpoint that is expected.
    pub(crate) fn last(&self, endpoint: Endpoint) -> Arc<Exchange> {
        let last = self.tenant.exchanges().pop().unwrap();
        assert_eq!(last.endpoint, endpoint);
        last
    }
}
