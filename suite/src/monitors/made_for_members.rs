//! What a client writes must be of use to all for whom it writes.

use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{Document, User};
use e2ee_reference::recognise::Recognised;
use e2ee_reference::signature::Signature;

use super::finding::{Evidence, Monitor, Observed};
use super::need::Need;
use crate::transcript::UserSecrets;

pub(super) const MONITOR: Monitor = Monitor {
    name: "made-for-members",
    summary: "every uploaded root document opens for each member in it, begins with its maker, and its signature says whose it is",
    requirements: &["R2-MD-04", "R2-MD-05", "R2-MD-06", "R2-MD-07", "R2-SHR-10", "R2-SIG-02", "R2-SIG-07"],
    catches: &["wraps-key-as-text", "signs-without-certificate"],
    honest_only: true,
    needs: &[Need::Members],
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let transcript = evidence.transcript;
    let secrets = transcript.secrets.users.values();
    let keys: Vec<PrivateKey> = secrets
        .flat_map(UserSecrets::private_keys)
        .filter_map(|pem| PrivateKey::from_pem(pem).ok())
        .collect();
    let mut seen: Vec<&User> = Vec::new();
    let mut observed = Vec::new();
    for upload in &evidence.uploads {
        let mut sent = transcript.subject_exchanges();
        let (Some(exchange), Recognised::V2(document)) =
            (sent.find(|exchange| exchange.number == upload.exchange), &*upload.document)
        else {
            continue;
        };
        if !document.is_root() {
            continue;
        }
        let mut wrong = Vec::new();
        // The same entry is sent with every change.
        for user in document.users().iter().filter(|user| !seen.contains(user)) {
            wrong.extend(unreadable(document, user, &keys));
        }
        seen.extend(document.users());
        let first = document.users().first().map(|user| user.user_id.as_str());
        if exchange.endpoint == Endpoint::PostMetadata && first != exchange.user.as_deref() {
            wrong.push("is the first of its folder and does not begin with who made it".to_owned());
        }
        wrong.extend(anonymous(exchange, document).map(str::to_owned));
        observed.extend(wrong.into_iter().map(|what| Observed {
            text: format!("the document in exchange {} {what}", exchange.number),
            exchanges: vec![exchange.number],
            canary: None,
        }));
    }
    observed
}

/// What keeps a member from the contents, whose certificate is over a key that the judge has.
fn unreadable(document: &Document, user: &User, keys: &[PrivateKey]) -> Option<String> {
    let certificate = user.certificate().ok()?;
    let key = keys.iter().find(|key| key.public_key() == *certificate.public_key())?;
    let opened = user.unwrap_key(key).and_then(|metadata_key| document.open(&metadata_key));
    opened.err().map(|error| format!("does not open for {}: {error}", user.user_id))
}

/// What is missing in a signature for those who look for its signer in itself.
fn anonymous(exchange: &Exchange, document: &Document) -> Option<&'static str> {
    let signature = Signature::parse(exchange.request_header("x-nc-e2ee-signature")?).ok()?;
    let mut members = document.users().iter().filter_map(|user| user.certificate().ok());
    if !signature.is_by_embedded() {
        Some("has a signature without the certificate of its signer")
    } else if !members.any(|certificate| signature.names(&certificate)) {
        Some("has a signature that names no member as its signer")
    } else {
        None
    }
}
