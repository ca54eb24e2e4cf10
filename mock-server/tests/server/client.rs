//! A client as small as can be.

use e2ee_mock_server::{AppVersion, MockServer, Tenant};
use reqwest::Method;
use serde_json::Value;

pub(crate) const E2EE: &str = "/ocs/v2.php/apps/end_to_end_encryption/api/v2";
pub(crate) const SHARES: &str = "/ocs/v2.php/apps/files_sharing/api/v1/shares";
pub(crate) const DOCUMENT: &str = r#"{"metadata":{"ciphertext":"AA|BB"},"users":[],"version":"2.1"}"#;

/// A server with the users alice and bob, and a client for it.
pub(crate) struct Lab {
    pub(crate) server: MockServer,
    pub(crate) tenant: Tenant,
    http: reqwest::Client,
}

/// An answer that has been read.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Lab {
    pub(crate) async fn new() -> Self {
        Self::on(MockServer::start().await)
    }

    /// The same with another release of the app.
    pub(crate) async fn of_release(release: AppVersion) -> Self {
        Self::on(MockServer::builder().app_version(release).start().await.unwrap())
    }

    /// The same users on a server with other settings.
    pub(crate) fn on(server: MockServer) -> Self {
        let tenant = server.default_tenant();
        tenant.add_credential("alice", "alice's", "laptop");
        tenant.add_credential("alice", "phone's", "phone");
        tenant.add_credential("bob", "bob's", "desktop");
        Self { server, tenant, http: reqwest::Client::new() }
    }

    /// A request by a user; headers as pairs.
    pub(crate) async fn send(
        &self,
        user: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let url = format!("{}{path}", self.tenant.base_url());
        let mut request = self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), url);
        if !user.is_empty() {
            request = request.basic_auth(user, Some(format!("{user}'s")));
        }
        request = request.header("OCS-APIRequest", "true").header("X-E2EE-Supported", "true");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.body(body).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.text().await.unwrap() }
    }

    /// A call of an OCS API with a form.
    pub(crate) async fn ocs(&self, user: &str, method: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        self.ocs_with(user, method, path, form, &[]).await
    }

    pub(crate) async fn ocs_with(
        &self,
        user: &str,
        method: &str,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let form: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let mut headers = headers.to_vec();
        headers
            .extend([("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")]);
        self.send(user, method, path, &headers, form.join("&")).await
    }

    /// Makes an encrypted folder in a user's root; its id.
    pub(crate) async fn encrypted_folder(&self, user: &str, name: &str) -> String {
        let answer = self.send(user, "MKCOL", &format!("/remote.php/dav/files/{user}/{name}"), &[], "").await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let id = answer.file_id();
        assert_eq!(self.ocs(user, "PUT", &format!("{E2EE}/encrypted/{id}"), &[]).await.status, 200);
        id
    }

    /// An encrypted folder with metadata.
    pub(crate) async fn ready_folder(&self, user: &str, name: &str) -> String {
        let id = self.encrypted_folder(user, name).await;
        let token = self.lock(user, &id, 1).await;
        assert_eq!(self.write_metadata(user, "POST", &id, &token, DOCUMENT).await.status, 200);
        assert_eq!(self.unlock(user, &id, &token).await.status, 200);
        id
    }

    pub(crate) async fn try_lock(&self, user: &str, id: &str, counter: i64) -> Answer {
        let headers = [("x-nc-e2ee-counter", &*counter.to_string())];
        self.ocs_with(user, "POST", &format!("{E2EE}/lock/{id}"), &[], &headers).await
    }

    pub(crate) async fn lock(&self, user: &str, id: &str, counter: i64) -> String {
        let answer = self.try_lock(user, id, counter).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.data()["e2e-token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn unlock(&self, user: &str, id: &str, token: &str) -> Answer {
        self.ocs_with(user, "DELETE", &format!("{E2EE}/lock/{id}"), &[], &[("e2e-token", token)]).await
    }

    pub(crate) async fn write_metadata(
        &self,
        user: &str,
        method: &str,
        id: &str,
        token: &str,
        document: &str,
    ) -> Answer {
        let headers = [("e2e-token", token), ("x-nc-e2ee-signature", "c2lnbmF0dXJl")];
        let path = format!("{E2EE}/meta-data/{id}");
        self.ocs_with(user, method, &path, &[("metaData", document)], &headers).await
    }

    pub(crate) async fn metadata(&self, user: &str, id: &str) -> Answer {
        self.ocs(user, "GET", &format!("{E2EE}/meta-data/{id}"), &[]).await
    }

    pub(crate) async fn propfind(&self, user: &str, path: &str, depth: &str, properties: &str) -> Answer {
        let body = format!(
            r#"<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"
            xmlns:nc="http://nextcloud.org/ns"><d:prop>{properties}</d:prop></d:propfind>"#
        );
        let path = format!("/remote.php/dav/files/{user}/{path}");
        self.send(user, "PROPFIND", &path, &[("depth", depth)], body).await
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn data(&self) -> Value {
        self.json()["ocs"]["data"].clone()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The number in `OC-FileId`.
    pub(crate) fn file_id(&self) -> String {
        let digits = self.header("oc-fileid").split("oc").next().unwrap();
        digits.trim_start_matches('0').to_owned()
    }
}

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
