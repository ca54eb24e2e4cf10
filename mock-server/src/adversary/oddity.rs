//! Certificates of which one thing is odd, and which are right otherwise.

use e2ee_reference::certificate::{Certificate, PublicKey};
use e2ee_reference::error::Error;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::unlawful::certificate::{Draft, named};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Public};
use openssl::rsa::Rsa;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::MoveError;
use super::moves::Issuer;
use super::stage::Stage;

/// What is odd about a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// It was valid until a month ago (ATK-CERT-02).
    Expired,
    /// It is valid from next month on (ATK-CERT-02).
    NotYetValid,
    /// It has a second common name, before the right one (ATK-CERT-02).
    TwoNames,
    /// Its common name goes on after that of the user (ATK-CERT-02).
    LongerName,
    /// The RSA key has 1024 bits (ATK-KEY-07).
    ShortKey,
    /// The public exponent is 1: what is wrapped for the key is not encrypted (ATK-KEY-07).
    ExponentOne,
    /// The public exponent is 3 (ATK-KEY-07).
    ExponentThree,
    /// The modulus is even (ATK-KEY-07).
    EvenModulus,
    /// The key is on an elliptic curve (ATK-KEY-07).
    EllipticCurve,
}

/// An odd certificate, and the key that opens what is wrapped for it, if there can be one.
pub(super) struct Odd {
    pub(super) certificate: Certificate,
    pub(super) key: Option<PrivateKey>,
}

const DAY: i64 = 86_400;
const MONTH: i64 = 30 * DAY;
const YEARS: i64 = 7300 * DAY;

impl Oddity {
    /// Such a certificate for `user`, over a key of the attacker's or, unless the key is what is odd, over `own`.
    pub(super) fn certify(
        self,
        stage: &mut Stage<'_>,
        issuer: Issuer,
        user: &str,
        own: Option<&PublicKey>,
    ) -> Result<Odd, MoveError> {
        let (public, key) = match own {
            Some(own) => (own.clone(), None),
            None => self.keys(stage)?,
        };
        let now = stage.now;
        let longer = format!("{user}-2");
        let mut draft = Draft::new(named(if self == Self::LongerName { &longer } else { user }), &public);
        draft.valid = match self {
            Self::Expired => (now - YEARS, now - MONTH),
            Self::NotYetValid => (now + MONTH, now + YEARS),
            _ => (now - DAY, now - DAY + YEARS),
        };
        if self == Self::TwoNames {
            draft.subject = [named("somebody"), named(user)].concat();
        }
        let certificate = issuer.authority(stage)?.sign_draft(&draft)?;
        Ok(Odd { certificate, key })
    }

    /// Whether it is the key that is odd.
    pub(super) fn is_of_key(self) -> bool {
        !matches!(self, Self::Expired | Self::NotYetValid | Self::TwoNames | Self::LongerName)
    }

    fn keys(self, stage: &mut Stage<'_>) -> Result<(PublicKey, Option<PrivateKey>), MoveError> {
        let key = match self {
            Self::ShortKey => stage.attacker.make_up_weak_key(1024)?,
            Self::ExponentOne => stage.attacker.make_up_key_with_exponent(1)?,
            Self::ExponentThree => stage.attacker.make_up_key_with_exponent(3)?,
            _ => stage.attacker.make_up_private_key()?,
        };
        let odd = match self {
            Self::EvenModulus => even_modulus(&key.public_key()),
            Self::EllipticCurve => elliptic_curve(),
            _ => return Ok((key.public_key(), Some(key))),
        };
        let pem =
            odd.and_then(|odd| odd.public_key_to_pem()).map_err(|_| Error::Backend("an odd public key"))?;
        Ok((PublicKey::from_pem(&String::from_utf8_lossy(&pem))?, None))
    }
}

fn even_modulus(key: &PublicKey) -> Result<PKey<Public>, ErrorStack> {
    let rsa = Rsa::public_key_from_pem(key.to_pem().as_bytes())?;
    let mut modulus = rsa.n().to_owned()?;
    modulus.clear_bit(0)?;
    PKey::from_rsa(Rsa::from_public_components(modulus, rsa.e().to_owned()?)?)
}

/// The base point of P-256, whose private key is 1.
fn elliptic_curve() -> Result<PKey<Public>, ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    PKey::from_ec_key(EcKey::from_public_key(&group, group.generator_opt().ok_or_else(ErrorStack::get)?)?)
}
