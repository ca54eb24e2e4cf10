//! One request with its answer, as the recorder keeps it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use percent_encoding::percent_decode;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::headers::Headers;
use crate::model::Content;

/// One request and the server's answer to it. Neither credentials nor cookies are in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RecordedExchange")]
pub struct Exchange {
    /// Counts the exchanges of a tenant from 1, in the order in which they took effect.
    pub number: u64,
    /// When the request had arrived, in microseconds since the tenant was made.
    pub micros: u64,
    /// The user id, if the credentials were right.
    pub user: Option<String>,
    /// The label of the credential.
    pub device: Option<String>,
    /// The verb, for example `PROPFIND`.
    pub method: String,
    /// The path, percent-decoded, without the tenant's prefix; it begins with `/`.
    pub path: String,
    /// The query as it was sent, without `?`.
    pub query: String,
    /// Which operation it is.
    pub endpoint: Endpoint,
    /// The request's headers, names in lower case, without `authorization` and `cookie`.
    pub request_headers: Headers,
    /// The request's body. JSON: base64.
    #[serde(with = "base64_bytes")]
    #[schemars(with = "String")]
    pub request_body: Bytes,
    /// A request's body that is a file on the server's disk, see [`TenantOptions::spill`](crate::TenantOptions::spill);
    /// [`Exchange::request_body`] is empty then. JSON: its length and SHA-256 only.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "described")]
    #[schemars(with = "Option<described::Description>")]
    pub request_file: Option<Content>,
    /// The HTTP status of the answer; 0 if the connection was cut before anything was done.
    pub status: u16,
    /// The answer's headers, names in lower case.
    pub response_headers: Headers,
    /// The answer's body. JSON: base64.
    #[serde(with = "base64_bytes")]
    #[schemars(with = "String")]
    pub response_body: Bytes,
    /// An answer's body that is on the server's disk; [`Exchange::response_body`] is empty then. JSON: its length and
    /// SHA-256 only.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "described")]
    #[schemars(with = "Option<described::Description>")]
    pub response_file: Option<Content>,
    /// Whether the whole answer was handed to the connection.
    pub delivered: bool,
    /// The names of the moves whose lie changed this answer.
    pub tampered_by: Vec<String>,
}

impl Exchange {
    /// The first request header of this name (lower case).
    pub fn request_header(&self, name: &str) -> Option<&str> {
        self.request_headers.get(name)
    }

    /// The first response header of this name (lower case).
    pub fn response_header(&self, name: &str) -> Option<&str> {
        self.response_headers.get(name)
    }

    /// The request's body, wherever it is.
    pub fn request_content(&self) -> Content {
        self.request_file.clone().unwrap_or_else(|| self.request_body.clone().into())
    }

    /// A text parameter in the request's body, form or JSON; the last one of its name.
    pub fn parameter(&self, name: &str) -> Option<String> {
        if self.request_header("content-type").is_some_and(|kind| kind.contains("json")) {
            let body: Value = serde_json::from_slice(&self.request_body).ok()?;
            return body.get(name)?.as_str().map(str::to_owned);
        }
        let pairs = self.request_body.split(|byte| *byte == b'&');
        let value =
            pairs.filter_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")).next_back()?;
        let blanks: Vec<u8> = value.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        percent_decode(&blanks).decode_utf8().ok().map(Into::into)
    }
}

