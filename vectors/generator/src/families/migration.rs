//! From metadata 1.x to 2.x: everything comes along, or nothing happens.

use e2ee_reference::Error as CryptoError;
use e2ee_reference::dialect::Dialect;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{FileEntry, MetadataKey};
use e2ee_reference::metadata_v1::{self, Contents, File, FiledropEntry, Keys, Target, wrap_key};
use e2ee_reference::migration::{self, Source};
use e2ee_reference::random;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::family::{Family, bytes, inputs};
use super::metadata_v1::{file, parse};
use super::metadata_v2::shown;
use super::mnemonic::WORDS;
use crate::error::Error;
use crate::memo::Memo;
use crate::outcome::Outcome;
use crate::set::{Expect, Set, about};
use crate::world::{self, World};

pub(crate) const FAMILY: Family =
    Family { name: "migration", summary: "from a document of 1.x to contents of 2.x", generate, evaluate };

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Inputs {
    document: String,
    private_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mnemonic: Option<String>,
    /// The new metadata key, hex.
    metadata_key: String,
    /// The counter that the server has for the folder.
    stored_counter: u64,
}

fn evaluate(of: &Value, _: &Memo) -> Outcome {
    let inputs: Inputs = inputs(of)?;
    let (document, private_key) = (parse(&inputs.document)?, PrivateKey::from_pem(&inputs.private_key)?);
    let source =
        Source { document: &document, private_key: &private_key, mnemonic: inputs.mnemonic.as_deref() };
    let key = MetadataKey::from_slice(&bytes(&inputs.metadata_key)?)?;
    let migrated = migration::migrate(&source, &key, inputs.stored_counter)?;
    Ok(json!({ "contents": shown(&migrated.contents) }))
}

/// A folder to migrate, and what becomes of it.
struct Case<'a> {
    world: &'a World,
    old: Keys,
    new: MetadataKey,
    files: Vec<(String, FileEntry)>,
    dropped: Vec<(String, FileEntry)>,
    counter: u64,
}

impl<'a> Case<'a> {
    fn new(world: &'a World) -> Self {
        Self {
            world,
            old: Keys::one(MetadataKey::generate()),
            new: MetadataKey::generate(),
            files: ["report.txt", "notes.txt"].map(|name| (random::file_id(), file(name))).into(),
            dropped: Vec::new(),
            counter: 0,
        }
    }

    fn inputs(&self, target: Target<'_>) -> Result<Inputs, CryptoError> {
        let to = self.world.alice.certificate().public_key();
        let files = self.files.iter().map(|(id, file)| (id.clone(), File::new(file.clone(), &self.old)));
        let contents = Contents { files: files.collect(), ..Contents::default() };
        let mut document = metadata_v1::seal(&contents, &self.old, to, target)?.value().clone();
        for (id, file) in &self.dropped {
            let entry = FiledropEntry::seal(file, to, &Dialect::SPECIFIED.metadata_v1)?;
            document["filedrop"][id] = entry.value().clone();
        }
        Ok(Inputs {
            document: document.to_string(),
            private_key: world::private_key(&self.world.alice),
            mnemonic: Some(WORDS.to_owned()),
            metadata_key: hex::encode(self.new.as_bytes()),
            stored_counter: self.counter,
        })
    }

    /// The contents of 2.x with these folders; all else becomes files.
    fn output(&self, is_folder: impl Fn(&FileEntry) -> bool) -> Value {
        let mut contents = e2ee_reference::metadata::Contents {
            key_checksums: vec![self.new.checksum()],
            counter: self.counter + 1,
            ..Default::default()
        };
        for (id, file) in &self.files {
            if is_folder(file) {
                contents.folders.insert(id.clone(), file.filename.clone());
            } else {
                contents.files.insert(id.clone(), file.clone());
            }
        }
        contents.files.extend(self.dropped.iter().cloned());
        json!({ "contents": shown(&contents) })
    }
}

const TARGETS: [(&str, Target<'_>); 3] =
    [("1.0", Target::V1_0), ("1.1", Target::V1_1), ("1.2", Target::V1_2 { mnemonic: WORDS })];
const TARGET: Target<'_> = Target::V1_2 { mnemonic: WORDS };

fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (version, target) in TARGETS {
        let comment = format!("two files of {version}");
        set.add(about(format!("from-{version}"), comment, &["R2-GOAL-10", "R1-VERS-01"], &[]), |world| {
            let case = Case::new(world);
            Ok((case.inputs(target)?, Expect::Valid(case.output(|_| false))))
        })?;
    }
    folders(set)?;
    drops(set)?;
    for (name, comment, flags, rule, edit) in INVALID {
        set.add(about(*name, *comment, &["R12-CHK-01", "R2-GOAL-10"], flags), |world| {
            let case = Case::new(world);
            let mut inputs = case.inputs(TARGET)?;
            edit(&mut inputs, &case)?;
            Ok((inputs, Expect::Invalid(rule)))
        })?;
    }
    Ok(())
}

fn folders(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, mimetype) in [
        ("directory", "an entry of a subfolder becomes one of folders", "httpd/unix-directory"),
        (
            "directory-of-old-desktop",
            "so does one with the mimetype of old desktop clients",
            "inode/directory",
        ),
        ("directory-without-mimetype", "and one with an empty mimetype", ""),
    ] {
        set.add(about(name, comment, &["R2-MD-11"], &["DirectoryEntry"]), |world| {
            let mut case = Case::new(world);
            case.files[0].1.mimetype = mimetype.to_owned();
            Ok((case.inputs(TARGET)?, Expect::Valid(case.output(|file| file.mimetype == mimetype))))
        })?;
    }
    let comment = "the counter of the server is continued";
    set.add(about("counter-continued", comment, &["R2-MD-09"], &[]), |world| {
        let case = Case { counter: 41, ..Case::new(world) };
        Ok((case.inputs(TARGET)?, Expect::Valid(case.output(|_| false))))
    })
}

