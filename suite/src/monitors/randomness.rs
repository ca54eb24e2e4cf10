//! What has to be random is drawn anew each time, on each device by itself.
//!
//! Looked at are the metadata keys, file keys and identifiers of all documents that judged devices have uploaded, and the
//! salts, mnemonics and key pairs of the identities that they have made. Honest clients have the same value in two places
//! for good reasons: a file is moved, copied, dropped, shared or migrated. A value is only said to be drawn twice where
//! nobody can have taken it from the other place: by users who share nothing, or, in plays in which nothing is copied or
//! moved, for two files of one document, or for two root folders. Plays in which the server has had a hand in what is
//! stored are left alone.
//!
//! An honest client is accused in one play with a probability below 2^-48: of 10000 keys of 128 bits or identifiers of 80,
//! two are equal with one below 2^-53, and for patterns see [`bias`].
//!
//! Nonces are not looked at here: one that repeats under another key, as a counter's does, harms nobody (NIST SP 800-38D,
//! 8.2.1), and under one key it is a matter of the monitor `key-reuse`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::recognise::Recognised;

use super::bias;
use super::finding::{Evidence, Monitor, Observed};
use super::need::Need;
use super::uploads::Upload;
use crate::scenario::Action;
use crate::transcript::{Deed, Outcome, Transcript};

pub(super) const MONITOR: Monitor = Monitor {
    name: "randomness",
    summary: "keys, salts, mnemonics and identifiers are random: none is drawn twice, and no pattern is in them",
    requirements: &["R2-MOD-05", "R2-KEY-12", "ATK-IV-03"],
    catches: &["same-randomness-everywhere", "draws-keys-of-letters"],
    honest_only: true,
    needs: &[Need::Metadata, Need::Mnemonics, Need::WishesFor("keys that several files or folders have")],
    check,
};

/// Shorter identifiers, in characters, might be equal by chance.
const LONG_IDENTIFIER: usize = 20;
/// Shorter salts, in bytes, might, too.
const LONG_SALT: usize = 16;

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let transcript = evidence.transcript;
    if transcript.steps.iter().any(|step| matches!(step.deed, Deed::Move(_))) {
        return Vec::new();
    }
    let drawn = drawn(evidence);
    let mut observed = of_strangers(&drawn, &Circles::of(evidence));
    let copies = |deed: &Deed| matches!(deed, Deed::Device(Action::Copy { .. } | Action::Rename { .. }));
    // In a recording anything may be a copy.
    if evidence.recorded.is_none() && !transcript.steps.iter().any(|step| copies(&step.deed)) {
        observed.extend(files_under_one_key(evidence));
        observed.extend(roots_under_one_key(evidence));
    }
    observed.extend(patterns(&drawn));
    observed
}

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    MetadataKey,
    FileKey,
    Identifier,
    Salt,
    Mnemonic,
    KeyPair,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::MetadataKey => "metadata key",
            Self::FileKey => "file key",
            Self::Identifier => "identifier",
            Self::Salt => "salt",
            Self::Mnemonic => "mnemonic",
            Self::KeyPair => "key pair",
        }
    }
}

/// A value that a device of a user has sent for the first time, or shown to its user.
struct Draw<'a> {
    kind: Kind,
    value: Cow<'a, [u8]>,
    user: &'a str,
    /// None for what is never sent.
    exchange: Option<u64>,
}

