//! `adapter.schema.json` and the Rust types say the same.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use e2ee_adapter::message::Message;
use e2ee_adapter::protocol::{Feature, Request, SeedIdentity, SideFeature, Start};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn schema() -> Value {
    serde_json::from_str(include_str!("../adapter.schema.json")).unwrap()
}

fn text(s: &str) -> String {
    s.into()
}

fn every_request() -> Vec<Request> {
    let identity = SeedIdentity { certificate: text("c"), private_key: text("k"), mnemonic: text("m") };
    let path = || text("plans/a.txt");
    vec![
        Request::Hello {},
        Request::Start(Start {
            server: text("http://127.0.0.1:1"),
            user: text("alice"),
            password: text("pw"),
            dir: text("/tmp/x"),
            identity: Some(identity),
            speaks: Some(text("1.2")),
        }),
        Request::CreateIdentity {},
        Request::RestoreIdentity { mnemonic: text("m") },
        Request::RenewCertificate {},
        Request::RenewKeys {},
        Request::EncryptFolder { path: text("plans") },
        Request::MakeFolder { path: path() },
        Request::Write { path: path(), content: text("QUJD") },
        Request::Read { path: path() },
        Request::List { path: path() },
        Request::Tree {},
        Request::Rename { path: path(), to: path() },
        Request::Copy { path: path(), to: path() },
        Request::Remove { path: path() },
        Request::Share { path: text("plans"), with: text("bob") },
        Request::Unshare { path: text("plans"), with: text("bob") },
        Request::SharePublicly { path: text("plans") },
        Request::Leave { path: text("plans") },
        Request::LockFile { path: path() },
        Request::UnlockFile { path: path() },
        Request::SideFeature { feature: SideFeature::Search, path: path(), text: text("a.txt") },
        Request::Sync {},
        Request::Stop {},
    ]
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().map(|o| o.keys().map(String::as_str).collect()).unwrap_or_default()
}

/// Follows one `$ref`, if there is one.
fn resolve<'a>(schema: &'a Value, part: &'a Value) -> &'a Value {
    match part["$ref"].as_str() {
        Some(reference) => schema.pointer(reference.trim_start_matches('#')).unwrap(),
        None => part,
    }
}

#[test]
fn the_methods_and_their_params_are_those_of_the_enum() {
    let schema = schema();
    let params = &schema["$defs"]["params"]["properties"];
    assert_eq!(keys(params), BTreeSet::from(Request::METHODS));
    let requests = every_request();
    assert_eq!(requests.iter().map(Request::method).collect::<Vec<_>>(), Request::METHODS);
    for request in requests {
        let wire = serde_json::to_value(&request).unwrap();
        assert_eq!(wire["method"], request.method());
        let shape = resolve(&schema, &params[request.method()]);
        assert_eq!(keys(&shape["properties"]), keys(&wire["params"]), "{}", request.method());
        for (name, value) in wire["params"].as_object().unwrap() {
            let shape = resolve(&schema, &shape["properties"][name]);
            assert_eq!(keys(&shape["properties"]), keys(value), "{name}");
        }
        let line =
            Message::Request { id: json!(1), method: text(request.method()), params: wire["params"].clone() };
        assert!(Message::parse(&line.to_line()).is_ok());
        assert_eq!(serde_json::from_value::<Request>(wire).unwrap(), request);
    }
}

#[test]
fn the_branches_name_every_method_once() {
    let schema = schema();
    let branches = schema["$defs"]["request"]["oneOf"].as_array().unwrap();
    let methods: Vec<_> =
        branches.iter().map(|b| b["properties"]["method"]["const"].as_str().unwrap()).collect();
    assert_eq!(methods, Request::METHODS);
    for (method, branch) in methods.iter().zip(branches) {
        let reference = format!("#/$defs/params/properties/{method}");
        assert_eq!(branch["properties"]["params"]["$ref"], reference.as_str());
    }
}

#[test]
fn the_features_are_those_of_the_enum() {
    let all = [
        Feature::CreateIdentity,
        Feature::RestoreIdentity,
        Feature::RenewCertificate,
        Feature::RenewKeys,
        Feature::SeedIdentity,
        Feature::Speaks,
        Feature::Subfolder,
        Feature::Rename,
        Feature::Copy,
        Feature::Remove,
        Feature::Share,
        Feature::SharePublicly,
        Feature::Leave,
        Feature::LockFile,
        Feature::OutlivesKill,
        Feature::SideFeatures,
        Feature::ShortPatience,
        Feature::ShortChunks,
    ];
    assert_eq!(schema()["$defs"]["feature"]["enum"], json!(all));
}

#[test]
fn the_side_features_are_those_of_the_enum() {
    let all = [SideFeature::Search, SideFeature::Comment, SideFeature::Tag, SideFeature::SendLog];
    assert_eq!(schema()["$defs"]["side_feature"]["enum"], json!(all));
}

#[test]
fn nothing_is_open_ended() {
    fn walk(path: &str, value: &Value) {
        if let Some(object) = value.as_object() {
            // A branch of `request` refines an object that is closed itself.
            if object.get("type") == Some(&json!("object")) {
                assert_eq!(object["additionalProperties"], json!(false), "{path}");
            }
            object.iter().for_each(|(k, v)| walk(&format!("{path}/{k}"), v));
        }
        if let Some(array) = value.as_array() {
            array.iter().for_each(|v| walk(path, v));
        }
    }
    walk("", &schema());
}

#[test]
fn unknown_members_are_refused() {
    for wire in [
        json!({"method": "hello", "params": {"x": 1}}),
        json!({"method": "read", "params": {"path": "a", "x": 1}}),
        json!({"method": "start", "params": {"server": "", "user": "", "password": "", "dir": "", "x": 1}}),
        json!({"method": "fly", "params": {}}),
    ] {
        assert!(serde_json::from_value::<Request>(wire.clone()).is_err(), "{wire}");
    }
}
