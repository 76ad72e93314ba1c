//! The properties checked by each fuzz target, as plain functions of bytes. `fuzz_targets/` calls them from libFuzzer,
//! and `tests/fuzz.rs` of the main crate runs them on the seeds and on every input that failed before.
//!
//! A function returns if the property holds and panics otherwise. It makes keys, containers and packs from its input,
//! so that no corpus contains a whole key. It measures no time; libFuzzer does.

pub mod config;
pub mod containers;
pub mod detect;
pub mod git;
pub mod input;
#[path = "../../tests/it/archives/make.rs"]
#[allow(dead_code, reason = "the tests of the main crate use the rest")]
pub(crate) mod make;
pub mod pack;
pub mod planted;
#[path = "../../tests/common/random.rs"]
#[allow(dead_code, reason = "the tests of the main crate use the rest")]
pub(crate) mod random;
pub mod redact;
pub mod report;
pub mod same;

/// Name and function of a target.
pub type Target = (&'static str, fn(&[u8]));

/// All targets. Each has a file in `fuzz_targets/` and a directory in `seeds/`.
pub const TARGETS: [Target; 8] = [
    ("detect", detect::run),
    ("containers", containers::run),
    ("pack", pack::run),
    ("config", config::run),
    ("report", report::run),
    ("redact", redact::run),
    ("same", same::run),
    ("git", git::run),
];
