//! Folders by their number of files, beside the sum of what they cannot do without.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, SamplingMode};
use e2ee_benches::{Folder, Primitives};

const COUNTS: [usize; 3] = [1, 100, 10_000];

/// Parse, verify, unwrap, decrypt.
pub(crate) fn open(criterion: &mut Criterion) {
    for count in COUNTS {
        let folder = Folder::with_files(count).unwrap();
        let primitives = Primitives::of(&folder).unwrap();
        assert_eq!(folder.open().as_ref(), Some(&folder.contents));
        let mut group = criterion.benchmark_group("metadata open");
        group.sampling_mode(SamplingMode::Flat).sample_size(30);
        group.bench_function(BenchmarkId::new("ours", count), |b| {
            b.iter(|| black_box(&folder).open().unwrap())
        });
        group
            .bench_function(BenchmarkId::new("primitives", count), |b| b.iter(|| primitives.open().unwrap()));
        if count == 10_000 {
            group.bench_function("part/parse document", |b| b.iter(|| primitives.parse_document().unwrap()));
            group.bench_function("part/CMS verify", |b| b.iter(|| primitives.cms_verify().unwrap()));
            group.bench_function("part/RSA decrypt", |b| b.iter(|| primitives.rsa_unwrap().unwrap()));
            group.bench_function("part/AES", |b| b.iter(|| primitives.aes_open().unwrap()));
            group.bench_function("part/inflate", |b| b.iter(|| primitives.inflate().unwrap()));
            group.bench_function("part/parse contents", |b| b.iter(|| primitives.parse_contents().unwrap()));
        }
        group.finish();
    }
}

/// Encrypt, wrap, sign, write.
pub(crate) fn seal(criterion: &mut Criterion) {
    for count in COUNTS {
        let folder = Folder::with_files(count).unwrap();
        let primitives = Primitives::of(&folder).unwrap();
        let mut group = criterion.benchmark_group("metadata seal");
        group.sampling_mode(SamplingMode::Flat).sample_size(30);
        group.bench_function(BenchmarkId::new("ours", count), |b| {
            b.iter(|| black_box(&folder).seal().unwrap())
        });
        group
            .bench_function(BenchmarkId::new("primitives", count), |b| b.iter(|| primitives.seal().unwrap()));
        if count == 10_000 {
            group.bench_function("part/write contents", |b| b.iter(|| primitives.write_contents().unwrap()));
            group.bench_function("part/deflate", |b| b.iter(|| primitives.deflate().unwrap()));
            group.bench_function("part/AES", |b| b.iter(|| primitives.aes_seal().unwrap()));
            group.bench_function("part/RSA encrypt", |b| b.iter(|| primitives.rsa_wrap().unwrap()));
            group.bench_function("part/CMS sign", |b| b.iter(|| primitives.cms_sign().unwrap()));
            group.bench_function("part/write document", |b| b.iter(|| primitives.write_document().unwrap()));
        }
        group.finish();
    }
}
