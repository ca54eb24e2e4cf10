//! The OCS endpoints: capabilities, keys, flag, shares.

use super::http::{Answer, Http, Interface, ServerError};
use super::request::Request;
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

const E2EE: &str = "/ocs/v2.php/apps/end_to_end_encryption/api";
const SHARES: &str = "/ocs/v2.php/apps/files_sharing/api/v1/shares";

/// What the server announces about end-to-end encryption.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Capability {
    /// `major` and `minor` of `api-version`.
    pub(crate) version: (u32, u32),
    /// `keys-exist`, for [`Defect::ForgetsUnannouncedKeys`](crate::defects::Defect::ForgetsUnannouncedKeys).
    pub(crate) keys_exist: bool,
}

/// An answer of which only some data are of interest.
#[derive(Deserialize)]
pub(super) struct Told<D> {
    pub(super) ocs: ToldData<D>,
}

#[derive(Deserialize)]
pub(super) struct ToldData<D> {
    pub(super) data: D,
}

/// There are many capabilities.
#[derive(Deserialize)]
struct Data {
    capabilities: Capabilities,
}

#[derive(Deserialize)]
struct Capabilities {
    #[serde(rename = "end-to-end-encryption", default)]
    end_to_end_encryption: Value,
}

/// A share of a folder.
#[derive(Debug, Deserialize)]
struct Share {
    id: Value,
    share_type: i64,
    share_with: Option<String>,
    token: Option<String>,
    file_source: Option<Value>,
}

impl Http {
    /// `None` when it is absent, disabled, or of a version that no metadata have.
    pub(crate) async fn capability(&self) -> Result<Option<Capability>, ServerError> {
        let request = self.request(Method::GET, "/ocs/v2.php/cloud/capabilities?format=json");
        let answer = self.ocs_answer("GET capabilities", request).await?;
        let told: Told<Data> = serde_json::from_slice(&answer.body).map_err(|e| answer.malformed(e))?;
        let announced = told.ocs.data.capabilities.end_to_end_encryption;
        let version = announced["api-version"].as_str().and_then(|version| {
            let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
            Some((major.parse().ok()?, minor.parse().ok()?))
        });
        let keys_exist = announced["keys-exist"] != Value::Bool(false);
        let capability = version
            .filter(|(major, _)| matches!(major, 1 | 2))
            .map(|version| Capability { version, keys_exist });
        Ok(capability.filter(|_| announced["enabled"] == Value::Bool(true)))
    }

    /// SPKI, PEM.
    pub(crate) async fn server_key(&self) -> Result<String, ServerError> {
        let data = self.ocs("GET server-key", self.e2ee(Method::GET, "/server-key")).await?;
        text(&data, "public-key", "GET server-key")
    }

    /// The certificate of a user, PEM; `None` when there is none. Whoever else stands in the answer is not looked at.
    pub(crate) async fn certificate(&self, user: &str) -> Result<Option<String>, ServerError> {
        Ok(self.certificates(user).await?.and_then(|all| all[user].as_str().map(str::to_owned)))
    }

