//! Reports, baselines and files that cannot be written completely, and output whose reader closes the pipe.

use std::fs;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::common::random::Random;
use crate::common::{both, code, put, scan, telleaks};
use crate::repo::{key, line};
use crate::{FORMATS, in_words, limited, names};

/// Returns a shell prefix that limits files to `kib` KiB. It ignores SIGXFSZ, as most parent processes do; one test
/// below does not.
fn full(kib: u64) -> String {
    format!("trap '' XFSZ; ulimit -f {kib}")
}

/// Creates a directory with `count` keys.
fn folder(count: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("writing", count);
    let keys: Vec<String> = (0..count).map(|_| format!("A={}\n", random.key())).collect();
    put(folder.path(), "a/keys.env", keys.concat());
    folder
}

#[test]
fn report_on_full_disk() {
    let folder = folder(60);
    let reports = folder.path().join("reports");
    fs::create_dir(&reports).unwrap();
    for format in FORMATS {
        for (kib, old) in [(0, None), (0, Some("an older report")), (1, Some("an older report"))] {
            let path = reports.join(format);
            let _gone = fs::remove_file(&path);
            old.iter().for_each(|old| fs::write(&path, old).unwrap());
            let report = format!("{format}=reports/{format}");
            let args = ["scan", "a", "--format", "jsonl", "--report", &report];
            let output = limited(&full(kib), folder.path(), &args).output().unwrap();
            assert_eq!(code(&output), 2, "{format} {kib}: {}", both(&output));
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let path_is_said = format!("cannot write the report reports/{format}: File too large");
            assert!(said.contains(&path_is_said), "{format}: {said}");
            assert_eq!(fs::read_to_string(&path).ok().as_deref(), old, "{format} {kib}");
            assert_eq!(names(&reports).len(), usize::from(old.is_some()), "{:?}", names(&reports));
        }
        fs::remove_file(reports.join(format)).unwrap();
    }
}

#[test]
fn report_interrupted_by_sigxfsz() {
    let folder = folder(60);
    let reports = folder.path().join("reports");
    fs::create_dir(&reports).unwrap();
    fs::write(reports.join("json"), "an older report").unwrap();
    // Without a core dump, which would also be too large.
    let limit = "ulimit -c 0; ulimit -f 1";
    let output =
        limited(limit, folder.path(), &["scan", "a", "--report", "json=reports/json"]).output().unwrap();
    assert!(!matches!(output.status.code(), Some(0 | 1)), "{}", both(&output));
    assert_eq!(
        (names(&reports), fs::read_to_string(reports.join("json")).unwrap()),
        (vec!["json".to_owned()], "an older report".to_owned())
    );
}

/// Runs a script with a small mounted file system, which needs root; the mount is gone when the command ends.
fn on_small_disk(folder: &Path, script: &str) -> Option<std::process::Output> {
    let mounted = "mount -t tmpfs -o size=16k tmpfs small || exit 99";
    let mut command = Command::new("unshare");
    command.args(["--mount", "bash", "-c", &format!("{mounted}; {script}")]).arg(telleaks().get_program());
    let output = command.current_dir(folder).stdin(Stdio::null()).output().ok()?;
    let refused =
        String::from_utf8_lossy(&output.stderr).contains("unshare: ") || output.status.code() == Some(99);
    (!refused).then_some(output)
}

#[test]
fn report_on_small_disk() {
    let folder = folder(200);
    fs::create_dir(folder.path().join("small")).unwrap();
    let script = "echo old > small/json; \"$0\" scan a --report json=small/json > /dev/null; echo code $?; \
                  ls -A small; cat small/json";
    let Some(output) = on_small_disk(folder.path(), script) else { return };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "code 2\njson\nold\n", "{said}");
    assert!(
        said.contains("small/json: no storage space; make room")
            || said.contains("make room, or name a file"),
        "{said}"
    );
}

