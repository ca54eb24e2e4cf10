//! A state in one piece: how it is written down, and what is the same again when it is read.

use super::content::Content;
use super::ids::Ids;
use super::state::Model;
use crate::clock::Clock;

impl Model {
    /// Shows the bytes of all files, also of those that only some devices see.
    pub(crate) fn each_content(&mut self, see: &mut impl FnMut(&mut Content)) {
        self.tree.contents_mut().chain(self.uploads.contents_mut()).for_each(&mut *see);
        for own in self.histories.values_mut() {
            own.each_content(see);
        }
    }

    /// What was read has neither clock nor ids: it takes them from the tenant.
    pub(crate) fn go_on_with(&mut self, clock: &Clock, ids: &Ids) {
        self.clock = clock.clone();
        self.ids = ids.clone();
        self.tree.draw_from(ids.clone());
        for own in self.histories.values_mut() {
            own.go_on_with(clock, ids);
        }
    }
}

/// Maps whose keys are no text, as lists of pairs.
pub(super) mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(in crate::model) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(in crate::model) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}

/// What a release does, by its name.
pub(super) mod release {
    use serde::de::Error as _;
    use serde::ser::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::release::{AppVersion, Behaviour};

    pub(in crate::model) fn serialize<S: Serializer>(
        behaviour: &Behaviour,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let release = AppVersion::ALL.iter().find(|release| release.behaviour() == behaviour);
        release.ok_or_else(|| S::Error::custom("no release"))?.as_str().serialize(serializer)
    }

    pub(in crate::model) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<&'static Behaviour, D::Error> {
        let release: AppVersion = String::deserialize(deserializer)?.parse().map_err(D::Error::custom)?;
        Ok(release.behaviour())
    }
}
