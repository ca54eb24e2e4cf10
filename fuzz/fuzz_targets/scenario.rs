#![no_main]

use e2ee_suite::fuzzing;

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzzing::scenario(input));
