//! The JSON Schema of moves.

use e2ee_mock_server::adversary::Move;
use e2ee_mock_server::control::moves_schema;
use serde_json::Value;

/// Written anew with `UPDATE_SCHEMA=1 cargo test -p e2ee-mock-server --test control schema`.
#[test]
fn the_copy_in_the_repository_is_the_schema_of_the_types() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/moves.json");
    let schema = format!("{:#}\n", moves_schema());
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(file, &schema).unwrap();
    }
    let copy = std::fs::read_to_string(file).unwrap();
    assert!(copy == schema, "schema/moves.json is not what the types say: run the test with UPDATE_SCHEMA=1");
}

/// The alternatives of the schema, by the name of the move.
fn alternatives() -> Vec<(String, Value)> {
    let schema = moves_schema();
    let all = schema["oneOf"].as_array().unwrap().clone();
    let named = all.into_iter().map(|one| {
        let name = one["required"][0].as_str().unwrap().to_owned();
        (name, one)
    });
    named.collect()
}

#[test]
fn every_move_is_in_it_and_takes_no_unknown_members() {
    let schema = moves_schema();
    let names: Vec<String> = alternatives().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, Move::NAMES);
    for (name, one) in alternatives() {
        assert_eq!(one["additionalProperties"], false, "{name}");
        assert!(one["description"].is_string(), "{name}");
        let members = &one["properties"][&name]["$ref"];
        let pointer = members.as_str().unwrap().strip_prefix('#').unwrap();
        let members = schema.pointer(pointer).unwrap();
        assert_eq!(members["additionalProperties"], false, "{name}");
    }
}
