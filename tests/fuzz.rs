//! Every fuzz target over its seeds, and over each input that once failed. The targets themselves are in `fuzz/`; here they
//! run as they are, without libFuzzer.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, unreachable_pub, reason = "libFuzzer uses them as well")]

use std::fs;
use std::path::{Path, PathBuf};

#[path = "../fuzz/src/lib.rs"]
mod targets;

use targets::{detect, input, make, pack, planted, random};

/// The inputs in a folder; none if there is no folder.
fn inputs(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

#[test]
fn every_target_holds_on_its_seeds_and_on_what_once_failed() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    for (name, run) in targets::TARGETS {
        let seeds = inputs(&fuzz.join("seeds").join(name));
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for path in seeds.iter().chain(&inputs(&fuzz.join("found").join(name))) {
            // Shown if it fails: the test program prints what a failed test wrote.
            eprintln!("{}", path.display());
            run(&fs::read(path).unwrap());
        }
    }
}
