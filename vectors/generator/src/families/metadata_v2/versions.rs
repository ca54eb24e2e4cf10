//! Documents whose version is none of 2.x, or not where it should be.

use e2ee_reference::metadata::Version;
use serde_json::{Value, json};

use super::outside::remove;
use super::{Error, Expect, Inputs, Root, Set, about};
use crate::set::Plain;

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, edit) in INVALID {
        set.add(about(*name, *comment, &["R2-MD-08", "R2-GOAL-10"], &["UnknownVersion"]), |world| {
            let mut document = Root::new().document(world, Version::V2_0)?;
            edit(&mut document);
            Ok((Inputs::root(document.to_string(), &world.alice), Expect::Invalid("version-known")))
        })?;
    }
    Ok(())
}

const INVALID: &[Plain<fn(&mut Value)>] = &[
    ("version-missing", "no version", |document| remove(document, "version")),
    ("version-is-number", "the number 2.0", |document| document["version"] = json!(2.0)),
    ("version-2", "version \"2\", as builds of July 2023 wrote it", |document| {
        document["version"] = json!("2")
    }),
    ("version-1.7", "version \"1.7\", a stage of development", |document| document["version"] = json!("1.7")),
    ("version-1.2-outside", "the version of another format in the place of this one", |document| {
        document["version"] = json!("1.2")
    }),
    ("version-2.2", "a later version", |document| document["version"] = json!("2.2")),
    ("version-3.0", "a later major version", |document| document["version"] = json!("3.0")),
    ("version-with-blank", "a blank after the version", |document| document["version"] = json!("2.0 ")),
    ("version-empty", "an empty version", |document| document["version"] = json!("")),
    ("version-null", "a version that is null", |document| document["version"] = Value::Null),
    ("two-versions-2.1-and-1.0", "version 2.1 outside and version 1 inside, a number", |document| {
        document["version"] = json!("2.1");
        document["metadata"]["version"] = json!(1);
    }),
    ("two-versions-swapped", "the version of 1.x outside and one of 2.x inside", |document| {
        document["version"] = json!("1.2");
        document["metadata"]["version"] = json!("2.0");
    }),
    ("version-inside-only", "the version of 2.x inside, where 1.x has its own", |document| {
        remove(document, "version");
        document["metadata"]["version"] = json!("2.0");
    }),
    ("two-versions-alike", "the version of 2.x outside and inside", |document| {
        document["metadata"]["version"] = json!("2.0");
    }),
    ("two-versions", "a version of 2.x outside and one of 1.x inside", |document| {
        document["metadata"]["version"] = json!(1.2);
    }),
    (
        "prototype-2019",
        "the prototype of 2019: version 1 outside, recipients in place of users",
        |document| {
            document["version"] = json!(1);
            document["recipients"] = document["users"].clone();
            remove(document, "users");
        },
    ),
];
