//! Stories about signatures, signers, and certificates of members.

use e2ee_reference::authority;
use e2ee_reference::metadata::{Recipient, User, with_users};
use e2ee_reference::signature;
use serde_json::json;

use super::Row;
use super::story::{Signed, Story};
use crate::make::certificate::{Draft, named};
use crate::world::{ISSUED, NOW, World};
use e2ee_reference::Error as CryptoError;
use e2ee_reference::certificate::Certificate;

const SIGNED: &[&str] = &["R2-VER-04", "R2-VER-01", "R2-SEC-06"];
const MEMBERS: &[&str] = &["R2-VER-07", "R2-SEC-06"];

pub(super) const ROWS: &[Row] = &[
    ("signature-missing", "no signature", SIGNED, &["NoSignature"], |story| {
        let signed = Signed { signature: String::new(), ..story.begin()? };
        story.refuse(&signed, "signature-present");
        Ok(())
    }),
    ("signature-blank", "a signature of blanks", SIGNED, &["NoSignature"], |story| {
        let signed = Signed { signature: "  ".to_owned(), ..story.begin()? };
        story.refuse(&signed, "signature-present");
        Ok(())
    }),
    ("signature-nonsense", "a signature that is none", SIGNED, &["DamagedSignature"], |story| {
        let signed = Signed { signature: "bm9uc2Vuc2U=".to_owned(), ..story.begin()? };
        story.refuse(&signed, "signature-valid");
        Ok(())
    }),
    (
        "signature-of-other-document",
        "a signature of an older document",
        SIGNED,
        &["ChangedDocument"],
        |story| {
            let old = story.begin()?;
            story.change();
            let signed = Signed { signature: old.signature, ..story.by(&story.world.bob)? };
            story.refuse(&signed, "signature-valid");
            Ok(())
        },
    ),
    (
        "phantom-appended",
        "the server adds a user and keeps the signature",
        SIGNED,
        &["Phantom", "ChangedDocument"],
        |story| {
            let old = story.begin()?;
            let signed = Signed { signature: old.signature.clone(), ..phantom(story, &old)? };
            story.refuse(&signed, "signature-valid");
            Ok(())
        },
    ),
    (
        "phantom-signs",
        "the server adds a user with a certificate of its own and signs as that user; the ciphertext, and so the counter, stay",
        &["R2-ATK-03", "R2-SEC-06"],
        &["Phantom"],
        |story| {
            let old = story.begin()?;
            let signed = phantom(story, &old)?;
            story.refuse(&signed, "signer-was-member");
            Ok(())
        },
    ),
    (
        "phantom-replaces-everything",
        "the server makes new contents under a key of its own and signs as a user that it added",
        &["R2-ATK-03", "R2-SEC-06"],
        &["Phantom"],
        |story| {
            story.begin()?;
            story.add(&story.world.mallory);
            story.rekey();
            story.contents.counter += 100;
            let signed = story.by(&story.world.mallory)?;
            story.refuse(&signed, "signer-was-member");
            Ok(())
        },
    ),
    (
        "stranger-signs",
        "a user of the instance signs who is not a member",
        SIGNED,
        &["ForeignSigner"],
        |story| {
            story.begin()?;
            story.change();
            let signed = story.by(&story.world.mallory)?;
            story.refuse(&signed, "signer-is-member");
            Ok(())
        },
    ),
    (
        "stranger-signs-at-first-sight",
        "a user of the instance signs who is not a member, before anything is known",
        SIGNED,
        &["ForeignSigner"],
        |story| {
            let signed = story.by(&story.world.mallory)?;
            story.refuse(&signed, "signer-is-member");
            Ok(())
        },
    ),
    (
        "stranger-signs-subfolder",
        "a subfolder is signed by a user who is not a member of the root",
        SIGNED,
        &["ForeignSigner"],
        |story| {
            story.begin()?;
            let below = story.subfolder(&story.contents, &story.world.mallory)?;
            story.refuse_subfolder("sub", &below, "signer-is-member");
            Ok(())
        },
    ),
    ("subfolder-not-signed", "a subfolder comes without a signature", SIGNED, &["NoSignature"], |story| {
        story.begin()?;
        let below = story.subfolder(&story.contents, &story.world.bob)?;
        story.refuse_subfolder("sub", &Signed { signature: String::new(), ..below }, "signature-present");
        Ok(())
    }),
    (
        "forged-name",
        "signed with a self-made certificate that has a member's names and serial number",
        SIGNED,
        &["ForeignSigner", "IssuerIsSubject"],
        |story| {
            story.begin()?;
            story.change();
            let signed = forged(story)?;
            story.refuse(&signed, "signer-bound-to-key");
            Ok(())
        },
    ),
    (
        "forged-name-at-first-sight",
        "the same before anything is known",
        SIGNED,
        &["ForeignSigner", "IssuerIsSubject"],
        |story| {
            let signed = forged(story)?;
            story.refuse(&signed, "signer-bound-to-key");
            Ok(())
        },
    ),
    (
        "forged-subfolder",
        "the same for a subfolder",
        SIGNED,
        &["ForeignSigner", "IssuerIsSubject"],
        |story| {
            story.begin()?;
            let below = story.subfolder(&story.contents, &story.world.bob)?;
            let (certificate, key) = forgery(story.world)?;
            let content = e2ee_reference::canonical_json::signed_content(&below.document);
            let signature = signature::sign_with(&content, &certificate, key, NOW)?;
            story.refuse_subfolder("sub", &Signed { signature, ..below }, "signer-bound-to-key");
            Ok(())
        },
    ),
    (
        "member-of-other-instance",
        "a member's certificate was issued by another key",
        MEMBERS,
        &["ForeignIssuer"],
        |story| {
            let certificate =
                story.world.stranger.certify("carol", story.world.carol.private_key(), ISSUED)?;
            with_member(story, "carol", certificate, "members-certificates-issued")
        },
    ),
    ("member-self-signed", "a member's certificate is self-signed", MEMBERS, &["ForeignIssuer"], |story| {
        let key = story.world.mallory.private_key();
        let certificate = authority::self_made(story.world.carol.certificate(), key, ISSUED)?;
        with_member(story, "carol", certificate, "members-certificates-issued")
    }),
    ("member-without-certificate", "a member's certificate cannot be read", MEMBERS, &[], |story| {
        let mut document = story.sealed()?.value().clone();
        document["users"][1]["certificate"] = json!("nonsense");
        let signed = Signed::altered(document, &story.world.alice)?;
        story.refuse(&signed, "members-certificates-issued");
        Ok(())
    }),
    (
        "member-named-otherwise",
        "a member's certificate names another user",
        &["R2-KEY-05", "R2-SEC-06"],
        &["OtherName"],
        |story| {
            let certificate = story.world.mallory.certificate().clone();
            with_member(story, "carol", certificate, "members-certificates-named")
        },
    ),
    (
        "link-named-otherwise",
        "a public share's certificate names its token without s:",
        &["R2-PUB-03", "R2-PUB-04"],
        &["OtherName", "PublicShare"],
        |story| {
            let key = story.world.link.private_key();
            let certificate = story.world.server.certify("RqG7xzE9mKLbW2t", key, ISSUED)?;
            with_member(story, crate::world::LINK, certificate, "members-certificates-named")
        },
    ),
    (
        "member-with-weak-key",
        "a member's certificate holds an RSA key of 1024 bits",
        &["R2-SEC-03"],
        &["OddKey"],
        |story| {
            let certificate = story.world.server.certify("carol", &World::key("weak")?, ISSUED)?;
            with_member(story, "carol", certificate, "members-keys-strong")
        },
    ),
    (
        "member-swapped",
        "a known member has another certificate, issued by the server over a key of its own",
        MEMBERS,
        &["TrustOnFirstUse"],
        |story| {
            story.begin()?;
            let key = story.world.mallory.private_key();
            let certificate = story.world.server.certify("bob", key, NOW)?;
            story.remove(&story.world.bob);
            with_member(story, "bob", certificate, "members-certificates-pinned")
        },
    ),
    (
        "member-renewed",
        "a known member has a renewed certificate over the same key; a client may ask its user here, never accept in silence",
        &["R2-CERT-03"],
        &["TrustOnFirstUse"],
        |story| {
            story.begin()?;
            let key = story.world.bob.private_key().public_key();
            let der = Draft::new(named("bob"), &key).sign(&story.world.server_key)?;
            story.remove(&story.world.bob);
            with_member(story, "bob", Certificate::from_der(&der)?, "members-certificates-pinned")
        },
    ),
    ("member-twice", "a member is listed twice", MEMBERS, &["Phantom"], |story| {
        story.add(&story.world.bob);
        let signed = story.by(&story.world.alice)?;
        story.refuse(&signed, "members-unique");
        Ok(())
    }),
    (
        "own-user-twice",
        "the own user is listed twice, the second time with another certificate",
        MEMBERS,
        &["Phantom"],
        |story| {
            let certificate = story.world.alice_renewed.certificate().clone();
            with_member(story, "alice", certificate, "members-unique")
        },
    ),
];

