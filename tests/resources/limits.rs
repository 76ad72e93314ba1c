//! Few descriptors, little memory, few threads: everything is found, or skipped input is reported.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::common::random::Random;
use crate::common::{both, put};
use crate::repo::{Repo, key, line};
use crate::{in_words, limited, names};

/// A run that takes longer hangs.
const MAX_RUN_TIME: Duration = Duration::from_secs(120);

/// Runs a command to its end. Panics if it takes too long.
fn bounded(mut command: Command) -> Output {
    let child = command.spawn().unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    let begun = Instant::now();
    let waiting = std::thread::spawn(move || child.wait_with_output().unwrap());
    while !waiting.is_finished() {
        if begun.elapsed() > MAX_RUN_TIME {
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
            panic!("{command:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    waiting.join().unwrap()
}

/// Returns the paths of the findings in a JSON report, and whether it is complete.
fn report(stdout: &[u8]) -> (Vec<String>, bool) {
    let report: Value = serde_json::from_slice(stdout).unwrap();
    let path = |one: &Value| one["location"]["path"].as_str().unwrap().to_owned();
    (report["findings"].as_array().unwrap().iter().map(path).collect(), report["summary"]["complete"] == true)
}

/// Checks a run under a limit against `whole`, the report without it: either they are the same, or the run reports what
/// is missing. Returns whether they are the same.
fn honest(limit: &str, output: &Output, whole: &(Vec<String>, bool)) -> bool {
    in_words(output, &[]);
    let said = both(output);
    let Some(code) = output.status.code() else {
        // Only an allocation failure cannot be caught.
        assert!(limit.contains("-v") && output.stdout.is_empty(), "{limit}: {:?} {said}", output.status);
        return false;
    };
    // The shell reports this if it cannot get memory or cannot start the program.
    if matches!(code, 126 | 127 | 2) || (output.stdout.is_empty() && code > 3) {
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{limit}: {said}");
        return false;
    }
    let reported = report(&output.stdout);
    let expected = match (reported.0.is_empty(), reported.1) {
        (false, _) => 1,
        (true, true) => 0,
        (true, false) => 3,
    };
    assert_eq!(code, expected, "{limit}: {said}");
    assert!(reported == *whole || (!reported.1 && !output.stderr.is_empty()), "{limit}: {said}");
    reported == *whole
}

/// Creates a repository with something in every place: deep directories, many files, archives.
fn repository(clean: bool) -> Repo {
    let repo = Repo::new(&[]);
    let mut random = Random::new("limits", 0);
    for number in 0..60 {
        repo.put(&format!("{}/b/c/d/e/f/g/{number}.txt", number % 7), random.filler(3000, true));
    }
    repo.commit("one");
    repo.git(&["gc", "-q"]);
    let text = if clean { "nothing\n".to_owned() } else { line("inside") };
    let path = repo.home.path().join("inside.env");
    fs::write(&path, &text).unwrap();
    let mut tar = Command::new("tar");
    tar.args(["-czf", "a.tgz", "-C"]).arg(repo.home.path()).arg("inside.env").current_dir(&repo.dir);
    assert!(tar.status().unwrap().success());
    repo.put("0/b/c/d/e/f/g/h/i.env", &text);
    repo.commit("two");
    repo
}

#[test]
fn few_descriptors() {
    for clean in [false, true] {
        let repo = repository(clean);
        for args in [
            &["scan", ".", "--format", "json"][..],
            &["audit", "--format", "json"],
            &["commits", "HEAD", "--format", "json"],
        ] {
            let run = |limit: &str| bounded(limited(limit, &repo.dir, args));
            let whole = report(&run("true").stdout);
            assert!(whole.1 && whole.0.is_empty() == clean);
            let enough: Vec<bool> = [4, 7, 8, 9, 10, 12, 16, 24, 64]
                .map(|count| {
                    let limit = format!("ulimit -n {count}");
                    honest(&limit, &run(&limit), &whole)
                })
                .to_vec();
            assert!(!enough[0] && *enough.last().unwrap(), "{args:?}: {enough:?}");
        }
    }
}

/// Creates a directory and a repository with large content of several kinds.
fn large() -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let mut random = Random::new("large", 0);
    let noise = random.bytes(8 << 20);
    let folder = home.path().join("folder");
    put(&folder, "a/noise.bin", [&noise[..], line("noise").as_bytes()].concat());
    put(&folder, "b.log", [random.filler(6 << 20, true), line("log").into_bytes()].concat());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, &[random.filler(6 << 20, true), line("gzip").into_bytes()].concat())
        .unwrap();
    put(&folder, "c.gz", gzip.finish().unwrap());
    (home, folder)
}

/// Returns the smallest address space, in KiB, in which an empty directory can be scanned.
fn least(folder: &Path) -> u64 {
    let empty = folder.join("empty");
    fs::create_dir_all(&empty).unwrap();
    fs::write(empty.join("a"), "a\n").unwrap();
    let (mut no, mut yes) = (1 << 10, 4 << 20);
    while yes - no > 4096 {
        let middle = (no + yes) / 2;
        let limit = format!("ulimit -c 0; ulimit -v {middle}");
        let output = bounded(limited(&limit, &empty, &["scan", ".", "--threads", "2", "--format", "json"]));
        if output.status.code() == Some(0) { yes = middle } else { no = middle }
    }
    yes
}

#[test]
fn little_memory() {
    let (home, folder) = large();
    let repo = Repo::new(&[]);
    for name in ["a/noise.bin", "c.gz"] {
        repo.put(name, fs::read(folder.join(name)).unwrap());
    }
    repo.commit("large");
    let least = least(home.path());
    let reports = home.path().join("reports");
    fs::create_dir(&reports).unwrap();
    let path = reports.join("sarif");
    let to = format!("sarif={}", path.display());
    for (folder, command) in [(&folder, "scan"), (&repo.dir, "audit")] {
        let args = [command, ".", "--threads", "2", "--format", "json", "--report", &to];
        let whole = report(&bounded(limited("true", folder, &args)).stdout);
        assert!(whole.1 && !whole.0.is_empty());
        for more in [0, 4, 16, 64, 1024] {
            let limit = format!("ulimit -c 0; ulimit -v {}", least + (more << 10));
            fs::write(&path, "an older report").unwrap();
            let same = honest(&limit, &bounded(limited(&limit, folder, &args)), &whole);
            // An incomplete report is not written.
            let text = fs::read_to_string(&path).unwrap();
            assert!(text == "an older report" || serde_json::from_str::<Value>(&text).is_ok(), "{limit}");
            assert_eq!(names(&reports), ["sarif"], "{limit}");
            assert!(same || more < 1024, "{limit}");
        }
    }
}

/// The stacks of the threads need more memory than there is. `ulimit -u` would count all processes of the user, and
/// does not apply to root.
#[test]
fn more_threads_than_memory_for_their_stacks() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.env", line("threads"));
    let limit = "ulimit -c 0; ulimit -v 1048576";
    let run = |args: &[&str]| bounded(limited(limit, folder.path(), args));
    // The failed allocation may be in a started thread; then the allocator aborts without a message.
    let refused = (0..20).any(|_| {
        let output = run(&["scan", "a.env", "--threads", "3000"]);
        in_words(&output, &[&key("threads")]);
        assert!(
            output.stdout.is_empty() && !matches!(output.status.code(), Some(0 | 1)),
            "{}",
            both(&output)
        );
        output.status.code() == Some(2) && both(&output).contains("cannot start 3000 threads")
    });
    assert!(refused);
    let output = run(&["scan", "a.env", "--threads", "2"]);
    assert_eq!(output.status.code(), Some(1), "{}", both(&output));
}
