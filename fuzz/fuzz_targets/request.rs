#![no_main]

use e2ee_mock_server::fuzzing;

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzzing::request(input));
