//! What a device stores for further devices can be opened by them.

use e2ee_mock_server::Endpoint;

use super::finding::{Evidence, Monitor, Observed};
use super::need::Need;
use crate::scenario::Derivation;

pub(super) const MONITOR: Monitor = Monitor {
    name: "stored-key",
    summary: "a stored private-key blob opens with the mnemonic that the user was shown, and only by today's derivation",
    requirements: &["R2-KEY-10", "R2-KEY-12", "R2-KEY-14", "R2-KEY-15", "ATK-KEY-04"],
    catches: &["seals-under-other-mnemonic", "seals-with-old-derivation"],
    honest_only: true,
    needs: &[Need::Mnemonics],
    check,
};

/// The judge has opened each blob that it could before the monitors look.
fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let transcript = evidence.transcript;
    let mut observed = Vec::new();
    for stored in transcript.subject_exchanges() {
        if stored.endpoint != Endpoint::PostPrivateKey || stored.status != 200 {
            continue;
        }
        let Some(device) =
            transcript.devices.iter().find(|d| Some(d.actor.as_str()) == stored.device.as_deref())
        else {
            continue;
        };
        let Some(secrets) = transcript.secrets.users.get(&device.user) else { continue };
        let (number, user) = (stored.number, &device.user);
        let text = match (&secrets.mnemonic, &secrets.private_key, secrets.derivation) {
            (Some(_), None, _) => format!(
                "the private-key blob stored in exchange {number} does not open with the mnemonic that {user} was shown"
            ),
            (_, _, Some(old)) if old != Derivation::default() => {
                format!("the private-key blob stored in exchange {number} is sealed under {old}")
            }
            _ => continue,
        };
        observed.push(Observed { text, exchanges: vec![number], canary: None });
    }
    observed
}
