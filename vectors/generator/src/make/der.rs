//! ASN.1 as nobody should write it, next to ordinary DER.

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: &[u8] = &[0x05, 0];
pub(crate) const OBJECT_ID: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const TELETEX_STRING: u8 = 0x14;
pub(crate) const BMP_STRING: u8 = 0x1e;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// `[0]`, constructed.
pub(crate) const CONTEXT_0: u8 = 0xa0;
/// `[1]`, constructed.
pub(crate) const CONTEXT_1: u8 = 0xa1;
/// `[2]`, constructed.
pub(crate) const CONTEXT_2: u8 = 0xa2;

/// 1.2.840.113549: what RSA Security numbered.
const RSADSI: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d];

/// Tag, definite length and contents.
pub(crate) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len().to_be_bytes();
    let significant = &length[length.iter().take_while(|octet| **octet == 0).count()..];
    let mut encoding = vec![tag];
    match significant {
        [] => encoding.push(0),
        [short @ 0..0x80] => encoding.push(*short),
        octets => {
            encoding.push(0x80 + octets.len() as u8);
            encoding.extend_from_slice(octets);
        }
    }
    encoding.extend(content);
    encoding
}

/// Tag, indefinite length, contents and end-of-contents octets, as Android writes.
pub(crate) fn indefinite(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    [&[tag, 0x80], &parts.concat()[..], &[0, 0]].concat()
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, parts)
}

/// An object identifier below `1.2.840.113549`, as `[1, 7, 2]`; every number below 128.
pub(crate) fn rsadsi(rest: &[u8]) -> Vec<u8> {
    element(OBJECT_ID, &[RSADSI, rest])
}

/// id-sha256 or another hash of NIST (2.16.840.1.101.3.4.2.N).
pub(crate) fn nist_hash(number: u8) -> Vec<u8> {
    element(OBJECT_ID, &[&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, number]])
}

/// An AlgorithmIdentifier with NULL parameters.
pub(crate) fn algorithm(object_id: &[u8]) -> Vec<u8> {
    sequence(&[object_id, NULL])
}

pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(BIT_STRING, &[&[0], bytes])
}
