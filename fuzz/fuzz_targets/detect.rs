#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| telleaks_fuzz::detect::run(data));
