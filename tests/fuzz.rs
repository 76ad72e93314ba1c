//! Runs every fuzz target on its seeds and on each input that failed before. The targets are in `fuzz/`; here they run
//! without libFuzzer.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, unreachable_pub, reason = "libFuzzer uses them as well")]

use std::fs;
use std::path::{Path, PathBuf};

#[path = "../fuzz/src/lib.rs"]
mod targets;

use targets::random::Random;
use targets::{detect, input, make, pack, planted, random};

/// Returns the files in a directory, or nothing if it does not exist.
fn inputs(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

#[test]
fn every_target_passes_on_seeds_and_former_failures() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    for (name, run) in targets::TARGETS {
        let seeds = inputs(&fuzz.join("seeds").join(name));
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for path in seeds.iter().chain(&inputs(&fuzz.join("found").join(name))) {
            // Printed only if the test fails.
            eprintln!("{}", path.display());
            run(&fs::read(path).unwrap());
        }
    }
}

/// Returns an input made from the seeds by changing, inserting, removing and copying bytes.
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

/// Mutates the seeds without libFuzzer for FUZZ_SECONDS (default 10) per target, or for FUZZ_TARGET only. Failing
/// inputs are saved in fuzz/artifacts.
#[test]
#[ignore = "runs for FUZZ_SECONDS per target; prefer `.ci/fuzz`"]
fn every_target_passes_on_mutated_seeds() {
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

/// Runs the failing input FUZZ_INPUT, a file in a directory named after its target.
#[test]
#[ignore = "reproduces one failure; needs FUZZ_INPUT"]
fn one_input() {
    let path = PathBuf::from(std::env::var("FUZZ_INPUT").unwrap());
    let name = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
    let target = targets::TARGETS.into_iter().find(|(known, _)| *known == name);
    target.unwrap().1(&fs::read(&path).unwrap());
}
