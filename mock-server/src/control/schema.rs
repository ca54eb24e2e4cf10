//! The JSON Schema of moves.

use serde_json::Value;

use crate::adversary::Move;

/// The JSON Schema (draft 2020-12) of [`Move`], made from the types that read moves. It is what
/// `/v1/moves.schema.json` answers, and `schema/moves.json` in this package is a copy of it.
pub fn moves_schema() -> Value {
    let mut schema = schemars::schema_for!(Move).to_value();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("title".to_owned(), "A move of the adversary of e2ee-mock-server".into());
    }
    plain(&mut schema);
    schema
}

/// Descriptions come from the documentation of types: takes the line breaks and the links to other types out.
pub(super) fn plain(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(text)) = members.get_mut("description") {
                *text =
                    without_links(&text.replace("\n\n", "\u{0}").replace('\n', " ").replace('\u{0}', "\n\n"));
            }
            members.values_mut().for_each(plain);
        }
        Value::Array(elements) => elements.iter_mut().for_each(plain),
        _ => {}
    }
}

/// `[text](target)` and ``[`text`]`` are `text`.
fn without_links(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, link)) = rest.split_once("[`") {
        let Some((label, after)) = link.split_once("`]") else { break };
        plain.extend([before, "`", label, "`"]);
        let target = after.strip_prefix('(').and_then(|target| target.split_once(')'));
        rest = target.map_or(after, |(_, after)| after);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_their_text() {
        let text = "see [`Snapshot`](super::Snapshot), [`Lie`], `[` and ``[`text`";
        assert_eq!(without_links(text), "see `Snapshot`, `Lie`, `[` and ``[`text`");
    }
}
