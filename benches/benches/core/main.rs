//! The crypto core beside the libraries that it is made of: each operation and, in the same run, its primitives
//! called directly.

#![expect(clippy::unwrap_used, reason = "a bench has nobody to report to")]

mod file_cipher;
mod keys;
mod metadata;
mod parser;
mod signature;

criterion::criterion_group!(
    benches,
    file_cipher::at_once,
    file_cipher::streamed,
    metadata::open,
    metadata::seal,
    keys::derivation,
    signature::signature,
    parser::parser,
);
criterion::criterion_main!(benches);
