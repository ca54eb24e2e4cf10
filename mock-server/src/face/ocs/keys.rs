//! Certificates, private-key blobs and the server key.

use e2ee_reference::authority::{SignatureHash, requested_common_name};
use e2ee_reference::certificate::Certificate;
use serde_json::{Map, Value};

use super::outcome::Outcome;
use crate::face::call::Call;
use crate::model::{KeyOwner, Model};
use crate::release::Behaviour;

const CANNOT_PARSE: &str = "Could not parse the CSR, please make sure to submit a valid CSR";
const CANNOT_SIGN: &str = "could not sign the CSR, please make sure to submit a valid CSR";
const NO_PRIVATE_KEY: &str = "Could not find the private key";

/// `GET private-key`. A share token goes before the user, and nothing but knowing it is needed.
pub(crate) fn get_private_key(call: &mut Call<'_>) -> Outcome {
    let behaviour = call.behaviour();
    let token = call.head.header("x-nc-e2ee-share-token");
    let token = token.filter(|token| behaviour.link_users && !token.is_empty());
    let owner = match (token.as_deref(), call.user()) {
        (Some(token), _) => KeyOwner::Link(token),
        (None, Some(user)) => KeyOwner::User(user),
        (None, None) => return Outcome::throttled(403, "Not allowed to get private key"),
    };
    let stored = call.model().private_key(owner).map(str::to_owned);
    match call.told.private_key(stored) {
        Some(blob) => Outcome::one("private-key", blob),
        None if behaviour.throttles => Outcome::throttled(404, NO_PRIVATE_KEY),
        None => {
            let user = call.user().unwrap_or_default();
            Outcome::exception(404, format!("Could not find the private key of the user {user}"))
        }
    }
}

/// `POST private-key`. Format errors go before a conflict.
pub(crate) fn set_private_key(call: &mut Call<'_>) -> Outcome {
    let Ok(Some(blob)) = call.params.text("privateKey").map(|blob| blob.map(str::to_owned)) else {
        return Outcome::Uncaught;
    };
    if call.behaviour().checks_key_formats && !is_private_key_blob(&blob) {
        return Outcome::exception(400, "Invalid private key format");
    }
    let mut model = call.model();
    let Ok(owner) = writable(call, &model) else { return Outcome::internal() };
    if model.private_key(owner).is_some() {
        return Outcome::Bare(409);
    }
    model.put_private_key(owner, Some(blob.clone()));
    Outcome::one("private-key", blob)
}

/// `DELETE private-key`. Deleting what is not there succeeds.
pub(crate) fn delete_private_key(call: &mut Call<'_>) -> Outcome {
    let mut model = call.model();
    match writable(call, &model) {
        Ok(owner) => model.put_private_key(owner, None),
        Err(NotWritable::Foreign) => {
            return Outcome::exception(403, "You are not allowed to delete this private key");
        }
        Err(NotWritable::NoShare) => return Outcome::internal(),
    }
    Outcome::nothing()
}

/// `GET public-key`. Whoever is logged in gets his own certificate too, and nothing if he has none.
pub(crate) fn get_public_keys(call: &mut Call<'_>) -> Outcome {
    let asked = call.params.get("users").filter(|users| !users.is_empty() && *users != "0");
    let mut ids = match asked.map(serde_json::from_str) {
        None => Vec::new(),
        Some(Err(_) | Ok(Value::Null)) => return Outcome::exception(400, "Cannot decode userlist"),
        Some(Ok(Value::Array(ids))) => ids,
        Some(Ok(Value::Object(ids))) => ids.into_iter().map(|(_, id)| id).collect(),
        Some(Ok(_)) => return Outcome::Uncaught,
    };
    let user = call.user();
    ids.extend(user.map(Value::from).filter(|user| !ids.contains(user)));
    let mut found = Map::new();
    for id in ids {
        let Value::String(id) = id else { return Outcome::Uncaught };
        let owner = id.strip_prefix("s:").map_or(KeyOwner::User(&id), KeyOwner::Link);
        let stored = call.model().certificate(owner).map(str::to_owned);
        match call.told.certificate(&id, stored) {
            Some(certificate) => found.insert(id, Value::String(certificate)),
            None => return no_certificate(call.behaviour(), &id, user.is_some()),
        };
    }
    Outcome::one("public-keys", Value::Object(call.told.certificates(found)))
}

/// `POST public-key`: certifies a request.
pub(crate) fn create_public_key(call: &mut Call<'_>) -> Outcome {
    let Ok(Some(csr)) = call.params.text("csr").map(|csr| csr.map(str::to_owned)) else {
        return Outcome::Uncaught;
    };
    let token = share_token(call).map(str::to_owned);
    let Some(user) = call.user() else { return Outcome::NotLoggedIn };
    let owner = token.as_deref().map_or(KeyOwner::User(user), KeyOwner::Link);
    if call.model().certificate(owner).is_some() {
        return Outcome::Bare(409);
    }
    let behaviour = call.behaviour();
    let Ok(name) = requested_common_name(&csr) else {
        let text = if behaviour.signs_before_naming { CANNOT_SIGN } else { CANNOT_PARSE };
        return Outcome::exception(400, text);
    };
    let expected = token.as_deref().map_or_else(|| user.to_owned(), |token| format!("s:{token}"));
    if name.as_deref() != Some(expected.as_str()) {
        let whose = if token.is_some() { "share token" } else { "current user" };
        return Outcome::exception(403, format!("Common name (CN) does not match the {whose}"));
    }
    match writable(call, &call.tenant.model()) {
        Ok(_) => {}
        Err(NotWritable::NoShare) => return Outcome::Uncaught,
        Err(NotWritable::Foreign) => return Outcome::exception(403, "You are not the owner of the share"),
    }
    // Signing takes its time: nobody waits for the state meanwhile.
    let hash = if behaviour.sha1_certificates { SignatureHash::Sha1 } else { SignatureHash::Sha256 };
    let now = call.tenant.model().now();
    let Ok(certificate) = call.tenant.options.authority.issue_with(&csr, now, hash) else {
        return Outcome::exception(400, CANNOT_SIGN);
    };
    let certificate = certificate.to_pem();
    let mut model = call.model();
    if model.certificate(owner).is_some() {
        return Outcome::Bare(409);
    }
    model.put_certificate(owner, Some(certificate.clone()));
    drop(model);
    Outcome::one("public-key", call.told.issued_certificate(&csr, certificate))
}

