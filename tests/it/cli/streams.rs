//! Standard input, pipes, closed readers and interrupts.

use rustix::fs::{CWD, Mode, mkfifoat};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use crate::common::random::Random;
use crate::common::{code, lines, number, put, scan, telleaks, text};

fn pipe(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("pipe");
    mkfifoat(CWD, &path, Mode::RUSR | Mode::WUSR).unwrap();
    path
}

fn scanning(args: &[&str]) -> Command {
    let mut command = telleaks();
    command.arg("scan").args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn standard_input() {
    let key = Random::new("stdin", 0).key();
    for (content, expected) in [(format!("one\nA={key}\n"), 1), ("clean\n".into(), 0), (String::new(), 0)] {
        let mut child =
            scanning(&["-", "--format", "jsonl", "--show-secrets"]).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(content.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), expected, "{content:?}");
        let found = lines(&output.stdout);
        assert_eq!(found.len() as i32, expected);
        for one in found {
            assert_eq!((text(&one, "/secret"), number(&one, "/location/start_line")), (key.as_str(), 2));
        }
    }
}

#[test]
fn explicit_pipe_is_read_and_pipe_in_tree_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = pipe(folder.path());
    let key = Random::new("pipe", 0).key();
    let child = scanning(&[path.to_str().unwrap(), "--format", "jsonl"]).spawn().unwrap();
    // Opening blocks until the program opens the other end.
    let mut writer = OpenOptions::new().write(true).open(&path).unwrap();
    writer.write_all(format!("A={key}\n").as_bytes()).unwrap();
    drop(writer);
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), lines(&output.stdout).len()), (1, 1));

    put(folder.path(), "a.txt", "clean");
    assert_eq!(code(&scan(folder.path(), &["."])), 0);
}

/// Writes endlessly until the reader closes the pipe.
fn pour(path: &Path, started: std::sync::mpsc::Sender<()>) {
    let mut writer = OpenOptions::new().write(true).open(path).unwrap();
    let filler = Random::new("pour", 0).filler(1 << 20, true);
    let mut started = Some(started);
    while writer.write_all(&filler).is_ok() {
        if let Some(started) = started.take() {
            started.send(()).unwrap();
        }
    }
}

#[test]
fn interrupt_exits_with_130() {
    if crate::common::interrupts_are_ignored() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = pipe(folder.path());
    let child = scanning(&[path.to_str().unwrap()]).spawn().unwrap();
    let pid = Pid::from_child(&child);
    let (started, has_started) = std::sync::mpsc::channel();
    let pouring = thread::spawn(move || pour(&path, started));
    has_started.recv().unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    pouring.join().unwrap();
    assert_eq!(code(&output), 130);
    assert_eq!((output.stdout.len(), String::from_utf8_lossy(&output.stderr).as_ref()), (0, ""));
}

#[test]
fn closed_reader_is_not_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("head", 0);
    for number in 0..2000 {
        put(folder.path(), &format!("{number}.env"), random.key());
    }
    for format in ["text", "json", "jsonl", "sarif"] {
        let mut child = scanning(&[folder.path().to_str().unwrap(), "--format", format]).spawn().unwrap();
        let mut first = String::new();
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(!first.is_empty(), "{format}");
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(1), ""), "{format}");
    }
    let mut child =
        telleaks().args(["rules", "list"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), output.stderr.len()), (0, 0));
}
