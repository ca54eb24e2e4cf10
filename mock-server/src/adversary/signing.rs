//! Signatures of metadata that somebody has rewritten: right, missing, and wrong in one thing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_reference::certificate::Certificate;
use e2ee_reference::error::Error;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::unlawful::certificate::{self, named};
use e2ee_reference::unlawful::{WeakHash, cms, der};
use e2ee_reference::{canonical_json, signature};
use e2ee_rustcrypto::deviant;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::MoveError;
use super::stage::Stage;

/// What becomes of the signature.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    /// It is made anew over the changed document.
    #[default]
    Anew,
    /// The one from before stays.
    Kept,
    /// It is valid for the document before the changes of `outer` and `adds`, and made anew.
    Before,
    /// The same, and that document is embedded in it (ATK-SIG-04).
    EmbedsBefore,
    /// It is random bytes in base64.
    Junk,
    /// There is none.
    Missing,
    /// It is over the changed document itself, without signed attributes (ATK-SIG-05).
    WithoutAttributes,
    /// It is made with SHA-1 (ATK-SIG-05).
    Sha1,
    /// It is made with MD5 (ATK-SIG-05).
    Md5,
    /// It is made by RSASSA-PSS (ATK-SIG-05).
    Pss,
    /// It has certificates and no signer (ATK-SIG-05).
    NoSigner,
    /// It has two signers: a stranger has signed the changed document, and who signs here the one before the changes
    /// of `outer` and `adds` (ATK-SIG-05).
    StrangerBeside,
    /// The signer is named by the identifier of his key (ATK-SIG-05).
    ByKeyIdentifier,
    /// It carries 1,000 certificates of others, too (ATK-SIG-05).
    ManyCertificates,
    /// A byte follows it (ATK-SIG-04).
    ByteAfter,
}

/// What is signed, and by whom.
pub(super) struct ToSign<'a> {
    /// Before the changes that stand outside of the ciphertext.
    pub(super) before: &'a Value,
    pub(super) after: &'a Value,
    pub(super) certificate: &'a Certificate,
    pub(super) key: &'a PrivateKey,
}

/// Certificates of others in one signature.
const MANY: u16 = 1000;
/// The bits of the keys in them: as short as a signature with SHA-256 can be, so that the header is not too long for HTTP.
const SHORT: u16 = 512;

impl Signing {
    /// The signature; `kept` is the one from before.
    pub(super) fn make(
        self,
        stage: &mut Stage<'_>,
        of: &ToSign<'_>,
        kept: Option<String>,
    ) -> Result<Option<String>, MoveError> {
        let ToSign { before, after, certificate, key } = *of;
        let now = stage.now;
        let (before, after) = (canonical_json::signed_content(before), canonical_json::signed_content(after));
        let plain = |content: &str| signature::sign_with(content, certificate, key, now);
        let mut draft = cms::Draft::new(&after, certificate, key, now);
        match self {
            Self::Kept => return Ok(kept),
            Self::Missing => return Ok(None),
            Self::Junk => return Ok(Some(STANDARD.encode(e2ee_reference::random::array::<96>()))),
            Self::Anew => return Ok(Some(plain(&after)?)),
            Self::Before => return Ok(Some(plain(&before)?)),
            Self::EmbedsBefore => {
                draft = cms::Draft::new(&before, certificate, key, now);
                draft.embedded = cms::embedded(&before);
            }
            Self::WithoutAttributes => draft.attributes.clear(),
            Self::Sha1 => with_hash(&mut draft, WeakHash::Sha1, &after, now)?,
            Self::Md5 => with_hash(&mut draft, WeakHash::Md5, &after, now)?,
            Self::Pss => {
                draft.signature_algorithm = cms::pss_algorithm();
                draft.sign = Box::new(|key, message| deviant::Signing::Pss.sign(key, message));
            }
            Self::NoSigner => draft.signers = 0,
            Self::StrangerBeside => {
                let member = cms::Draft::new(&before, certificate, key, now).signer(&before)?;
                let stranger = stage.attacker.make_up_private_key()?;
                let strange = stage.authority.certify("stranger", &stranger, now)?;
                let mut draft = cms::Draft::new(&after, &strange, &stranger, now);
                draft.other_signers = vec![member];
                draft.other_certificates = vec![certificate.der().to_vec()];
                return Ok(Some(draft.to_base64(&after)?));
            }
            Self::ByKeyIdentifier => draft.key_identifier = cms::key_identifier(certificate),
            Self::ManyCertificates => draft.other_certificates = others(stage)?,
            Self::ByteAfter => draft.after_all = |all| all.push(0),
        }
        Ok(Some(draft.to_base64(&after)?))
    }
}

/// Digest and signature are of this hash.
fn with_hash(draft: &mut cms::Draft<'_>, hash: WeakHash, content: &str, now: i64) -> Result<(), Error> {
    let digest = der::element(der::OCTET_STRING, &[&hash.digest(content.as_bytes())?]);
    draft.attributes = vec![cms::content_type(), cms::signing_time(now), cms::attribute(4, &[&digest])];
    draft.digest_algorithm = hash.algorithm();
    draft.sign = Box::new(move |key, message| hash.sign(key, message));
    Ok(())
}

fn others(stage: &mut Stage<'_>) -> Result<Vec<Vec<u8>>, MoveError> {
    let key = stage.attacker.make_up_weak_key(SHORT)?;
    let public = key.public_key();
    let other = |number: u16| {
        let name = number.to_string();
        certificate::Draft::new(named(&name), &public).sign(&key)
    };
    Ok((0..MANY).map(other).collect::<Result<_, _>>()?)
}
