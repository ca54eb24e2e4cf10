//! Honest twins: without their attacks many scenarios are the same play, which is then played once, and watched once.
//!
//! Clients that cannot be copied play a twin for each scenario.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use e2ee_reference::recognise::AnyVersion;
use tokio::sync::OnceCell;

use super::opening::{device_key, setting};
use crate::monitors::{Watched, watch};
use crate::scenario::{Mover, Scenario, Step, literals};
use crate::transcript::Transcript;

/// The twin of one scenario in one version, or of several.
#[derive(Default)]
pub(super) struct Twin {
    played: OnceCell<Arc<Transcript>>,
    watched: OnceLock<Watched>,
}

/// For each play of a plan its twin, if it has one. `shared`: equal twins are one.
pub(super) fn twins(plan: &[(Arc<Scenario>, AnyVersion)], shared: bool) -> Vec<Option<Arc<Twin>>> {
    let mut made: BTreeMap<String, Arc<Twin>> = BTreeMap::new();
    let twin = |(scenario, version): &(Arc<Scenario>, AnyVersion)| {
        if !scenario.has_twin() {
            return None;
        }
        if !shared {
            return Some(Arc::default());
        }
        Some(Arc::clone(made.entry(key(scenario, *version)).or_default()))
    };
    plan.iter().map(twin).collect()
}

impl Twin {
    /// What was recorded, as that of this scenario. Whoever asks first plays it.
    pub(super) async fn of(
        &self,
        scenario: &Scenario,
        play: impl Future<Output = Transcript>,
    ) -> Arc<Transcript> {
        let played = self.played.get_or_init(|| async { Arc::new(play.await) }).await;
        if played.scenario == scenario.id {
            return Arc::clone(played);
        }
        Arc::new(Transcript { scenario: scenario.id.clone(), ..Transcript::clone(played) })
    }

    /// What the monitors see in it.
    pub(super) fn watched(&self, twin: &Transcript) -> Watched {
        self.watched.get_or_init(|| watch(twin)).clone()
    }
}

/// A text for all that is done in the twin: equal texts, equal plays.
fn key(scenario: &Scenario, version: AnyVersion) -> String {
    let literal = literals(scenario);
    let step = |step: &Step| match step {
        Step::Device(part) => device_key(part, &literal),
        Step::Together(parts) => {
            parts.iter().map(|part| device_key(part, &literal)).collect::<Vec<_>>().join(" and ")
        }
        Step::Move(part) if part.by == Mover::Attack => {
            part.twin.as_ref().map(|twin| format!("{twin:?}")).unwrap_or_default()
        }
        Step::Move(part) => format!("{:?}", part.play),
    };
    // Before the attack it is looked at what lies on the devices.
    let mut lines = vec![setting(scenario, version), format!("{:?}", scenario.first_attack())];
    lines.extend(scenario.steps.iter().map(step));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::from_text;

    /// A scenario with this attack and this step after it.
    fn scenario(attack: &str, step: &str) -> Arc<Scenario> {
        let text = format!(
            r#"
id = "it"
title = "It"
kind = "attack"
cites = ["ATK-META-01"]
versions = ["2.1"]
catches = ["accepts-invalid-signature"]
why = "so"
[actors]
laptop = "subject alice"
[script]
steps = [
  {{ laptop.encrypt_folder = {{ path = "plans" }} }},
  {{ laptop.write = {{ path = "plans/report.txt" }} }},
  {attack},
  {step},
]
reach = "GET meta-data"
"#
        );
        Arc::new(from_text("it.toml", &text).expect("a scenario"))
    }

    #[test]
    fn equal_twins_are_one() {
        let sync = "{ laptop.sync = {}, expect = \"refused\", twin_expect = \"ok\" }";
        let flip = "{ attack.flip_bit = { folder = \"plans\" } }";
        let hide =
            |twin| format!("{{ attack.strip_signature = {{ folder = \"plans\", how = \"empty\" }}{twin} }}");
        let first = scenario(flip, sync);
        let alike = [
            scenario(&hide(""), sync),
            scenario(
                flip,
                "{ laptop.sync = {}, expect = \"not-ok\", twin_expect = \"ok\", without = \"PUT file\" }",
            ),
        ];
        let different = [
            scenario(&hide(", twin = {}"), sync),
            scenario("{ server.touch_etags = {} }, { attack.flip_bit = { folder = \"plans\" } }", sync),
            scenario(flip, "{ laptop.sync = {}, twin_expect = \"ok\", answer = \"yes\" }"),
            scenario(flip, "{ laptop.read = { path = \"plans/report.txt\" } }"),
            scenario(flip, "{ laptop.write = { path = \"plans/=report.txt\" } }"),
        ];
        let newest = AnyVersion::V2(e2ee_reference::metadata::Version::V2_1);
        for (other, same) in alike.iter().map(|it| (it, true)).chain(different.iter().map(|it| (it, false))) {
            let plan = [(Arc::clone(&first), newest), (Arc::clone(other), newest)];
            let is_one = |shared| match &twins(&plan, shared)[..] {
                [Some(one), Some(other)] => Arc::ptr_eq(one, other),
                _ => panic!("both have a twin"),
            };
            assert_eq!(is_one(true), same, "{other:?}");
            assert!(!is_one(false));
        }
    }
}