    /// The whole answer about the certificate of a user, PEM by user id; `None` when there is none.
    pub(crate) async fn certificates(&self, user: &str) -> Result<Option<Value>, ServerError> {
        let users = Value::from(vec![user]).to_string();
        let request = self.e2ee(Method::GET, "/public-key").query(&[("users", users.as_str())]);
        match self.ocs("GET public-key", request).await {
            Ok(mut data) => Ok(Some(data["public-keys"].take())),
            Err(e) if e.status() == Some(404) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// The certificate that the server made of the request, PEM; with a token it is one for a public link.
    pub(crate) async fn certify(
        &self,
        request_pem: &str,
        share_token: Option<&str>,
    ) -> Result<String, ServerError> {
        let mut fields = vec![("csr", request_pem)];
        fields.extend(share_token.map(|token| ("shareToken", token)));
        let request = self.e2ee(Method::POST, "/public-key").form(&fields);
        let data = self.ocs("POST public-key", request).await?;
        text(&data, "public-key", "POST public-key")
    }

    /// Takes this user's certificate off the server, which keeps the first one otherwise.
    pub(crate) async fn delete_certificate(&self) -> Result<(), ServerError> {
        self.ocs("DELETE public-key", self.e2ee(Method::DELETE, "/public-key")).await.map(drop)
    }

    /// The private-key blob; `None` when there is none.
    pub(crate) async fn private_key(&self) -> Result<Option<String>, ServerError> {
        match self.ocs("GET private-key", self.e2ee(Method::GET, "/private-key")).await {
            Ok(data) => text(&data, "private-key", "GET private-key").map(Some),
            Err(e) if e.status() == Some(404) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Takes this user's private-key blob off the server, which keeps the first one otherwise.
    pub(crate) async fn delete_private_key(&self) -> Result<(), ServerError> {
        self.ocs("DELETE private-key", self.e2ee(Method::DELETE, "/private-key")).await.map(drop)
    }

    pub(crate) async fn store_private_key(&self, fields: &[(&str, &str)]) -> Result<(), ServerError> {
        let request = self.e2ee(Method::POST, "/private-key").form(fields);
        self.ocs("POST private-key", request).await.map(drop)
    }

    pub(crate) async fn mark_encrypted(&self, folder: u64) -> Result<(), ServerError> {
        let request = self.e2ee(Method::PUT, &format!("/encrypted/{folder}"));
        self.ocs("PUT encrypted", request).await.map(drop)
    }

    /// What [`Defect::TakesFlagBack`](crate::defects::Defect::TakesFlagBack) asks for; it does not care what comes of it.
    pub(crate) async fn take_flag_back(&self, folder: u64) {
        let request = self.e2ee(Method::DELETE, &format!("/encrypted/{folder}"));
        let _ = self.ocs("DELETE encrypted", request).await;
    }

    /// Shares a folder of the root with a user, with the right to share it on (R2-GOAL-02).
    pub(crate) async fn share(&self, folder: &str, with: &str) -> Result<(), ServerError> {
        let path = format!("/{folder}");
        let fields =
            [("path", path.as_str()), ("shareType", "0"), ("shareWith", with), ("permissions", "31")];
        let request = self.request(Method::POST, &format!("{SHARES}?format=json")).form(&fields);
        self.ocs("POST shares", request).await.map(drop)
    }

    /// Shares a folder of the root by a public link, for reading and writing, and tells its token.
    pub(crate) async fn share_link(&self, folder: &str) -> Result<String, ServerError> {
        let path = format!("/{folder}");
        let fields = [("path", path.as_str()), ("shareType", "3"), ("permissions", "7")];
        let request = self.request(Method::POST, &format!("{SHARES}?format=json")).form(&fields);
        text(&self.ocs("POST shares", request).await?, "token", "POST shares")
    }

    /// Takes a public link back; none is no error.
    pub(crate) async fn unshare_link(&self, folder: &str, token: &str) -> Result<(), ServerError> {
        let (answer, mut shares) = self.shares_of(folder, true).await?;
        shares.retain(|share| share.token.as_deref() == Some(token));
        self.end(&answer, &shares).await
    }

    /// The users with whom the server says that a folder is shared.
    pub(crate) async fn shared_with(&self, folder: &str) -> Result<Vec<String>, ServerError> {
        let users = self.shares_of(folder, false).await?.1.into_iter().filter(|share| share.share_type == 0);
        Ok(users.filter_map(|share| share.share_with).collect())
    }

    /// Takes the user shares of the folder with this user back, or with `own_only` those that this user has made; none is
    /// no error.
    pub(crate) async fn unshare(&self, folder: &str, with: &str, own_only: bool) -> Result<(), ServerError> {
        let (answer, mut shares) = self.shares_of(folder, own_only).await?;
        shares.retain(|share| share.share_type == 0 && share.share_with.as_deref() == Some(with));
        self.end(&answer, &shares).await
    }

    /// Ends what others share of a folder with this user; nothing is no error.
    pub(crate) async fn leave(&self, folder: u64) -> Result<(), ServerError> {
        let (answer, mut shares) = self.shares(&[("shared_with_me", "true")]).await?;
        shares.retain(|share| share.file_source.as_ref().and_then(number) == Some(folder));
        self.end(&answer, &shares).await
    }

    /// A member sees what he has shared on, an owner with `reshares` what others have, too.
    async fn shares_of(&self, folder: &str, own_only: bool) -> Result<(Answer, Vec<Share>), ServerError> {
        let (path, reshares) = (format!("/{folder}"), if own_only { "false" } else { "true" });
        self.shares(&[("path", path.as_str()), ("reshares", reshares)]).await
    }

    async fn shares(&self, which: &[(&str, &str)]) -> Result<(Answer, Vec<Share>), ServerError> {
        let request = self.request(Method::GET, SHARES).query(&[("format", "json")]).query(which);
        let answer = self.ocs_answer("GET shares", request).await?;
        let shares: Vec<Share> = serde_json::from_value(data(&answer)?).map_err(|e| answer.malformed(e))?;
        Ok((answer, shares))
    }

    async fn end(&self, listed: &Answer, shares: &[Share]) -> Result<(), ServerError> {
        for share in shares {
            let none = || listed.malformed(format!("share id is {}, expected a number", share.id));
            let id = number(&share.id).ok_or_else(none)?;
            let request = self.request(Method::DELETE, &format!("{SHARES}/{id}?format=json"));
            self.ocs("DELETE shares", request).await?;
        }
        Ok(())
    }

    /// A request to the app.
    pub(super) fn e2ee(&self, method: Method, path: &str) -> Request {
        let interface = match self.interface() {
            Interface::V1 => "v1",
            Interface::V2 => "v2",
        };
        self.request(method, &format!("{E2EE}/{interface}{path}?format=json"))
    }

    pub(super) async fn ocs(&self, what: &str, request: Request) -> Result<Value, ServerError> {
        data(&self.ocs_answer(what, request).await?)
    }

    /// An answer with a success status.
    pub(super) async fn ocs_answer(&self, what: &str, request: Request) -> Result<Answer, ServerError> {
        let answer = self.send(what, request).await?;
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        Err(ServerError::Status { what: what.into(), status: answer.status, message: error_text(&answer) })
    }
}

pub(super) fn data(answer: &Answer) -> Result<Value, ServerError> {
    let mut body: Value = serde_json::from_slice(&answer.body).map_err(|e| answer.malformed(e))?;
    match body.pointer_mut("/ocs/data") {
        Some(data) => Ok(data.take()),
        None => Err(answer.malformed("member `ocs.data` is missing")),
    }
}

pub(super) fn text(data: &Value, member: &str, what: &str) -> Result<String, ServerError> {
    data[member].as_str().map(str::to_owned).ok_or_else(|| ServerError::Malformed {
        what: what.into(),
        reason: format!("member `{member}` is no string"),
    })
}

/// Ids are told as numbers or as text.
fn number(id: &Value) -> Option<u64> {
    id.as_u64().or_else(|| id.as_str()?.parse().ok())
}

/// The server has two places for the text of an error.
fn error_text(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let texts = ["/ocs/data/message", "/ocs/meta/message", "/message"];
    let text = texts.iter().filter_map(|place| body.pointer(place)?.as_str()).find(|text| !text.is_empty());
    text.unwrap_or_default().chars().take(200).collect()
}
