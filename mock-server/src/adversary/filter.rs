//! Letting only a part of what the attacker forges through.

use super::lie::SignedMetadata;

/// Decides what of forged metadata is let through. A reviewer finds the smallest change with it that an attack needs.
pub trait ForgeryFilter: Send + Sync {
    /// What is stored or told in the place of `forged`; `honest` is what it replaces.
    fn metadata(&self, honest: &SignedMetadata, forged: SignedMetadata) -> SignedMetadata;
}
