//! Every fuzz target over its seeds, and over each input that once failed. The targets themselves are in `fuzz/`; here they
//! run as they are, without libFuzzer.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, unreachable_pub, reason = "libFuzzer uses them as well")]

use std::fs;
use std::path::{Path, PathBuf};

#[path = "../fuzz/src/lib.rs"]
mod targets;

use targets::random::Random;
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

/// One input made from others: some bytes changed, put in, taken out or taken from elsewhere.
fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut out = seeds[random.between(0, seeds.len())].clone();
    for _ in 0..random.between(1, 9) {
        let at = random.between(0, out.len() + 1);
        let end = (at + random.between(1, 17)).min(out.len());
        let other = &seeds[random.between(0, seeds.len())];
        let from = random.between(0, other.len() + 1);
        let part = &other[from..(from + random.between(1, 65)).min(other.len())];
        match random.between(0, 5) {
            0 if at < out.len() => out[at] = random.bytes(1)[0],
            1 => drop(out.splice(at..at, random.bytes(3))),
            2 => drop(out.drain(at..end)),
            3 => drop(out.splice(at..at, part.iter().copied())),
            4 => drop(out.splice(at..end, part.iter().copied())),
            _ => {}
        }
    }
    out
}

/// Mutations of the seeds without libFuzzer, for FUZZ_SECONDS (10) on each target, or on FUZZ_TARGET only. What fails is
/// kept in fuzz/artifacts.
#[test]
#[ignore = "takes as long as it is told to; `.ci/fuzz` is the better fuzzer"]
fn every_target_holds_on_mutated_seeds() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let seconds = std::env::var("FUZZ_SECONDS").map_or(10, |text| text.parse().unwrap());
    let only = std::env::var("FUZZ_TARGET").ok();
    let start = std::env::var("FUZZ_SEED").map_or(0, |text| text.parse().unwrap());
    let mut failed = Vec::new();
    for (name, run) in
        targets::TARGETS.into_iter().filter(|(name, _)| only.as_ref().is_none_or(|only| only == name))
    {
        let seeds: Vec<Vec<u8>> =
            inputs(&fuzz.join("seeds").join(name)).iter().map(|path| fs::read(path).unwrap()).collect();
        let begun = std::time::Instant::now();
        let mut number = start;
        while begun.elapsed().as_secs() < seconds {
            let input = mutated(&seeds, &mut Random::new(name, number));
            if std::panic::catch_unwind(|| run(&input)).is_err() {
                let path = fuzz.join("artifacts").join(name).join(format!("random-{number}"));
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, input).unwrap();
                failed.push(path);
            }
            number += 1;
        }
        eprintln!("{name}: {} inputs", number - start);
    }
    assert!(failed.is_empty(), "{failed:?}");
}

/// One input that failed: FUZZ_INPUT, a file in a folder named after its target.
#[test]
#[ignore = "for whoever looks into a failure"]
fn one_input() {
    let path = PathBuf::from(std::env::var("FUZZ_INPUT").unwrap());
    let name = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
    let target = targets::TARGETS.into_iter().find(|(known, _)| *known == name);
    target.unwrap().1(&fs::read(&path).unwrap());
}
