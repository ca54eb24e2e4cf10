//! What a handler decides, before it is wrapped.

use std::borrow::Cow;

use serde_json::{Value, json};

/// The outcome of an OCS call. The app has three styles of errors, which put their text into different places.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// 200.
    Data(Value),
    /// 200 with a header of its own.
    DataWith(Value, (&'static str, String)),
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

impl Outcome {
    /// 200 with one member.
    pub(crate) fn one(name: &str, value: impl Into<Value>) -> Self {
        let mut data = serde_json::Map::new();
        data.insert(name.to_owned(), value.into());
        Self::Data(Value::Object(data))
    }

    /// 200 with nothing.
    pub(crate) fn nothing() -> Self {
        Self::Data(json!([]))
    }

    pub(crate) fn throttled(status: u16, text: impl Into<Cow<'static, str>>) -> Self {
        Self::Throttled(status, text.into())
    }

    pub(crate) fn exception(status: u16, text: impl Into<String>) -> Self {
        Self::Exception(status, text.into())
    }

    /// What the app says when something unforeseen fails.
    pub(crate) fn internal() -> Self {
        Self::exception(400, "Internal error")
    }
}
