//! Key derivation beside PBKDF2 of OpenSSL.

use criterion::Criterion;
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::{Computed, Kdf, KeyDerivation as _};
use openssl::hash::MessageDigest;
use openssl::pkcs5::pbkdf2_hmac;

/// The 600000 rounds that opening a private key takes.
pub(crate) fn derivation(criterion: &mut Criterion) {
    let mnemonic = Mnemonic::generate();
    let salt = [7; 40];
    let mut group = criterion.benchmark_group("key derivation");
    group.sample_size(10);
    group.bench_function("ours", |b| {
        b.iter(|| Computed.derive(&mnemonic, &salt, Kdf::CURRENT).unwrap());
    });
    group.bench_function("primitives", |b| {
        let mut key = [0; 32];
        let password = mnemonic.passphrase().as_bytes();
        b.iter(|| pbkdf2_hmac(password, &salt, 600_000, MessageDigest::sha256(), &mut key).unwrap());
    });
    group.finish();
}
