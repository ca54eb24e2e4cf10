//! Everything that can be said about a document.

use e2ee_reference::certificate::Certificate;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{Contents, Document, MetadataKey, User};
use e2ee_reference::signature;

use super::input::{Input, InspectError};
use super::rules::{self, RuleLine, State};
use super::wrapping;

/// What was found.
pub struct Examination {
    /// The document.
    pub document: Document,
    /// The members who may sign: those of the root.
    pub members: Vec<User>,
    /// Their certificates, where they can be read.
    pub certificates: Vec<(String, Result<Certificate, String>)>,
    /// Who signed, or what is wrong with the signature.
    pub signature: Result<String, String>,
    /// What is inside, with the user who opened it; or why it does not open.
    pub opened: Result<Opened, String>,
    /// Entries of the filedrop: the id, and the name or why it does not open.
    pub filedrop: Vec<(String, Result<String, String>)>,
    /// Every rule of trust.
    pub rules: Vec<RuleLine>,
    /// Whether a key was given.
    pub has_key: bool,
}

/// What is inside.
pub struct Opened {
    /// The member whose key it was.
    pub user: String,
    /// The metadata key.
    pub key: MetadataKey,
    /// The contents.
    pub contents: Contents,
}

impl Examination {
    /// Whether anything is wrong.
    pub fn is_wrong(&self) -> bool {
        self.signature.is_err()
            || (self.has_key && self.opened.is_err())
            || self.certificates.iter().any(|(_, certificate)| certificate.is_err())
            || self.rules.iter().any(|rule| matches!(rule.state, State::Wrong(_)))
            || self.opened.as_ref().is_ok_and(|opened| !opened.contents.damaged.is_empty())
    }
}

/// Examines a document.
///
/// # Errors
/// [`InspectError`], if there is no readable document at all.
pub fn examine(input: &Input) -> Result<Examination, InspectError> {
    let (text, wrapped_signature) = wrapping::document(&input.metadata)?;
    let document = Document::parse(&text).map_err(InspectError::Document)?;
    let root = match &input.root {
        None => None,
        Some(text) => {
            let (text, _) = wrapping::document(text)?;
            Some(Document::parse(&text).map_err(InspectError::Root)?)
        }
    };
    let keeper = root.as_ref().unwrap_or(&document);
    let members = keeper.users().to_vec();
    let certificates: Vec<(String, Result<Certificate, String>)> = members
        .iter()
        .map(|user| (user.user_id.clone(), user.certificate().map_err(|error| error.to_string())))
        .collect();
    let signature_text = input.signature.clone().or(wrapped_signature).unwrap_or_default();
    let signature = signer(&document, signature_text.trim(), &certificates);
    let opened = match &input.key {
        None => Err("no key was given".to_owned()),
        Some(key) => open(&document, keeper, input.user.as_deref(), key),
    };
    let filedrop = match (&input.key, &opened) {
        (Some(key), Ok(opened)) => dropped(&document, &opened.user, key),
        _ => document.filedrop().keys().map(|id| (id.clone(), Err("not opened".to_owned()))).collect(),
    };
    let rules = rules::check(input, &document, root.as_ref(), signature_text.trim(), opened.as_ref().ok());
    Ok(Examination {
        members,
        certificates,
        signature,
        opened,
        filedrop,
        rules,
        has_key: input.key.is_some(),
        document,
    })
}

fn signer(
    document: &Document,
    signature_text: &str,
    certificates: &[(String, Result<Certificate, String>)],
) -> Result<String, String> {
    let candidates: Vec<Certificate> =
        certificates.iter().filter_map(|(_, certificate)| certificate.as_ref().ok().cloned()).collect();
    if candidates.is_empty() && !document.is_root() {
        return Err("a subfolder is signed by a member of its root: give --root".to_owned());
    }
    let found = signature::verify(&document.signed_content(), signature_text, &candidates);
    let found = found.map_err(|error| error.to_string())?;
    let fingerprint = found.fingerprint();
    let user = certificates.iter().find_map(|(user, certificate)| {
        certificate.as_ref().ok().filter(|certificate| certificate.fingerprint() == fingerprint).map(|_| user)
    });
    Ok(user.cloned().unwrap_or_default())
}

fn open(
    document: &Document,
    keeper: &Document,
    user: Option<&str>,
    key: &PrivateKey,
) -> Result<Opened, String> {
    let tried: Vec<&str> = match user {
        Some(user) => vec![user],
        None => keeper.users().iter().map(|user| user.user_id.as_str()).collect(),
    };
    if tried.is_empty() {
        return Err("a subfolder opens with the key of its root: give --root".to_owned());
    }
    let mut reason = String::new();
    for user in tried {
        match keeper.unwrap_key(user, key) {
            Err(error) => reason = format!("{user}: {error}"),
            Ok(metadata_key) => {
                let contents = document.open(&metadata_key).map_err(|error| format!("{user}: {error}"))?;
                return Ok(Opened { user: user.to_owned(), key: metadata_key, contents });
            }
        }
    }
    Err(reason)
}

fn dropped(document: &Document, user: &str, key: &PrivateKey) -> Vec<(String, Result<String, String>)> {
    let entries = document.filedrop().iter();
    entries
        .map(|(id, entry)| {
            let name = entry.open(user, key).map(|entry| entry.filename);
            (id.clone(), name.map_err(|error| error.to_string()))
        })
        .collect()
}
