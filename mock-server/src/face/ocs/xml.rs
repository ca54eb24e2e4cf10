//! The envelope as PHP's XMLWriter makes it.

use serde_json::Value;

use super::ordered_json::{Json, is_list};

use crate::face::dav::xml::escape;

/// The document, or nothing when a member's name is no name of an element.
pub(crate) fn envelope(meta: &[(&str, Value)], data: &Json) -> Option<String> {
    let mut text = String::from("<?xml version=\"1.0\"?>\n<ocs>\n <meta>\n");
    for (name, value) in meta {
        element(&mut text, name, &Json::Scalar(value.clone()), 2)?;
    }
    text.push_str(" </meta>\n");
    element(&mut text, "data", data, 1)?;
    text.push_str("</ocs>\n");
    Some(text)
}

fn element(text: &mut String, name: &str, value: &Json, depth: usize) -> Option<()> {
    if !is_name(name) {
        return None;
    }
    text.extend(std::iter::repeat_n(' ', depth));
    match value {
        Json::Scalar(Value::Null) => *text += &format!("<{name}/>\n"),
        Json::Scalar(scalar) => *text += &format!("<{name}>{}</{name}>\n", scalar_text(scalar)),
        Json::List(items) => {
            let members: Vec<(&str, &Json)> = items.iter().map(|item| ("element", item)).collect();
            return nested(text, name, &members, depth);
        }
        Json::Map(members) => {
            let list = is_list(members);
            let name_of = |name| if list { "element" } else { name };
            let members: Vec<(&str, &Json)> =
                members.iter().map(|(name, value)| (name_of(name.as_str()), value)).collect();
            return nested(text, name, &members, depth);
        }
    }
    Some(())
}

/// As PHP casts it: `true` is 1, `false` is nothing.
fn scalar_text(scalar: &Value) -> String {
    match scalar {
        Value::Bool(true) => "1".to_owned(),
        Value::String(text) => escape(text).into_owned(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

fn nested(text: &mut String, name: &str, members: &[(&str, &Json)], depth: usize) -> Option<()> {
    if members.is_empty() {
        *text += &format!("<{name}/>\n");
        return Some(());
    }
    *text += &format!("<{name}>\n");
    for (member, value) in members {
        element(text, member, value, depth + 1)?;
    }
    text.extend(std::iter::repeat_n(' ', depth));
    *text += &format!("</{name}>\n");
    Some(())
}

/// Names of elements; PHP does not mind the prefix in `s:token`.
fn is_name(name: &str) -> bool {
    let first = |c: char| c.is_alphabetic() || c == '_' || c == ':';
    let rest = |c: char| first(c) || c.is_numeric() || c == '-' || c == '.';
    name.starts_with(first) && name.chars().all(rest)
}
