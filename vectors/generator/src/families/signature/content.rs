//! What is signed, and by whom.

use e2ee_reference::authority;
use e2ee_reference::canonical_json;
use e2ee_reference::signature;
use serde_json::{Value, json};

use super::{Case, CryptoError, Error, Expect, Inputs, Set, about, output};
use crate::make::folder::flip_base64;
use crate::make::text::{from_base64, to_base64};
use crate::set::Noted;
use crate::world::{ISSUED, NOW};

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, requirements, edit) in VALID {
        set.add(about(*name, *comment, requirements, &[]), |world| {
            let case = Case::new(world)?;
            let mut inputs = case.inputs(case.signed_by(&world.alice)?);
            edit(&mut inputs);
            Ok((inputs, Expect::Valid(output("alice"))))
        })?;
    }
    for (name, comment, flags, edit) in CHANGED {
        set.add(about(*name, *comment, &["R2-VER-04", "R2-SEC-06"], flags), |world| {
            let mut case = Case::new(world)?;
            let signature = case.signed_by(&world.alice)?;
            edit(&mut case.document);
            Ok((case.inputs(signature), Expect::Invalid("signature-content")))
        })?;
    }
    for (name, comment, requirements, form) in FORMS {
        set.add(about(*name, *comment, requirements, &["OtherCanonicalForm"]), |world| {
            let mut case = Case::new(world)?;
            case.document["filedrop"] = json!({});
            let (certificate, key) = (world.alice.certificate(), world.alice.private_key());
            let signature = signature::sign_with(&form(&case), certificate, key, NOW)?;
            Ok((case.inputs(signature), Expect::Invalid("signature-content")))
        })?;
    }
    for (name, comment, flags, expect, make) in SIGNERS {
        set.add(about(*name, *comment, &["R2-VER-04", "R2-SEC-06", "R2-SIG-07"], flags), |world| {
            let case = Case::new(world)?;
            let expect = match expect {
                Ok(signer) => Expect::Valid(output(signer)),
                Err(rule) => Expect::Invalid(rule),
            };
            Ok((make(&case)?, expect))
        })?;
    }
    Ok(())
}

const VALID: &[Noted<fn(&mut Inputs)>] = &[
    ("indented", "the document is indented after signing", &["R2-SIG-04"], |inputs| {
        edit(inputs, |document| format!("{document:#}"))
    }),
    ("other-order", "the members stand in another order", &["R2-SIG-05"], |inputs| {
        edit(inputs, |document| {
            format!(
                "{{\"version\":{},\"users\":{},\"metadata\":{}}}",
                document["version"], document["users"], document["metadata"]
            )
        });
    }),
    (
        "as-php-rewrites",
        "slashes are escaped, as the server writes it back",
        &["R2-SIG-04", "R2-SIG-03"],
        |inputs| {
            edit(inputs, |document| document.to_string().replace('/', "\\/"));
        },
    ),
    ("filedrop-added", "a file was dropped after signing", &["R2-SIG-03"], |inputs| {
        edit(inputs, |mut document| {
            document["filedrop"] = json!({ "00112233445566778899aabbccddeeff": {} });
            document.to_string()
        });
    }),
];

fn edit(inputs: &mut Inputs, change: impl FnOnce(Value) -> String) {
    let document = serde_json::from_str(&inputs.document).unwrap_or_default();
    inputs.document = change(document);
}