fn drops(set: &mut Set<'_>) -> Result<(), Error> {
    let comment = "a dropped file becomes a file";
    set.add(about("filedrop", comment, &["R12-FD-01"], &["FiledropByStranger"]), |world| {
        let dropped = vec![(random::file_id(), file("dropped.txt"))];
        let case = Case { dropped, ..Case::new(world) };
        Ok((case.inputs(TARGET)?, Expect::Valid(case.output(|_| false))))
    })?;
    let comment = "a dropped file whose name is taken gets another one and replaces nothing; which one is the client's choice";
    set.add(
        about("filedrop-name-taken", comment, &["R12-FD-01"], &["FiledropByStranger", "CollidingNames"]),
        |world| {
            let mut case =
                Case { dropped: vec![(random::file_id(), file("report.txt"))], ..Case::new(world) };
            let inputs = case.inputs(TARGET)?;
            case.dropped[0].1.filename = "report (2).txt".to_owned();
            Ok((inputs, Expect::Acceptable(case.output(|_| false), "no-entry-replaced")))
        },
    )?;
    let comment = "a stranger cannot make a subfolder";
    set.add(
        about("filedrop-directory", comment, &["R12-FD-01"], &["FiledropByStranger", "DirectoryEntry"]),
        |world| {
            let mut dropped = file("folder");
            dropped.mimetype = "httpd/unix-directory".to_owned();
            let case = Case { dropped: vec![(random::file_id(), dropped)], ..Case::new(world) };
            Ok((case.inputs(TARGET)?, Expect::Valid(case.output(|_| false))))
        },
    )?;
    let comment = "a dropped file with the id of a file that is there";
    set.add(about("filedrop-id-taken", comment, &["R12-FD-01"], &["FiledropByStranger"]), |world| {
        let mut case = Case::new(world);
        case.dropped = vec![(case.files[0].0.clone(), file("dropped.txt"))];
        Ok((case.inputs(TARGET)?, Expect::Invalid("no-entry-replaced")))
    })
}

type Edit = fn(&mut Inputs, &Case<'_>) -> Result<(), CryptoError>;

const INVALID: &[(&str, &str, &[&str], &str, Edit)] = &[
    (
        "checksum-wrong",
        "the checksum is that of another mnemonic",
        &["KeyInsertion"],
        "checksum-matches",
        |inputs, _| {
            inputs.mnemonic = Some("zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo".to_owned());
            Ok(())
        },
    ),
    (
        "checksum-missing",
        "there is no checksum, and the mnemonic is not kept",
        &["KeyInsertion"],
        "checksum-matches",
        |inputs, _| {
            inputs.mnemonic = None;
            edit(inputs, |document| document["metadata"]["checksum"] = json!(""));
            Ok(())
        },
    ),
    (
        "file-unreadable",
        "one file cannot be read and would be lost",
        &["DamagedEntry"],
        "no-entry-lost",
        |inputs, case| {
            edit(inputs, |document| document["files"][&case.files[0].0]["encrypted"] = json!("nonsense"));
            Ok(())
        },
    ),
    (
        "filedrop-unreadable",
        "one dropped file cannot be read and would be lost",
        &["DamagedEntry", "FiledropByStranger"],
        "no-entry-lost",
        |inputs, _| {
            edit(inputs, |document| {
                document["filedrop"] = json!({ "00112233445566778899aabbccddeeff": "nonsense" })
            });
            Ok(())
        },
    ),
    (
        "old-key-kept",
        "the new metadata key is the old one, which the server may have chosen",
        &["KeyInsertion"],
        "metadata-key-new",
        |inputs, case| {
            inputs.metadata_key = hex::encode(case.old.newest().1.as_bytes());
            Ok(())
        },
    ),
    (
        "counter-exhausted",
        "the counter cannot be raised any more",
        &["LargeCounter"],
        "member-well-formed",
        |inputs, _| {
            inputs.stored_counter = (1 << 53) - 1;
            Ok(())
        },
    ),
    ("other-user", "the document of somebody else", &["NotAMember"], "wrapped-key-opens", |inputs, case| {
        let to = case.world.bob.certificate().public_key();
        let wrapped = wrap_key(to, case.old.newest().1.as_bytes())?;
        inputs.mnemonic = None;
        edit(inputs, |document| document["metadata"]["metadataKey"] = wrapped.into());
        Ok(())
    }),
    ("version-unknown", "a version that never was", &["UnknownVersion"], "version-known", |inputs, _| {
        edit(inputs, |document| document["metadata"]["version"] = json!(1.9));
        Ok(())
    }),
];

fn edit(inputs: &mut Inputs, change: impl FnOnce(&mut Value)) {
    let mut document = serde_json::from_str(&inputs.document).unwrap_or_default();
    change(&mut document);
    inputs.document = document.to_string();
}
