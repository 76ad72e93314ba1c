//! What each fuzz target holds, as plain functions of bytes: `fuzz_targets/` calls them from libFuzzer, and
//! `tests/fuzz.rs` of the main crate replays them over the seeds and over every input that once failed.
//!
//! A function returns if all is well and panics if not. It makes what it needs (keys, containers, packs) from its
//! input, so that no whole key stands in a corpus. It measures no time: libFuzzer does.

pub mod config;
pub mod containers;
pub mod detect;
pub mod git;
pub mod input;
#[path = "../../tests/inside/make.rs"]
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

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets; each has a file in `fuzz_targets/` and a folder in `seeds/`.
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