/// Bob signs a document with one more member.
fn with_member(
    story: &mut Story<'_>,
    user_id: &str,
    certificate: Certificate,
    rule: &'static str,
) -> Result<(), CryptoError> {
    story.members.push(Recipient { user_id: user_id.to_owned(), certificate });
    story.change();
    let signed = story.by(&story.world.alice)?;
    story.refuse(&signed, rule);
    Ok(())
}

/// The known document with mallory as one more user, signed by her.
fn phantom(story: &Story<'_>, old: &Signed) -> Result<Signed, CryptoError> {
    let document = e2ee_reference::metadata::Document::parse(&old.document.to_string())?;
    let mut users = document.users().to_vec();
    users.push(User {
        user_id: "mallory".to_owned(),
        certificate: story.world.mallory.certificate().to_pem(),
        encrypted_metadata_key: users[0].encrypted_metadata_key.clone(),
    });
    Signed::new(&with_users(&document, users), &story.world.mallory)
}

/// The folder as it stands, signed in bob's name.
fn forged(story: &Story<'_>) -> Result<Signed, CryptoError> {
    let (certificate, key) = forgery(story.world)?;
    let document = story.sealed()?;
    let signature = signature::sign_with(&document.signed_content(), &certificate, key, NOW)?;
    Ok(Signed { document: document.value().clone(), signature })
}

/// A certificate with bob's names and serial number, and the key that it is about.
fn forgery(world: &World) -> Result<(Certificate, &e2ee_reference::identity::PrivateKey), CryptoError> {
    let key = world.mallory.private_key();
    Ok((authority::self_made(world.bob.certificate(), key, ISSUED)?, key))
}
