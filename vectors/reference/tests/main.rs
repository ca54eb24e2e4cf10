//! What the reference promises, feature by feature; upstream fixtures are the witnesses.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod canonical_json;
mod common;
mod files;
mod keys;
mod malformed;
mod metadata;
mod properties;
mod signatures;
mod trust;
