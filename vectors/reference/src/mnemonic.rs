//! The twelve words from which the key of the private-key blob is derived.

use std::fmt;
use std::sync::LazyLock;

use zeroize::Zeroizing;

use crate::error::Error;
use crate::random;

/// The English word list of BIP-39: 2048 words, one a line, sorted.
static WORDS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| include_str!("../bip39-english.txt").lines().collect());

const LENGTH: usize = 12;

/// Twelve words of the English BIP-39 list (R2-KEY-10). There is no BIP-39 checksum: every client picks the
/// words independently, and a reader that demanded the checksum would lock users out.
#[derive(Clone, PartialEq, Eq)]
pub struct Mnemonic {
    words: Zeroizing<String>,
    passphrase: Zeroizing<String>,
}

impl Mnemonic {
    /// Twelve words picked at random, 132 bits.
    #[must_use]
    pub fn generate() -> Self {
        let picks = Zeroizing::new(random::array::<{ 2 * LENGTH }>());
        // 2048 divides 65536, so the remainder is not biased.
        let indices = picks.chunks_exact(2).map(|pair| usize::from(u16::from_be_bytes([pair[0], pair[1]])));
        Self::from_words(indices.map(|index| WORDS[index % WORDS.len()]))
    }

    /// Reads twelve words in any case, with any whitespace between and around them (R2-KEY-15).
    ///
    /// # Errors
    /// [`Error::Mnemonic`] when there are not twelve words or one is not in the list.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = Zeroizing::new(text.to_lowercase());
        let mut words = Vec::with_capacity(LENGTH);
        for word in text.split_whitespace() {
            let unknown = Error::Mnemonic { reason: "a word is not in the list" };
            words.push(WORDS[WORDS.binary_search(&word).map_err(|_| unknown)?]);
            if words.len() > LENGTH {
                break;
            }
        }
        if words.len() != LENGTH {
            return Err(Error::Mnemonic { reason: "expected 12 words" });
        }
        Ok(Self::from_words(words.into_iter()))
    }

    /// The words as they are shown to the user: lower case, single blanks between (R2-KEY-16).
    #[must_use]
    pub fn words(&self) -> String {
        self.words.to_string()
    }

    /// The words as the key derivation takes them: lower case, nothing between (R2-KEY-15).
    #[must_use]
    pub fn passphrase(&self) -> &str {
        &self.passphrase
    }

    fn from_words(words: impl Iterator<Item = &'static str>) -> Self {
        // The longest word has eight letters: no reallocation leaves a copy behind.
        let mut joined = Zeroizing::new(String::with_capacity(LENGTH * 9));
        let mut passphrase = Zeroizing::new(String::with_capacity(LENGTH * 8));
        for word in words {
            if !joined.is_empty() {
                joined.push(' ');
            }
            joined.push_str(word);
            passphrase.push_str(word);
        }
        Self { words: joined, passphrase }
    }
}

impl fmt::Debug for Mnemonic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Mnemonic(…)")
    }
}