/// `PUT public-key`: stores a certificate that somebody else has issued. Only its name is checked.
pub(crate) fn set_public_key(call: &mut Call<'_>) -> Outcome {
    let Ok(Some(pem)) = call.params.text("publicKey").map(|pem| pem.map(str::to_owned)) else {
        return Outcome::Uncaught;
    };
    let Some(user) = call.user() else { return Outcome::NotLoggedIn };
    if call.behaviour().checks_key_formats
        && let Err(text) = check_certificate(&pem, user)
    {
        return Outcome::exception(400, text);
    }
    let mut model = call.model();
    if model.certificate(KeyOwner::User(user)).is_some() {
        return Outcome::Bare(409);
    }
    model.put_certificate(KeyOwner::User(user), Some(pem.clone()));
    Outcome::one("public-key", pem)
}

/// `DELETE public-key`. Deleting what is not there succeeds.
pub(crate) fn delete_public_key(call: &mut Call<'_>) -> Outcome {
    let mut model = call.model();
    match writable(call, &model) {
        Ok(owner) => model.put_certificate(owner, None),
        Err(NotWritable::Foreign) => return Outcome::exception(403, "This is not your public key to delete"),
        Err(NotWritable::NoShare) => return Outcome::internal(),
    }
    Outcome::nothing()
}

/// `GET server-key`: a bare public key, no certificate.
pub(crate) fn get_server_key(call: &mut Call<'_>) -> Outcome {
    let honest = call.tenant.options.authority.server_key().to_pem();
    Outcome::one("public-key", call.told.server_key(honest))
}

fn check_certificate(pem: &str, user: &str) -> Result<(), &'static str> {
    let certificate = Some(pem)
        .filter(|pem| pem.starts_with("-----BEGIN CERTIFICATE-----"))
        .and_then(|pem| Certificate::from_pem(pem).ok());
    match certificate.ok_or("Invalid public key format")?.common_name() {
        Some(name) if name == user => Ok(()),
        _ => Err("Common name (CN) does not match the current user"),
    }
}

/// The share link whose keys are meant; releases without such keys do not look at the parameter.
fn share_token<'c>(call: &'c Call<'_>) -> Option<&'c str> {
    call.params.get("shareToken").filter(|_| call.behaviour().link_users)
}

enum NotWritable {
    NoShare,
    Foreign,
}

/// Whose keys the caller changes: his own, or those of a share link that he has made (parameter `shareToken`).
fn writable<'c>(call: &'c Call<'_>, model: &Model) -> Result<KeyOwner<'c>, NotWritable> {
    let user = call.user().ok_or(NotWritable::Foreign)?;
    let Some(token) = share_token(call) else { return Ok(KeyOwner::User(user)) };
    let share = model.link(token).ok_or(NotWritable::NoShare)?;
    if share.by == user { Ok(KeyOwner::Link(token)) } else { Err(NotWritable::Foreign) }
}

fn no_certificate(behaviour: &Behaviour, id: &str, logged_in: bool) -> Outcome {
    let text = format!("Could not find the public key belonging to the user {id}");
    if logged_in { Outcome::Exception(404, text) } else { Outcome::refusal(behaviour, 404, text) }
}

/// Three parts in base64: anything, a nonce of 12 bytes, a salt of 40 bytes.
fn is_private_key_blob(blob: &str) -> bool {
    let parts: Vec<&str> = blob.split('|').collect();
    let [key, nonce, salt] = parts.as_slice() else { return false };
    let lengths = [key, nonce, salt].map(|part| strict_base64_length(part));
    matches!(lengths, [Some(_), Some(12), Some(40)])
}

/// How many bytes PHP's strict `base64_decode` makes of a text: blanks and line breaks are skipped, missing padding is
/// accepted, wrong padding is not.
fn strict_base64_length(text: &str) -> Option<usize> {
    let text: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).collect();
    let digits =
        text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')).count();
    let padding = text.len() - digits;
    let is_padding = text.iter().skip(digits).all(|byte| *byte == b'=');
    let fits = padding == 0 || (padding <= 2 && text.len().is_multiple_of(4));
    (is_padding && fits && digits % 4 != 1).then_some(digits * 3 / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_as_strict_as_php() {
        let good = [("", 0), ("QUFB", 3), ("QUE=", 2), ("QUE", 2), ("QQ==", 1), ("QU FB\n", 3)];
        for (text, length) in good {
            assert_eq!(strict_base64_length(text), Some(length), "{text:?}");
        }
        for text in ["AA=", "AAAA=", "====", "QUFBQ", "QU-B", "Q=UE", "@@@@"] {
            assert_eq!(strict_base64_length(text), None, "{text:?}");
        }
    }
}
