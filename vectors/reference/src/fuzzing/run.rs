//! What all targets share: plans, people, limits, and the comparison of two backends.

use std::fmt::Debug;
use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};

use super::Quick;
use crate::authority::Authority;
use crate::backend::{self, Backend, OpenSsl};
use crate::identity::{Identity, PrivateKey};
use crate::metadata::{Limits, Recipient};

/// Low, so that what exceeds them is soon found.
pub(super) const LIMITS: Limits =
    Limits { document_bytes: 64 << 10, depth: 8, inflated_bytes: 64 << 10, entries: 64 };

/// 2025-01-01T00:00:00Z.
pub(super) const NOW: i64 = 1_735_689_600;

/// Two users of one instance, with published keys.
pub(super) static ALICE: LazyLock<Identity> =
    LazyLock::new(|| user("alice", include_str!("../../../golden/keys/alice.pem")));
pub(super) static BOB: LazyLock<Identity> =
    LazyLock::new(|| user("bob", include_str!("../../../golden/keys/bob.pem")));

/// The plan in an input, if it is one.
pub(super) fn plan<'a, P: Arbitrary<'a>>(input: &'a [u8]) -> Option<P> {
    let (0, plan) = input.split_first()? else { return None };
    P::arbitrary_take_rest(Unstructured::new(plan)).ok()
}

/// What both backends come to.
pub(super) fn both<R: PartialEq + Debug>(other: &'static dyn Backend, action: impl Fn() -> R) -> R {
    let result = quickly(&action);
    assert_eq!(result, backend::with(other, &action), "the backends disagree");
    result
}

/// Runs with [`Quick`] OpenSSL.
pub(super) fn quickly<R>(action: impl FnOnce() -> R) -> R {
    backend::with(&Quick(OpenSsl), action)
}

/// The bytes with one bit turned over; `None` if there is none.
pub(super) fn flipped(bytes: &[u8], bit: u32) -> Option<Vec<u8>> {
    let mut bytes = bytes.to_vec();
    let at = (bit as usize / 8).checked_rem(bytes.len())?;
    bytes[at] ^= 1 << (bit % 8);
    Some(bytes)
}

pub(super) fn recipient(of: &Identity) -> Recipient {
    Recipient { user_id: of.user_id().to_owned(), certificate: of.certificate().clone() }
}

#[expect(clippy::expect_used, reason = "the keys are files of this project")]
fn user(name: &str, pem: &str) -> Identity {
    let server =
        PrivateKey::from_pem(include_str!("../../../golden/keys/server.pem")).expect("a private key");
    let key = PrivateKey::from_pem(pem).expect("a private key");
    let certificate = Authority::from_private_key(server).certify(name, &key, NOW).expect("a certificate");
    Identity::new(name, certificate, key).expect("a pair")
}
