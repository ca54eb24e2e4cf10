//! What a handler decides, before it is wrapped.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde_json::Value;

use super::ordered_json::Json;
use crate::model::StoredMetadata;
use crate::release::Behaviour;

/// The outcome of an OCS call. The app has three styles of errors, which put their text into different places.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// 200.
    Data(Json),
    /// 200 with a header of its own.
    DataWith(Json, (&'static str, String)),
    /// The same, told many times.
    Prepared(Arc<Prepared>),
    /// 200 with metadata as they are stored.
    Stored(Arc<StoredMetadata>),
    /// An OCS exception: the text is in `meta.message`.
    Exception(u16, String),
    /// A refusal that counts for the brute-force protection: the text is in `data.message`.
    Throttled(u16, Cow<'static, str>),
    /// A status without any text.
    Bare(u16),
    /// An exception that nobody catches: 500.
    Uncaught,
    /// Nobody is logged in: 401.
    NotLoggedIn,
    /// The password is wrong: 401.
    Unauthorised,
    /// There is no such route: 404 with the status code 998.
    NoRoute,
}

/// Data with a header of its own, and the body that tells them, which is made for the first who asks.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(super) data: Json,
    pub(super) header: (&'static str, String),
    body: OnceLock<Bytes>,
}

impl Prepared {
    pub(super) fn new(data: Json, header: (&'static str, String)) -> Self {
        Self { data, header, body: OnceLock::new() }
    }

    /// The body, made by `make` if nobody has done it.
    pub(super) fn body(&self, make: impl FnOnce(Json) -> Bytes) -> Bytes {
        self.body.get_or_init(|| make(self.data.clone())).clone()
    }
}

impl Outcome {
    /// 200 with data.
    pub(crate) fn data(data: Value) -> Self {
        Self::Data(data.into())
    }

    /// 200 with one member.
    pub(crate) fn one(name: &str, value: impl Into<Json>) -> Self {
        Self::Data(Json::one(name, value))
    }

    /// 200 with nothing.
    pub(crate) fn nothing() -> Self {
        Self::Data(Json::List(Vec::new()))
    }

    pub(crate) fn throttled(status: u16, text: impl Into<Cow<'static, str>>) -> Self {
        Self::Throttled(status, text.into())
    }

    /// A refusal in the release's style: an exception where it does not count refusals.
    pub(crate) fn refusal(behaviour: &Behaviour, status: u16, text: impl Into<Cow<'static, str>>) -> Self {
        let text = text.into();
        if behaviour.throttles { Self::Throttled(status, text) } else { Self::exception(status, text) }
    }

    /// The refusal of a request without a header that it must have.
    pub(crate) fn missing(behaviour: &Behaviour, text: impl Into<Cow<'static, str>>) -> Self {
        Self::refusal(behaviour, if behaviour.throttles { 400 } else { 412 }, text)
    }

    pub(crate) fn exception(status: u16, text: impl Into<String>) -> Self {
        Self::Exception(status, text.into())
    }

    /// What the app says when something unforeseen fails.
    pub(crate) fn internal() -> Self {
        Self::exception(400, "Internal error")
    }
}
