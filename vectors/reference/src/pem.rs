//! PEM armour (RFC 7468), read leniently: any column width, no line end needed after the last line.
//! Android wraps at 65 columns, its certificate requests not at all.

use zeroize::Zeroizing;

use crate::base64;
use crate::dialect::{Dialect, PemForm};
use crate::error::Error;

/// The DER of the first block with this label. The text may be secret, so the result is wiped on drop.
pub(crate) fn decode(label: &'static str, text: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let wrong = Error::Pem { label };
    let begin = begin(label);
    // Nearly always it begins at once: that is found out sooner than by seeking.
    let rest = text.strip_prefix(&begin).or_else(|| Some(text.split_once(&begin)?.1)).ok_or(wrong.clone())?;
    // No hyphen is in base64.
    let (body, after) = rest.split_at(rest.find('-').ok_or(wrong.clone())?);
    if !after.starts_with(&end(label)) {
        return Err(wrong);
    }
    // Without growing, which would leave copies behind.
    let mut joined = Zeroizing::new(String::with_capacity(body.len()));
    body.split_ascii_whitespace().for_each(|line| joined.push_str(line));
    base64::decode(&joined, label).map(Zeroizing::new).map_err(|_| wrong)
}

/// PEM with 64 columns and a line end after the last line, as OpenSSL writes it.
pub(crate) fn encode(label: &'static str, der: &[u8]) -> Zeroizing<String> {
    encode_as(label, der, &Dialect::SPECIFIED.private_key.pem)
}

/// PEM with other lines.
pub(crate) fn encode_as(label: &'static str, der: &[u8], form: &PemForm) -> Zeroizing<String> {
    let columns = form.columns.max(1);
    let body = Zeroizing::new(base64::encode(der));
    let mut text = Zeroizing::new(String::with_capacity(body.len() + body.len() / columns + 128));
    text.push_str(&begin(label));
    let mut rest = &**body;
    // Base64 is ASCII: it can be divided anywhere.
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(columns));
        text.push('\n');
        text.push_str(line);
        rest = after;
    }
    text.push('\n');
    text.push_str(&end(label));
    if form.final_newline {
        text.push('\n');
    }
    text
}

fn begin(label: &str) -> String {
    format!("-----BEGIN {label}-----")
}

fn end(label: &str) -> String {
    format!("-----END {label}-----")
}