fn drawn<'a>(evidence: &'a Evidence<'_>) -> Vec<Draw<'a>> {
    let transcript = evidence.transcript;
    let mut drawn = Vec::new();
    // Documents are sent whole with every change.
    let mut seen: HashSet<(Kind, &[u8], &str)> = HashSet::new();
    for (exchange, _, upload) in uploads(evidence) {
        let (Some(user), Some((key, contents))) = (exchange.user.as_deref(), &upload.opened) else {
            continue;
        };
        let mut draw = |kind, value: &'a [u8]| {
            if seen.insert((kind, value, user)) {
                drawn.push(Draw { kind, value: Cow::Borrowed(value), user, exchange: Some(exchange.number) });
            }
        };
        draw(Kind::MetadataKey, key.as_bytes());
        contents.files.values().for_each(|entry| draw(Kind::FileKey, entry.key.as_bytes()));
        let ids = contents.files.keys().chain(contents.folders.keys());
        ids.filter(|id| id.len() >= LONG_IDENTIFIER).for_each(|id| draw(Kind::Identifier, id.as_bytes()));
    }
    let mut makers = BTreeSet::new();
    let made: Vec<_> = match evidence.recorded {
        None => made_keys(transcript).collect(),
        Some(_) => stored_keys(transcript).collect(),
    };
    for (user, exchange) in made {
        makers.insert(user);
        let salt = exchange.and_then(salt).map(Cow::Owned);
        let exchange = exchange.map(|exchange| exchange.number);
        drawn.extend(salt.map(|value| Draw { kind: Kind::Salt, value, user, exchange }));
    }
    for user in makers {
        let Some(secrets) = transcript.secrets.users.get(user) else { continue };
        let mnemonic =
            secrets.mnemonic.as_ref().map(|words| (Kind::Mnemonic, Cow::Borrowed(words.as_bytes())));
        let key = secrets.private_key.as_ref().and_then(|pem| PrivateKey::from_pem(pem).ok());
        let pair = key.map(|key| (Kind::KeyPair, Cow::Owned(key.public_key().to_pem().into_bytes())));
        let values = mnemonic.into_iter().chain(pair);
        drawn.extend(values.map(|(kind, value)| Draw { kind, value, user, exchange: None }));
    }
    drawn
}

/// What judged devices have uploaded, with the exchange and the folder's number in its address.
fn uploads<'a>(evidence: &'a Evidence<'_>) -> impl Iterator<Item = (&'a Exchange, &'a str, &'a Upload)> {
    let sent: HashMap<u64, &'a Arc<Exchange>> =
        evidence.transcript.subject_exchanges().map(|exchange| (exchange.number, exchange)).collect();
    evidence.uploads.iter().filter_map(move |upload| {
        let exchange: &'a Arc<Exchange> = sent.get(&upload.exchange).copied()?;
        Some((exchange.as_ref(), exchange.path.rsplit('/').next().unwrap_or_default(), upload))
    })
}

/// The users whose judged devices have made keys for them, each time with the private-key blob that was stored, if any. What
/// the laboratory has provided is the same for all.
fn made_keys(transcript: &Transcript) -> impl Iterator<Item = (&str, Option<&Exchange>)> {
    let made = transcript.steps.iter().filter(|step| {
        matches!(step.deed, Deed::Device(Action::CreateIdentity {} | Action::RenewKeys {}))
            && matches!(step.outcome, Outcome::Ok(_))
            && transcript.is_subject(&step.actor)
    });
    made.filter_map(|step| {
        let device = transcript.devices.iter().find(|device| device.actor == step.actor)?;
        let mut sent = transcript.exchanges.iter().filter(|exchange| {
            exchange.number > step.exchanges_before
                && exchange.number <= step.exchanges_after
                && exchange.device.as_deref() == Some(step.actor.as_str())
        });
        let stored =
            sent.find(|exchange| exchange.endpoint == Endpoint::PostPrivateKey && exchange.status == 200);
        Some((device.user.as_str(), stored.map(Arc::as_ref)))
    })
}

/// The same in a recording: the users who have stored private-key blobs of their own.
fn stored_keys(transcript: &Transcript) -> impl Iterator<Item = (&str, Option<&Exchange>)> {
    let stored = transcript.subject_exchanges().filter(|exchange| {
        exchange.endpoint == Endpoint::PostPrivateKey
            && exchange.status == 200
            && exchange.parameter("shareToken").is_none()
    });
    stored.filter_map(|exchange| Some((exchange.user.as_deref()?, Some(exchange.as_ref()))))
}

/// The salt in a private-key blob; those of 2017 have none.
fn salt(exchange: &Exchange) -> Option<Vec<u8>> {
    let blob = exchange.parameter("privateKey")?;
    let salt = STANDARD.decode(blob.rsplit_once('|')?.1.trim()).ok()?;
    (blob.matches('|').count() == 2 && salt.len() >= LONG_SALT).then_some(salt)
}

/// Users by whom they share something with, or with whom those share, and so on.
struct Circles<'e>(Vec<BTreeSet<&'e str>>);

