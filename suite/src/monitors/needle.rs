//! What must never be seen on the wire, in every form in which it might.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::finding::Evidence;
use super::taken_out::{secret_until, taken_out};
use super::uploads::Upload;
use crate::transcript::Transcript;

/// One thing that must not be seen.
pub(super) struct Needle {
    /// What it is, for people; never the secret itself.
    pub(super) what: String,
    /// The canary, if it may be shown.
    pub(super) canary: Option<String>,
    /// Its bytes.
    bytes: Vec<u8>,
    /// Whether it is text, which might be sent as UTF-16.
    is_text: bool,
    /// The number of the last exchange in which it is a secret.
    pub(super) until: u64,
}

/// What may stand between the words of a mnemonic in the place of a blank; line breaks and `+` are undone before.
const JOINTS: [&str; 7] = ["", "-", "_", ",", ", ", "\",\"", "\", \""];

/// Shorter ones would be met by chance; in bytes.
pub const SHORTEST: usize = 12;

/// Everything that must not be seen in a play.
pub(super) fn needles(transcript: &Transcript) -> Vec<Needle> {
    let taken = taken_out(transcript);
    let mut needles = Vec::new();
    for token in &transcript.canaries.names {
        let what = match transcript.scenario.is_empty() {
            true => format!("the canary {token}"),
            false => format!("the random name …{token}…"),
        };
        let until =
            secret_until(&taken, |taken| taken.paths.iter().any(|path| path.contains(token.as_str())));
        needles.push(Needle { until, ..Needle::canary(what, token) });
    }
    for (sha256, needle) in contents(transcript) {
        let until = secret_until(&taken, |taken| taken.contents.contains(&sha256));
        needles.push(Needle { until, ..needle });
    }
    needles.extend(secrets(transcript));
    needles.retain(|needle| needle.bytes.len() >= SHORTEST);
    needles
}

/// What was written into encrypted folders, each with its SHA-256.
fn contents(transcript: &Transcript) -> impl Iterator<Item = (String, Needle)> {
    let written = transcript.canaries.contents.iter().filter(|content| content.path.contains('/'));
    written.map(|content| {
        let what = format!("the content of {}", content.path);
        let needle = match &content.token {
            Some(token) => Needle::canary(what, token),
            None => Needle::secret(what, &content.bytes),
        };
        (content.sha256.clone(), needle)
    })
}

/// What opens everything: mnemonics and private keys.
fn secrets(transcript: &Transcript) -> Vec<Needle> {
    let mut needles = Vec::new();
    for (user, secrets) in &transcript.secrets.users {
        if let Some(mnemonic) = &secrets.mnemonic {
            let what = format!("the mnemonic of {user}");
            needles.push(Needle::secret(what.clone(), mnemonic.as_bytes()));
            for joint in JOINTS {
                needles.push(Needle::secret(what.clone(), mnemonic.replace(' ', joint).as_bytes()));
            }
        }
        for slice in secrets.private_keys().filter_map(middle_of_key) {
            needles.push(Needle {
                is_text: false,
                ..Needle::secret(format!("the private key of {user}"), &slice)
            });
        }
    }
    needles
}

/// What lets whoever reads it on a device read files: what is in them, and keys.
pub(super) fn on_disk(evidence: &Evidence<'_>) -> Vec<Needle> {
    let mut needles: Vec<Needle> = contents(evidence.transcript).map(|(_, needle)| needle).collect();
    needles.extend(secrets(evidence.transcript));
    needles.extend(keys(&evidence.uploads));
    needles.retain(|needle| needle.bytes.len() >= SHORTEST);
    needles
}

/// The keys of folders and files that uploaded metadata hold: outside of them they are told to nobody (R2-SEC-03).
pub(super) fn keys(uploads: &[Upload]) -> Vec<Needle> {
    let mut keys = BTreeMap::new();
    for (key, contents) in uploads.iter().filter_map(|upload| upload.opened.as_ref()) {
        keys.entry(*key.as_bytes()).or_insert("the key of a folder");
        for entry in contents.files.values() {
            keys.entry(*entry.key.as_bytes()).or_insert("the key of a file");
        }
    }
    let random = keys.into_iter().filter(|(key, _)| is_varied(key));
    let needle =
        |(key, what): ([u8; 16], &str)| Needle { is_text: false, ..Needle::secret(what.to_owned(), &key) };
    random.take(MOST_KEYS).map(needle).collect()
}

