//! One entry of `steps`.

use e2ee_adapter::protocol::Answer;
use e2ee_mock_server::Endpoint;
use e2ee_mock_server::adversary::Move;
use serde_json::{Value, json};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::action::{Action, MAX_SIZE};
use super::model::Actor;
use super::parse::{RESERVED, endpoint, named};
use super::step::{DeviceStep, Expect, MoveStep, Mover, Step};
use super::value::{self, Reader, one_of};

type Entry<'t, 'i> = (&'t Spanned<DeString<'i>>, &'t Spanned<DeValue<'i>>);

/// Reads one entry; `None` after a complaint. `attacked` says whether the attacker has acted before.
pub(super) fn step(
    reader: &mut Reader<'_>,
    item: &Spanned<DeValue<'_>>,
    actors: &[Actor],
    attacked: bool,
) -> Option<Step> {
    let Some(table) = item.get_ref().as_table() else {
        reader.wrong(item.span(), "a step must be a table, for example { laptop.sync = {} }");
        return None;
    };
    let (key, value) = who(reader, item, table, actors)?;
    match key.get_ref().as_ref() {
        "attack" => move_step(reader, table, key, value, Mover::Attack).map(Step::Move),
        "server" => move_step(reader, table, key, value, Mover::Server).map(Step::Move),
        "together" => together(reader, table, value, actors, attacked).map(Step::Together),
        _ => device_step(reader, table, key, value, attacked).map(Step::Device),
    }
}

/// The most times that one entry stands for.
const MOST_TIMES: i64 = 1000;

/// How many steps an entry stands for, if it says so: in their paths `#` is the number of each, from 1.
pub(super) fn times(reader: &mut Reader<'_>, item: &Spanned<DeValue<'_>>) -> Option<i64> {
    let value = item.get_ref().as_table()?.get("times")?;
    let number = value
        .get_ref()
        .as_integer()
        .and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
    let times = number.filter(|times| (1..=MOST_TIMES).contains(times));
    if times.is_none() {
        reader.wrong(value.span(), format!("`times` must be a number from 1 to {MOST_TIMES}"));
    }
    times
}

/// The one member of a step that says who acts.
fn who<'t, 'i>(
    reader: &mut Reader<'_>,
    item: &Spanned<DeValue<'_>>,
    table: &'t DeTable<'i>,
    actors: &[Actor],
) -> Option<Entry<'t, 'i>> {
    let is_option = |name: &str| RESERVED.contains(&name) && !ACTING.contains(&name);
    let known: Vec<&str> =
        actors.iter().map(|actor| actor.name.as_str()).chain(ACTING.iter().copied()).collect();
    let acting: Vec<Entry<'t, 'i>> =
        table.iter().filter(|(key, _)| known.contains(&key.get_ref().as_ref())).collect();
    if let [only] = acting.as_slice() {
        return Some(*only);
    }
    let strange =
        table.keys().find(|key| !is_option(key.get_ref()) && !known.contains(&key.get_ref().as_ref()));
    match strange.filter(|_| acting.is_empty()) {
        Some(key) => {
            let what = format!("unknown actor `{}`: expected {}", key.get_ref(), one_of(&known));
            reader.wrong(key.span(), what);
        }
        None => reader.wrong(item.span(), format!("a step needs exactly one of {}", one_of(&known))),
    }
    None
}

const ACTING: &[&str] = &["attack", "server", "together"];

