//! Hands the fuzzer's bytes to `ossia_fuzz::diff`, which says what must hold of them.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ossia_fuzz::diff(bytes));
