//! The families of vectors: for each, its inputs, what the reference implementation makes of them, and the
//! generators of its vectors.

mod family;

mod canonical_json;
mod certificate;
mod certificate_request;
mod checksum_1_2;
mod file;
mod filedrop;
mod kdf;
mod key_checksums;
mod metadata_v1;
mod metadata_v2;
mod migration;
mod mnemonic;
mod names;
mod oaep;
mod private_key_blob;
mod signature;
mod trust;

pub(crate) use family::{Family, evaluate};

/// All families, in the order of the ledger.
pub(crate) const FAMILIES: &[Family] = &[
    mnemonic::FAMILY,
    kdf::FAMILY,
    private_key_blob::FAMILY,
    certificate::FAMILY,
    certificate_request::FAMILY,
    file::FAMILY,
    oaep::FAMILY,
    metadata_v1::FAMILY_1_0,
    metadata_v1::FAMILY_1_1,
    metadata_v1::FAMILY_1_2,
    checksum_1_2::FAMILY,
    migration::FAMILY,
    metadata_v2::FAMILY_2_0,
    metadata_v2::FAMILY_2_1,
    canonical_json::FAMILY,
    signature::FAMILY,
    key_checksums::FAMILY,
    filedrop::FAMILY,
    names::FAMILY,
    trust::FAMILY,
];