macro_rules! endpoints {
    ($($variant:ident = $text:literal: $doc:literal,)*) => {
        /// Which operation a request is. `Display` and `FromStr` use the spelling of scenarios.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Endpoint {
            $(#[doc = $doc] $variant,)*
        }

        impl Endpoint {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name, for example `POST lock`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

endpoints! {
    PostLock = "POST lock": "Locks a folder.",
    DeleteLock = "DELETE lock": "Releases a lock.",
    GetMetadata = "GET meta-data": "Fetches metadata.",
    PostMetadata = "POST meta-data": "Stores the first metadata of a folder.",
    PutMetadata = "PUT meta-data": "Replaces metadata.",
    DeleteMetadata = "DELETE meta-data": "Deletes metadata.",
    PutFiledrop = "PUT filedrop": "Adds entries to the filedrop of a folder.",
    GetPublicKey = "GET public-key": "Fetches certificates.",
    PostPublicKey = "POST public-key": "Has a certificate request certified.",
    PutPublicKey = "PUT public-key": "Stores an existing certificate.",
    DeletePublicKey = "DELETE public-key": "Deletes the own certificate.",
    GetPrivateKey = "GET private-key": "Fetches the own private-key blob.",
    PostPrivateKey = "POST private-key": "Stores the own private-key blob.",
    DeletePrivateKey = "DELETE private-key": "Deletes the own private-key blob.",
    GetServerKey = "GET server-key": "Fetches the server key.",
    PutEncrypted = "PUT encrypted": "Sets the encrypted flag.",
    DeleteEncrypted = "DELETE encrypted": "Clears the encrypted flag.",
    DeleteEncryptedFiles = "DELETE encrypted-files": "Deletes all encrypted folders of a user.",
    GetCapabilities = "GET capabilities": "Fetches the capabilities.",
    GetUser = "GET user": "Fetches facts about a user.",
    GetStatus = "GET status": "Fetches status.php.",
    GetShares = "GET shares": "Lists shares.",
    PostShares = "POST shares": "Shares a node.",
    PutShares = "PUT shares": "Changes a share.",
    DeleteShares = "DELETE shares": "Ends a share.",
    GetSharees = "GET sharees": "Searches for users to share with.",
    Propfind = "PROPFIND": "Lists a folder or asks for properties.",
    PutFile = "PUT file": "Uploads a file.",
    GetFile = "GET file": "Downloads a file.",
    HeadFile = "HEAD file": "Asks for the headers of a download.",
    Mkcol = "MKCOL": "Makes a folder.",
    Move = "MOVE": "Moves or renames a node.",
    Copy = "COPY": "Copies a node.",
    LockFile = "LOCK": "Keeps others from editing a file.",
    UnlockFile = "UNLOCK": "Lets others edit a file again.",
    DeleteFile = "DELETE file": "Deletes a node.",
    Proppatch = "PROPPATCH": "Changes properties.",
    Report = "REPORT": "Searches by properties.",
    PutChunk = "PUT chunk": "Uploads a part of a file.",
    MoveChunks = "MOVE chunks": "Puts the parts of a file together.",
    PostBulk = "POST bulk": "Uploads many files.",
    Other = "other": "Anything else.",
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no [`Endpoint`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown endpoint {0:?}")]
pub struct UnknownEndpoint(String);

impl FromStr for Endpoint {
    type Err = UnknownEndpoint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().copied().find(|endpoint| endpoint.as_str() == text);
        found.ok_or_else(|| UnknownEndpoint(text.chars().take(64).collect()))
    }
}

impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl JsonSchema for Endpoint {
    fn schema_name() -> Cow<'static, str> {
        "Endpoint".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Self::ALL.iter().map(|endpoint| endpoint.as_str()).collect();
        json_schema!({ "description": "Which operation a request is.", "enum": names })
    }
}

impl<'de> Deserialize<'de> for Endpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Contents of files as length and SHA-256 in JSON. What is read back says so, and cannot be read.
mod described {
    use serde::ser::SerializeStruct as _;

    use super::{Content, Deserialize, Deserializer, JsonSchema, Serializer};

    /// Bytes that are elsewhere.
    #[derive(Deserialize, JsonSchema)]
    #[schemars(rename = "BytesElsewhere")]
    pub(super) struct Description {
        length: u64,
        /// Lower-case hex.
        sha256: String,
    }

    pub(super) fn serialize<S: Serializer>(content: &Option<Content>, to: S) -> Result<S::Ok, S::Error> {
        let Some(content) = content else { return to.serialize_none() };
        let mut described = to.serialize_struct("Content", 2)?;
        described.serialize_field("length", &content.len())?;
        let sha256 = content.sha256().map_err(serde::ser::Error::custom)?;
        described.serialize_field("sha256", &hex::encode(sha256))?;
        described.end()
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Content>, D::Error> {
        let described = Option::<Description>::deserialize(from)?;
        described
            .map(|Description { length, sha256 }| {
                let sha256 = hex::decode(sha256).ok().and_then(|hash| hash.try_into().ok());
                let sha256 = sha256.ok_or_else(|| serde::de::Error::custom("sha256: expected 64 digits"))?;
                Ok(Content::elsewhere(length, sha256))
            })
            .transpose()
    }
}

/// Bytes as base64 text in JSON.
pub(crate) mod base64_bytes {
    use base64::Engine as _;

    use super::{Bytes, Deserialize, Deserializer, STANDARD, Serializer};

    pub(crate) fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Bytes::from).map_err(serde::de::Error::custom)
    }
}
