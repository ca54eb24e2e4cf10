//! The devices of a scenario: its own, and those of its opening.

use e2ee_reference::dialect::UnknownDialect;
use toml::Spanned;
use toml::de::DeTable;

use super::model::{Actor, IdentitySource, Role};
use super::opening::{Opening, Openings};
use super::parse::{RESERVED, named, span_of, unknown_version};
use super::value::{Reader, one_of};

/// The opening that is named, with the line.
pub(super) fn opening<'o>(
    reader: &mut Reader<'_>,
    document: &Spanned<DeTable<'_>>,
    openings: &'o Openings,
) -> Option<(usize, String, &'o Opening)> {
    let value = document.get_ref().get("opening")?;
    let name = reader.as_text(value, "opening")?;
    let Some(opening) = openings.get(&name) else {
        let known: Vec<&str> = openings.keys().map(String::as_str).collect();
        reader.wrong(value.span(), format!("unknown opening `{name}`: expected {}", one_of(&known)));
        return None;
    };
    Some((reader.line(value.span().start), name, opening))
}

/// The actors of the opening, and those of the scenario, which may have none of its own then.
pub(super) fn all_actors(
    reader: &mut Reader<'_>,
    document: &Spanned<DeTable<'_>>,
    opening: Option<&(usize, String, &Opening)>,
) -> Vec<Actor> {
    let Some((_, name, opening)) = opening else { return actors(reader, document) };
    let mut all = opening.actors.clone();
    if document.get_ref().contains_key("actors") {
        for actor in actors(reader, document) {
            if all.iter().any(|other| other.name == actor.name) {
                let what = format!("the opening `{name}` has an actor `{}` already", actor.name);
                reader.wrong(span_of(document, "actors"), what);
            }
            all.push(actor);
        }
    }
    all
}

pub(super) fn actors(reader: &mut Reader<'_>, document: &Spanned<DeTable<'_>>) -> Vec<Actor> {
    let Some((_, table)) = reader.table(document, "actors") else { return Vec::new() };
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let mut actors = Vec::new();
    for (key, value) in entries {
        let name = key.get_ref().to_string();
        if RESERVED.contains(&name.as_str()) {
            reader.wrong(key.span(), format!("an actor cannot be called `{name}`: the word has a meaning"));
            continue;
        }
        let Some(text) = reader.as_text(value, &name) else { continue };
        match actor(name, &text) {
            Ok(actor) => actors.push(actor),
            Err(what) => reader.wrong(value.span(), what),
        }
    }
    actors
}

fn actor(name: String, text: &str) -> Result<Actor, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let no_actor = || {
        let expected =
            "\"ROLE USER\", then perhaps \"none\", \"late\", \"speaks VERSION\" and \"dialect NAME\"";
        format!("`{text}` is no actor: expected {expected}")
    };
    let [role, user, rest @ ..] = words.as_slice() else { return Err(no_actor()) };
    let role =
        named::<Role>(role).ok_or_else(|| format!("unknown role `{role}`: expected `subject` or `peer`"))?;
    let (identity, rest) = match rest {
        ["none", rest @ ..] => (IdentitySource::Scripted, rest),
        rest => (IdentitySource::Seeded, rest),
    };
    let (late, rest) = match rest {
        ["late", rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let (speaks, rest) = match rest {
        ["speaks", version, rest @ ..] => {
            (Some(version.parse().map_err(|_| unknown_version(version))?), rest)
        }
        rest => (None, rest),
    };
    let dialect = match rest {
        [] => None,
        ["dialect", name] if role == Role::Peer => {
            Some(name.parse().map_err(|error: UnknownDialect| error.to_string())?)
        }
        ["dialect", _] => {
            return Err("a subject has a dialect of its own: only a peer is given one".to_owned());
        }
        _ => return Err(no_actor()),
    };
    Ok(Actor { name, role, user: (*user).to_owned(), identity, late, speaks, dialect })
}
