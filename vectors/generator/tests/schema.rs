//! The schema describes the vectors, and nothing else.

use std::fs;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

use crate::{golden, vectors_in};

struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    fn load() -> Self {
        let text = fs::read_to_string(golden().join("schema.json")).unwrap();
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("schema.json", serde_json::from_str(&text).unwrap()).unwrap();
        let index = compiler.compile("schema.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn accepts(&self, vector: &Value) -> bool {
        self.schemas.validate(vector, self.index).is_ok()
    }
}

#[test]
fn every_vector_has_the_form_that_the_schema_describes() {
    let schema = Schema::load();
    for (path, vector) in vectors_in(&golden()) {
        assert!(schema.accepts(&serde_json::to_value(vector).unwrap()), "{}", path.display());
    }
}

#[test]
fn unknown_and_missing_members_are_refused() {
    let schema = Schema::load();
    let text = fs::read_to_string(golden().join("oaep/oaep-random-1.json")).unwrap();
    let vector: Value = serde_json::from_str(&text).unwrap();
    let edits: [fn(&mut Value); 7] = [
        |vector| vector["remark"] = json!(""),
        |vector| vector["inputs"]["remark"] = json!(""),
        |vector| vector["expected"]["remark"] = json!(""),
        |vector| vector["expected"]["output"]["remark"] = json!(""),
        |vector| vector["expected"]["rule"] = json!("wrapped-key-opens"),
        |vector| vector["expected"]["result"] = json!("invalid"),
        |vector| drop(vector["inputs"].as_object_mut().unwrap().remove("wrapped")),
    ];
    assert!(schema.accepts(&vector));
    for (number, edit) in edits.into_iter().enumerate() {
        let mut edited = vector.clone();
        edit(&mut edited);
        assert!(!schema.accepts(&edited), "edit {number}");
    }
}
