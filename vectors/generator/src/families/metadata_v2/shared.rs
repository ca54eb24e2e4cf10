//! Vectors about public shares, which came with 2.1.

use serde_json::{Value, json};

use super::{Error, Expect, Inputs, Root, Set, about, metadata, recipient};
use crate::set::Ruled;
use e2ee_reference::metadata::Version;

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, who) in [
        ("link-opened-by-owner", "a folder with a public share, opened by its owner", 0),
        ("link-opened-by-link", "a folder with a public share, opened by the guest", 1),
        ("link-opened-by-member", "a folder with a public share, opened by a member behind it", 2),
    ] {
        set.add(about(name, comment, &["R2-PUB-04", "R2-MD-08", "R2-SHR-09"], &["PublicShare"]), |world| {
            let root = Root::new();
            let members = [&world.alice, &world.link, &world.bob];
            let recipients = members.map(recipient);
            let document = metadata::seal_root(&root.contents, &root.key, &recipients, Version::V2_1)?;
            Ok((Inputs::root(document.to_json(), members[who]), Expect::Valid(root.output())))
        })?;
    }
    for (name, comment, rule, edit) in INVALID {
        set.add(about(*name, *comment, &["R2-PUB-04", "R2-VER-02"], &["PublicShare"]), |world| {
            let root = Root::new();
            let recipients = [&world.alice, &world.link].map(recipient);
            let sealed = metadata::seal_root(&root.contents, &root.key, &recipients, Version::V2_1)?;
            let mut document = sealed.value().clone();
            edit(&mut document);
            Ok((Inputs::root(document.to_string(), &world.link), Expect::Invalid(rule)))
        })?;
    }
    Ok(())
}

const INVALID: &[Ruled<fn(&mut Value)>] = &[
    ("link-without-prefix", "the token without s: is another user", "own-entry-present", |document| {
        document["users"][1]["userId"] = json!("RqG7xzE9mKLbW2t");
    }),
    ("link-prefix-in-capital", "the prefix in a capital", "own-entry-present", |document| {
        document["users"][1]["userId"] = json!("S:RqG7xzE9mKLbW2t");
    }),
    ("link-token-in-other-case", "the token in another case", "own-entry-present", |document| {
        document["users"][1]["userId"] = json!("s:rqg7xze9mklbw2t");
    }),
    ("link-revoked", "the public share is gone from users", "own-entry-present", |document| {
        if let Some(users) = document["users"].as_array_mut() {
            users.pop();
        }
    }),
    (
        "link-key-of-owner",
        "the entry of the share holds the owner's wrapped key",
        "wrapped-key-opens",
        |document| {
            document["users"][1]["encryptedMetadataKey"] =
                document["users"][0]["encryptedMetadataKey"].clone();
        },
    ),
    ("link-in-version-2", "version \"2\" in place of \"2.1\"", "version-known", |document| {
        document["version"] = json!("2")
    }),
    ("link-version-is-number", "the number 2.1", "version-known", |document| {
        document["version"] = json!(2.1)
    }),
];
