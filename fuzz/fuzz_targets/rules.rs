//! Hands the fuzzer's bytes to `ossia_fuzz::rules`, which says what must hold of them.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ossia_fuzz::rules(bytes));
