//! Stories without a villain, and such in which something is only odd.

use e2ee_reference::metadata::Version;
use e2ee_reference::random;
use serde_json::json;

use super::Row;
use super::device::Kind;
use super::story::{Signed, accepted};
use crate::make::folder::{file, flip_base64};
use crate::world::LINK;

pub(super) const ROWS: &[Row] = &[
    ("first-sight", "a folder that is seen for the first time", &["R2-VER-01", "R2-VER-02"], &[], |story| {
        story.begin().map(drop)
    }),
    (
        "unchanged",
        "the same document again: an equal counter is right for an equal document",
        &["R2-VER-01"],
        &["EqualCounter"],
        |story| {
            let signed = story.begin()?;
            story.accept(&signed, "alice");
            Ok(())
        },
    ),
    (
        "changed-by-member",
        "another member adds a file",
        &["R2-SEC-06", "R2-MOD-08", "R2-MOD-09"],
        &[],
        |story| {
            story.begin()?;
            story.change();
            let signed = story.by(&story.world.bob)?;
            story.accept(&signed, "bob");
            Ok(())
        },
    ),
    ("counter-jumps", "the device was away for many changes", &["R2-VER-01"], &[], |story| {
        story.begin()?;
        (0..9).for_each(|_| story.change());
        let signed = story.by(&story.world.bob)?;
        story.accept(&signed, "bob");
        Ok(())
    }),
    (
        "new-file",
        "a new file: id, key and nonce of its own",
        &["R2-MOD-05", "R2-MOD-06", "R2-MOD-08", "R2-MOD-09"],
        &[],
        |story| {
            story.begin()?;
            story.change();
            let signed = story.by(&story.world.alice)?;
            story.accept(&signed, "alice");
            Ok(())
        },
    ),
    (
        "file-updated",
        "an updated file: the id stays, key, nonce and tag are new",
        &["R2-MOD-11", "R2-MOD-12", "R2-MOD-14"],
        &[],
        |story| {
            story.begin()?;
            story.contents.counter += 1;
            if let Some(entry) = story.contents.files.values_mut().next() {
                *entry = file(&entry.filename);
            }
            let signed = story.by(&story.world.alice)?;
            story.accept(&signed, "alice");
            Ok(())
        },
    ),
    ("file-deleted", "a file is gone from files", &["R2-MOD-15"], &[], |story| {
        story.begin()?;
        story.contents.counter += 1;
        story.contents.files.pop_first();
        let signed = story.by(&story.world.alice)?;
        story.accept(&signed, "alice");
        Ok(())
    }),
    ("file-copied", "a copy has an id, a key and a nonce of its own", &["R2-MOD-17"], &[], |story| {
        story.begin()?;
        story.contents.counter += 1;
        story.contents.files.insert(random::file_id(), file("report (copy).txt"));
        let signed = story.by(&story.world.alice)?;
        story.accept(&signed, "alice");
        Ok(())
    }),
    (
        "subfolder-made",
        "a new subfolder: its name above, a document without users below",
        &["R2-MOD-18", "R2-MD-17"],
        &[],
        |story| {
            story.begin()?;
            story.contents.counter += 1;
            story.contents.folders.insert(random::file_id(), "sub".to_owned());
            let signed = story.by(&story.world.alice)?;
            story.accept(&signed, "alice");
            let below = story.subfolder(&story.contents, &story.world.alice)?;
            story.accept_subfolder("sub", &below, "alice");
            Ok(())
        },
    ),
    ("subfolder-copied", "a copied subfolder has entries of its own", &["R2-MOD-22"], &[], |story| {
        story.begin()?;
        let below = story.subfolder(&story.contents, &story.world.alice)?;
        story.accept_subfolder("sub", &below, "alice");
        let mut copy = story.contents.clone();
        copy.files = copy.files.into_values().map(|old| (random::file_id(), file(&old.filename))).collect();
        let below = story.subfolder(&copy, &story.world.bob)?;
        story.accept_subfolder("copy", &below, "bob");
        Ok(())
    }),
    (
        "folder-deleted",
        "the root folder is deleted: the flag is set, everything is gone",
        &["R2-MOD-23"],
        &[],
        |story| {
            story.begin()?;
            story.contents.counter += 1;
            story.contents.deleted = true;
            story.contents.files.clear();
            story.contents.folders.clear();
            let signed = story.by(&story.world.bob)?;
            story.accept(&signed, "bob");
            Ok(())
        },
    ),
    (
        "member-added",
        "a member is added: new metadata key, wrapped for all, its checksum listed",
        &["R2-SHR-08", "R2-SHR-09", "R2-SHR-10", "R2-SHR-11"],
        &[],
        |story| {
            story.begin()?;
            story.add(&story.world.carol);
            story.rekey();
            let signed = story.by(&story.world.alice)?;
            story.accept(&signed, "alice");
            Ok(())
        },
    ),
    (
        "added-member-writes",
        "a member who was added by a member writes",
        &["R2-SHR-09", "R2-SEC-06"],
        &[],
        |story| {
            story.begin()?;
            story.add(&story.world.carol);
            story.rekey();
            let signed = story.by(&story.world.bob)?;
            story.accept(&signed, "bob");
            story.change();
            let signed = story.by(&story.world.carol)?;
            story.accept(&signed, "carol");
            Ok(())
        },
    ),
    (
        "member-removed",
        "a member is removed: new metadata key, wrapped for those who stay, its checksum listed",
        &["R2-SHR-13", "R2-SHR-14", "R2-SHR-15", "R2-SHR-16", "R2-SEC-02"],
        &[],
        |story| {
            story.begin()?;
            story.remove(&story.world.bob);
            story.rekey();
            let signed = story.by(&story.world.alice)?;
            story.accept(&signed, "alice");
            Ok(())
        },
    ),
    (
        "subfolder-after-new-key",
        "after a new metadata key the subfolders are sealed with it",
        &["R2-SEC-02", "R2-READ-06"],
        &[],
        |story| {
            story.begin()?;
            let mut inside = story.contents.clone();
            let below = story.subfolder(&inside, &story.world.alice)?;
            story.accept_subfolder("sub", &below, "alice");
            story.rekey();
            let signed = story.by(&story.world.alice)?;
            story.accept(&signed, "alice");
            inside.counter += 1;
            let below = story.subfolder(&inside, &story.world.alice)?;
            story.accept_subfolder("sub", &below, "alice");
            Ok(())
        },
    ),
    (
        "public-share-added",
        "a public share is added, and the version becomes 2.1",
        &["R2-PUB-04"],
        &["PublicShare"],
        |story| {
            story.begin()?;
            story.add(&story.world.link);
            story.rekey();
            story.version = Version::V2_1;
            let signed = story.by(&story.world.alice)?;
            story.accept(&signed, "alice");
            story.change();
            let signed = story.by(&story.world.link)?;
            story.accept(&signed, LINK);
            Ok(())
        },
    ),
    (
        "filedrop",
        "the server adds a dropped file: the signature still fits",
        &["R2-SIG-03", "R2-VER-01"],
        &["FiledropByStranger"],
        |story| {
            let mut signed = story.begin()?;
            signed.document["filedrop"] = json!({ "00112233445566778899aabbccddeeff": "anything" });
            story.accept(&signed, "alice");
            Ok(())
        },
    ),
    (
        "checksums-in-other-order",
        "the history of keys in another order, as desktop writes it",
        &["R2-VER-05"],
        &["KeyHistory"],
        |story| {
            story.begin()?;
            story.rekey();
            story.rekey();
            let signed = story.by(&story.world.bob)?;
            story.accept(&signed, "bob");
            story.contents.key_checksums.reverse();
            story.contents.counter += 1;
            let signed = story.by(&story.world.bob)?;
            story.accept(&signed, "bob");
            Ok(())
        },
    ),
    ("version-rises", "2.0 becomes 2.1", &["R2-GOAL-10"], &[], |story| {
        story.begin()?;
        story.version = Version::V2_1;
        story.change();
        let signed = story.by(&story.world.bob)?;
        story.accept(&signed, "bob");
        Ok(())
    }),
    (
        "bad-name-set-aside",
        "a name that is a path is set aside, and the rest of the folder used",
        &["R2-MD-12"],
        &["PathInName"],
        |story| {
            let id = random::file_id();
            story.contents.files.insert(id.clone(), file("../../x"));
            let signed = story.by(&story.world.bob)?;
            story.show(
                "root",
                Kind::Root,
                &signed,
                accepted(Some("bob"), &[], &[(id, "name-is-one-component")]),
            );
            Ok(())
        },
    ),
    (
        "version-falls-by-minor",
        "2.1 becomes 2.0, as honest clients write when the server announces 2.0 again",
        &["R2-GOAL-10"],
        &["MinorDowngrade"],
        |story| {
            story.version = Version::V2_1;
            story.begin()?;
            story.version = Version::V2_0;
            story.change();
            let signed = story.by(&story.world.bob)?;
            story.show("root", Kind::Root, &signed, accepted(Some("bob"), &["version-not-lower"], &[]));
            Ok(())
        },
    ),
    (
        "tag-differs",
        "the member authenticationTag is another than the tag in the ciphertext, and signed so",
        &["R2-SEC-04"],
        &["MetadataTagDiffers"],
        |story| {
            let mut document = story.sealed()?.value().clone();
            flip_base64(&mut document["metadata"]["authenticationTag"], 0);
            let signed = Signed::altered(document, &story.world.bob)?;
            story.show("root", Kind::Root, &signed, accepted(Some("bob"), &["metadata-tag-matches"], &[]));
            Ok(())
        },
    ),
    (
        "certificate-expired",
        "certificates of members have expired: reading goes on",
        &["R2-VER-07"],
        &["Validity"],
        |story| {
            let signed = story.by(&story.world.bob)?;
            story.show(
                "root",
                Kind::Root,
                &signed,
                accepted(Some("bob"), &["members-certificates-in-time"], &[]),
            );
            story.last(|step| step.now = 2_400_000_000);
            Ok(())
        },
    ),
];
