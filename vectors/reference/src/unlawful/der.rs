//! ASN.1 as nobody should write it, next to ordinary DER.

pub use crate::asn1::tag::{
    BIT_STRING, BMP_STRING, CONTEXT_0, CONTEXT_1, INTEGER, OBJECT_ID, OCTET_STRING, PRINTABLE_STRING,
    SEQUENCE, SET, TELETEX_STRING, UTC_TIME, UTF8_STRING,
};
pub use crate::asn1::writer::{element, indefinite, sequence, time};

/// NULL as a whole element.
pub const NULL: &[u8] = &[crate::asn1::tag::NULL, 0];
/// `[2]`, constructed.
pub const CONTEXT_2: u8 = 0xa2;

/// 1.2.840.113549: what RSA Security numbered.
const RSADSI: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d];

/// An object identifier below `1.2.840.113549`, as `[1, 7, 2]`; every number below 128.
#[must_use]
pub fn rsadsi(rest: &[u8]) -> Vec<u8> {
    element(OBJECT_ID, &[RSADSI, rest])
}

/// id-sha256 or another hash of NIST (2.16.840.1.101.3.4.2.N).
#[must_use]
pub fn nist_hash(number: u8) -> Vec<u8> {
    element(OBJECT_ID, &[&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, number]])
}

/// An AlgorithmIdentifier with NULL parameters.
#[must_use]
pub fn algorithm(object_id: &[u8]) -> Vec<u8> {
    sequence(&[object_id, NULL])
}

/// A BIT STRING of whole octets.
#[must_use]
pub fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(BIT_STRING, &[&[0], bytes])
}
