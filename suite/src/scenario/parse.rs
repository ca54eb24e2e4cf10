//! From a TOML document to a [`Scenario`].

use std::ops::Range;

use e2ee_adapter::protocol::Feature;
use e2ee_mock_server::Endpoint;
use e2ee_reference::recognise::AnyVersion;
use serde::de::DeserializeOwned;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::derivation::Derivation;
use super::error::ScenarioError;
use super::model::{Actor, Kind, Proof, Scenario};
use super::opening::Openings;
use super::parse_actors::{all_actors, opening};
use super::step::Step;
use super::value::{Reader, one_of};
use super::{check, parse_step};

const FIELDS: &[&str] = &[
    "id",
    "title",
    "kind",
    "cites",
    "versions",
    "reads",
    "writes",
    "needs",
    "catches",
    "why",
    "derivation",
    "opening",
    "actors",
    "script",
];

/// Names that an actor cannot have, since they mean something in a step.
pub(super) const RESERVED: &[&str] = &[
    "attack",
    "server",
    "together",
    "expect",
    "twin_expect",
    "without",
    "notice",
    "answer",
    "secret",
    "if_held",
    "killed_at",
    "times",
    "twin",
];

/// Reads one file. `file` is its name for messages and for the check of the id.
pub(super) fn scenario(
    file: &str,
    source: &str,
    openings: &Openings,
) -> Result<Scenario, Vec<ScenarioError>> {
    let mut reader = Reader::new(file, source);
    let document = match DeTable::parse(source) {
        Ok(document) => document,
        Err(error) => {
            reader.wrong(error.span().unwrap_or_default(), error.message().to_owned());
            return Err(reader.into_errors());
        }
    };
    let scenario = whole(&mut reader, &document, (file, source), openings);
    // What does not fit together is only worth saying of steps that could all be read.
    if let (Some(scenario), false) = (&scenario, reader.is_wrong()) {
        check::scenario(&mut reader, scenario, &document);
    }
    let errors = reader.into_errors();
    match scenario {
        Some(scenario) if errors.is_empty() => Ok(scenario),
        _ => Err(errors),
    }
}

fn whole(
    reader: &mut Reader<'_>,
    document: &Spanned<DeTable<'_>>,
    (file, source): (&str, &str),
    openings: &Openings,
) -> Option<Scenario> {
    let table = document.get_ref();
    reader.only(table, FIELDS, "of a scenario");
    let id = reader.text(document, "id");
    let title = reader.text(document, "title");
    let kind = kind(reader, document);
    let why = reader.text(document, "why");
    let opening = opening(reader, document, openings);
    let actors = all_actors(reader, document, opening.as_ref());
    let script = reader.table(document, "script");
    let cites = plain(reader.texts(table, "cites"));
    let played = versions(reader, table, "versions");
    if played.is_empty() {
        reader.wrong(span_of(document, "versions"), "`versions` must name at least one metadata version");
    }
    let (reads, writes) = (versions(reader, table, "reads"), versions(reader, table, "writes"));
    let needs = features(reader, table);
    let catches = plain(reader.texts(table, "catches"));
    let derivation = derivation(reader, table);
    let (_, script) = script?;
    reader.only(script, &["steps", "reach", "proof"], "of [script]");
    let mut all_steps =
        opening.as_ref().map(|(line, _, opening)| opening.steps_at(*line)).unwrap_or_default();
    all_steps.extend(steps(reader, document, script, &actors));
    let reach = script.get("reach").map(|value| endpoints(reader, value, "reach")).unwrap_or_default();
    let proof = proofs(reader, script);
    Some(Scenario {
        id: id?,
        title: title?,
        kind: kind?,
        cites,
        versions: played,
        reads,
        writes,
        needs,
        catches,
        why: why?,
        derivation,
        opening: opening.map(|(_, name, _)| name),
        actors,
        steps: all_steps,
        reach,
        proof,
        file: file.to_owned(),
        source: source.to_owned(),
    })
}

fn plain(texts: Vec<Spanned<String>>) -> Vec<String> {
    texts.into_iter().map(Spanned::into_inner).collect()
}

fn kind(reader: &mut Reader<'_>, document: &Spanned<DeTable<'_>>) -> Option<Kind> {
    let text = reader.text(document, "kind")?;
    let kind = named(&text);
    if kind.is_none() {
        let span = span_of(document, "kind");
        reader.wrong(span, format!("unknown kind `{text}`: expected {}", one_of(Kind::NAMES)));
    }
    kind
}

fn versions(reader: &mut Reader<'_>, table: &DeTable<'_>, field: &str) -> Vec<AnyVersion> {
    let mut versions = Vec::new();
    for text in reader.texts(table, field) {
        match text.get_ref().parse::<AnyVersion>() {
            Ok(version) => versions.push(version),
            Err(_) => reader.wrong(text.span(), unknown_version(text.get_ref())),
        }
    }
    versions
}

