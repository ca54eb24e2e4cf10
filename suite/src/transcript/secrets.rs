//! What the judge knows and no report may show.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::scenario::Derivation;

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
    /// The keys that were in its place before the user made new ones, PKCS#8 PEM.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_keys: Vec<String>,
    /// How the private key was sealed that the user's own client has made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derivation: Option<Derivation>,
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

impl UserSecrets {
    /// Every private key of the user, the newest first.
    pub fn private_keys(&self) -> impl Iterator<Item = &str> {
        self.private_key.iter().chain(&self.earlier_keys).map(String::as_str)
    }
}

impl Secrets {
    /// Text of a client, fit for a report: no secret of the laboratory, no control characters, bounded.
    pub fn redact(&self, text: &str) -> String {
        let mut text = match text.contains(char::is_control) {
            true => text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
            false => text.to_owned(),
        };
        for secret in self.texts(&text) {
            if text.contains(&secret) {
                text = text.replace(&secret, "[secret]");
            }
        }
        // No text has more characters than bytes.
        let end = if text.len() > MAX_TEXT { text.char_indices().nth(MAX_TEXT) } else { None };
        match end {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
            None => text,
        }
    }

    /// Every form in which a secret might be copied into this message.
    fn texts(&self, message: &str) -> Vec<String> {
        let mut texts = Vec::new();
        let longest = message.len();
        if longest < SHORTEST {
            return texts;
        }
        // Most secrets are one word, and longer than any word of most messages.
        let longest_word = message.split(' ').map(str::len).max().unwrap_or_default();
        let fits = |text: &str| match text.contains(' ') {
            true => text.len() <= longest,
            false => text.len() <= longest_word,
        };
        for user in self.users.values() {
            if let Some(mnemonic) = &user.mnemonic {
                texts.extend(Some(mnemonic.clone()).filter(|words| fits(words)));
                let letters = mnemonic.len() - mnemonic.matches(' ').count();
                texts.extend((letters <= longest_word).then(|| mnemonic.replace(' ', "")));
            }
            for key in user.private_keys() {
                let lines = || key.lines().filter(|line| !line.starts_with('-'));
                texts.extend(lines().filter(|line| fits(line)).map(str::to_owned));
                if lines().map(str::len).sum::<usize>() <= longest_word {
                    texts.push(lines().collect());
                }
            }
            texts.extend(user.passwords.iter().filter(|password| fits(password)).cloned());
        }
        texts.retain(|text| text.len() >= SHORTEST);
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        texts
    }
}

/// What is shorter would be met by chance; in bytes.
const SHORTEST: usize = 8;
/// The most characters of a client's text in a report.
const MAX_TEXT: usize = 500;
