//! The way of a fact through the lies in force.

use std::collections::BTreeSet;
use std::sync::Arc;

use e2ee_reference::authority::Authority;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::adversary::lie::{Asker, Channel, Grant, Lie, Listed, SignedMetadata};
use crate::adversary::{Fact, ForgeryFilter};
use crate::model::{Content, FileId, LockError};

/// What one asker is told in one answer, and by which lies.
pub(crate) struct Told<'a> {
    asker: &'a Asker,
    lies: Arc<[Arc<dyn Lie>]>,
    filter: Option<Arc<dyn ForgeryFilter>>,
    authority: &'a Authority,
    /// Whether others are told something else.
    forked: bool,
    tampered_by: BTreeSet<&'static str>,
}

impl<'a> Told<'a> {
    pub(crate) fn new(
        asker: &'a Asker,
        lies: Arc<[Arc<dyn Lie>]>,
        filter: Option<Arc<dyn ForgeryFilter>>,
        authority: &'a Authority,
    ) -> Self {
        Self { asker, lies, filter, authority, forked: false, tampered_by: BTreeSet::new() }
    }

    /// The names of the lies that changed something.
    pub(crate) fn tampered_by(&self) -> Vec<String> {
        self.tampered_by.iter().map(|name| (*name).to_owned()).collect()
    }

    /// Whether the answer comes from one of several histories.
    pub(crate) fn fork(&mut self, forked: bool) {
        self.forked = forked;
    }

    /// Whether nothing is told but what is so, and the same to all.
    pub(crate) fn is_honest(&self) -> bool {
        self.lies.is_empty() && !self.forked
    }

    pub(crate) fn capabilities(&mut self, honest: Value) -> Value {
        self.sift(Fact::Capabilities, honest, |lie, asker, fact| lie.capabilities(asker, fact))
    }

    pub(crate) fn server_key(&mut self, honest: String) -> String {
        self.sift(Fact::ServerKey, honest, |lie, asker, fact| lie.server_key(asker, fact))
    }

    pub(crate) fn certificate(&mut self, of: &str, honest: Option<String>) -> Option<String> {
        let about = Fact::Certificate { of, authority: self.authority };
        self.sift(about, honest, |lie, asker, fact| lie.certificate(asker, of, fact))
    }

    pub(crate) fn certificates(&mut self, honest: Map<String, Value>) -> Map<String, Value> {
        self.sift(Fact::Certificates, honest, |lie, asker, fact| lie.certificates(asker, fact))
    }

    pub(crate) fn issued_certificate(&mut self, csr: &str, honest: String) -> String {
        let of = self.asker.user.as_deref().unwrap_or_default();
        let about = Fact::Certificate { of, authority: self.authority };
        self.sift(about, honest, |lie, asker, fact| lie.issued_certificate(asker, csr, fact))
    }

    pub(crate) fn private_key(&mut self, honest: Option<String>) -> Option<String> {
        self.sift(Fact::PrivateKey, honest, |lie, asker, fact| lie.private_key(asker, fact))
    }

    pub(crate) fn metadata(
        &mut self,
        channel: Channel,
        folder: FileId,
        honest: Option<SignedMetadata>,
    ) -> Option<SignedMetadata> {
        let kept = self.keep(&honest);
        let told = self.pass(honest, |lie, asker, fact| lie.metadata(asker, folder, fact));
        let told = self.pass(told, |lie, asker, fact| lie.metadata_over(channel, asker, folder, fact));
        let told = self.let_through(kept, told, |filter, honest, told| match (honest, told) {
            (Some(honest), Some(told)) => Some(filter.metadata(honest, told)),
            (honest, told) => restated(filter, Fact::Metadata, honest, told),
        });
        if let Some(told) = &told {
            let asker = self.asker;
            self.recognise(|lie| lie.made_metadata(asker, folder, told));
        }
        self.tampered_by.extend(self.forked.then_some("fork"));
        told
    }

    /// What is told of a folder that is no more.
    pub(crate) fn last_word(&mut self, folder: FileId, last: &SignedMetadata) -> Option<SignedMetadata> {
        let mut lies = self.lies.iter();
        let (name, told) =
            lies.find_map(|lie| Some((lie.name(), lie.last_word(self.asker, folder, last)?)))?;
        self.tampered_by.insert(name);
        Some(told)
    }

    pub(crate) fn listed(&mut self, node: FileId, honest: Listed) -> Listed {
        self.sift(Fact::Listing, honest, |lie, asker, fact| lie.listed(asker, node, fact))
    }

    pub(crate) fn root(&mut self, honest: &str) -> String {
        self.sift(Fact::Root, honest.to_owned(), |lie, asker, fact| lie.root(asker, fact))
    }

    pub(crate) fn data_fingerprint(&mut self) -> String {
        self.sift(Fact::DataFingerprint, String::new(), |lie, asker, fact| lie.data_fingerprint(asker, fact))
    }