fn move_step(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    key: &Spanned<DeString<'_>>,
    value: &Spanned<DeValue<'_>>,
    by: Mover,
) -> Option<MoveStep> {
    let who = key.get_ref().to_string();
    let mut known = vec![who.as_str()];
    if by == Mover::Attack {
        known.push("twin");
    }
    reader.only(table, &known, "of a move");
    let (name, name_span, parameters) = single(reader, value, &format!("{who}.MOVE"))?;
    let play = one_move(reader, name_span.clone(), &name, parameters.clone())?;
    let twin = match table.get("twin") {
        None => None,
        Some(changed) => {
            let Value::Object(changed_members) = value::json(changed.get_ref()) else {
                reader.wrong(
                    changed.span(),
                    "`twin` must be a table of the parameters that differ in the twin",
                );
                return None;
            };
            let mut merged = parameters;
            if let Value::Object(members) = &mut merged {
                members.extend(changed_members);
            }
            Some(one_move(reader, changed.span(), &name, merged)?)
        }
    };
    Some(MoveStep { line: reader.line(name_span.start), by, play, twin })
}

fn one_move(
    reader: &mut Reader<'_>,
    span: std::ops::Range<usize>,
    name: &str,
    parameters: Value,
) -> Option<Move> {
    match serde_json::from_value(json!({ name: parameters })) {
        Ok(play) => Some(play),
        Err(error) => {
            reader.wrong(span, format!("move `{name}`: {}", said("move", error)));
            None
        }
    }
}

fn together(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    value: &Spanned<DeValue<'_>>,
    actors: &[Actor],
    attacked: bool,
) -> Option<Vec<DeviceStep>> {
    reader.only(table, &["together", "expect", "twin_expect"], "of a `together` step");
    let Some(items) = value.get_ref().as_array() else {
        reader.wrong(value.span(), "`together` must be a list of steps of devices");
        return None;
    };
    let mut steps: Vec<DeviceStep> = Vec::new();
    for item in items.iter() {
        let before = item.get_ref().as_table();
        for option in ["times", "killed_at"] {
            if before.is_some_and(|own| own.contains_key(option)) {
                reader.wrong(item.span(), format!("`{option}` has no place in `together`"));
            }
        }
        match step(reader, item, actors, attacked)? {
            Step::Device(mut step) => {
                if before.is_some_and(|own| !own.contains_key("expect")) {
                    let (expect, twin_expect) = expectations(reader, table, attacked);
                    step.expect = expect;
                    step.twin_expect = twin_expect;
                }
                if steps.iter().any(|other| other.actor == step.actor) {
                    let what = format!("`{}` can do only one thing at a time in `together`", step.actor);
                    reader.wrong(item.span(), what);
                }
                steps.push(step);
            }
            _ => reader.wrong(item.span(), "only devices can act in `together`"),
        }
    }
    if steps.len() < 2 {
        reader.wrong(value.span(), "`together` needs at least two steps");
    }
    Some(steps)
}

fn device_step(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    key: &Spanned<DeString<'_>>,
    value: &Spanned<DeValue<'_>>,
    attacked: bool,
) -> Option<DeviceStep> {
    let actor = key.get_ref().to_string();
    let known = [
        actor.as_str(),
        "expect",
        "twin_expect",
        "without",
        "notice",
        "answer",
        "secret",
        "if_held",
        "killed_at",
        "times",
    ];
    reader.only(table, &known, "of a device's step");
    let (method, span, parameters) = single(reader, value, &format!("{actor}.METHOD"))?;
    let action = match serde_json::from_value::<Action>(json!({ &method: parameters })) {
        Ok(action) => action,
        Err(error) => {
            reader.wrong(span, format!("method `{method}`: {}", said("method", error)));
            return None;
        }
    };
    if let Action::Write { size: Some(size), .. } = &action
        && *size > MAX_SIZE
    {
        reader.wrong(span.clone(), format!("`size` {size} is above {MAX_SIZE}"));
    }
    let (expect, twin_expect) = expectations(reader, table, attacked);
    let without = table.get("without").and_then(|value| endpoint(reader, value, "without"));
    let notice = match table.get("notice").map(|value| (value.span(), value.get_ref().as_bool())) {
        None => false,
        Some((_, Some(truth))) => truth,
        Some((span, None)) => {
            reader.wrong(span, "`notice` must be true or false");
            false
        }
    };
    // Who wants to share agrees to the other's key when asked, as long as nothing hostile has happened.
    let agrees = matches!(action, Action::Share { .. }) && expect == Expect::Ok && !attacked;
    let answer = answer(reader, table).unwrap_or(if agrees { Answer::Yes } else { Answer::No });
    let line = reader.line(span.start);
    let secret = table.get("secret").and_then(|value| reader.as_text(value, "secret"));
    let if_held = table.get("if_held").and_then(|value| reader.as_text(value, "if_held"));
    let killed_at = killed_at(reader, table, &action);
    let (expect, twin_expect) = killed_at.map_or((expect, twin_expect), |_| (Expect::Any, Expect::Any));
    let made = DeviceStep {
        line,
        actor,
        action,
        expect,
        twin_expect,
        without,
        notice,
        answer,
        secret,
        if_held,
        killed_at,
    };
    Some(made)
}

