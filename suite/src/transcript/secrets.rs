//! What the judge knows and no report may show.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Ground truth of the laboratory, by user id.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// The key material of each user.
    pub users: BTreeMap<String, UserSecrets>,
}

/// Key material of one user.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserSecrets {
    /// PKCS#8 PEM, when the user has a key.
    pub private_key: Option<String>,
    /// Twelve words separated by single blanks, when the user has them.
    pub mnemonic: Option<String>,
    /// The passwords of the user's devices.
    pub passwords: Vec<String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl std::fmt::Debug for UserSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserSecrets(…)")
    }
}

impl Secrets {
    /// Text of a client, fit for a report: no secret of the laboratory, no control characters, bounded.
    pub fn redact(&self, text: &str) -> String {
        let mut text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        for secret in self.texts() {
            if text.contains(&secret) {
                text = text.replace(&secret, "[secret]");
            }
        }
        match text.char_indices().nth(MAX_TEXT) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
            None => text,
        }
    }

    /// Every form in which a secret might be copied into a message.
    fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for user in self.users.values() {
            if let Some(mnemonic) = &user.mnemonic {
                texts.push(mnemonic.clone());
                texts.push(mnemonic.replace(' ', ""));
            }
            if let Some(key) = &user.private_key {
                texts.extend(key.lines().filter(|line| !line.starts_with('-')).map(str::to_owned));
                texts.push(key.lines().filter(|line| !line.starts_with('-')).collect());
            }
            texts.extend(user.passwords.iter().cloned());
        }
        texts.retain(|text| text.len() >= 8);
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        texts
    }
}

/// The most characters of a client's text in a report.
const MAX_TEXT: usize = 500;
