//! The envelope as PHP's XMLWriter makes it.

use serde_json::Value;

use crate::face::dav::xml::escape;

/// The document, or nothing when a member's name is no name of an element.
pub(crate) fn envelope(meta: &[(&str, Value)], data: &Value) -> Option<String> {
    let mut text = String::from("<?xml version=\"1.0\"?>\n<ocs>\n <meta>\n");
    for (name, value) in meta {
        element(&mut text, name, value, 2)?;
    }
    text.push_str(" </meta>\n");
    element(&mut text, "data", data, 1)?;
    text.push_str("</ocs>\n");
    Some(text)
}

fn element(text: &mut String, name: &str, value: &Value, depth: usize) -> Option<()> {
    if !is_name(name) {
        return None;
    }
    text.extend(std::iter::repeat_n(' ', depth));
    let content = match value {
        Value::Null => {
            *text += &format!("<{name}/>\n");
            return Some(());
        }
        Value::Bool(true) => "1".to_owned(),
        Value::Bool(false) => String::new(),
        Value::Number(number) => number.to_string(),
        Value::String(content) => escape(content),
        Value::Array(items) => {
            let members: Vec<(&str, &Value)> = items.iter().map(|item| ("element", item)).collect();
            return nested(text, name, &members, depth);
        }
        Value::Object(map) => {
            let members: Vec<(&str, &Value)> =
                map.iter().map(|(name, value)| (name.as_str(), value)).collect();
            return nested(text, name, &members, depth);
        }
    };
    *text += &format!("<{name}>{content}</{name}>\n");
    Some(())
}

fn nested(text: &mut String, name: &str, members: &[(&str, &Value)], depth: usize) -> Option<()> {
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
