use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_reference::backend::backend;
use e2ee_reference::metadata::Document;
use e2ee_reference::random;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Play;
use crate::adversary::envelope;
use crate::adversary::error::MoveError;
use crate::adversary::gzip::gzip;
use crate::adversary::lie::Lie;
use crate::adversary::member::Member;
use crate::adversary::stage::Stage;

/// A corrupted member writes metadata that are a thousand times longer once they are inflated (ATK-PARSE-01): what was in
/// them, after so many blanks. All else is as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inflate {
    /// The path of an encrypted folder.
    pub folder: String,
    /// The member's user id; [`Corrupt`](super::Corrupt) has come before.
    pub by: String,
    /// How many blanks, in MiB; 0 to 4096.
    pub mebibytes: u32,
    /// How many files more are named in them, each as long as any: 0 to 1,000,000 (ATK-PARSE-02).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub entries: u32,
    /// What is done with what was compressed.
    #[serde(default, skip_serializing_if = "Compressed::is_whole")]
    pub form: Compressed,
}

/// What is done with what was compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compressed {
    /// Nothing.
    #[default]
    Whole,
    /// It is compressed once more.
    Twice,
    /// Its end is left out: the checksum, the length, and some of what comes before.
    Cut,
}

impl Compressed {
    fn is_whole(&self) -> bool {
        *self == Self::Whole
    }

    fn of(self, mut member: Vec<u8>) -> Option<Vec<u8>> {
        match self {
            Self::Whole => Some(member),
            Self::Twice => gzip(0, &member),
            Self::Cut => {
                member.truncate(member.len().saturating_sub(TRAILER + 4));
                Some(member)
            }
        }
    }
}

const MOST: u32 = 4096;
const MOST_ENTRIES: u32 = 1_000_000;
/// Length of checksum and length at the end of gzip.
const TRAILER: usize = 8;
/// Length of the authentication tag at the end.
const TAG: usize = 16;

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Play for Inflate {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        if self.mebibytes > MOST {
            return Err(MoveError::OutOfRange { member: "mebibytes", expected: "expected 0 to 4096" });
        }
        if self.entries > MOST_ENTRIES {
            return Err(MoveError::OutOfRange { member: "entries", expected: "expected 0 to 1000000" });
        }
        let member = Member::of(stage, &self.folder, &self.by)?;
        let mut contents = envelope::open(&member.root.document, &member.metadata_key)?;
        contents["counter"] = member.contents.counter.into();
        if let Some(files) = contents["files"].as_object_mut() {
            let like = files.values().next().cloned().unwrap_or_else(|| json!({}));
            files.extend((0..self.entries).map(|number| (format!("{number:032x}"), like.clone())));
        }
        let plain = gzip(self.mebibytes, contents.to_string().as_bytes());
        let plain = plain.and_then(|plain| self.form.of(plain)).ok_or(MoveError::OutOfRange {
            member: "mebibytes",
            expected: "expected what can be compressed",
        })?;
        let nonce = random::array::<12>();
        let sealed = backend().aes_gcm_seal(member.metadata_key.as_bytes(), &nonce, &plain)?;
        let tag = sealed.len().checked_sub(TAG).and_then(|start| sealed.get(start..)).unwrap_or_default();
        let mut document = member.root.document.value().clone();
        document["metadata"] = json!({ "ciphertext": STANDARD.encode(&sealed), "nonce": STANDARD.encode(nonce),
            "authenticationTag": STANDARD.encode(tag) });
        let signed = member.signs(&Document::parse(&document.to_string())?, stage.now)?;
        let counter = Some(member.contents.counter);
        Ok(Some(Box::new(stage.publish("inflate", &member.root, signed, counter))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::bufread::GzDecoder;
    use std::io::Read as _;

    #[test]
    fn it_can_be_compressed_twice_or_cut() {
        let twice = Compressed::Twice.of(gzip(0, b"{}").unwrap()).unwrap();
        let mut once = Vec::new();
        GzDecoder::new(twice.as_slice()).read_to_end(&mut once).unwrap();
        assert_eq!(once, gzip(0, b"{}").unwrap());
        let cut = Compressed::Cut.of(gzip(0, b"{}").unwrap()).unwrap();
        assert!(GzDecoder::new(cut.as_slice()).read_to_end(&mut Vec::new()).is_err());
    }
}
