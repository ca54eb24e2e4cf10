//! Stories in which the server, or a former member, shows something old, or leaves something out.

use serde_json::json;

use super::Row;
use super::story::Signed;
use crate::make::folder::{contents, file};
use e2ee_reference::metadata::{Contents, MetadataKey};
use e2ee_reference::random;

const REPLAY: &[&str] = &["R2-SEC-06", "R2-VER-01"];
const HISTORY: &[&str] = &["R2-VER-05", "R2-ATK-02"];

pub(super) const ROWS: &[Row] = &[
    ("rollback", "an old document is shown again", REPLAY, &["Rollback"], |story| {
        let old = story.begin()?;
        story.change();
        let new = story.by(&story.world.bob)?;
        story.accept(&new, "bob");
        story.refuse(&old, "counter-not-lower");
        Ok(())
    }),
    (
        "rollback-and-return",
        "after a refusal the newest document is accepted as before",
        REPLAY,
        &["Rollback"],
        |story| {
            let old = story.begin()?;
            story.change();
            let new = story.by(&story.world.bob)?;
            story.accept(&new, "bob");
            story.refuse(&old, "counter-not-lower");
            story.accept(&new, "bob");
            Ok(())
        },
    ),
    (
        "rollback-to-own-document",
        "the device's own old document is shown again",
        REPLAY,
        &["Rollback"],
        |story| {
            let old = story.begin()?;
            story.change();
            let new = story.by(&story.world.alice)?;
            story.accept(&new, "alice");
            story.refuse(&old, "counter-not-lower");
            Ok(())
        },
    ),
    ("counter-reset", "a member's new document begins to count at 0 again", REPLAY, &["Rollback"], |story| {
        story.begin()?;
        story.change();
        story.contents.counter = 0;
        let signed = story.by(&story.world.bob)?;
        story.refuse(&signed, "counter-not-lower");
        Ok(())
    }),
    ("fork", "two documents with the same counter, both by members", REPLAY, &["EqualCounter"], |story| {
        story.begin()?;
        story.change();
        let one = story.by(&story.world.alice)?;
        story.accept(&one, "alice");
        story.contents.files.pop_first();
        let other = story.by(&story.world.bob)?;
        story.refuse(&other, "counter-not-reused");
        Ok(())
    }),
    (
        "sealed-anew-with-same-counter",
        "the same contents sealed anew with the same counter",
        REPLAY,
        &["EqualCounter"],
        |story| {
            story.begin()?;
            let again = story.by(&story.world.alice)?;
            story.refuse(&again, "counter-not-reused");
            Ok(())
        },
    ),
    ("subfolder-rollback", "an old document of a subfolder is shown again", REPLAY, &["Rollback"], |story| {
        story.begin()?;
        let mut inside = story.contents.clone();
        let old = story.subfolder(&inside, &story.world.bob)?;
        story.accept_subfolder("sub", &old, "bob");
        inside.counter += 1;
        let new = story.subfolder(&inside, &story.world.bob)?;
        story.accept_subfolder("sub", &new, "bob");
        story.refuse_subfolder("sub", &old, "counter-not-lower");
        Ok(())
    }),
    (
        "subfolder-after-new-key-not-sealed-anew",
        "a subfolder under the metadata key that was replaced",
        &["R2-SEC-02", "R2-READ-06"],
        &["Rollback"],
        |story| {
            story.begin()?;
            let below = story.subfolder(&story.contents, &story.world.bob)?;
            story.rekey();
            let signed = story.by(&story.world.alice)?;
            story.accept(&signed, "alice");
            story.refuse_subfolder("sub", &below, "authentication-tag-fits");
            Ok(())
        },
    ),
    (
        "subfolders-swapped",
        "the document of another subfolder: none of its files is in the listing",
        REPLAY,
        &["SwappedFiles"],
        |story| {
            story.begin()?;
            let listed: Vec<_> = contents(&story.key).files.into_keys().collect();
            let below = story.subfolder(&story.contents, &story.world.bob)?;
            story.refuse_subfolder("sub", &below, "listing-belongs");
            story.last(|step| step.listing = Some(listed));
            Ok(())
        },
    ),
    (
        "listing-partial",
        "a file of the listing is unknown, others are known: an upload may be under way",
        &["R2-VER-01"],
        &["SwappedFiles"],
        |story| {
            story.begin()?;
            let mut listed: Vec<_> = story.contents.files.keys().cloned().collect();
            listed.push(random::file_id());
            let below = story.subfolder(&story.contents, &story.world.bob)?;
            story.accept_subfolder("sub", &below, "bob");
            story.last(|step| step.listing = Some(listed));
            Ok(())
        },
    ),
    (
        "root-as-subfolder",
        "a known root folder is answered with the document of a subfolder, in the place of one",
        REPLAY,
        &["FolderKind"],
        |story| {
            story.begin()?;
            let below = story.subfolder(&story.contents, &story.world.bob)?;
            story.refuse_subfolder("root", &below, "root-stays-root");
            Ok(())
        },
    ),
    (
        "subfolder-as-root",
        "a known subfolder is answered with the document of a root folder, in the place of one",
        REPLAY,
        &["FolderKind"],
        |story| {
            let signed = story.begin()?;
            let below = story.subfolder(&story.contents, &story.world.bob)?;
            story.accept_subfolder("sub", &below, "bob");
            story.show("sub", super::device::Kind::Root, &signed, super::story::refused("root-stays-root"));
            Ok(())
        },
    ),
    (
        "subfolder-with-users",
        "the document of a subfolder lists users, signed by a member",
        &["R2-MD-17"],
        &["FolderKind"],
        |story| {
            let signed = story.begin()?;
            story.refuse_subfolder("sub", &signed, "subfolder-without-users");
            Ok(())
        },
    ),
    (
        "checksum-of-key-missing",
        "the checksum of the metadata key is not listed",
        HISTORY,
        &["KeyHistory"],
        |story| {
            story.contents.key_checksums = vec!["0".repeat(64)];
            let signed = story.by(&story.world.bob)?;
            story.refuse(&signed, "key-checksum-present");
            Ok(())
        },
    ),
    ("checksums-empty", "an empty history on first sight", HISTORY, &["KeyHistory"], |story| {
        story.contents.key_checksums.clear();
        let signed = story.by(&story.world.bob)?;
        story.refuse(&signed, "key-checksum-present");
        Ok(())
    }),
    ("new-key-not-listed", "a new metadata key, but the old history", HISTORY, &["KeyHistory"], |story| {
        story.begin()?;
        story.rekey();
        story.contents.key_checksums.pop();
        let signed = story.by(&story.world.bob)?;
        story.refuse(&signed, "key-checksum-present");
        Ok(())
    }),
    ("history-shrunk", "an old checksum is gone from the history", HISTORY, &["KeyHistory"], |story| {
        story.begin()?;
        story.rekey();
        let signed = story.by(&story.world.bob)?;
        story.accept(&signed, "bob");
        story.contents.key_checksums.remove(0);
        story.contents.counter += 1;
        let signed = story.by(&story.world.bob)?;
        story.refuse(&signed, "key-history-kept");
        Ok(())
    }),
    (
        "history-rebuilt",
        "the history holds nothing but the new key, as one client writes it",
        HISTORY,
        &["KeyHistory"],
        |story| {
            story.begin()?;
            story.rekey();
            story.contents.key_checksums = vec![story.key.checksum()];
            let signed = story.by(&story.world.bob)?;
            story.refuse(&signed, "key-history-kept");
            Ok(())
        },
    ),
    (
        "checksum-in-capitals",
        "an old checksum in capitals is another one",
        HISTORY,
        &["KeyHistory"],
        |story| {
            story.begin()?;
            story.rekey();
            story.contents.key_checksums[0].make_ascii_uppercase();
            let signed = story.by(&story.world.bob)?;
            story.refuse(&signed, "key-history-kept");
            Ok(())
        },
    ),
    (
        "key-returned",
        "a member writes under a metadata key that was replaced",
        &["R2-SEC-02", "R2-ATK-02"],
        &["KeyHistory"],
        |story| {
            story.begin()?;
            let old = story.key.clone();
            story.rekey();
            let signed = story.by(&story.world.alice)?;
            story.accept(&signed, "alice");
            story.change();
            story.key = old;
            let signed = story.by(&story.world.bob)?;
            story.refuse(&signed, "key-not-returned");
            Ok(())
        },
    ),
    (
        "removed-member-returns",
        "a removed member puts himself back, under the old key",
        &["R2-ATK-02", "R2-SEC-06"],
        &["ReturnOfMember"],
        |story| {
            story.begin()?;
            let old = story.key.clone();
            story.remove(&story.world.bob);
            story.rekey();
            let signed = story.by(&story.world.alice)?;
            story.accept(&signed, "alice");
            story.add(&story.world.bob);
            story.key = old;
            story.change();
            let signed = story.by(&story.world.bob)?;
            story.refuse(&signed, "signer-was-member");
            Ok(())
        },
    ),
    (
        "removed-member-writes",
        "a removed member signs without being listed",
        &["R2-ATK-02", "R2-SEC-06"],
        &["ReturnOfMember"],
        |story| {
            story.begin()?;
            story.remove(&story.world.bob);
            story.rekey();
            let signed = story.by(&story.world.alice)?;
            story.accept(&signed, "alice");
            story.change();
            let signed = story.by(&story.world.bob)?;
            story.refuse(&signed, "signer-is-member");
            Ok(())
        },
    ),
    (
        "old-document-after-removal",
        "the last document before a removal is shown again",
        &["R2-SEC-02", "R2-SEC-06"],
        &["Rollback", "ReturnOfMember"],
        |story| {
            let old = story.begin()?;
            story.remove(&story.world.bob);
            story.rekey();
            let signed = story.by(&story.world.alice)?;
            story.accept(&signed, "alice");
            story.refuse(&old, "key-history-kept");
            Ok(())
        },
    ),
    ("own-entry-gone", "the own user is not listed any more", &["R2-VER-02"], &["NotAMember"], |story| {
        story.begin()?;
        story.remove(&story.world.alice);
        story.rekey();
        let signed = story.by(&story.world.bob)?;
        story.refuse(&signed, "own-entry-present");
        Ok(())
    }),
    (
        "deletion-forged",
        "the server says that the folder is deleted: it cannot sign that",
        REPLAY,
        &["ForeignSigner"],
        |story| {
            story.begin()?;
            story.contents = Contents { deleted: true, counter: 99, ..Contents::default() };
            story.contents.key_checksums.push(story.key.checksum());
            let signed = story.by(&story.world.mallory)?;
            story.refuse(&signed, "signer-is-member");
            Ok(())
        },
    ),
    (
        "other-folder",
        "the document of another folder of the same members",
        REPLAY,
        &["SwappedFiles"],
        |story| {
            story.begin()?;
            story.key = MetadataKey::generate();
            story.contents = contents(&story.key);
            story.contents.files.insert(random::file_id(), file("other.txt"));
            story.contents.counter = 50;
            let signed = story.by(&story.world.bob)?;
            story.refuse(&signed, "key-history-kept");
            Ok(())
        },
    ),
    (
        "emptied",
        "an empty object in place of a document, which servers store for deleted metadata",
        &["R2-VER-01"],
        &["UnknownVersion"],
        |story| {
            story.begin()?;
            let signed = Signed { document: json!({}), signature: String::new() };
            story.refuse(&signed, "version-known");
            Ok(())
        },
    ),
];
