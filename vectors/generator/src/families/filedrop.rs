//! Files that strangers dropped into a folder.

use e2ee_reference::Error as CryptoError;
use e2ee_reference::backend::backend;
use e2ee_reference::dialect::Dialect;
use e2ee_reference::filedrop::{self, Entry};
use e2ee_reference::identity::{Identity, PrivateKey};
use e2ee_reference::metadata::FileEntry;
use e2ee_reference::metadata_v1::{self, FiledropEntry};
use e2ee_reference::random;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::family::{Family, inputs};
use crate::error::Error;
use crate::make::folder::{self, gzip};
use crate::make::text::to_base64;
use crate::memo::Memo;
use crate::outcome::{Outcome, Stop};
use crate::set::{Expect, Noted, Set, about};
use crate::world::{self, World, recipient};

mod broken;

pub(crate) const FAMILY: Family =
    Family { name: "filedrop", summary: "a file that a stranger dropped into a folder", generate, evaluate };

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Inputs {
    /// `1` for metadata 1.1 and 1.2, `2` for 2.0 and 2.1.
    major: u8,
    /// The entry as JSON text.
    entry: String,
    user_id: String,
    private_key: String,
}

fn evaluate(of: &Value, _: &Memo) -> Outcome {
    let Inputs { major, entry, user_id, private_key } = inputs(of)?;
    let entry: Value = serde_json::from_str(&entry).map_err(|_| Stop::Refused("json-well-formed"))?;
    let private_key = PrivateKey::from_pem(&private_key)?;
    let file = match major {
        1 => FiledropEntry::from_value(entry).open(&private_key)?,
        2 => Entry::from_value(entry).open(&user_id, &private_key)?,
        other => return Err(Stop::Failed(format!("inputs: there is no major version {other}"))),
    };
    Ok(folder::file_json(&file))
}

impl Inputs {
    fn new(major: u8, entry: &Value, user: &Identity) -> Self {
        let (user_id, private_key) = (user.user_id().to_owned(), world::private_key(user));
        Self { major, entry: entry.to_string(), user_id, private_key }
    }
}

/// The filedrop key of what is made here.
const KEY: [u8; 16] = *b"YELLOW SUBMARINE";

/// An entry of 2.x for alice and bob around this compressed text.
fn entry_around(world: &World, compressed: &[u8]) -> Result<Value, CryptoError> {
    entry_under(world, &KEY, compressed)
}

/// The same under a filedrop key of any length.
fn entry_under(world: &World, key: &[u8], compressed: &[u8]) -> Result<Value, CryptoError> {
    let mut entry = folder::envelope(key, &random::array::<12>(), compressed)?;
    let user = |user: &Identity| {
        let wrapped = backend().oaep_wrap(user.certificate().public_key(), key)?;
        Ok(json!({ "userId": user.user_id(), "encryptedFiledropKey": to_base64(wrapped) }))
    };
    entry["users"] = [&world.alice, &world.bob].map(user).into_iter().collect::<Result<_, CryptoError>>()?;
    Ok(entry)
}

fn entry(world: &World, file: &FileEntry) -> Result<Value, CryptoError> {
    entry_around(world, &gzip(folder::file_json(file).to_string().as_bytes()))
}

fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    major_2(set)?;
    major_1(set)?;
    broken::generate(set)
}

fn major_2(set: &mut Set<'_>) -> Result<(), Error> {
    let comment = "as it is specified, for two members";
    set.add(about("plain", comment, &["R2-MD-14", "R2-FD-01"], &[]), |world| {
        let file = folder::file("dropped.txt");
        let entry = filedrop::seal(&file, &[&world.alice, &world.bob].map(recipient))?;
        Ok((Inputs::new(2, entry.value(), &world.alice), Expect::Valid(folder::file_json(&file))))
    })?;
    for (name, comment, flags, edit) in VALID {
        set.add(about(*name, *comment, &["R2-MD-14"], flags), |world| {
            let file = folder::file("dropped.txt");
            let mut inner = folder::file_json(&file);
            edit.inner(&mut inner);
            let mut entry = entry_around(world, &gzip(inner.to_string().as_bytes()))?;
            edit.outer(&mut entry);
            let mut output = folder::file_json(&file);
            if inner.get("mimetype").is_none() {
                output["mimetype"] = json!("application/octet-stream");
            }
            output["filename"] = inner["filename"].clone();
            Ok((Inputs::new(2, &entry, &world.alice), Expect::Valid(output)))
        })?;
    }
    let comment = "the own entry stands second";
    set.add(about("own-entry-second", comment, &["R2-MD-14", "R2-FD-01"], &["OwnEntryNotFirst"]), |world| {
        let file = folder::file("dropped.txt");
        let inputs = Inputs::new(2, &entry(world, &file)?, &world.bob);
        Ok((inputs, Expect::Valid(folder::file_json(&file))))
    })
}