/// More are not looked for.
const MOST_KEYS: usize = 256;

/// Whether it is met nowhere by chance, as zeros are, which some take for a key.
fn is_varied(key: &[u8; 16]) -> bool {
    key.iter().collect::<BTreeSet<_>>().len() > 4
}

impl Needle {
    fn canary(what: String, token: &str) -> Self {
        Self { canary: Some(token.to_owned()), ..Self::secret(what, token.as_bytes()) }
    }

    fn secret(what: String, bytes: &[u8]) -> Self {
        Self { what, canary: None, bytes: bytes.to_vec(), is_text: true, until: u64::MAX }
    }

    /// Appends all that a search depends on.
    pub(super) fn describe(&self, to: &mut Vec<u8>) {
        for text in [self.what.as_bytes(), &self.bytes] {
            to.extend_from_slice(&(text.len() as u64).to_be_bytes());
            to.extend_from_slice(text);
        }
        to.push(u8::from(self.is_text));
    }

    /// The bytes to look for, each with the name of the form.
    fn forms(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut forms = vec![("plain", self.bytes.clone()), ("hex", hex::encode(&self.bytes).into_bytes())];
        for shift in 0..3 {
            let standard = base64_inside(&self.bytes, shift);
            let url = standard.replace('+', "-").replace('/', "_");
            if url != standard {
                forms.push(("base64url", url.into_bytes()));
            }
            forms.push(("base64", standard.into_bytes()));
        }
        if let (true, Ok(text)) = (self.is_text, std::str::from_utf8(&self.bytes)) {
            forms.push(("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()));
            forms.push(("UTF-16", text.encode_utf16().flat_map(u16::to_be_bytes).collect()));
        }
        forms
    }
}

/// The bytes of a needle in every form, in lower case, each with the name of the form.
pub(super) type Forms = Arc<[(&'static str, Arc<[u8]>)]>;

/// By bytes, and by whether they are text.
type Made = HashMap<(Vec<u8>, bool), Forms>;

/// The forms of a needle, which are remembered: most are those of words and keys that all plays have.
pub(super) fn forms(needle: &Needle) -> Forms {
    static MADE: LazyLock<Mutex<Made>> = LazyLock::new(Mutex::default);
    const MOST: usize = 1 << 10;
    let key = (needle.bytes.clone(), needle.is_text);
    let known = || MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(forms) = known().get(&key) {
        return Arc::clone(forms);
    }
    let lower = |(form, bytes): (&'static str, Vec<u8>)| (form, Arc::from(bytes.to_ascii_lowercase()));
    let forms: Forms = needle.forms().into_iter().map(lower).collect();
    let mut made = known();
    if made.len() >= MOST {
        made.clear();
    }
    made.insert(key, Arc::clone(&forms));
    forms
}

/// What base64 of a longer text contains where these bytes stand `shift` bytes after a multiple of three.
fn base64_inside(bytes: &[u8], shift: usize) -> String {
    let mut padded = vec![0; shift];
    padded.extend_from_slice(bytes);
    let text = STANDARD_NO_PAD.encode(&padded);
    // A character holds six bits: those that also hold bits of the neighbours cannot be foretold.
    let first = (shift * 8).div_ceil(6);
    let end = padded.len() * 8 / 6;
    text.get(first..end).unwrap_or_default().to_owned()
}

/// A piece of a private key that is in no certificate: of the primes, which stand in the middle.
fn middle_of_key(pem: &str) -> Option<Vec<u8>> {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).map(str::trim).collect();
    let der = base64::engine::general_purpose::STANDARD.decode(body).ok()?;
    let middle = der.len() / 2;
    der.get(middle..middle + 24).map(<[u8]>::to_vec)
}
