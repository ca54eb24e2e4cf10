//! The secrets of a recording: what is known, and what it opens.

use std::collections::BTreeMap;

use e2ee_mock_server::control::Recording;
use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::private_key_blob;
use serde_json::Value;

use super::known::{Known, KnownUser};
use crate::scenario::Derivation;
use crate::transcript::{Secrets, UserSecrets};

/// What is known, with the private keys that the mnemonics open. As in a play, who has a mnemonic and no private key has a
/// blob that the mnemonic does not open.
pub(super) fn secrets(known: &Known, recording: &Recording) -> Secrets {
    let users: BTreeMap<String, UserSecrets> = known
        .users
        .iter()
        .map(|(user, known)| {
            let blob = known.mnemonic.as_ref().and_then(|_| last_blob(user, recording));
            (user.clone(), of_user(known, blob.as_deref()))
        })
        .collect();
    Secrets { users }
}

fn of_user(known: &KnownUser, blob: Option<&str>) -> UserSecrets {
    let given = known.private_key.as_ref().map(|key| key.to_pem().to_string());
    let mut secrets = UserSecrets {
        mnemonic: known.mnemonic.as_ref().map(|mnemonic| mnemonic.words()),
        ..UserSecrets::default()
    };
    let (Some(mnemonic), Some(blob)) = (&known.mnemonic, blob) else {
        secrets.private_key = given;
        return secrets;
    };
    if let Ok((key, kdf)) = private_key_blob::open_with(blob, mnemonic, &private_key_blob::Computed) {
        secrets.private_key = Some(key.to_pem().to_string());
        secrets.derivation = Derivation::of(kdf);
    }
    secrets.earlier_keys.extend(given.filter(|given| secrets.private_key.as_ref() != Some(given)));
    secrets
}

/// The private-key blob that the user or public link has stored last, was answered last, or else has in the end.
fn last_blob(user: &str, recording: &Recording) -> Option<String> {
    let exchanges = &recording.exchanges;
    let stored = exchanges.iter().filter(|exchange| {
        let link = exchange.parameter("shareToken").map(|token| format!("s:{token}"));
        exchange.endpoint == Endpoint::PostPrivateKey
            && exchange.status == 200
            && link.as_deref().or(exchange.user.as_deref()) == Some(user)
    });
    let stored = stored.filter_map(|exchange| exchange.parameter("privateKey")).last();
    let shown = exchanges.iter().filter(|exchange| {
        exchange.endpoint == Endpoint::GetPrivateKey && exchange.user.as_deref() == Some(user)
    });
    let shown = || shown.filter_map(answered).last();
    stored.or_else(shown).or_else(|| recording.private_keys.get(user).cloned())
}

fn answered(exchange: &Exchange) -> Option<String> {
    let answer: Value = serde_json::from_slice(&exchange.response_body).ok()?;
    answer.pointer("/ocs/data/private-key")?.as_str().map(str::to_owned)
}
