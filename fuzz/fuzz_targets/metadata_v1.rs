#![no_main]

use e2ee_reference::fuzzing::{self, Quick};
use e2ee_rustcrypto::RustCrypto;

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzzing::metadata_v1(input, &Quick(RustCrypto)));
