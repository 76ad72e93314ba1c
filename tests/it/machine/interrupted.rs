//! A run that is killed at any moment leaves every file old or new.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::plants::{Kind, plant};
use super::{databases, machine, snapshot};
use crate::common::random::Random;
use crate::common::{put, telleaks};

/// Number of runs that are killed.
const RUNS: usize = 25;

#[test]
fn killed_run_leaves_every_file_old_or_new() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let plants = plant(old.path());
    let before = snapshot(old.path());
    let copy = |to: &std::path::Path| before.iter().for_each(|(name, (bytes, ..))| put(to, name, bytes));
    copy(new.path());
    let start = Instant::now();
    machine(new.path(), &["--clean", "-j", "1"]);
    let whole = start.elapsed();
    let after = snapshot(new.path());
    let mut random = Random::new("killed", 0);
    let (mut some_old, mut some_new) = (0, 0);
    for _ in 0..RUNS {
        let home = tempfile::tempdir().unwrap();
        copy(home.path());
        let mut child = telleaks()
            .args(["machine", "--clean", "-j", "1", "--home"])
            .arg(home.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let micros = usize::try_from(whole.as_micros()).unwrap();
        std::thread::sleep(Duration::from_micros(random.between(micros / 4, micros) as u64));
        child.kill().unwrap();
        child.wait().unwrap();
        for plant in &plants {
            let path = home.path().join(plant.path);
            if plant.kind == Kind::Wal {
                // SQLite writes the log into the database first, which changes no row.
                let rows = databases::rows(&path);
                let want = |mask: &str| rows.iter().any(|row| row.contains(mask));
                assert!(want(&plant.key) != want(&plant.mask()), "{}", plant.path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            let (was, is) = (&before[plant.path].0, &after[plant.path].0);
            assert!(bytes == *was || bytes == *is, "{} is half", plant.path);
            some_old += usize::from(bytes == *was && was != is);
            some_new += usize::from(bytes == *is && was != is);
        }
    }
    assert!(some_old > 0 && some_new > 0, "no run was killed between files: {some_old} {some_new}");
}