#[test]
fn stdout_on_full_disk() {
    let folder = folder(60);
    let device = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for args in FORMATS.map(|format| vec!["scan", "a", "--format", format]).into_iter().chain([
        vec!["redact", "a/keys.env"],
        vec!["fix", "a"],
        vec!["rules", "list"],
        vec!["audit", "--targets", "targets"],
    ]) {
        put(folder.path(), "targets", "a\n");
        let mut command = telleaks();
        let output = command
            .current_dir(folder.path())
            .args(&args)
            .stdout(device.try_clone().unwrap())
            .output()
            .unwrap();
        assert_eq!(code(&output), 2, "{args:?}: {}", both(&output));
        assert!(
            both(&output).contains("o space left on device") || both(&output).contains("no storage space"),
            "{args:?}: {}",
            both(&output)
        );
        in_words(&output, &[]);
    }
}

#[test]
fn reader_that_closes_at_once() {
    let folder = folder(300);
    for format in FORMATS {
        let mut command = telleaks();
        command.current_dir(folder.path()).args(["scan", "a", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((code(&output), both(&output).as_str()), (1, ""), "{format}");
    }
}

#[test]
fn report_to_pipe_closed_early() {
    // More than the capacity of a pipe.
    let folder = folder(600);
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for format in ["text", "json", "sarif", "html"] {
        let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        let mut reader = fs::OpenOptions::new().read(true).custom_flags(nonblock).open(&pipe).unwrap();
        let report = format!("{format}=pipe");
        let mut command = telleaks();
        command.current_dir(folder.path()).args(["scan", "a", "--format", "jsonl", "--report", &report]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        while !matches!(reader.read(&mut [0]), Ok(1)) && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        drop(reader);
        let output = child.wait_with_output().unwrap();
        let reported = both(&output).contains("cannot write the report pipe");
        assert!(code(&output) == 2 && reported, "{format}: {}", both(&output));
    }
}

#[test]
fn baseline_and_source_file_on_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let python = format!("from telnyx import Telnyx\n\nclient = Telnyx(api_key=\"{}\")\n", key("python"));
    put(folder.path(), "a.py", &python);
    let before = names(folder.path());
    let output = limited(&full(0), folder.path(), &["fix", "--write", "."]).output().unwrap();
    assert!(
        !matches!(output.status.code(), Some(0 | 1)) && both(&output).contains("a.py"),
        "{}",
        both(&output)
    );
    in_words(&output, &[&key("python")]);
    assert_eq!(
        (names(folder.path()), fs::read_to_string(folder.path().join("a.py")).unwrap()),
        (before, python)
    );

    let report = scan(folder.path(), &["--format", "json"]).stdout;
    put(folder.path(), "report.json", report);
    for old in [false, true] {
        let baseline = folder.path().join(".telleaks-baseline.jsonl");
        if old {
            assert_eq!(
                code(
                    &telleaks()
                        .current_dir(folder.path())
                        .args(["baseline", "add", "report.json"])
                        .output()
                        .unwrap()
                ),
                0
            );
            put(folder.path(), "b.env", line("other"));
            put(folder.path(), "report.json", scan(folder.path(), &["b.env", "--format", "json"]).stdout);
        }
        let before = (names(folder.path()), fs::read(&baseline).ok());
        let output = limited(&full(0), folder.path(), &["baseline", "add", "report.json"]).output().unwrap();
        assert!(code(&output) == 2 && both(&output).contains("cannot be written"), "{}", both(&output));
        assert_eq!((names(folder.path()), fs::read(&baseline).ok()), before);
    }
}

#[test]
fn full_temporary_directory() {
    let (folder, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let output =
        limited(&full(0), folder.path(), &["self-test"]).env("TMPDIR", temporary.path()).output().unwrap();
    assert!(code(&output) == 2 && both(&output).contains("self-test"), "{}", both(&output));
    assert!(names(temporary.path()).is_empty());
    let repo = crate::repo::Repo::new(&[]);
    repo.put("a.env", line("bundle"));
    repo.commit("one");
    repo.git(&["bundle", "create", "-q", "../all.bundle", "--all"]);
    let bundle = repo.home.path().join("all.bundle").display().to_string();
    let output = limited(&full(0), folder.path(), &["audit", &bundle])
        .env("TMPDIR", temporary.path())
        .output()
        .unwrap();
    assert_eq!(code(&output), 2, "{}", both(&output));
    assert!(names(temporary.path()).is_empty());
}
