//! Rules about a certificate that the server presents for a user, and the checks that members of a folder
//! have to pass as well.

use super::candidate::{Pins, Refusal};
use super::exceptions::Exceptions;
use super::rule::{Check, Level, Outcome, Rule};
use crate::certificate::Certificate;

/// A certificate that is said to be a user's.
pub(crate) struct Presented<'a> {
    pub(super) user_id: &'a str,
    pub(super) certificate: &'a Certificate,
    pub(super) pins: &'a Pins,
    pub(super) now: i64,
}

/// What a certificate from `public-key` has to pass before anything is wrapped to it (R2-SHR-01 to 06), the
/// user's own included (R2-KEY-08, R2-KEY-26).
pub const CERTIFICATE_RULES: &[Rule] = &[
    Rule {
        name: "certificate-names-user",
        requirements: &["R2-KEY-05", "ATK-CERT-02"],
        summary: "the common name of a certificate is the id of the user it was asked for",
        level: Level::Refuse,
        check: Check::Certificate(names_user),
    },
    Rule {
        name: "certificate-issued",
        requirements: &["R2-KEY-03", "R2-KEY-08", "R2-KEY-26", "R2-SHR-04", "R2-SHR-05"],
        summary: "a certificate is signed by the server key that the device knows",
        level: Level::Refuse,
        check: Check::Certificate(is_issued),
    },
    Rule {
        name: "certificate-key-strong",
        requirements: &["ATK-KEY-07"],
        summary: "a certificate holds an RSA key of at least 2048 bits with a usual public exponent",
        level: Level::Refuse,
        check: Check::Certificate(is_strong),
    },
    Rule {
        name: "certificate-pinned",
        requirements: &["R2-SHR-01", "ATK-TOFU-01"],
        summary: "a user whose certificate is known keeps it",
        level: Level::Refuse,
        check: Check::Certificate(is_pinned),
    },
    Rule {
        name: "certificate-in-time",
        requirements: &["ATK-CERT-02"],
        summary: "nothing new is shared with the holder of an expired certificate",
        level: Level::Refuse,
        check: Check::Certificate(is_in_time),
    },
];

/// Judges a certificate that the server presents for `user_id` at `now` (seconds since 1970). Pinning an
/// accepted one is the caller's business.
///
/// # Errors
/// The first rule that refuses.
pub fn check_certificate(
    user_id: &str,
    certificate: &Certificate,
    pins: &Pins,
    now: i64,
    exceptions: &Exceptions,
) -> Result<(), Refusal> {
    let presented = Presented { user_id, certificate, pins, now };
    for rule in CERTIFICATE_RULES.iter().filter(|rule| !exceptions.contains(rule.name)) {
        if let Check::Certificate(check) = rule.check {
            check(&presented).map_err(|reason| rule.refusal(reason))?;
        }
    }
    Ok(())
}

pub(super) fn names_user(presented: &Presented<'_>) -> Outcome {
    match presented.certificate.common_name() {
        Some(name) if name == presented.user_id => Ok(()),
        name => Err(format!("the certificate of {} names {}", presented.user_id, name.unwrap_or("nobody"))),
    }
}

pub(super) fn is_issued(presented: &Presented<'_>) -> Outcome {
    let issued = presented.certificate.is_issued_by(&presented.pins.server_key);
    ensure(issued, || format!("the certificate of {} is not signed by the server key", presented.user_id))
}

pub(super) fn is_strong(presented: &Presented<'_>) -> Outcome {
    let strong = presented.certificate.public_key().is_strong();
    ensure(strong, || format!("the certificate of {} holds a weak or unusual key", presented.user_id))
}

pub(super) fn is_pinned(presented: &Presented<'_>) -> Outcome {
    let pin = presented.pins.certificates.get(presented.user_id);
    let same = pin.is_none_or(|pin| *pin == presented.certificate.fingerprint());
    ensure(same, || format!("the certificate of {} is not the one known before", presented.user_id))
}

pub(super) fn is_in_time(presented: &Presented<'_>) -> Outcome {
    let in_time = presented.certificate.is_valid_at(presented.now);
    ensure(in_time, || format!("the certificate of {} has expired or is not yet valid", presented.user_id))
}

/// `Err` with this reason unless the condition holds.
pub(super) fn ensure(condition: bool, reason: impl FnOnce() -> String) -> Outcome {
    if condition { Ok(()) } else { Err(reason()) }
}
