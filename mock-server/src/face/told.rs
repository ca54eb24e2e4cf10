//! The way of a fact through the lies in force.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use crate::adversary::lie::{Asker, Lie, SignedMetadata};
use crate::model::FileId;

/// What one asker is told in one answer, and by which lies.
pub(crate) struct Told {
    asker: Asker,
    lies: Arc<[Arc<dyn Lie>]>,
    tampered_by: BTreeSet<&'static str>,
}

impl Told {
    pub(crate) fn new(asker: Asker, lies: Arc<[Arc<dyn Lie>]>) -> Self {
        Self { asker, lies, tampered_by: BTreeSet::new() }
    }

    /// The names of the lies that changed something.
    pub(crate) fn tampered_by(&self) -> Vec<String> {
        self.tampered_by.iter().map(|name| (*name).to_owned()).collect()
    }

    pub(crate) fn capabilities(&mut self, honest: Value) -> Value {
        self.pass(honest, |lie, asker, fact| lie.capabilities(asker, fact))
    }

    pub(crate) fn server_key(&mut self, honest: String) -> String {
        self.pass(honest, |lie, asker, fact| lie.server_key(asker, fact))
    }

    pub(crate) fn certificate(&mut self, of: &str, honest: Option<String>) -> Option<String> {
        self.pass(honest, |lie, asker, fact| lie.certificate(asker, of, fact))
    }

    pub(crate) fn issued_certificate(&mut self, csr: &str, honest: String) -> String {
        self.pass(honest, |lie, asker, fact| lie.issued_certificate(asker, csr, fact))
    }

    pub(crate) fn private_key(&mut self, honest: Option<String>) -> Option<String> {
        self.pass(honest, |lie, asker, fact| lie.private_key(asker, fact))
    }

    pub(crate) fn metadata(
        &mut self,
        folder: FileId,
        honest: Option<SignedMetadata>,
    ) -> Option<SignedMetadata> {
        let told = self.pass(honest, |lie, asker, fact| lie.metadata(asker, folder, fact));
        if let Some(told) = &told {
            self.recognise(|lie| lie.made_metadata(folder, told));
        }
        told
    }

    pub(crate) fn encrypted_flag(&mut self, node: FileId, honest: Option<bool>) -> Option<bool> {
        self.pass(honest, |lie, asker, fact| lie.encrypted_flag(asker, node, fact))
    }

    pub(crate) fn file_bytes(&mut self, node: FileId, honest: Bytes) -> Bytes {
        let told = self.pass(honest, |lie, asker, fact| lie.file_bytes(asker, node, fact));
        self.recognise(|lie| lie.made_file(node, &told));
        told
    }

    pub(crate) fn is_hidden(&mut self, node: FileId) -> bool {
        let hiding = self.lies.iter().find(|lie| lie.hidden(&self.asker, node));
        self.tampered_by.extend(hiding.map(|lie| lie.name()));
        let is_hidden = hiding.is_some();
        if !is_hidden {
            let asker = self.asker.clone();
            self.recognise(|lie| lie.shows(&asker, node));
        }
        is_hidden
    }

    fn pass<T: Clone + PartialEq>(&mut self, honest: T, hook: impl Fn(&dyn Lie, &Asker, T) -> T) -> T {
        self.lies.iter().fold(honest, |fact, lie| {
            let before = fact.clone();
            let fact = hook(lie.as_ref(), &self.asker, fact);
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
