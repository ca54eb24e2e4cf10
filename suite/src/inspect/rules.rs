//! Every rule of trust by itself: a client stops at the first that refuses, a developer wants to see all.

use std::collections::BTreeMap;

use e2ee_reference::metadata::Document;
use e2ee_reference::trust::{
    CERTIFICATE_RULES, Candidate, ENTRY_RULES, Exceptions, Pins, RULES, Rule, V1_RULES, check_certificate,
    check_entry, judge,
};

use super::examine::Opened;
use super::input::Input;

/// A rule and what it says.
pub struct RuleLine {
    /// Its name.
    pub name: &'static str,
    /// What it demands.
    pub summary: &'static str,
    /// The requirements behind it.
    pub requirements: &'static [&'static str],
    /// What it says.
    pub state: State,
}

/// What a rule says about a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Kept.
    Ok,
    /// Broken, and why.
    Wrong(String),
    /// Broken without harm: a client accepts it with a notice.
    Odd(String),
    /// Not checked, and what it would take.
    Unchecked(&'static str),
}

const HISTORY: &str = "needs what a device remembers of the folder";
/// Rules that say nothing unless more is known than the document.
const NEEDS: &[(&str, &str)] = &[
    ("signer-was-member", HISTORY),
    ("key-history-kept", HISTORY),
    ("key-not-returned", HISTORY),
    ("counter-not-lower", HISTORY),
    ("counter-not-reused", HISTORY),
    ("root-stays-root", HISTORY),
    ("version-not-lower", HISTORY),
    ("listing-belongs", "needs the server's listing of the folder"),
];
/// Rules about who issued a certificate.
const NEED_SERVER_KEY: &[&str] = &["members-certificates-issued", "certificate-issued"];
/// Rules about certificates that are known already.
const NEED_TRUSTED: &[&str] = &["members-certificates-pinned", "certificate-pinned"];

/// All rules, in the order in which a client asks them; those of 1.x, which no document of 2.x can break, last.
pub(super) fn check(
    input: &Input,
    document: &Document,
    root: Option<&Document>,
    signature: &str,
    opened: Option<&Opened>,
) -> Vec<RuleLine> {
    let pins = pins(input, document, root, opened);
    all()
        .map(|rule| {
            let state = match (lacking(input, rule.name), opened, &pins) {
                (Some(what), _, _) => State::Unchecked(what),
                (None, None, _) => State::Unchecked("needs a key that opens the document"),
                (None, _, None) => State::Unchecked("needs a certificate"),
                (None, Some(opened), Some(pins)) => {
                    one(rule.name, input, document, root, signature, opened, pins)
                }
            };
            RuleLine { name: rule.name, summary: rule.summary, requirements: rule.requirements, state }
        })
        .collect()
}

fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().chain(CERTIFICATE_RULES).chain(ENTRY_RULES).chain(V1_RULES)
}

fn lacking(input: &Input, rule: &str) -> Option<&'static str> {
    if NEED_SERVER_KEY.contains(&rule) && input.server_key.is_none() {
        return Some("needs --server-key");
    }
    if NEED_TRUSTED.contains(&rule) && input.trusted.is_empty() {
        return Some("needs --certificate");
    }
    if V1_RULES.iter().any(|other| other.name == rule) {
        return Some("needs a document of 1.x");
    }
    NEEDS.iter().find(|(name, _)| *name == rule).map(|(_, what)| *what)
}

/// One rule with all others switched off.
fn one(
    rule: &'static str,
    input: &Input,
    document: &Document,
    root: Option<&Document>,
    signature: &str,
    opened: &Opened,
    pins: &Pins,
) -> State {
    let Ok(others) = Exceptions::of(all().map(|other| other.name).filter(|name| *name != rule)) else {
        return State::Unchecked("is unknown");
    };
    if CERTIFICATE_RULES.iter().any(|other| other.name == rule) {
        let keeper = root.unwrap_or(document);
        for user in keeper.users() {
            let Ok(certificate) = user.certificate() else { continue };
            if let Err(refusal) = check_certificate(&user.user_id, &certificate, pins, input.now, &others) {
                return State::Wrong(format!("{}: {}", user.user_id, refusal.reason));
            }
        }
        return State::Ok;
    }
    if ENTRY_RULES.iter().any(|other| other.name == rule) {
        let files = opened.contents.files.iter().map(|(id, file)| (id, &file.filename));
        for (id, name) in files.chain(&opened.contents.folders) {
            if let Err(refusal) = check_entry(id, name, &others) {
                return State::Wrong(format!("{id}: {}", refusal.reason));
            }
        }
        return State::Ok;
    }
    let candidate = Candidate {
        document,
        signature,
        contents: &opened.contents,
        metadata_key: &opened.key,
        root_members: root.map(Document::users),
        listing: None,
        now: input.now,
    };
    match judge(&candidate, pins, None, &others) {
        Err(refusal) => State::Wrong(refusal.reason),
        Ok(accepted) => match accepted.notices.into_iter().find(|notice| notice.rule == rule) {
            Some(notice) => State::Odd(notice.reason),
            None => State::Ok,
        },
    }
}

/// What a device would trust. Without a server key some key has to stand in: the rules that look at it are not asked.
fn pins(
    input: &Input,
    document: &Document,
    root: Option<&Document>,
    opened: Option<&Opened>,
) -> Option<Pins> {
    let keeper = root.unwrap_or(document);
    let any = || keeper.users().iter().find_map(|user| Some(user.certificate().ok()?.public_key().clone()));
    let trusted = input
        .trusted
        .iter()
        .filter_map(|certificate| Some((certificate.common_name()?.to_owned(), certificate.fingerprint())));
    Some(Pins {
        user_id: opened.map(|opened| opened.user.clone()).or(input.user.clone()).unwrap_or_default(),
        server_key: input.server_key.clone().or_else(any)?,
        certificates: trusted.collect::<BTreeMap<_, _>>(),
    })
}