/// A change of what is sealed, or of the entry around it.
#[derive(Clone, Copy)]
enum Edit {
    Inner(fn(&mut Value)),
    Outer(fn(&mut Value)),
}

impl Edit {
    fn inner(self, value: &mut Value) {
        if let Self::Inner(edit) = self {
            edit(value);
        }
    }

    fn outer(self, value: &mut Value) {
        if let Self::Outer(edit) = self {
            edit(value);
        }
    }
}

const VALID: &[Noted<Edit>] = &[
    (
        "members-of-web",
        "members that only web writes",
        &["UnknownMember"],
        Edit::Inner(|inner| {
            inner["filesize"] = json!(12);
            inner["chunked"] = json!(false);
        }),
    ),
    ("without-mimetype", "no mimetype", &[], Edit::Inner(|inner| remove(inner, "mimetype"))),
    (
        "name-not-ascii",
        "a name beyond ASCII",
        &[],
        Edit::Inner(|inner| inner["filename"] = json!("Prüfung 🦊.txt")),
    ),
    (
        "nonce-suffix",
        "the nonce once more behind the ciphertext",
        &["NonceSuffix"],
        Edit::Outer(|entry| {
            let joined = [&entry["ciphertext"], &entry["nonce"]]
                .map(|text| text.as_str().unwrap_or_default())
                .join("|");
            entry["ciphertext"] = joined.into();
        }),
    ),
    (
        "tag-missing",
        "no member authenticationTag; the tag is in the ciphertext",
        &["MetadataTagMissing"],
        Edit::Outer(|entry| {
            remove(entry, "authenticationTag");
        }),
    ),
    (
        "unknown-member",
        "a member that nobody knows",
        &["UnknownMember"],
        Edit::Outer(|entry| entry["extension"] = json!(1)),
    ),
];

fn major_1(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, flags, edit) in VALID_1 {
        set.add(about(*name, *comment, &["R12-FD-01"], flags), |world| {
            let file = folder::file("dropped.txt");
            let mut entry = entry_1(world, &file)?;
            edit(&mut entry);
            Ok((Inputs::new(1, &entry, &world.alice), Expect::Valid(folder::file_json(&file))))
        })?;
    }
    let comment = "the version of the sealed entry is the string \"1.2\", as in the tests of desktop";
    set.add(about("1-inner-version-is-string", comment, &["R12-FD-01"], &["Dialect"]), |world| {
        let file = folder::file("dropped.txt");
        let inner = json!({
            "key": file.key.to_base64(), "filename": file.filename, "mimetype": file.mimetype, "version": "1.2",
        });
        let entry = entry_1_around(world, &file, &inner)?;
        Ok((Inputs::new(1, &entry, &world.alice), Expect::Valid(folder::file_json(&file))))
    })
}

fn entry_1(world: &World, file: &FileEntry) -> Result<Value, CryptoError> {
    let form = &Dialect::SPECIFIED.metadata_v1;
    let entry = FiledropEntry::seal(file, world.alice.certificate().public_key(), form)?;
    Ok(entry.value().clone())
}

/// An entry of 1.x around this JSON, under the known key.
fn entry_1_around(world: &World, file: &FileEntry, inner: &Value) -> Result<Value, CryptoError> {
    let form = &Dialect::SPECIFIED.metadata_v1;
    let mut entry = entry_1(world, file)?;
    let text = metadata_v1::seal_text(&KEY, &form.nonce.random(), &inner.to_string(), form.separator)?;
    entry["encrypted"] = text.into();
    entry["encryptedKey"] = metadata_v1::wrap_key(world.alice.certificate().public_key(), &KEY)?.into();
    Ok(entry)
}

const VALID_1: &[Noted<fn(&mut Value)>] = &[
    ("1-plain", "as clients of 1.2 write it", &[], |_| {}),
    ("1-old-separator", "the old separator", &["OldSeparator"], |entry| {
        entry["encrypted"] = entry["encrypted"].as_str().unwrap_or_default().replace('|', "fA==").into();
    }),
    ("1-nonce-beside", "the nonce beside the ciphertext only", &["Dialect"], |entry| {
        let text = entry["encrypted"].as_str().unwrap_or_default();
        entry["encrypted"] = text.split('|').next().unwrap_or_default().into();
    }),
    (
        "1-members-beside-wrong",
        "tag and nonce beside the ciphertext are those of something else, as in the tests of desktop",
        &["MetadataTagDiffers"],
        |entry| {
            entry["encryptedTag"] = to_base64([1; 16]).into();
            entry["encryptedInitializationVector"] = to_base64([2; 16]).into();
        },
    ),
];

fn remove(object: &mut Value, name: &str) {
    if let Value::Object(members) = object {
        members.remove(name);
    }
}
