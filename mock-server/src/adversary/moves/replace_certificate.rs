use e2ee_reference::authority::Authority;
use e2ee_reference::certificate::{Certificate, PublicKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::attacker::Origin;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::oddity::{Odd, Oddity};
use crate::adversary::stage::Stage;

/// `GET public-key` answers a certificate whose private key the attacker holds (ATK-SHARE-01, ATK-TOFU-01; told to
/// the user himself: ATK-KEY-01), or one over the user's own key (R2-KEY-26). Metadata stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceCertificate {
    /// The user whose certificate is replaced.
    pub of: String,
    /// Who has signed it.
    pub issued_by: Issuer,
    /// The common name in it, `of` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<String>,
    /// Who is told. Everybody if absent.
    #[serde(default, skip_serializing_if = "Audience::is_everyone")]
    pub told_to: Audience,
    /// The length of the RSA key in bits, 512 to 2048 (ATK-KEY-07); 2048 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bits: Option<u32>,
    /// What is odd about it; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub odd: Option<Oddity>,
    /// Over which key it is. One of the attacker's if absent.
    #[serde(default, skip_serializing_if = "Over::is_made_up")]
    pub over: Over,
}

/// The key that a certificate made by the attacker is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// A key of the attacker's.
    #[default]
    MadeUp,
    /// The one that the user's true certificate is over.
    Own,
}

impl Over {
    fn is_made_up(&self) -> bool {
        *self == Self::MadeUp
    }
}

/// The key that signs a certificate made by the attacker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Issuer {
    /// The key that `GET server-key` announces: the server is the authority.
    Instance,
    /// A key that nobody has ever seen.
    Stranger,
}

/// Whom a lie about a user is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Whoever asks.
    #[default]
    Everyone,
    /// Whoever asks but the user himself, who would recognise it.
    Others,
}

impl Audience {
    fn is_everyone(&self) -> bool {
        *self == Self::Everyone
    }
}

impl Play for ReplaceCertificate {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        if self.over == Over::Own {
            return self.play_over_own(stage);
        }
        if let Some(odd) = self.odd {
            return self.play_odd(stage, odd, None);
        }
        let named = self.named.as_deref().unwrap_or(&self.of);
        let key = match self.bits {
            Some(bits) => {
                let bits = u16::try_from(bits).ok().filter(|bits| (512..=2048).contains(bits));
                let wrong = MoveError::OutOfRange { member: "bits", expected: "expected 512 to 2048" };
                stage.attacker.make_up_weak_key(bits.ok_or(wrong)?)?
            }
            None => stage.attacker.make_up_private_key()?,
        };
        let pem = self.issued_by.certify(stage, named, &key.public_key())?.to_pem();
        stage.attacker.hold_private_key(&self.of, Origin::Substitute, key);
        Ok(Some(Box::new(OtherCertificate { of: self.of.clone(), pem, told_to: self.told_to })))
    }
}

impl ReplaceCertificate {
    fn play_odd(
        &self,
        stage: &mut Stage<'_>,
        odd: Oddity,
        own: Option<&PublicKey>,
    ) -> Result<Option<Box<dyn Lie>>, MoveError> {
        if self.bits.is_some() || self.named.is_some() || (own.is_some() && odd.is_of_key()) {
            let expected = "expected one thing that is odd";
            return Err(MoveError::OutOfRange { member: "odd", expected });
        }
        let Odd { certificate, key } = odd.certify(stage, self.issued_by, &self.of, own)?;
        if let Some(key) = key {
            stage.attacker.hold_private_key(&self.of, Origin::Substitute, key);
        }
        let (of, pem) = (self.of.clone(), certificate.to_pem());
        Ok(Some(Box::new(OtherCertificate { of, pem, told_to: self.told_to })))
    }

    fn play_over_own(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        if self.bits.is_some() {
            return Err(MoveError::OutOfRange { member: "bits", expected: "expected none with the user's own key" });
        }
        let own = Certificate::from_pem(&stage.certificate_of(&self.of)?)?;
        if let Some(odd) = self.odd {
            return self.play_odd(stage, odd, Some(own.public_key()));
        }
        let named = self.named.as_deref().unwrap_or(&self.of);
        let pem = self.issued_by.certify(stage, named, own.public_key())?.to_pem();
        Ok(Some(Box::new(OtherCertificate { of: self.of.clone(), pem, told_to: self.told_to })))
    }
}

impl Issuer {
    /// Makes a certificate.
    pub(super) fn certify(
        self,
        stage: &mut Stage<'_>,
        named: &str,
        key: &PublicKey,
    ) -> Result<Certificate, MoveError> {
        Ok(self.authority(stage)?.certify_public(named, key, stage.now)?)
    }

    /// Whose key signs.
    pub(in crate::adversary) fn authority(self, stage: &mut Stage<'_>) -> Result<Authority, MoveError> {
        Ok(match self {
            Self::Instance => stage.authority.clone(),
            Self::Stranger => Authority::from_private_key(stage.attacker.make_up_private_key()?),
        })
    }
}

struct OtherCertificate {
    of: String,
    pem: String,
    told_to: Audience,
}

impl Lie for OtherCertificate {
    fn name(&self) -> &'static str {
        "replace_certificate"
    }

    fn certificate(&self, told_to: &Asker, of: &str, honest: Option<String>) -> Option<String> {
        let himself = told_to.user.as_deref() == Some(of);
        let spared = himself && self.told_to == Audience::Others;
        if of == self.of && !spared { Some(self.pem.clone()) } else { honest }
    }
}
