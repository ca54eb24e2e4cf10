//! Who may use the control API.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use openssl::sha::sha256;

use super::refusal::{Code, Refusal};
use super::secret::Secret;

/// What a request has to show before anybody reads on.
pub(super) struct Gate {
    pub(super) scheme: &'static str,
    pub(super) public_name: Option<String>,
    pub(super) token: Option<Secret>,
}

impl Gate {
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        // A browser that was led here by a name of the attacker's says so: addresses cannot be rebound, names can.
        if !self.is_ours(host) {
            let message = "the header `host` names neither an IP address nor this server";
            return Err(Refusal::new(Code::ForeignHost, message));
        }
        let ours = format!("{}://{host}", self.scheme);
        if headers.get_all(ORIGIN).iter().any(|origin| origin.as_bytes() != ours.as_bytes()) {
            let message = "the request comes from a web page of another origin";
            return Err(Refusal::new(Code::ForeignOrigin, message));
        }
        match &self.token {
            Some(token) if !shows(headers, token) => {
                let message = "expected the control token: `authorization: Bearer TOKEN`";
                Err(Refusal::new(Code::Unauthorized, message))
            }
            _ => Ok(()),
        }
    }

    /// Whether this `host` or `host:port` is an IP address or one of our names.
    fn is_ours(&self, host: &str) -> bool {
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split_once(']').map_or("", |(address, _)| address),
            None => host.rsplit_once(':').map_or(host, |(name, _)| name),
        };
        let named = |ours: &str| name.eq_ignore_ascii_case(ours);
        name.parse::<IpAddr>().is_ok() || named("localhost") || self.public_name.as_deref().is_some_and(named)
    }
}

fn shows(headers: &HeaderMap, token: &Secret) -> bool {
    let sent = headers.get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    // Digests are of one length, and how long the comparison takes says nothing about the token.
    sent.is_some_and(|sent| openssl::memcmp::eq(&sha256(sent), &sha256(token.reveal().as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_own_names_are_ours_and_nothing_else() {
        let gate = Gate { scheme: "http", public_name: Some("mock.example".to_owned()), token: None };
        for host in
            ["127.0.0.1:1", "127.0.0.1", "[::1]:80", "[::1]", "LOCALHOST:9", "10.0.0.7:1", "mock.example"]
        {
            assert!(gate.is_ours(host), "{host}");
        }
        for host in
            ["", "evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "[evil]", "[::1"]
        {
            assert!(!gate.is_ours(host), "{host}");
        }
    }
}
