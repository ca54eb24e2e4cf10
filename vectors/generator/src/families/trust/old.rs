//! Stories about versions: 1.x, migration, and the way back.

use e2ee_reference::Error as CryptoError;
use e2ee_reference::metadata::MetadataKey;
use e2ee_reference::metadata_v1::{self, Contents, File, Keys, Target};
use e2ee_reference::random;
use serde_json::json;

use super::Row;
use super::device::Kind;
use super::story::{Signed, Story, accepted};
use crate::families::metadata_v1::file;
use crate::families::mnemonic::WORDS;

const V1_2: Target<'_> = Target::V1_2 { mnemonic: WORDS };
const DOWN: &[&str] = &["R2-GOAL-10", "R1-VERS-01"];

pub(super) const ROWS: &[Row] = &[
    ("migration-from-1.2", "1.2 becomes 2.0", DOWN, &["Migration"], |story| {
        old(story, V1_2, &[])?;
        story.begin().map(drop)
    }),
    (
        "migration-from-1.0",
        "1.0 becomes 2.0; of 1.0 nothing vouches for the metadata key",
        DOWN,
        &["Migration", "KeyInsertion"],
        |story| {
            old(story, Target::V1_0, &["key-bound-to-mnemonic"])?;
            story.begin().map(drop)
        },
    ),
    ("1.0-to-1.2", "1.0 becomes 1.2", DOWN, &["Migration", "KeyInsertion"], |story| {
        old(story, Target::V1_0, &["key-bound-to-mnemonic"])?;
        old(story, V1_2, &[])
    }),
    ("1.2-changes", "1.2 with another key in each document", &["R12-KEY-01"], &[], |story| {
        old(story, V1_2, &[])?;
        old(story, V1_2, &[])
    }),
    (
        "1.1-to-1.0",
        "1.1 becomes 1.0: nothing is lost, and desktop does not tell them apart",
        &["R1-VERS-01"],
        &["KeyInsertion"],
        |story| {
            old(story, Target::V1_1, &["key-bound-to-mnemonic"])?;
            old(story, Target::V1_0, &["key-bound-to-mnemonic"])
        },
    ),
    ("2.0-to-1.2", "a folder that is known as 2.0 is answered with 1.2", DOWN, &["Downgrade"], |story| {
        story.begin()?;
        refuse_old(story, V1_2, "version-1-not-lower")
    }),
    (
        "2.0-to-1.0",
        "a folder that is known as 2.0 is answered with 1.0",
        DOWN,
        &["Downgrade", "KeyInsertion"],
        |story| {
            story.begin()?;
            refuse_old(story, Target::V1_0, "version-1-not-lower")
        },
    ),
    (
        "back-after-migration",
        "the document from before a migration is shown again",
        DOWN,
        &["Downgrade", "Rollback"],
        |story| {
            let before = sealed(story, V1_2)?;
            story.show("root", Kind::Root, &before, accepted(None, &[], &[]));
            story.begin()?;
            story.refuse(&before, "version-1-not-lower");
            Ok(())
        },
    ),
    (
        "1.2-to-1.1",
        "a folder that is known as 1.2 is answered with 1.1, which has no checksum",
        DOWN,
        &["Downgrade", "KeyInsertion"],
        |story| {
            old(story, V1_2, &[])?;
            refuse_old(story, Target::V1_1, "version-1-not-lower")
        },
    ),
    (
        "1.2-to-1.0",
        "a folder that is known as 1.2 is answered with 1.0, which has no checksum",
        DOWN,
        &["Downgrade", "KeyInsertion"],
        |story| {
            old(story, V1_2, &[])?;
            refuse_old(story, Target::V1_0, "version-1-not-lower")
        },
    ),
    (
        "1.2-checksum-dropped",
        "the checksum of 1.2 is gone",
        &["R12-CHK-01"],
        &["Downgrade", "KeyInsertion"],
        |story| {
            old(story, V1_2, &[])?;
            let mut signed = sealed(story, V1_2)?;
            signed.document["metadata"]["checksum"] = json!("");
            story.refuse(&signed, "checksum-required");
            Ok(())
        },
    ),
    ("1.2-key-of-server", "1.2 under a key of the server's", &["R12-CHK-01"], &["KeyInsertion"], |story| {
        old(story, V1_2, &[])?;
        refuse_old(story, Target::V1_2 { mnemonic: "" }, "checksum-matches")
    }),
    (
        "version-of-development",
        "a folder that is known as 2.0 is answered with version \"2\"",
        DOWN,
        &["Downgrade", "UnknownVersion"],
        |story| {
            let mut signed = story.begin()?;
            signed.document["version"] = json!("2");
            story.refuse(&signed, "version-known");
            Ok(())
        },
    ),
    (
        "version-of-future",
        "a version that is not known yet is not taken for the newest known one",
        DOWN,
        &["UnknownVersion"],
        |story| {
            let mut signed = story.begin()?;
            signed.document["version"] = json!("3.0");
            story.refuse(&signed, "version-known");
            Ok(())
        },
    ),
];

/// A document of 1.x of a folder with one file, under a new key.
fn sealed(story: &Story<'_>, target: Target<'_>) -> Result<Signed, CryptoError> {
    let keys = Keys::one(MetadataKey::generate());
    let files = [(random::file_id(), File::new(file("report.txt"), &keys))].into();
    let contents = Contents { files, ..Contents::default() };
    let to = story.world.alice.certificate().public_key();
    let document = metadata_v1::seal(&contents, &keys, to, target)?.value().clone();
    Ok(Signed { document, signature: String::new() })
}

fn old(story: &mut Story<'_>, target: Target<'_>, notices: &[&str]) -> Result<(), CryptoError> {
    let signed = sealed(story, target)?;
    story.show("root", Kind::Root, &signed, accepted(None, notices, &[]));
    Ok(())
}

fn refuse_old(story: &mut Story<'_>, target: Target<'_>, rule: &'static str) -> Result<(), CryptoError> {
    let signed = sealed(story, target)?;
    story.refuse(&signed, rule);
    Ok(())
}
