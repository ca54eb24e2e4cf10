//! An answer before it becomes HTTP.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};

use super::delivery::{Delivery, Receipt};
use crate::model::Content;

/// Status, headers (names in lower case) and body of an answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, Cow<'static, str>)>,
    pub(crate) body: Bytes,
    /// What is sent instead of the body.
    pub(crate) file: Option<Content>,
}

impl Reply {
    pub(crate) const JSON: &str = "application/json; charset=utf-8";
    pub(crate) const XML: &str = "application/xml; charset=utf-8";
    pub(crate) const HTML: &str = "text/html; charset=utf-8";

    pub(crate) fn new(
        status: u16,
        content_type: impl Into<Cow<'static, str>>,
        body: impl Into<Bytes>,
    ) -> Self {
        // Most have a few more.
        let mut headers = Vec::with_capacity(8);
        headers.push(("content-type", content_type.into()));
        Self { status, headers, body: body.into(), file: None }
    }

    /// With a body that may be in files, which is then read while it is sent.
    pub(crate) fn of_content(
        status: u16,
        content_type: impl Into<Cow<'static, str>>,
        content: Content,
    ) -> Self {
        match content.in_memory() {
            Some(bytes) => Self::new(status, content_type, bytes.clone()),
            None => Self { file: Some(content), ..Self::new(status, content_type, Bytes::new()) },
        }
    }

    /// Whether there is no body.
    pub(crate) fn is_empty(&self) -> bool {
        self.body.is_empty() && self.file.is_none()
    }

    /// Without body.
    pub(crate) fn empty(status: u16) -> Self {
        Self::new(status, Self::HTML, Bytes::new())
    }

    /// No answer at all.
    pub(crate) fn unanswered() -> Self {
        Self { status: 0, headers: Vec::new(), body: Bytes::new(), file: None }
    }

    /// Plain text, for what no real server would say.
    pub(crate) fn text(status: u16, text: &str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text.to_owned())
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds a header if there is a value.
    pub(crate) fn maybe(self, name: &'static str, value: Option<impl Into<Cow<'static, str>>>) -> Self {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    pub(crate) fn into_response(self, receipt: Option<Receipt>) -> Response<Delivery> {
        let mut response =
            Response::new(Delivery::new(self.file.unwrap_or_else(|| self.body.into()), receipt));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            // What a client has stored and a header cannot carry is left out.
            if let Ok(value) = HeaderValue::from_maybe_shared(shared(value)) {
                response.headers_mut().append(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// The bytes of a text without a copy.
fn shared(text: Cow<'static, str>) -> Bytes {
    match text {
        Cow::Borrowed(text) => Bytes::from_static(text.as_bytes()),
        Cow::Owned(text) => text.into(),
    }
}