impl<'e> Circles<'e> {
    fn of(evidence: &'e Evidence<'_>) -> Self {
        let mut circles = Self(Vec::new());
        let exchanges = &evidence.transcript.exchanges;
        let uploaders: HashMap<u64, &str> = exchanges
            .iter()
            .filter_map(|exchange| Some((exchange.number, exchange.user.as_deref()?)))
            .collect();
        for upload in &evidence.uploads {
            let Recognised::V2(document) = &*upload.document else { continue };
            let members = document.users().iter().map(|user| user.user_id.as_str());
            let dropped = document.filedrop().values().flat_map(|entry| entry.users());
            circles.join(members.chain(dropped).chain(uploaders.get(&upload.exchange).copied()));
        }
        circles
    }

    fn join(&mut self, users: impl Iterator<Item = &'e str>) {
        let mut joined: BTreeSet<&str> = users.collect();
        self.0.retain(|circle| {
            let meets = !circle.is_disjoint(&joined);
            if meets {
                joined.extend(circle);
            }
            !meets
        });
        self.0.push(joined);
    }

    fn are_strangers(&self, one: &str, other: &str) -> bool {
        one != other && !self.0.iter().any(|circle| circle.contains(one) && circle.contains(other))
    }
}

/// A value that two users have who share nothing; of each kind the first.
fn of_strangers(drawn: &[Draw<'_>], circles: &Circles<'_>) -> Vec<Observed> {
    let mut first: HashMap<(Kind, &[u8]), &Draw<'_>> = HashMap::new();
    let mut found: BTreeMap<Kind, Observed> = BTreeMap::new();
    for draw in drawn {
        let earlier = *first.entry((draw.kind, &*draw.value)).or_insert(draw);
        if circles.are_strangers(earlier.user, draw.user) {
            found.entry(draw.kind).or_insert_with(|| Observed {
                text: format!(
                    "{} and {}, who share nothing, have the same {}",
                    earlier.user,
                    draw.user,
                    draw.kind.name()
                ),
                exchanges: earlier.exchange.into_iter().chain(draw.exchange).collect(),
                canary: None,
            });
        }
    }
    found.into_values().collect()
}

/// Two files of one document that have one key. If they have one nonce, too, other monitors say so.
fn files_under_one_key(evidence: &Evidence<'_>) -> Option<Observed> {
    let (exchange, ..) = uploads(evidence).find(|(_, _, upload)| {
        let mut nonces: HashMap<&[u8; 16], &[u8]> = HashMap::new();
        let mut files = upload.opened.iter().flat_map(|(_, contents)| contents.files.values());
        files.any(|entry| *nonces.entry(entry.key.as_bytes()).or_insert(&entry.nonce) != entry.nonce)
    })?;
    Some(Observed {
        text: format!("two files of the document in exchange {} have one file key", exchange.number),
        exchanges: vec![exchange.number],
        canary: None,
    })
}

/// Two root folders that the server has, and that have one metadata key.
fn roots_under_one_key(evidence: &Evidence<'_>) -> Option<Observed> {
    let mut folders: HashMap<[u8; 16], (&str, u64)> = HashMap::new();
    for (exchange, folder, upload) in uploads(evidence).filter(|(exchange, ..)| exchange.status == 200) {
        let (Recognised::V2(document), Some((key, _))) = (&*upload.document, &upload.opened) else {
            continue;
        };
        if !document.is_root() {
            continue;
        }
        let (first, earlier) = *folders.entry(*key.as_bytes()).or_insert((folder, exchange.number));
        if first != folder {
            return Some(Observed {
                text: format!(
                    "the documents of two root folders in exchanges {earlier} and {} have one metadata key",
                    exchange.number
                ),
                exchanges: vec![earlier, exchange.number],
                canary: None,
            });
        }
    }
    None
}

fn patterns(drawn: &[Draw<'_>]) -> Vec<Observed> {
    let mut rows: BTreeMap<(Kind, usize), Vec<&[u8]>> = BTreeMap::new();
    for draw in drawn {
        if matches!(draw.kind, Kind::MetadataKey | Kind::FileKey | Kind::Salt) {
            rows.entry((draw.kind, draw.value.len())).or_default().push(&draw.value);
        }
    }
    let pattern = |((kind, _), rows): ((Kind, usize), Vec<&[u8]>)| {
        let pattern = bias::pattern(rows)?;
        let text = format!("{}s are not random: {pattern}", kind.name());
        Some(Observed { text, exchanges: Vec::new(), canary: None })
    };
    rows.into_iter().filter_map(pattern).collect()
}
