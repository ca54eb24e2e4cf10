//! The OCS endpoints: capabilities, keys, flag, lock, metadata, shares.

use super::http::{Answer, Http, ServerError};
use reqwest::{Method, RequestBuilder};
use serde::Deserialize;
use serde_json::Value;

const E2EE: &str = "/ocs/v2.php/apps/end_to_end_encryption/api/v2";
/// The longest lock token, in bytes.
const MAX_TOKEN: usize = 256;
const SHARES: &str = "/ocs/v2.php/apps/files_sharing/api/v1/shares";

/// What the server announces about end-to-end encryption.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Capability {
    /// `major` and `minor` of `api-version`.
    pub(crate) version: (u32, u32),
}

/// A lock that was granted.
#[derive(Clone)]
pub(crate) struct LockToken(String);

impl LockToken {
    /// What can stand in a header and may be a token; the column of the server takes 256 characters.
    fn of(told: &Value) -> Option<Self> {
        let token = told.as_str()?;
        let usable = (1..=MAX_TOKEN).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic());
        usable.then(|| Self(token.to_owned()))
    }

    /// What can be made of anything.
    fn anyhow(told: &Value) -> Self {
        let text = told.as_str().map_or_else(|| told.to_string(), str::to_owned);
        Self(text.chars().filter(char::is_ascii_graphic).take(MAX_TOKEN).collect())
    }

    /// What a client sends that never asked for a lock.
    pub(crate) fn none() -> Self {
        Self(String::new())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A metadata document as served.
pub(crate) struct Served {
    pub(crate) document: String,
    /// Empty when the header is missing.
    pub(crate) signature: String,
}

/// A user share of a folder.
#[derive(Debug, Deserialize)]
struct Share {
    id: Value,
    share_type: i64,
    share_with: Option<String>,
}

impl Http {
    /// `None` when it is absent, disabled, or of another major version than 2.
    pub(crate) async fn capability(&self) -> Result<Option<Capability>, ServerError> {
        let request = self.request(Method::GET, "/ocs/v2.php/cloud/capabilities?format=json");
        let data = self.ocs("GET capabilities", request).await?;
        let announced = &data["capabilities"]["end-to-end-encryption"];
        let version = announced["api-version"].as_str().and_then(|version| {
            let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
            Some((major.parse().ok()?, minor.parse().ok()?))
        });
        let capability = version.filter(|(major, _)| *major == 2).map(|version| Capability { version });
        Ok(capability.filter(|_| announced["enabled"] == Value::Bool(true)))
    }

    /// SPKI, PEM.
    pub(crate) async fn server_key(&self) -> Result<String, ServerError> {
        let data = self.ocs("GET server-key", self.e2ee(Method::GET, "/server-key")).await?;
        text(&data, "public-key", "GET server-key")
    }

    /// The certificate of a user, PEM; `None` when there is none.
    pub(crate) async fn certificate(&self, user: &str) -> Result<Option<String>, ServerError> {
        let users = Value::from(vec![user]).to_string();
        let request = self.e2ee(Method::GET, "/public-key").query(&[("users", users)]);
        match self.ocs("GET public-key", request).await {
            Ok(data) => Ok(data["public-keys"][user].as_str().map(str::to_owned)),
            Err(e) if e.status() == Some(404) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// The certificate that the server made of the request, PEM.
    pub(crate) async fn certify(&self, request_pem: &str) -> Result<String, ServerError> {
        let request = self.e2ee(Method::POST, "/public-key").form(&[("csr", request_pem)]);
        let data = self.ocs("POST public-key", request).await?;
        text(&data, "public-key", "POST public-key")
    }

    /// The private-key blob; `None` when there is none.
    pub(crate) async fn private_key(&self) -> Result<Option<String>, ServerError> {
        match self.ocs("GET private-key", self.e2ee(Method::GET, "/private-key")).await {
            Ok(data) => text(&data, "private-key", "GET private-key").map(Some),
            Err(e) if e.status() == Some(404) => Ok(None),
            Err(e) => Err(e),
        }
    }

    pub(crate) async fn store_private_key(&self, fields: &[(&str, &str)]) -> Result<(), ServerError> {
        let request = self.e2ee(Method::POST, "/private-key").form(fields);
        self.ocs("POST private-key", request).await.map(drop)
    }

    pub(crate) async fn mark_encrypted(&self, folder: u64) -> Result<(), ServerError> {
        let request = self.e2ee(Method::PUT, &format!("/encrypted/{folder}"));
        self.ocs("PUT encrypted", request).await.map(drop)
    }

    /// With `any_token` whatever the server tells is a token.
    pub(crate) async fn lock(
        &self,
        folder: u64,
        counter: u64,
        any_token: bool,
    ) -> Result<LockToken, ServerError> {
        let request =
            self.e2ee(Method::POST, &format!("/lock/{folder}")).header("X-NC-E2EE-COUNTER", counter);
        let data = self.ocs("POST lock", request).await?;
        let told = &data["e2e-token"];
        if any_token {
            return Ok(LockToken::anyhow(told));
        }
        let reason = "member `e2e-token` is no token: expected up to 256 visible characters of ASCII";
        LockToken::of(told)
            .ok_or_else(|| ServerError::Malformed { what: "POST lock".into(), reason: reason.into() })
    }

    /// `abort` takes back what was written under the lock.
    pub(crate) async fn unlock(
        &self,
        folder: u64,
        token: &LockToken,
        abort: bool,
    ) -> Result<(), ServerError> {
        let mut request = self.e2ee(Method::DELETE, &format!("/lock/{folder}"));
        if abort {
            request = request.query(&[("abort", "true")]);
        }
        self.ocs("DELETE lock", authorised(request, token)).await.map(drop)
    }

    pub(crate) async fn metadata(&self, folder: u64) -> Result<Served, ServerError> {
        let answer =
            self.ocs_answer("GET meta-data", self.e2ee(Method::GET, &format!("/meta-data/{folder}"))).await?;
        let signature = answer.header("x-nc-e2ee-signature").unwrap_or_default().to_owned();
        let document = text(&data(&answer)?, "meta-data", "GET meta-data")?;
        Ok(Served { document, signature })
    }

    /// Stores the first document of a folder, or replaces the one that is there.
    pub(crate) async fn store_metadata(
        &self,
        folder: u64,
        token: &LockToken,
        document: &str,
        signature: &str,
        first: bool,
    ) -> Result<(), ServerError> {
        let (method, what) =
            if first { (Method::POST, "POST meta-data") } else { (Method::PUT, "PUT meta-data") };
        let request = self
            .e2ee(method, &format!("/meta-data/{folder}"))
            .header("X-NC-E2EE-SIGNATURE", signature)
            .form(&[("metaData", document)]);
        self.ocs(what, authorised(request, token)).await.map(drop)
    }

    pub(crate) async fn delete_metadata(&self, folder: u64, token: &LockToken) -> Result<(), ServerError> {
        let request = self.e2ee(Method::DELETE, &format!("/meta-data/{folder}"));
        self.ocs("DELETE meta-data", authorised(request, token)).await.map(drop)
    }

    /// Shares a folder of the root with a user, all permissions but the one to share on.
    pub(crate) async fn share(&self, folder: &str, with: &str) -> Result<(), ServerError> {
        let path = format!("/{folder}");
        let fields =
            [("path", path.as_str()), ("shareType", "0"), ("shareWith", with), ("permissions", "15")];
        let request = self.request(Method::POST, &format!("{SHARES}?format=json")).form(&fields);
        self.ocs("POST shares", request).await.map(drop)
    }

    async fn shares(&self, folder: &str) -> Result<(Answer, Vec<Share>), ServerError> {
        let request = self.request(Method::GET, SHARES);
        let request = request.query(&[("format", "json"), ("path", &format!("/{folder}"))]);
        let answer = self.ocs_answer("GET shares", request).await?;
        let shares: Vec<Share> = serde_json::from_value(data(&answer)?).map_err(|e| answer.malformed(e))?;
        Ok((answer, shares))
    }

    /// The users with whom the server says that a folder is shared.
    pub(crate) async fn shared_with(&self, folder: &str) -> Result<Vec<String>, ServerError> {
        let users = self.shares(folder).await?.1.into_iter().filter(|share| share.share_type == 0);
        Ok(users.filter_map(|share| share.share_with).collect())
    }

    /// Takes every user share of the folder with this user back; none is no error.
    pub(crate) async fn unshare(&self, folder: &str, with: &str) -> Result<(), ServerError> {
        let (answer, shares) = self.shares(folder).await?;
        for share in shares {
            if share.share_type != 0 || share.share_with.as_deref() != Some(with) {
                continue;
            }
            let id = match &share.id {
                Value::String(id) if id.bytes().all(|b| b.is_ascii_digit()) => id.clone(),
                Value::Number(id) => id.to_string(),
                other => return Err(answer.malformed(format!("share id is {other}, expected digits"))),
            };
            let request = self.request(Method::DELETE, &format!("{SHARES}/{id}?format=json"));
            self.ocs("DELETE shares", request).await?;
        }
        Ok(())
    }

    fn e2ee(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, &format!("{E2EE}{path}?format=json"))
    }

    async fn ocs(&self, what: &str, request: RequestBuilder) -> Result<Value, ServerError> {
        data(&self.ocs_answer(what, request).await?)
    }

    /// An answer with a success status.
    async fn ocs_answer(&self, what: &str, request: RequestBuilder) -> Result<Answer, ServerError> {
        let answer = self.send(what, request).await?;
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        Err(ServerError::Status { what: what.into(), status: answer.status, message: error_text(&answer) })
    }
}

/// Adds the header that proves the lock.
pub(super) fn authorised(request: RequestBuilder, token: &LockToken) -> RequestBuilder {
    if token.as_str().is_empty() { request } else { request.header("e2e-token", token.as_str()) }
}

fn data(answer: &Answer) -> Result<Value, ServerError> {
    let mut body: Value = serde_json::from_slice(&answer.body).map_err(|e| answer.malformed(e))?;
    match body.pointer_mut("/ocs/data") {
        Some(data) => Ok(data.take()),
        None => Err(answer.malformed("member `ocs.data` is missing")),
    }
}

fn text(data: &Value, member: &str, what: &str) -> Result<String, ServerError> {
    data[member].as_str().map(str::to_owned).ok_or_else(|| ServerError::Malformed {
        what: what.into(),
        reason: format!("member `{member}` is no string"),
    })
}

/// The server has two places for the text of an error.
fn error_text(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let texts = ["/ocs/data/message", "/ocs/meta/message", "/message"];
    let text = texts.iter().filter_map(|place| body.pointer(place)?.as_str()).find(|text| !text.is_empty());
    text.unwrap_or_default().chars().take(200).collect()
}