pub(super) fn unknown_version(text: &str) -> String {
    let known = AnyVersion::ALL.map(|version| version.to_string());
    format!("unknown metadata version `{text}`: expected {}", one_of(&known.each_ref().map(String::as_str)))
}

fn derivation(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Derivation {
    let Some(value) = table.get("derivation") else { return Derivation::default() };
    let Some(text) = reader.as_text(value, "derivation") else { return Derivation::default() };
    named(&text).unwrap_or_else(|| {
        let what = format!("unknown `derivation` `{text}`: expected {}", one_of(Derivation::NAMES));
        reader.wrong(value.span(), what);
        Derivation::default()
    })
}

fn features(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Vec<Feature> {
    let mut features = Vec::new();
    for text in reader.texts(table, "needs") {
        match serde_json::from_value(Value::String(text.get_ref().clone())) {
            Ok(feature) => features.push(feature),
            Err(error) => reader.wrong(text.span(), format!("in `needs`: {error}")),
        }
    }
    features
}

pub(super) fn steps(
    reader: &mut Reader<'_>,
    document: &Spanned<DeTable<'_>>,
    script: &DeTable<'_>,
    actors: &[Actor],
) -> Vec<Step> {
    let Some(value) = script.get("steps") else {
        reader.wrong(span_of(document, "script"), "missing field `steps` of [script]");
        return Vec::new();
    };
    let Some(array) = value.get_ref().as_array() else {
        reader.wrong(value.span(), "`steps` must be a list of tables");
        return Vec::new();
    };
    let mut steps: Vec<Step> = Vec::new();
    let mut attacked = false;
    for item in array.iter() {
        if let Some(step) = parse_step::step(reader, item, actors, attacked) {
            attacked |= matches!(&step, Step::Move(step) if step.is_attack() && !step.is_silent());
            match parse_step::times(reader, item) {
                Some(times) => steps.extend((1..=times).map(|number| step.numbered(number))),
                None => steps.push(step),
            }
        }
    }
    steps
}

/// One endpoint, or a list of them.
fn endpoints(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>, name: &str) -> Vec<Endpoint> {
    match value.get_ref().as_array() {
        Some(list) => list.iter().filter_map(|value| endpoint(reader, value, name)).collect(),
        None => endpoint(reader, value, name).into_iter().collect(),
    }
}

/// The value of `without`, or a part of `reach`.
pub(super) fn endpoint(
    reader: &mut Reader<'_>,
    value: &Spanned<DeValue<'_>>,
    name: &str,
) -> Option<Endpoint> {
    let text = reader.as_text(value, name)?;
    let endpoint = text.parse().ok();
    if endpoint.is_none() {
        let names: Vec<&str> = Endpoint::ALL.iter().map(|endpoint| endpoint.as_str()).collect();
        reader.wrong(value.span(), format!("`{name}` is no endpoint: expected {}", one_of(&names)));
    }
    endpoint
}

fn proofs(reader: &mut Reader<'_>, script: &DeTable<'_>) -> Vec<Proof> {
    let Some(value) = script.get("proof") else { return Vec::new() };
    let Some(table) = value.get_ref().as_table() else {
        reader.wrong(value.span(), format!("`proof` must be a table with {}", one_of(Proof::NAMES)));
        return Vec::new();
    };
    reader.only(table, Proof::NAMES, "of `proof`");
    let mut proofs = Vec::new();
    for (key, value) in table {
        let path = value.get_ref().as_str().map(str::to_owned);
        let truth = value.get_ref().as_bool();
        let (proof, expected) = match key.get_ref().as_ref() {
            "attacker_reads" => (path.map(Proof::AttackerReads), "a path"),
            "forged_lands" => (path.map(Proof::ForgedLands), "a path or a planted name"),
            "lost" => (path.map(Proof::Lost), "a path"),
            "leaked" => (truth.and_then(|truth| truth.then_some(Proof::Leaked)), "true"),
            "escaped" => (truth.and_then(|truth| truth.then_some(Proof::Escaped)), "true"),
            _ => continue,
        };
        match proof {
            Some(proof) => proofs.push(proof),
            None => reader.wrong(value.span(), format!("`{}` must be {expected}", key.get_ref())),
        }
    }
    proofs
}

/// A word of a closed set that serde knows.
pub(super) fn named<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(Value::String(text.to_owned())).ok()
}

/// The place of a member, or of the document when it is missing.
pub(super) fn span_of(document: &Spanned<DeTable<'_>>, name: &str) -> Range<usize> {
    document.get_ref().get(name).map_or(document.span(), Spanned::span)
}
