//! JSON against the schemas of this folder.

use std::collections::BTreeSet;

use serde_json::Value;

/// Expects that a schema describes a value to the last member.
#[track_caller]
pub(crate) fn is_described_by(name: &str, value: &Value) {
    let schema = schema(name);
    if let Err(wrong) = conforms(&schema, &schema, value, "$") {
        panic!("{name}.schema.json: {wrong}");
    }
}

/// The same for one definition of the schema.
#[track_caller]
pub(crate) fn is_described_as(name: &str, definition: &str, value: &Value) {
    let schema = schema(name);
    if let Err(wrong) = conforms(&schema, &schema["$defs"][definition], value, "$") {
        panic!("{name}.schema.json, {definition}: {wrong}");
    }
}

/// The names of the members of a definition.
pub(crate) fn members_of(name: &str, definition: &str) -> BTreeSet<String> {
    let schema = schema(name);
    schema["$defs"][definition]["properties"].as_object().expect("members").keys().cloned().collect()
}

fn schema(name: &str) -> Value {
    let path = format!("{}/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("reads")).expect("JSON")
}

/// The part of JSON Schema that the schemas use. A schema without `type`, `enum`, `const`, `anyOf` and `$ref` takes
/// everything; an object has no members but those that are described.
fn conforms(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.trim_start_matches("#/$defs/");
        let named = root["$defs"].get(name).ok_or(format!("{at}: no definition {name}"))?;
        return conforms(root, named, value, at);
    }
    if let Some(options) = schema["anyOf"].as_array() {
        let wrong: Vec<String> =
            options.iter().filter_map(|option| conforms(root, option, value, at).err()).collect();
        return if wrong.len() < options.len() { Ok(()) } else { Err(wrong.join(" or ")) };
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        return Err(format!("{at}: {value} is not in {allowed:?}"));
    }
    let is_of_type = match schema["type"].as_str() {
        Some("object") => return members(root, schema, value, at),
        Some("array") => {
            let items = value.as_array().ok_or(format!("{at}: no array"))?;
            let mut items = items.iter().enumerate();
            return items
                .try_for_each(|(n, item)| conforms(root, &schema["items"], item, &format!("{at}[{n}]")));
        }
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        None => true,
        Some(other) => return Err(format!("{at}: type {other} is not known here")),
    };
    if is_of_type { Ok(()) } else { Err(format!("{at}: {value} is no {}", schema["type"])) }
}

fn members(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let members = value.as_object().ok_or(format!("{at}: no object"))?;
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for name in required {
        if !members.contains_key(name) {
            return Err(format!("{at}: {name} is missing"));
        }
    }
    members.iter().try_for_each(|(name, member)| {
        let described = schema["properties"].get(name).unwrap_or(&schema["additionalProperties"]);
        if !described.is_object() {
            return Err(format!("{at}.{name} is not described"));
        }
        conforms(root, described, member, &format!("{at}.{name}"))
    })
}

#[test]
fn a_schema_can_be_broken() {
    let root = serde_json::json!({ "$defs": { "n": { "type": "integer" } }, "type": "object", "required": ["a"],
        "properties": { "a": { "anyOf": [{ "type": "null" }, { "$ref": "#/$defs/n" }] }, "b": { "type": "array",
            "items": { "enum": ["x"] } } } });
    let good = |text: &str| conforms(&root, &root, &serde_json::from_str(text).expect("JSON"), "$");
    for text in [r#"{"a":null}"#, r#"{"a":1,"b":["x"]}"#] {
        assert_eq!(good(text), Ok(()), "{text}");
    }
    for text in ["[]", "{}", r#"{"a":"1"}"#, r#"{"a":1,"b":["y"]}"#, r#"{"a":1,"c":0}"#, r#"{"a":1,"b":{}}"#]
    {
        assert!(good(text).is_err(), "{text}");
    }
}
