//! What can only be checked once the whole scenario has been read.

use std::collections::BTreeSet;

use e2ee_adapter::protocol::Feature;
use e2ee_mock_server::adversary::Move;
use e2ee_reference_client::DEFECTS;
use serde_json::Value;
use toml::Spanned;
use toml::de::DeTable;

use super::action::Action;
use super::model::{Kind, Proof, Role, Scenario};
use super::parse::span_of;
use super::step::{MoveStep, Step};
use super::value::{Reader, one_of};

/// Complains about everything that does not fit together.
pub(super) fn scenario(reader: &mut Reader<'_>, scenario: &Scenario, document: &Spanned<DeTable<'_>>) {
    id(reader, scenario, document);
    defects(reader, scenario, document);
    actors(reader, scenario, document);
    actions(reader, scenario);
    updates(reader, scenario);
    script(reader, scenario, document);
}

fn id(reader: &mut Reader<'_>, scenario: &Scenario, document: &Spanned<DeTable<'_>>) {
    let stem = std::path::Path::new(&scenario.file).file_stem().unwrap_or_default().to_string_lossy();
    let span = span_of(document, "id");
    if scenario.id != stem {
        reader.wrong(span.clone(), format!("id `{}` must equal the file's name `{stem}`", scenario.id));
    }
    let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if scenario.id.is_empty() || !scenario.id.chars().all(kebab) {
        reader.wrong(span, format!("id `{}` must be lower-case words joined by `-`", scenario.id));
    }
}

fn defects(reader: &mut Reader<'_>, scenario: &Scenario, document: &Spanned<DeTable<'_>>) {
    let span = span_of(document, "catches");
    if scenario.catches.is_empty() {
        reader.wrong(
            span.clone(),
            "`catches` must name at least one defect: a check that nothing fails is no check",
        );
    }
    let known: Vec<&str> = DEFECTS.iter().map(|(name, _)| *name).collect();
    for defect in &scenario.catches {
        if !known.contains(&defect.as_str()) {
            reader.wrong(span.clone(), format!("unknown defect `{defect}`: expected {}", one_of(&known)));
        }
    }
}

fn actors(reader: &mut Reader<'_>, scenario: &Scenario, document: &Spanned<DeTable<'_>>) {
    if !scenario.actors.iter().any(|actor| actor.role == Role::Subject) {
        reader.wrong(span_of(document, "actors"), "[actors] needs at least one `subject`: nobody is judged");
    }
}

fn actions(reader: &mut Reader<'_>, scenario: &Scenario) {
    let users = scenario.users();
    for step in scenario.device_steps() {
        for path in step.action.paths() {
            if let Err(what) = path_is_clean(path, &step.action) {
                reader.wrong_at(step.line, what);
            }
        }
        if let Action::Share { with, .. } | Action::Unshare { with, .. } = &step.action
            && !users.contains(&with.as_str())
        {
            reader.wrong_at(step.line, format!("unknown user `{with}`: expected {}", one_of(&users)));
        }
        let subject = scenario.actor(&step.actor).is_some_and(|actor| actor.role == Role::Subject);
        let asked = step.action.feature().map(|feature| (step.action.method(), feature));
        let killed = step.killed_at.map(|_| ("killed_at", Feature::OutlivesKill));
        for (what, feature) in asked.into_iter().chain(killed) {
            if subject && !scenario.needs.contains(&feature) {
                let name = serde_json::to_value(feature).unwrap_or_default();
                reader.wrong_at(step.line, format!("`{what}` needs the feature {name}: add it to `needs`"));
            }
        }
    }
}

fn path_is_clean(path: &str, action: &Action) -> Result<(), String> {
    let root_is_fine = matches!(action, Action::List { .. });
    if path.is_empty() && root_is_fine {
        return Ok(());
    }
    let bad = |component: &str| component.is_empty() || component == "." || component == "..";
    if path.split('/').any(bad) {
        return Err(format!("path `{path}` must be `/`-separated names without `.` and `..`"));
    }
    // What lies deeper can be asked to be shared: a client turns it down (R2-GOAL-03).
    use Action::{EncryptFolder, Leave, SharePublicly, Unshare};
    let one = matches!(action, EncryptFolder { .. } | Unshare { .. } | Leave { .. } | SharePublicly { .. });
    if one && path.contains('/') {
        return Err(format!("path `{path}` must be a folder of the account's root"));
    }
    Ok(())
}

/// Whoever acts after an update must have had reason to ask what the server announces: no text says that a client asks
/// before whatever it does, and one that does not would fail for nothing.
fn updates(reader: &mut Reader<'_>, scenario: &Scenario) {
    let mut unaware: BTreeSet<&str> = BTreeSet::new();
    for step in &scenario.steps {
        if let Step::Move(MoveStep { play: Move::Update(_), .. }) = step {
            unaware.extend(scenario.actors.iter().map(|actor| actor.name.as_str()));
        }
        for part in step.devices() {
            let asks = matches!(part.action, Action::Restart {} | Action::Sync {});
            if unaware.remove(part.actor.as_str()) && !asks {
                let actor = &part.actor;
                let what =
                    format!("`{actor}` may not know of the update yet: expected `restart` or `sync` first");
                reader.wrong_at(part.line, what);
            }
        }
    }
}

fn script(reader: &mut Reader<'_>, scenario: &Scenario, document: &Spanned<DeTable<'_>>) {
    let span = span_of(document, "script");
    let attacked = scenario.has_twin();
    if scenario.kind == Kind::Attack && !attacked {
        reader.wrong(span.clone(), "a scenario of kind `attack` needs at least one `attack` step");
    }
    if scenario.kind == Kind::Conformance && attacked {
        reader.wrong(span.clone(), "a scenario of kind `conformance` has no `attack` steps");
    }
    if scenario.kind == Kind::Attack && scenario.reach.is_empty() {
        reader.wrong(span.clone(), "a scenario of kind `attack` needs `reach`");
    }
    let written = written(scenario);
    let literals = literals(scenario);
    for proof in &scenario.proof {
        let (path, known) = match proof {
            Proof::AttackerReads(path) | Proof::Lost(path) => (path, written.contains(path.as_str())),
            Proof::ForgedLands(path) => {
                (path, written.contains(path.as_str()) || literals.contains(path.as_str()))
            }
            Proof::Leaked | Proof::Escaped => continue,
        };
        if !known {
            let name = proof.name();
            let paths: Vec<&str> = written.iter().copied().collect();
            let what = format!("proof `{name}`: no step writes `{path}`; expected {}", one_of(&paths));
            reader.wrong(span.clone(), what);
        }
    }
}

fn written(scenario: &Scenario) -> BTreeSet<&str> {
    let mut paths = BTreeSet::new();
    for step in scenario.device_steps() {
        match &step.action {
            Action::Write { path, .. } => paths.insert(path.as_str()),
            Action::Rename { to, .. } | Action::Copy { to, .. } => paths.insert(to.as_str()),
            _ => false,
        };
    }
    paths
}

/// Every text that a move names: these names are played as they are written.
pub(crate) fn literals(scenario: &Scenario) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for step in scenario.moves() {
        collect(&step.as_json(), &mut found);
        if let MoveStep { twin: Some(twin), .. } = step {
            collect(&serde_json::to_value(twin).unwrap_or_default(), &mut found);
        }
    }
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
            // What stands before a zero byte may be meant for a name of its own.
            found.extend(text.split(['/', '\0']).map(str::to_owned));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.values().for_each(|item| collect(item, found)),
        _ => {}
    }
}
