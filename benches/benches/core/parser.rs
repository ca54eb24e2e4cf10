//! Parsers of what a server may send, beside `serde_json`.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use e2ee_benches::Folder;
use e2ee_reference::canonical_json;
use e2ee_reference::metadata::Document;
use serde_json::Value;

pub(crate) fn parser(criterion: &mut Criterion) {
    for count in [1, 10_000] {
        let text = Folder::with_files(count).unwrap().text;
        let value: Value = serde_json::from_str(&text).unwrap();
        let mut group = criterion.benchmark_group("document parse");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::new("ours", count), |b| {
            b.iter(|| Document::parse(black_box(&text)).unwrap());
        });
        group.bench_function(BenchmarkId::new("primitives", count), |b| {
            b.iter(|| serde_json::from_str::<Value>(black_box(&text)).unwrap());
        });
        group.finish();
        let mut group = criterion.benchmark_group("document write");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::new("ours", count), |b| {
            b.iter(|| canonical_json::to_string(black_box(&value)));
        });
        group.bench_function(BenchmarkId::new("primitives", count), |b| {
            b.iter(|| serde_json::to_string(black_box(&value)).unwrap());
        });
        group.finish();
    }
}
