#![no_main]

use e2ee_adapter::fuzzing;

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzzing::adapter_message(input));
