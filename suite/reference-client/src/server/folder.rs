//! Locks and metadata of folders, in both versions of the interface.

use super::http::{Http, Interface, ServerError};
use super::ocs::{Told, data, text};
use super::request::Request;
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

/// The longest lock token, in bytes.
const MAX_TOKEN: usize = 256;

/// A lock that was granted.
#[derive(Clone, PartialEq)]
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

    /// One that was written down.
    pub(crate) fn kept(text: String) -> Self {
        Self(text)
    }

    /// To be written down.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// What a client sends that never asked for a lock.
    pub(crate) fn none() -> Self {
        Self(String::new())
    }
}

/// A metadata document as served.
#[derive(Clone, PartialEq)]
pub(crate) struct Served {
    pub(crate) document: String,
    /// Empty when the header is missing, as it always is with 1.x.
    pub(crate) signature: String,
}

/// What is told about metadata, of which the document is nearly all.
#[derive(Deserialize)]
struct Data {
    #[serde(rename = "meta-data")]
    document: String,
}

impl Http {
    /// Locks a folder: with a counter in version 2 of the interface. `above` is the token of a lock further up, which
    /// this device holds. With `any_token` whatever the server tells is a token.
    pub(crate) async fn lock(
        &self,
        folder: u64,
        counter: u64,
        above: Option<&LockToken>,
        any_token: bool,
    ) -> Result<LockToken, ServerError> {
        let mut request = self.e2ee(Method::POST, &format!("/lock/{folder}"));
        if self.interface() == Interface::V2 {
            request = request.header("X-NC-E2EE-COUNTER", counter);
        }
        if let Some(LockToken(token)) = above {
            request = request.form(&[("e2e-token", token.as_str())]);
        }
        let data = self.ocs("POST lock", request).await.map_err(|e| match self.interface() {
            Interface::V1 => e.taken(),
            Interface::V2 => e,
        })?;
        let told = &data["e2e-token"];
        if any_token {
            return Ok(LockToken::anyhow(told));
        }
        let reason = "member `e2e-token` is no token: expected up to 256 visible characters of ASCII";
        LockToken::of(told)
            .ok_or_else(|| ServerError::Malformed { what: "POST lock".into(), reason: reason.into() })
    }

    /// `abort` takes back what was written under the lock; version 1 of the interface cannot.
    pub(crate) async fn unlock(
        &self,
        folder: u64,
        token: &LockToken,
        abort: bool,
    ) -> Result<(), ServerError> {
        let mut request = self.e2ee(Method::DELETE, &format!("/lock/{folder}"));
        if abort && self.interface() == Interface::V2 {
            request = request.query(&[("abort", "true")]);
        }
        self.ocs("DELETE lock", authorised(request, token)).await.map(drop)
    }

    pub(crate) async fn metadata(&self, folder: u64) -> Result<Served, ServerError> {
        let answer =
            self.ocs_answer("GET meta-data", self.e2ee(Method::GET, &format!("/meta-data/{folder}"))).await?;
        let signature = answer.header("x-nc-e2ee-signature").unwrap_or_default().to_owned();
        let document = match serde_json::from_slice::<Told<Data>>(&answer.body) {
            Ok(told) => told.ocs.data.document,
            // Why, is found out slowly.
            Err(_) => text(&data(&answer)?, "meta-data", "GET meta-data")?,
        };
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
        let request = self.e2ee(method, &format!("/meta-data/{folder}"));
        let request = match self.interface() {
            // The token is a parameter here (R1-LOCK-03).
            Interface::V1 => request.form(&[("metaData", document), ("e2e-token", token.0.as_str())]),
            Interface::V2 => {
                let request =
                    request.header("X-NC-E2EE-SIGNATURE", signature).form(&[("metaData", document)]);
                authorised(request, token)
            }
        };
        self.ocs(what, request).await.map(drop)
    }

    pub(crate) async fn delete_metadata(&self, folder: u64, token: &LockToken) -> Result<(), ServerError> {
        let request = self.e2ee(Method::DELETE, &format!("/meta-data/{folder}"));
        self.ocs("DELETE meta-data", authorised(request, token)).await.map(drop)
    }
}

/// Adds the header that proves the lock.
pub(super) fn authorised(request: Request, token: &LockToken) -> Request {
    if token.0.is_empty() { request } else { request.header("e2e-token", &token.0) }
}
