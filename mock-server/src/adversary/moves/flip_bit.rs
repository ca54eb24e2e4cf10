use bytes::Bytes;
use openssl::hash::{MessageDigest, hash};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adler32::adler32;
use crate::adversary::error::MoveError;
use crate::adversary::handiwork::Handiwork;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;
use crate::model::{Content, Node};

/// Flips the lowest bit of the first ciphertext byte of every file in a folder (ATK-FILE-01), so that the first byte
/// of the plaintext would come out with its lowest bit flipped. The authentication tag at the end stays; checksum
/// and ETag are those of an honest upload of the damaged bytes. Files without ciphertext, that is empty ones, stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlipBit {
    /// The path of an encrypted folder.
    pub folder: String,
}

/// Length of the authentication tag at the end of a stored file.
const TAG: u64 = 16;

impl Play for FlipBit {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let folder = stage.folder(&self.folder)?;
        let nodes = stage.model.children(folder).into_iter().filter_map(|id| stage.model.node(id));
        let damaged: Vec<Damaged> = nodes.filter_map(Damaged::of).collect();
        if damaged.is_empty() {
            return Err(MoveError::NoFile(self.folder.clone()));
        }
        let mut work = Handiwork::of("flip_bit");
        for Damaged { name, blob, checksum } in damaged {
            let checksum = |left: &Content| {
                let new = checksums(checksum.as_ref()?, &left.to_bytes().ok()?);
                Some(new).filter(|new| !new.is_empty())
            };
            work = work.file(stage.forge_file(folder, &name, blob, checksum)?);
        }
        Ok(Some(Box::new(work)))
    }
}

struct Damaged {
    name: String,
    blob: Bytes,
    /// That of the honest upload.
    checksum: Option<String>,
}

impl Damaged {
    fn of(node: &Node) -> Option<Self> {
        let content = node.content().filter(|content| content.len() > TAG)?;
        let mut blob = content.to_bytes().ok()?.to_vec();
        *blob.first_mut()? ^= 1;
        let checksum = node.checksum().map(str::to_owned);
        Some(Self { name: node.name().to_owned(), blob: Bytes::from(blob), checksum })
    }
}

/// The checksums of the kinds that stand in `old` (`SHA1:… MD5:…`). What cannot be computed is left out: a client
/// gets no checksum then, and not a wrong one.
fn checksums(old: &str, blob: &[u8]) -> String {
    let kinds = old.split_ascii_whitespace().filter_map(|checksum| checksum.split_once(':'));
    let new = kinds.filter_map(|(kind, _)| Some(format!("{kind}:{}", checksum(kind, blob)?)));
    new.collect::<Vec<_>>().join(" ")
}

fn checksum(kind: &str, blob: &[u8]) -> Option<String> {
    let digest = match kind.to_ascii_uppercase().as_str() {
        "MD5" => MessageDigest::md5(),
        "SHA1" => MessageDigest::sha1(),
        "SHA256" => MessageDigest::sha256(),
        "SHA3-256" => MessageDigest::sha3_256(),
        "ADLER32" => return Some(format!("{:08x}", adler32(blob))),
        _ => return None,
    };
    hash(digest, blob).ok().map(hex::encode)
}
