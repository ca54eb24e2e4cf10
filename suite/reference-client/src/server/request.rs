//! Requests before they are sent.
//!
//! Nearly all addresses are made here and need no more than being put together. One that might be read otherwise than it
//! stands there goes through [`Url`], as every address does in a browser.

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Url};
use std::fmt::Display;

/// What forms leave as it is.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_').remove(b' ');

/// A request to one address.
pub(crate) struct Request {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Option<Bytes>,
    /// What cannot be sent.
    broken: Option<String>,
}

impl Request {
    pub(super) fn new(method: Method, url: String, headers: HeaderMap) -> Self {
        Self { method, url, headers, body: None, broken: None }
    }

    /// Adds the header that says who asks.
    pub(super) fn basic_auth(mut self, credentials: &HeaderValue) -> Self {
        self.headers.append(AUTHORIZATION, credentials.clone());
        self
    }

    /// Adds a header.
    pub(super) fn header(mut self, name: &str, value: impl Display) -> Self {
        let name = HeaderName::try_from(name).map_err(|e| e.to_string());
        let value = HeaderValue::try_from(value.to_string()).map_err(|e| e.to_string());
        match name.and_then(|name| Ok((name, value?))) {
            Ok((name, value)) => drop(self.headers.append(name, value)),
            Err(e) => drop(self.broken.get_or_insert(e)),
        }
        self
    }

    /// Sets a header.
    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Adds parameters to the address.
    pub(super) fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        if !pairs.is_empty() {
            self.url.push(if self.url.contains('?') { '&' } else { '?' });
            self.url.push_str(&form(pairs));
        }
        self
    }

    /// A body of parameters.
    pub(super) fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        self.headers.entry(CONTENT_TYPE).or_insert(kind);
        self.body(form(pairs).into_bytes())
    }

    pub(super) fn body(mut self, bytes: impl Into<Bytes>) -> Self {
        self.body = Some(bytes.into());
        self
    }

    /// For the network.
    pub(super) fn over(self, client: &Client) -> Result<RequestBuilder, String> {
        if let Some(broken) = self.broken {
            return Err(broken);
        }
        let request = client.request(self.method, self.url).headers(self.headers);
        Ok(match self.body {
            Some(body) => request.body(body),
            None => request,
        })
    }

    /// For another way.
    pub(super) fn whole(self) -> Result<http::Request<Bytes>, String> {
        if let Some(broken) = self.broken {
            return Err(broken);
        }
        let url = match is_plain(&self.url) {
            true => self.url,
            false => Url::parse(&self.url).map_err(|e| e.to_string())?.into(),
        };
        let mut request = http::Request::new(self.body.unwrap_or_default());
        *request.method_mut() = self.method;
        *request.uri_mut() = http::Uri::try_from(url).map_err(|e| e.to_string())?;
        *request.headers_mut() = self.headers;
        Ok(request)
    }
}

/// Whether an address is read by everybody as it stands: nothing to encode, and no dots that lead elsewhere.
fn is_plain(url: &str) -> bool {
    let plain = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b'?' | b'=' | b'&' | b'%' | b'+' | b'*'
            )
    };
    let dots = url.contains("/.") || url.contains("%2e") || url.contains("%2E");
    url.starts_with("http://") && url.bytes().all(plain) && !dots
}

/// Parameters as forms have them.
fn form(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        append(&mut text, name);
        text.push('=');
        append(&mut text, value);
    }
    text
}

fn append(text: &mut String, part: &str) {
    for (at, words) in part.split(' ').enumerate() {
        if at > 0 {
            text.push('+');
        }
        text.extend(utf8_percent_encode(words, FORM));
    }
}

#[cfg(test)]
mod tests {
    use super::super::http::words;
    use super::*;

    const PAIRS: [(&str, &str); 3] =
        [("metaData", "{\"a b\": \"ä/+&=%*-._~\"}\n"), ("csr", ""), ("x y", "1")];

    #[test]
    fn what_goes_another_way_is_what_goes_over_the_network() {
        let client = Client::new();
        let paths = ["/f/a%20b/c?format=json", "/a/../b", "/a/%2E%2e/b", "/a/.", "/ä\"<>`/b c", "/a\\b"];
        for path in paths {
            let url = format!("http://127.0.0.1:8080/t/play-1{path}");
            let request = || {
                let request = Request::new(Method::PUT, url.clone(), HeaderMap::new());
                request.header("Depth", 1).query(&PAIRS).form(&PAIRS)
            };
            let sent =
                request().over(&client).and_then(|it| it.build().map_err(|e| words(&e))).expect("a request");
            let built =
                client.put(&url).header("Depth", 1).query(&PAIRS).form(&PAIRS).build().expect("a request");
            let carried = request().whole().expect("a request");
            for (url, headers, body) in [
                (sent.url().to_string(), sent.headers(), sent.body().and_then(|body| body.as_bytes())),
                (carried.uri().to_string(), carried.headers(), Some(&carried.body()[..])),
            ] {
                assert_eq!(url, built.url().to_string(), "{path}");
                assert_eq!(headers, built.headers());
                assert_eq!(body, built.body().and_then(|body| body.as_bytes()));
            }
        }
    }

    #[test]
    fn what_no_header_can_carry_is_not_sent() {
        let request =
            || Request::new(Method::GET, "http://127.0.0.1/".into(), HeaderMap::new()).header("x", "a\nb");
        assert!(request().whole().is_err());
        assert!(request().over(&Client::new()).is_err());
    }
}
