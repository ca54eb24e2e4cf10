//! Signatures over a small document, beside CMS of OpenSSL.

use std::hint::black_box;

use criterion::Criterion;
use e2ee_benches::{Folder, Primitives};
use e2ee_reference::metadata::Document;
use e2ee_reference::signature::{sign, verify};

pub(crate) fn signature(criterion: &mut Criterion) {
    let folder = Folder::with_files(1).unwrap();
    let primitives = Primitives::of(&folder).unwrap();
    let content = Document::parse(&folder.text).unwrap().signed_content();
    let members = [folder.owner.certificate().clone()];
    let mut group = criterion.benchmark_group("signature sign");
    group.bench_function("ours", |b| b.iter(|| sign(black_box(&content), &folder.owner, 0).unwrap()));
    group.bench_function("primitives", |b| b.iter(|| primitives.cms_sign().unwrap()));
    group.bench_function("part/RSA", |b| b.iter(|| primitives.rsa_sign(content.as_bytes()).unwrap()));
    group.finish();
    let mut group = criterion.benchmark_group("signature verify");
    group.bench_function("ours", |b| {
        b.iter(|| verify(black_box(&content), &folder.signature, &members).unwrap().fingerprint());
    });
    group.bench_function("primitives", |b| b.iter(|| primitives.cms_verify().unwrap()));
    group.finish();
}
