//! An exchange as the recorder keeps it: most are forgotten before anybody looks at them.

use std::borrow::Cow;
use std::mem::size_of;

use bytes::Bytes;
use http::HeaderMap;

use crate::exchange::{Endpoint, Exchange};
use crate::headers::Headers;
use crate::model::Content;

/// The parts of an [`Exchange`].
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) number: u64,
    pub(crate) micros: u64,
    pub(crate) endpoint: Endpoint,
    pub(crate) texts: Texts,
    pub(crate) request: Content,
    pub(crate) status: u16,
    pub(crate) response_body: Bytes,
    pub(crate) response_file: Option<Content>,
    pub(crate) delivered: bool,
    pub(crate) tampered_by: Vec<String>,
}

impl Record {
    pub(crate) fn exchange(&self) -> Exchange {
        let texts = &self.texts;
        let mut rest = texts.iter();
        let mut next = || rest.next().unwrap_or_default();
        let [user, device] = [texts.user, texts.device].map(|is_known| is_known.then(|| next().into_owned()));
        let [method, path, query] = std::array::from_fn(|_| next().into_owned());
        let [request_headers, response_headers] =
            [texts.request_headers, texts.response_headers].map(|number| {
                let mut headers = Headers::with_capacity(number, texts.bytes.len() / 2);
                (0..number).for_each(|_| headers.push(&next(), &next()));
                headers
            });
        Exchange {
            number: self.number,
            micros: self.micros,
            user,
            device,
            method,
            path,
            query,
            endpoint: self.endpoint,
            request_headers,
            request_body: self.request.in_memory().cloned().unwrap_or_default(),
            request_file: Some(&self.request).filter(|content| content.in_memory().is_none()).cloned(),
            status: self.status,
            response_headers,
            response_body: self.response_body.clone(),
            response_file: self.response_file.clone(),
            delivered: self.delivered,
            tampered_by: self.tampered_by.clone(),
        }
    }

    /// What the exchange takes in memory when it is looked at, about.
    pub(crate) fn bytes(&self) -> usize {
        /// What the allocator adds to each piece.
        const PIECE: usize = 16;
        /// The exchange itself, its counters and its place among the others.
        const EXCHANGE: usize = size_of::<Exchange>() + size_of::<[usize; 8]>() + PIECE;
        const HEADER: usize = size_of::<[usize; 2]>();
        let headers = (self.texts.request_headers + self.texts.response_headers) * HEADER;
        let request = self.request.in_memory().map_or(0, Bytes::len);
        EXCHANGE + self.texts.bytes.capacity() + headers + request + self.response_body.len() + 4 * PIECE
    }

    /// What it takes on disk.
    pub(crate) fn file_bytes(&self) -> u64 {
        let request = Some(&self.request).filter(|content| content.in_memory().is_none());
        request.into_iter().chain(&self.response_file).map(|content| content.len() - content.held()).sum()
    }
}

/// Who asked for what, and what the headers were.
pub(crate) struct Said<'a> {
    pub(crate) user: Option<&'a str>,
    pub(crate) device: Option<&'a str>,
    pub(crate) method: &'a str,
    /// The names of the path.
    pub(crate) path: &'a [String],
    pub(crate) query: &'a str,
    pub(crate) request_headers: &'a HeaderMap,
    pub(crate) response_headers: &'a [(&'static str, Cow<'static, str>)],
}

impl Said<'_> {
    /// About how many bytes it takes.
    fn length(&self) -> usize {
        const PAIR: usize = 2 * size_of::<u32>();
        let path: usize = self.path.iter().map(|name| 1 + name.len()).sum();
        let request: usize =
            self.request_headers.iter().map(|(name, value)| PAIR + name.as_str().len() + value.len()).sum();
        let response: usize =
            self.response_headers.iter().map(|(name, value)| PAIR + name.len() + value.len()).sum();
        64 + path + self.query.len() + request + response
    }
}

/// The same in one piece of memory: one text after the other, each behind its length.
#[derive(Debug)]
pub(crate) struct Texts {
    bytes: Vec<u8>,
    user: bool,
    device: bool,
    request_headers: usize,
    response_headers: usize,
}

impl Texts {
    /// Credentials are left out.
    pub(crate) fn of(said: &Said<'_>) -> Self {
        let secret = |name: &str| matches!(name, "authorization" | "cookie" | "proxy-authorization");
        let mut bytes = Vec::with_capacity(said.length());
        [said.user, said.device].into_iter().flatten().for_each(|text| append(&mut bytes, [text]));
        append(&mut bytes, [said.method]);
        match said.path {
            [] => append(&mut bytes, ["/"]),
            names => append(&mut bytes, names.iter().flat_map(|name| ["/", name])),
        }
        append(&mut bytes, [said.query]);
        let headers = said.request_headers.iter().filter(|(name, _)| !secret(name.as_str()));
        let mut request_headers = 0;
        for (name, value) in headers {
            append(&mut bytes, [name.as_str()]);
            append(&mut bytes, [value.as_bytes()]);
            request_headers += 1;
        }
        for (name, value) in said.response_headers {
            append(&mut bytes, [*name]);
            append(&mut bytes, [value.as_bytes()]);
        }
        Self {
            bytes,
            user: said.user.is_some(),
            device: said.device.is_some(),
            request_headers,
            response_headers: said.response_headers.len(),
        }
    }

    /// Bytes that are no UTF-8 are replaced.
    fn iter(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let mut rest = &*self.bytes;
        std::iter::from_fn(move || {
            let (length, text) = rest.split_first_chunk()?;
            let (text, after) = text.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            rest = after;
            // Nearly all are, and to find that out takes less time than to replace what is not.
            Some(str::from_utf8(text).map_or_else(|_| String::from_utf8_lossy(text), Cow::from))
        })
    }
}

/// Appends one text that may come in parts.
fn append<T: AsRef<[u8]>>(bytes: &mut Vec<u8>, parts: impl IntoIterator<Item = T>) {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; size_of::<u32>()]);
    parts.into_iter().for_each(|part| bytes.extend_from_slice(part.as_ref()));
    let length = u32::try_from(bytes.len() - start - size_of::<u32>()).unwrap_or(u32::MAX);
    bytes[start..start + size_of::<u32>()].copy_from_slice(&length.to_le_bytes());
}
