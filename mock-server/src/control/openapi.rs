//! The OpenAPI document, made from the routes and from the types that are read and written.

use schemars::JsonSchema as _;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::apply::Outcome;
use super::command::Command;
use super::refusal::ErrorBody;
use super::routes::{Does, ROUTES, Route};
use super::schema::plain;

/// The OpenAPI 3.1 document of the control API, as `/v1/openapi.json` answers it.
pub fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = SchemaGenerator::new(settings);
    let commands = Command::json_schema(&mut generator).to_value();
    let error = generator.subschema_for::<ErrorBody>().to_value();

    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let operation = operation(route, &commands, &error, &mut generator);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.to_ascii_lowercase()] = operation;
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "e2ee-mock-server: control API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Controls a mock server of Nextcloud end-to-end encryption. A server that was started with a \
                            control token answers only those who show it.",
        },
        "security": [{ "token": [] }, {}],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
    });
    plain(&mut document);
    document
}

fn operation(route: &Route, commands: &Value, error: &Value, generator: &mut SchemaGenerator) -> Value {
    let mut parameters: Vec<Value> = members(route.path)
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    parameters.extend(route.query.iter().map(|(name, what)| {
        let schema = json!({ "type": "integer", "minimum": 0 });
        json!({ "name": name, "in": "query", "description": what, "schema": schema })
    }));
    let mut operation =
        json!({ "operationId": route.id, "summary": route.summary, "parameters": parameters });
    let (status, kind, gives) = match route.does {
        Does::Command(name) => {
            let (body, what) = body_of(name, route, commands);
            operation["description"] = what;
            // Nothing but the path is needed for most.
            if let Some(body) = body {
                operation["requestBody"] = request(body);
            }
            ("200", "application/json", generator.subschema_for::<Outcome>().to_value())
        }
        Does::Answer { takes, gives, .. } => {
            if let Some(takes) = takes {
                operation["requestBody"] = request(takes(generator).to_value());
            }
            let gives =
                gives.map_or_else(|| json!({ "type": "object" }), |gives| gives(generator).to_value());
            (if route.id == "make_tenant" { "201" } else { "200" }, "application/json", gives)
        }
        Does::Events => ("200", "text/event-stream", json!({ "type": "string" })),
    };
    operation["responses"] = json!({
        status: { "description": "It is done.", "content": { kind: { "schema": gives } } },
        "default": { "description": "It is refused.", "content": { "application/json": { "schema": error } } },
    });
    operation
}

fn request(schema: Value) -> Value {
    json!({ "required": true, "content": { "application/json": { "schema": schema } } })
}

/// The schema of what a command still needs in the body, and what the command is for.
fn body_of(name: &str, route: &Route, commands: &Value) -> (Option<Value>, Value) {
    let all = commands["oneOf"].as_array().into_iter().flatten();
    let one = all.clone().find(|one| one["required"][0] == name).cloned().unwrap_or_default();
    let mut body = one["properties"][name].clone();
    for member in members(route.path) {
        if let Some(properties) = body["properties"].as_object_mut() {
            properties.remove(member);
        }
        if let Some(required) = body["required"].as_array_mut() {
            required.retain(|it| it != member);
        }
    }
    let empty = body["$ref"].is_null() && body["properties"].as_object().is_none_or(Map::is_empty);
    ((!empty).then_some(body), one["description"].clone())
}

fn members(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|piece| piece.strip_prefix('{')?.strip_suffix('}'))
}
