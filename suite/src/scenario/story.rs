//! A scenario as readable text.

use std::fmt::Write as _;

use e2ee_adapter::protocol::Answer;
use serde_json::Value;

use super::derivation::Derivation;
use super::model::{IdentitySource, Proof, Role, Scenario};
use super::step::{DeviceStep, Expect, MoveStep, Step};
use crate::report::wrap;

const WIDTH: usize = 96;

/// Title, reason, actors, steps, and what is proven: for `explain`.
pub fn story(scenario: &Scenario) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_story(&mut text, scenario);
    text
}

fn write_story(text: &mut String, scenario: &Scenario) -> std::fmt::Result {
    writeln!(text, "{} ({})", scenario.title, scenario.id)?;
    for line in wrap(&scenario.why, WIDTH) {
        writeln!(text, "  {line}")?;
    }
    let versions: Vec<String> = scenario.versions.iter().map(ToString::to_string).collect();
    writeln!(text, "\nKind      {}, metadata {}", scenario.kind.as_str(), versions.join(" and "))?;
    writeln!(text, "Cites     {}", scenario.cites.join(", "))?;
    writeln!(text, "\nActors")?;
    for actor in &scenario.actors {
        let who = match actor.role {
            Role::Subject => "the client under test",
            Role::Peer => "the honest reference client",
        };
        let identity = match actor.identity {
            IdentitySource::Seeded => "",
            IdentitySource::Scripted => ", without keys at first",
        };
        let late = if actor.late { ", which meets the server at its first step" } else { "" };
        writeln!(text, "  {:10} a device of {}: {who}{identity}{late}", actor.name, actor.user)?;
    }
    if scenario.derivation != Derivation::default() {
        writeln!(text, "  Their private keys are sealed under {}", scenario.derivation)?;
    }
    match &scenario.opening {
        Some(opening) => writeln!(text, "\nSteps, the first as in the opening `{opening}`")?,
        None => writeln!(text, "\nSteps")?,
    }
    for (number, step) in scenario.steps.iter().enumerate() {
        let number = number + 1;
        match step {
            Step::Device(step) => writeln!(text, "  {number:2}. {}", sentence(scenario, step))?,
            Step::Move(step) => writeln!(text, "  {number:2}. {}", of_move(step))?,
            Step::Together(steps) => {
                writeln!(text, "  {number:2}. At the same time:")?;
                for step in steps {
                    writeln!(text, "      - {}", sentence(scenario, step))?;
                }
            }
        }
    }
    writeln!(text, "\nJudged by")?;
    if !scenario.reach.is_empty() {
        let reach = scenario.reach.iter().map(|endpoint| endpoint.as_str()).collect::<Vec<_>>().join(" or ");
        let when = if scenario.has_twin() { " after the attack" } else { "" };
        writeln!(text, "  reach     {reach} is answered{when}; otherwise inconclusive")?;
    }
    for proof in &scenario.proof {
        writeln!(text, "  proof     {}", proven(proof))?;
    }
    if scenario.has_twin() {
        writeln!(text, "  twin      the same without the attack must succeed first; otherwise inconclusive")?;
    }
    writeln!(text, "  defects   {}", scenario.catches.join(", "))
}

/// What a device does in a step, and what must come of it.
pub(crate) fn sentence(scenario: &Scenario, step: &DeviceStep) -> String {
    let mut text = format!("{}: {}", step.actor, step.action);
    if let Some(endpoint) = step.killed_at {
        let _ = write!(text, "; is killed when the server has its {endpoint}, which is not carried out");
    } else if step.expect != Expect::Ok {
        let _ = write!(text, "; must be {}", step.expect.as_str());
    }
    if scenario.has_twin() && step.twin_expect != step.expect {
        let _ = write!(text, " (in the twin: {})", step.twin_expect.as_str());
    }
    if let Some(endpoint) = step.without {
        let _ = write!(text, "; without sending {endpoint}");
    }
    if step.notice {
        text.push_str("; the user must be warned or asked");
    }
    if let Some(holder) = &step.if_held {
        let _ = write!(text, "; if {holder} keeps a copy");
    }
    if let Some(secret) = &step.secret {
        let _ = write!(text, "; the requests must not tell that it is {secret}");
    }
    if step.answer == Answer::Yes {
        text.push_str("; the user says yes to questions");
    }
    text
}

/// What the server does in a step.
pub(crate) fn of_move(step: &MoveStep) -> String {
    let who = if step.is_attack() { "ATTACK" } else { "server" };
    let mut text = format!("{who}: {}", described(&step.as_json()));
    if let Some(twin) = &step.twin {
        let twin = serde_json::to_value(twin).unwrap_or_default();
        let _ = write!(text, " (in the twin: {})", described(&twin));
    }
    text
}

/// `insert_phantom (folder plans, user eve)`.
fn described(play: &Value) -> String {
    let Some((name, members)) = play.as_object().and_then(|members| members.iter().next()) else {
        return String::new();
    };
    let members: Vec<String> = members
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| format!("{name} {}", value.as_str().map_or(value.to_string(), str::to_owned)))
        .collect();
    if members.is_empty() { name.clone() } else { format!("{name} ({})", members.join(", ")) }
}

fn proven(proof: &Proof) -> String {
    match proof {
        Proof::AttackerReads(path) => format!("exploited if the attacker's own keys open {path}"),
        Proof::ForgedLands(name) => {
            format!("exploited if {name} as the attacker made it is taken for genuine")
        }
        Proof::Lost(path) => format!("exploited if {path} is gone from the device or reverted"),
        Proof::Leaked => "exploited if a canary goes over the wire in the clear".to_owned(),
        Proof::Escaped => "exploited if something lands outside the user's folder".to_owned(),
    }
}