/// The request at which the device is killed. The dead answer nothing that could be expected.
fn killed_at(reader: &mut Reader<'_>, table: &DeTable<'_>, action: &Action) -> Option<Endpoint> {
    const OF_AN_ANSWER: &[&str] = &["expect", "twin_expect", "notice", "secret", "if_held", "times"];
    let value = table.get("killed_at")?;
    for other in OF_AN_ANSWER.iter().filter(|other| table.contains_key(**other)) {
        reader.wrong(value.span(), format!("`killed_at` has no place beside `{other}`"));
    }
    if matches!(action, Action::Stop {} | Action::Tree {}) {
        let what = format!("`killed_at` has no place here: `{}` sends no request", action.method());
        reader.wrong(value.span(), what);
    }
    endpoint(reader, value, "killed_at")
}

/// The one member of a table, for example the method and its parameters.
fn single(
    reader: &mut Reader<'_>,
    value: &Spanned<DeValue<'_>>,
    shape: &str,
) -> Option<(String, std::ops::Range<usize>, Value)> {
    let table = value.get_ref().as_table();
    let mut members = table.into_iter().flatten();
    match (members.next(), members.next()) {
        (Some((name, parameters)), None) => {
            Some((name.get_ref().to_string(), name.span(), value::json(parameters.get_ref())))
        }
        _ => {
            reader.wrong(value.span(), format!("expected `{shape} = {{ … }}`"));
            None
        }
    }
}

fn expectations(reader: &mut Reader<'_>, table: &DeTable<'_>, attacked: bool) -> (Expect, Expect) {
    let expect = expectation(reader, table, "expect").unwrap_or(Expect::Ok);
    // What is refused after an attack is refused because of it: without the attack it must succeed.
    let without_attack = match expect {
        Expect::Refused | Expect::NotOk | Expect::Any if attacked => Expect::Ok,
        other => other,
    };
    (expect, expectation(reader, table, "twin_expect").unwrap_or(without_attack))
}

fn expectation(reader: &mut Reader<'_>, table: &DeTable<'_>, name: &str) -> Option<Expect> {
    let value = table.get(name)?;
    let text = reader.as_text(value, name)?;
    let found = Expect::ALL.iter().copied().find(|expect| expect.as_str() == text);
    if found.is_none() {
        let names: Vec<&str> = Expect::ALL.iter().map(|expect| expect.as_str()).collect();
        reader.wrong(value.span(), format!("unknown `{name}` `{text}`: expected {}", one_of(&names)));
    }
    found
}

fn answer(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Option<Answer> {
    let value = table.get("answer")?;
    let answer = reader.as_text(value, "answer").as_deref().and_then(named);
    if answer.is_none() {
        reader.wrong(value.span(), "`answer` must be \"yes\" or \"no\"");
    }
    answer
}

/// serde's words, in those of a scenario.
fn said(what: &str, error: serde_json::Error) -> String {
    error.to_string().replace("unknown variant", &format!("unknown {what}"))
}
