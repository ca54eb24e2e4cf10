//! What the reference promises, feature by feature; upstream fixtures are the witnesses.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod canonical_json;
mod common;
mod dialects;
mod files;
mod keys;
mod malformed;
mod malformed_v1;
mod metadata;
mod metadata_v1;
mod migration;
mod properties;
mod properties_v1;
mod recognition;
mod signatures;
mod trust;
mod trust_v1;