const CHANGED: &[Noted<fn(&mut Value)>] = &[
    ("version-changed", "the version is another", &["ChangedDocument"], |document| {
        document["version"] = json!("2.1")
    }),
    (
        "ciphertext-changed",
        "one bit of the ciphertext is another",
        &["ChangedDocument", "BitFlip"],
        |document| {
            flip_base64(&mut document["metadata"]["ciphertext"], 0);
        },
    ),
    ("nonce-changed", "one bit of the nonce is another", &["ChangedDocument", "BitFlip"], |document| {
        flip_base64(&mut document["metadata"]["nonce"], 0);
    }),
    (
        "tag-changed",
        "one bit of the member authenticationTag is another",
        &["ChangedDocument", "BitFlip"],
        |document| {
            flip_base64(&mut document["metadata"]["authenticationTag"], 0);
        },
    ),
    (
        "nonce-suffix-added",
        "a bar was put behind the ciphertext, which changes no meaning, but the document",
        &["ChangedDocument"],
        |document| {
            let ciphertext = document["metadata"]["ciphertext"].as_str().unwrap_or_default();
            document["metadata"]["ciphertext"] = format!("{ciphertext}|").into();
        },
    ),
    ("user-removed", "a member is gone", &["ChangedDocument"], |document| pop(&mut document["users"])),
    ("user-added", "a member was added", &["ChangedDocument"], |document| {
        let mut user = document["users"][1].clone();
        user["userId"] = json!("mallory");
        if let Some(users) = document["users"].as_array_mut() {
            users.push(user);
        }
    }),
    ("users-swapped", "two members have changed places", &["ChangedDocument"], |document| {
        if let Some(users) = document["users"].as_array_mut() {
            users.swap(0, 1);
        }
    }),
    ("wrapped-key-changed", "another wrapped key for a member", &["ChangedDocument"], |document| {
        flip_base64(&mut document["users"][1]["encryptedMetadataKey"], 0);
    }),
    ("certificate-changed", "a line end is gone from a certificate", &["ChangedDocument"], |document| {
        let pem = document["users"][1]["certificate"].as_str().unwrap_or_default().trim_end().to_owned();
        document["users"][1]["certificate"] = pem.into();
    }),
    (
        "member-added",
        "a member that nobody knows was added",
        &["ChangedDocument", "UnknownMember"],
        |document| {
            document["extension"] = json!({});
        },
    ),
    (
        "member-null-added",
        "a member that is null was added",
        &["ChangedDocument", "UnknownMember"],
        |document| {
            document["extension"] = Value::Null;
        },
    ),
];

fn pop(users: &mut Value) {
    if let Some(users) = users.as_array_mut() {
        users.pop();
    }
}

