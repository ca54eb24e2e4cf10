//! An answer before it becomes HTTP.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};

use super::delivery::{Delivery, Receipt};

/// Status, headers (names in lower case) and body of an answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) const JSON: &str = "application/json; charset=utf-8";
    pub(crate) const XML: &str = "application/xml; charset=utf-8";
    pub(crate) const HTML: &str = "text/html; charset=utf-8";

    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body: body.into() }
    }

    /// Without body.
    pub(crate) fn empty(status: u16) -> Self {
        Self::new(status, Self::HTML, Bytes::new())
    }

    /// No answer at all.
    pub(crate) fn unanswered() -> Self {
        Self { status: 0, headers: Vec::new(), body: Bytes::new() }
    }

    /// Plain text, for what no real server would say.
    pub(crate) fn text(status: u16, text: &str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text.to_owned())
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds a header if there is a value.
    pub(crate) fn maybe(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    pub(crate) fn into_response(self, receipt: Option<Receipt>) -> Response<Delivery> {
        let mut response = Response::new(Delivery::new(self.body, receipt));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            // What a client has stored and a header cannot carry is left out.
            if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
                response.headers_mut().append(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
