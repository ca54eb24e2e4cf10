//! Files, at once and streamed, beside AES-128-GCM of OpenSSL.

use std::hint::black_box;
use std::io;

use criterion::{BenchmarkId, Criterion, Throughput};
use e2ee_reference::file_cipher::{Decryptor, Encryptor, FileKey, Quarantine, decrypt, encrypt};
use openssl::symm::{Cipher, Crypter, Mode, decrypt_aead, encrypt_aead};

const SIZES: [usize; 6] = [1 << 10, 16 << 10, 64 << 10, 1 << 20, 16 << 20, 64 << 20];
const KEY: [u8; 16] = [1; 16];
const NONCE: [u8; 12] = [7; 12];
/// What a program reads from a disk at a time.
const PIECE: usize = 64 << 10;

pub(crate) fn at_once(criterion: &mut Criterion) {
    let (key, cipher) = (FileKey::from_bytes(KEY), Cipher::aes_128_gcm());
    for size in SIZES {
        let plain = vec![0x5a; size];
        let stored = encrypt(&key, &NONCE, &plain).unwrap().bytes;
        let (sealed, tag) = stored.split_at(size);
        let samples = if size < 1 << 20 { 100 } else { 20 };
        let mut group = criterion.benchmark_group("file encrypt");
        group.throughput(Throughput::Bytes(size as u64)).sample_size(samples);
        group.bench_function(BenchmarkId::new("ours", size), |b| {
            b.iter(|| encrypt(&key, &NONCE, black_box(&plain)).unwrap());
        });
        group.bench_function(BenchmarkId::new("primitives", size), |b| {
            let mut tag = [0; 16];
            b.iter(|| encrypt_aead(cipher, &KEY, Some(&NONCE), &[], black_box(&plain), &mut tag).unwrap());
        });
        group.finish();
        let mut group = criterion.benchmark_group("file decrypt");
        group.throughput(Throughput::Bytes(size as u64)).sample_size(samples);
        group.bench_function(BenchmarkId::new("ours", size), |b| {
            b.iter(|| decrypt(&key, &NONCE, black_box(&stored)).unwrap());
        });
        group.bench_function(BenchmarkId::new("primitives", size), |b| {
            b.iter(|| decrypt_aead(cipher, &KEY, Some(&NONCE), &[], black_box(sealed), tag).unwrap());
        });
        group.finish();
    }
}

/// In constant memory, into nowhere.
pub(crate) fn streamed(criterion: &mut Criterion) {
    const SIZE: usize = 16 << 20;
    let key = FileKey::from_bytes(KEY);
    let plain = vec![0x5a; SIZE];
    let stored = encrypt(&key, &NONCE, &plain).unwrap().bytes;
    let mut group = criterion.benchmark_group("file stream");
    group.throughput(Throughput::Bytes(SIZE as u64));
    group.bench_function(BenchmarkId::new("ours", "encrypt"), |b| {
        b.iter(|| {
            let mut encryptor = Encryptor::new(&key, &NONCE, io::sink()).unwrap();
            plain.chunks(PIECE).for_each(|piece| encryptor.update(black_box(piece)).unwrap());
            encryptor.finish().unwrap().1
        });
    });
    group.bench_function(BenchmarkId::new("primitives", "encrypt"), |b| {
        b.iter(|| openssl(Mode::Encrypt, black_box(&plain), None))
    });
    group.bench_function(BenchmarkId::new("ours", "decrypt"), |b| {
        b.iter(|| {
            let mut decryptor = Decryptor::new(&key, &NONCE, Nowhere).unwrap();
            stored.chunks(PIECE).for_each(|piece| decryptor.update(black_box(piece)).unwrap());
            decryptor.finish().unwrap().1
        });
    });
    let (sealed, tag) = stored.split_at(SIZE);
    group.bench_function(BenchmarkId::new("primitives", "decrypt"), |b| {
        b.iter(|| openssl(Mode::Decrypt, black_box(sealed), Some(tag)));
    });
    group.finish();
}

fn openssl(mode: Mode, input: &[u8], tag: Option<&[u8]>) {
    let mut crypter = Crypter::new(Cipher::aes_128_gcm(), mode, &KEY, Some(&NONCE)).unwrap();
    let mut output = vec![0; PIECE];
    for piece in input.chunks(PIECE) {
        crypter.update(piece, &mut output).unwrap();
        black_box(&output);
    }
    tag.map_or(Ok(()), |tag| crypter.set_tag(tag)).unwrap();
    crypter.finalize(&mut []).unwrap();
}

struct Nowhere;

impl Quarantine for Nowhere {
    type Released = ();

    fn hold(&mut self, unauthenticated: &[u8]) -> io::Result<()> {
        black_box(unauthenticated);
        Ok(())
    }

    fn release(self) -> io::Result<()> {
        Ok(())
    }

    fn discard(&mut self) {}
}
