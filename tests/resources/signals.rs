//! SIGINT and SIGTERM at random times: files are complete or unchanged, and no temporary files remain.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::common::random::Random;
use crate::common::{both, code, telleaks};
use crate::repo::{Repo, key};
use crate::{limited, names};

/// A directory with all the files that interrupted runs read and write.
struct Place {
    repo: Repo,
    /// Directory for reports.
    out: PathBuf,
    temporary: PathBuf,
    bundle: String,
}

const FILES: usize = 12;

fn python(number: usize) -> String {
    let client = |at: usize| format!("client{at} = Telnyx(api_key=\"{}\")\n", key(&format!("{number}.{at}")));
    format!("from telnyx import Telnyx\n\n{}", (0..30).map(client).collect::<String>())
}

impl Place {
    fn new() -> Self {
        let repo = Repo::new(&[]);
        for number in 0..FILES {
            repo.put(&format!("{number}.py"), python(number));
        }
        repo.put("filler.txt", Random::new("signals", 0).filler(1 << 20, true));
        repo.commit("one");
        repo.git(&["bundle", "create", "-q", "../all.bundle", "--all"]);
        let bundle = repo.home.path().join("all.bundle").display().to_string();
        let (out, temporary) = (repo.home.path().join("out"), repo.home.path().join("tmp"));
        fs::create_dir(&out).unwrap();
        fs::create_dir(&temporary).unwrap();
        Self { repo, out, temporary, bundle }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = telleaks();
        command.current_dir(&self.repo.dir).env("TMPDIR", &self.temporary).args(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command and sends a signal after a delay, if it is still running.
    fn interrupted(&self, args: &[&str], signal: Signal, after: Duration) -> Output {
        let child = self.command(args).spawn().unwrap();
        let pid = Pid::from_child(&child);
        let waiting = std::thread::spawn(move || child.wait_with_output().unwrap());
        std::thread::sleep(after);
        if !waiting.is_finished() {
            let _gone = kill_process(pid, signal);
        }
        waiting.join().unwrap()
    }

    /// Returns the names and contents of all files that a run may change.
    fn state(&self) -> Vec<(String, Vec<u8>)> {
        let folders = [&self.repo.dir, &self.out, &self.temporary];
        let files = |folder: &&PathBuf| -> Vec<(String, Vec<u8>)> {
            let read = |name: String| (name.clone(), fs::read(folder.join(&name)).unwrap_or_default());
            names(folder).into_iter().filter(|name| name != ".git").map(read).collect()
        };
        folders.iter().flat_map(files).collect()
    }

    fn restore(&self) {
        (0..FILES).for_each(|number| self.repo.put(&format!("{number}.py"), python(number)));
        let _none = fs::remove_file(self.repo.dir.join(".telleaks-baseline.jsonl"));
        for name in names(&self.out) {
            fs::write(self.out.join(name), "an older report").unwrap();
        }
    }
}

fn is_whole(name: &str, content: &[u8]) -> bool {
    match name {
        "json" | "sarif" => serde_json::from_slice::<Value>(content).is_ok(),
        "html" => String::from_utf8_lossy(content).trim_end().ends_with("</html>"),
        _ => false,
    }
}

#[test]
fn no_partial_files_remain() {
    if crate::common::interrupts_are_ignored() {
        return;
    }
    let place = Place::new();
    let reports =
        ["json", "sarif", "html"].map(|format| format!("{format}={}", place.out.join(format).display()));
    let to = reports.iter().flat_map(|report| ["--report", report]).collect::<Vec<_>>();
    let report = place.repo.home.path().join("report.json").display().to_string();
    fs::write(&report, place.command(&["scan", "--format", "json"]).output().unwrap().stdout).unwrap();
    let bundle = [&["audit", &place.bundle][..], &to].concat();
    let (scan, audit, commits) = (
        [&["scan"][..], &to].concat(),
        [&["audit"][..], &to].concat(),
        [&["commits", "HEAD"][..], &to].concat(),
    );
    let commands: [&[&str]; 8] = [
        &scan,
        &audit,
        &bundle,
        &commits,
        &["fix", "--write", "."],
        &["redact", "filler.txt"],
        &["baseline", "add", &report],
        &["self-test"],
    ];
    let mut random = Random::new("moments", 0);
    let (mut hit, mut runs) = (0, 0);
    for args in commands {
        place.restore();
        let begun = Instant::now();
        let whole = place.command(args).output().unwrap();
        let (lasts, after) = (begun.elapsed(), place.state());
        assert!(matches!(code(&whole), 0 | 1), "{args:?}: {}", both(&whole));
        for number in 0..6 {
            place.restore();
            let before = place.state();
            let signal = if number % 2 == 0 { Signal::INT } else { Signal::TERM };
            let moment = lasts.mul_f64(random.between(5, 105) as f64 / 100.0);
            let output = place.interrupted(args, signal, moment);
            let what = format!("{args:?} {signal:?} after {moment:?}: {}", both(&output));
            let ended = std::os::unix::process::ExitStatusExt::signal(&output.status);
            let stopped = output.status.code() == Some(130) || ended == Some(signal.as_raw());
            // The run ended before the signal, so its output must be complete.
            assert!(stopped || (output.status, &output.stdout) == (whole.status, &whole.stdout), "{what}");
            (hit, runs) = (hit + usize::from(stopped), runs + 1);
            whole_or_not(&place, (&before, &after), &what);
        }
    }
    assert!(runs >= 40 && hit * 2 > runs, "only {hit} of {runs} runs were interrupted");
}

type State = Vec<(String, Vec<u8>)>;

/// Checks that every file is as before or after the run, or is a complete report.
fn whole_or_not(place: &Place, (before, after): (&State, &State), what: &str) {
    for (name, content) in place.state() {
        let is = |state: &State| state.iter().any(|(other, there)| *other == name && *there == content);
        let salted = name == ".telleaks-baseline.jsonl"
            && place.command(&["baseline", "list"]).output().unwrap().status.success();
        let whole = is_whole(&name, &content);
        assert!(is(before) || is(after) || whole || salted, "{name}: {} bytes; {what}", content.len());
    }
    assert!(names(&place.temporary).is_empty(), "{:?} {what}", names(&place.temporary));
}

/// SIGKILL cannot be handled, so a file must not have a name before it is complete. Not every file system supports
/// this.
#[test]
fn killed_run_leaves_no_files() {
    let place = Place::new();
    let flags = OFlags::TMPFILE | OFlags::RDWR;
    if openat(CWD, &place.out, flags, Mode::RUSR | Mode::WUSR).is_err() {
        return;
    }
    let to = format!("html={}", place.out.join("html").display());
    let args = ["scan", "--report", &to];
    let begun = Instant::now();
    assert_eq!(code(&place.command(&args).output().unwrap()), 1);
    let (lasts, after) = (begun.elapsed(), place.state());
    let mut random = Random::new("killed", 0);
    for _ in 0..10 {
        place.restore();
        let before = place.state();
        let moment = lasts.mul_f64(random.between(50, 100) as f64 / 100.0);
        place.interrupted(&args, Signal::KILL, moment);
        whole_or_not(&place, (&before, &after), "killed");
    }
}

#[test]
fn nohup_run_survives_sighup() {
    if crate::common::interrupts_are_ignored() {
        return;
    }
    let place = Place::new();
    let pipe = place.repo.home.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (ignored, signal) in [("trap '' HUP", Signal::HUP), ("trap '' INT", Signal::INT)] {
        let child = limited(ignored, Path::new("."), &["scan", pipe.to_str().unwrap()]).spawn().unwrap();
        // The program has opened the pipe and is waiting for more input.
        let mut writer = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
        std::io::Write::write_all(&mut writer, b"nothing\n").unwrap();
        kill_process(Pid::from_child(&child), signal).unwrap();
        std::thread::sleep(Duration::from_millis(50));
        std::io::Write::write_all(&mut writer, b"nothing\n").unwrap();
        drop(writer);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{ignored}: {}", both(&output));
    }
}