    pub(crate) fn encrypted_flag(&mut self, node: FileId, honest: Option<bool>) -> Option<bool> {
        self.sift(Fact::EncryptedFlag, honest, |lie, asker, fact| lie.encrypted_flag(asker, node, fact))
    }

    pub(crate) fn file_bytes(&mut self, node: FileId, honest: Content) -> Content {
        let told = self.pass(honest, |lie, asker, fact| lie.file_bytes(asker, node, fact));
        self.recognise(|lie| lie.made_file(node, &told));
        told
    }

    pub(crate) fn is_hidden(&mut self, node: FileId) -> bool {
        let hiding = self.lies.iter().find(|lie| lie.hidden(self.asker, node));
        self.tampered_by.extend(hiding.map(|lie| lie.name()));
        let is_hidden = hiding.is_some();
        if !is_hidden {
            let asker = self.asker;
            self.recognise(|lie| lie.shows(asker, node));
        }
        is_hidden
    }

    /// A folder is listed.
    pub(crate) fn lists(&mut self, folder: FileId) {
        self.recognise(|lie| lie.lists(folder));
    }

    /// How a refused lock is granted all the same.
    pub(crate) fn grant(&mut self, folder: FileId, refused: LockError) -> Option<Grant> {
        let mut lies = self.lies.iter();
        let (name, grant) =
            lies.find_map(|lie| Some((lie.name(), lie.grant(self.asker, folder, refused)?)))?;
        self.tampered_by.insert(name);
        Some(grant)
    }

    pub(crate) fn lock_token(&mut self, folder: FileId, honest: String) -> Option<Value> {
        let honest = Some(Value::String(honest));
        self.sift(Fact::LockToken, honest, |lie, asker, fact| lie.lock_token(asker, folder, fact))
    }

    /// Whether the lock stays although it was released.
    pub(crate) fn keeps_lock(&mut self, folder: FileId) -> bool {
        let keeping = self.lies.iter().find(|lie| lie.keeps_lock(self.asker, folder));
        self.tampered_by.extend(keeping.map(|lie| lie.name()));
        keeping.is_some()
    }

    /// As [`pass`](Self::pass), and what comes of it goes through the filter.
    fn sift<T: Clone + PartialEq + Serialize + DeserializeOwned>(
        &mut self,
        fact: Fact<'_>,
        honest: T,
        hook: impl Fn(&dyn Lie, &Asker, T) -> T,
    ) -> T {
        let kept = self.keep(&honest);
        let told = self.pass(honest, hook);
        self.let_through(kept, told, |filter, honest, told| restated(filter, fact, honest, told))
    }

    fn keep<T: Clone>(&self, honest: &T) -> Option<Kept<T>> {
        let filter = Arc::clone(self.filter.as_ref()?);
        Some(Kept { filter, honest: honest.clone(), tampered_by: self.tampered_by.clone() })
    }

    /// What the filter lets through. Where nothing is left of a lie, nobody has lied.
    fn let_through<T: PartialEq>(
        &mut self,
        kept: Option<Kept<T>>,
        told: T,
        sieve: impl FnOnce(&dyn ForgeryFilter, &T, T) -> T,
    ) -> T {
        let Some(Kept { filter, honest, tampered_by }) = kept.filter(|kept| kept.honest != told) else {
            return told;
        };
        let told = sieve(filter.as_ref(), &honest, told);
        if told == honest {
            self.tampered_by = tampered_by;
        }
        told
    }

    fn pass<T: Clone + PartialEq>(&mut self, honest: T, hook: impl Fn(&dyn Lie, &Asker, T) -> T) -> T {
        self.lies.iter().fold(honest, |fact, lie| {
            let before = fact.clone();
            let fact = hook(lie.as_ref(), self.asker, fact);
            if fact != before {
                self.tampered_by.insert(lie.name());
            }
            fact
        })
    }

    fn recognise(&mut self, made: impl Fn(&dyn Lie) -> bool) {
        let makers = self.lies.iter().filter(|lie| made(lie.as_ref()));
        self.tampered_by.extend(makers.map(|lie| lie.name()));
    }
}

/// What was so before the lies, if there is a filter.
struct Kept<T> {
    filter: Arc<dyn ForgeryFilter>,
    honest: T,
    tampered_by: BTreeSet<&'static str>,
}

/// What the filter makes of a fact; as it was told, if that is something else altogether.
fn restated<T: Serialize + DeserializeOwned + Clone>(
    filter: &dyn ForgeryFilter,
    fact: Fact<'_>,
    honest: &T,
    told: T,
) -> T {
    let (Ok(honest), Ok(forged)) = (serde_json::to_value(honest), serde_json::to_value(&told)) else {
        return told;
    };
    serde_json::from_value(filter.told(fact, &honest, forged)).unwrap_or(told)
}
