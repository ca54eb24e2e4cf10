#![no_main]

use e2ee_reference::fuzzing;

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzzing::canonical_json(input));