type Form = fn(&Case<'_>) -> String;

const FORMS: &[Noted<Form>] = &[
    ("json-not-base64", "signed over the JSON without base64", &["R2-SIG-06"], |case| canonical(case)),
    ("json-indented", "signed over indented JSON", &["R2-SIG-04"], |case| {
        to_base64(format!("{:#}", without_filedrop(case)))
    }),
    ("json-not-sorted", "signed over JSON whose members are not sorted", &["R2-SIG-05"], |case| {
        let [version, users, metadata] = ["version", "users", "metadata"].map(|name| &case.document[name]);
        to_base64(format!("{{\"version\":{version},\"users\":{users},\"metadata\":{metadata}}}"))
    }),
    ("json-with-filedrop", "signed with the filedrop in it", &["R2-SIG-03"], |case| {
        to_base64(canonical_json::to_string(&case.document))
    }),
    ("json-slashes-escaped", "signed over JSON with escaped slashes", &["R2-SIG-04"], |case| {
        to_base64(canonical(case).replace('/', "\\/"))
    }),
    ("json-with-line-end", "signed over JSON with a line end after it", &["R2-SIG-04"], |case| {
        to_base64(canonical(case) + "\n")
    }),
    ("base64-unpadded", "signed over base64 without padding", &["R2-SIG-06"], |case| {
        // One blank makes sure that there would be padding.
        let text = canonical(case);
        let blanks = if text.len().is_multiple_of(3) { " " } else { "" };
        to_base64(text + blanks).trim_end_matches('=').to_owned()
    }),
    ("base64-in-lines", "signed over base64 in lines of 76 characters", &["R2-SIG-06"], |case| {
        let text = to_base64(canonical(case));
        text.as_bytes().chunks(76).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\r\n")
    }),
    ("base64-twice", "signed over base64 of base64", &["R2-SIG-06"], |case| {
        to_base64(to_base64(canonical(case)))
    }),
    ("metadata-only", "signed over the member metadata alone", &["R2-SIG-03"], |case| {
        to_base64(canonical_json::to_string(&case.document["metadata"]))
    }),
    ("empty-content", "signed over nothing", &["R2-VER-04"], |_| String::new()),
];

fn canonical(case: &Case<'_>) -> String {
    let content = from_base64(&canonical_json::signed_content(&case.document)).unwrap_or_default();
    String::from_utf8_lossy(&content).into_owned()
}

fn without_filedrop(case: &Case<'_>) -> Value {
    serde_json::from_str(&canonical(case)).unwrap_or_default()
}

const MEMBER: Result<&str, &str> = Err("signer-is-member");

/// Name, comment, flags, the signer or the rule that refuses, and what makes the inputs.
type Signer = (
    &'static str,
    &'static str,
    &'static [&'static str],
    Result<&'static str, &'static str>,
    fn(&Case<'_>) -> Result<Inputs, CryptoError>,
);

const SIGNERS: &[Signer] = &[
    ("second-member", "signed by the member who stands second", &[], Ok("bob"), |case| {
        Ok(case.inputs(case.signed_by(&case.world.bob)?))
    }),
    (
        "certificate-renewed",
        "signed with the same key under a renewed certificate",
        &[],
        Ok("alice"),
        |case| {
            let key = case.world.alice.private_key();
            let renewed = case.world.server.certify("alice", key, NOW)?;
            Ok(case.inputs(signature::sign_with(&case.content, &renewed, key, NOW)?))
        },
    ),
    (
        "stranger",
        "signed by a user of the instance who is not a member",
        &["ForeignSigner"],
        MEMBER,
        |case| Ok(case.inputs(case.signed_by(&case.world.mallory)?)),
    ),
    (
        "forged-name",
        "signed with a self-made certificate that has a member's names and serial number",
        &["ForeignSigner", "IssuerIsSubject"],
        MEMBER,
        |case| {
            let key = case.world.mallory.private_key();
            let forged = authority::self_made(case.world.alice.certificate(), key, ISSUED)?;
            Ok(case.inputs(signature::sign_with(&case.content, &forged, key, NOW)?))
        },
    ),
    (
        "forged-by-server",
        "signed with a certificate that the server issued in a member's name over a key of its own",
        &["ForeignSigner", "IssuerIsSubject"],
        MEMBER,
        |case| {
            let key = case.world.mallory.private_key();
            let issued = case.world.server.certify("alice", key, ISSUED)?;
            Ok(case.inputs(signature::sign_with(&case.content, &issued, key, NOW)?))
        },
    ),
    (
        "certificate-of-member-key-of-stranger",
        "carries a member's certificate, and was made with another key",
        &["ForeignSigner"],
        MEMBER,
        |case| {
            let key = case.world.mallory.private_key();
            Ok(case.inputs(signature::sign_with(&case.content, case.world.alice.certificate(), key, NOW)?))
        },
    ),
    ("signed-by-server-key", "signed with the key of the instance", &["ForeignSigner"], MEMBER, |case| {
        let world = case.world;
        Ok(case.inputs(signature::sign_with(
            &case.content,
            world.alice.certificate(),
            &world.server_key,
            NOW,
        )?))
    }),
    ("nobody-may-sign", "a good signature where nobody may sign", &["ForeignSigner"], MEMBER, |case| {
        Ok(Inputs { certificates: Vec::new(), ..case.inputs(case.signed_by(&case.world.alice)?) })
    }),
    (
        "other-document",
        "a good signature of another document of the same folder",
        &["ChangedDocument"],
        Err("signature-content"),
        |case| {
            let other = Case::new(case.world)?;
            Ok(case.inputs(other.signed_by(&case.world.alice)?))
        },
    ),
];
