//! The OpenAPI document.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::api::Lab;

/// Path, method, operation.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, methods)| {
        methods.as_object().unwrap().iter().map(|(method, it)| (path.clone(), method.clone(), it.clone()))
    });
    operations.collect()
}

#[tokio::test]
async fn it_is_served_as_the_library_has_it() {
    let lab = Lab::new().await;
    let document = lab.get("/openapi.json").await;
    assert_eq!(document, e2ee_mock_server::control::openapi());
    assert_eq!(document["openapi"], "3.1.0");
}

/// No operation stands in the document that the server does not know, and the other way round: what the server lists
/// as allowed for a path is what the document has.
#[tokio::test]
async fn every_operation_is_there_and_no_other() {
    let lab = Lab::new().await;
    let document = lab.get("/openapi.json").await;
    let mut paths: BTreeSet<String> = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let real = path.replace("{tenant}", "default").replace(['{', '}'], "");
        let response = lab.ask(Method::TRACE, real.strip_prefix("/v1").unwrap(), None).await;
        assert_eq!(response.status(), 405, "{path}");
        let allowed = response.headers()["allow"].to_str().unwrap().to_lowercase();
        let documented = document["paths"][&path].as_object().unwrap().keys();
        let (mut allowed, mut documented): (Vec<&str>, Vec<&str>) =
            (allowed.split(", ").collect(), documented.map(String::as_str).collect());
        allowed.sort_unstable();
        documented.sort_unstable();
        assert_eq!(allowed, documented, "{path}");
        let parameters = operation["parameters"].as_array().unwrap().iter();
        let named: Vec<String> = parameters
            .filter(|it| it["in"] == "path")
            .map(|it| format!("{{{}}}", it["name"].as_str().unwrap()))
            .collect();
        assert!(named.iter().all(|name| path.contains(name)), "{method} {path}");
        assert_eq!(named.len(), path.matches('{').count(), "{method} {path}");
        paths.insert(path);
    }
    assert!(paths.len() > 20);
}

#[test]
fn every_reference_leads_somewhere() {
    let document = e2ee_mock_server::control::openapi();
    let text = document.to_string();
    let references = text.split(r#""$ref":"#).skip(1).map(|rest| rest.split('"').nth(1).unwrap());
    let mut count = 0;
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
        count += 1;
    }
    assert!(count > 30, "{count}");
}

#[test]
fn every_command_has_one_operation_and_operations_have_names_of_their_own() {
    let document = e2ee_mock_server::control::openapi();
    let ids: Vec<String> = operations(&document)
        .into_iter()
        .map(|(_, _, operation)| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    let commands = serde_json::to_value(schemars::schema_for!(e2ee_mock_server::control::Command)).unwrap();
    for command in commands["oneOf"].as_array().unwrap() {
        let name = command["required"][0].as_str().unwrap();
        assert!(ids.iter().any(|id| id == name), "{name} cannot be given over the control API");
    }
}

/// The members of a command stand either in the path or in the body, each of them once.
#[test]
fn bodies_leave_out_what_stands_in_the_path() {
    let document = e2ee_mock_server::control::openapi();
    let credentials = &document["paths"]["/v1/tenants/{tenant}/users/{user}/credentials"]["post"];
    let body = &credentials["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["required"], json!(["password", "device"]));
    assert_eq!(body["additionalProperties"], false);
    let restore = &document["paths"]["/v1/tenants/{tenant}/snapshots/{name}/restore"]["post"];
    assert!(restore.get("requestBody").is_none());
}
