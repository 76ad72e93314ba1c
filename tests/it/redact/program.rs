//! The command: exit codes, files, live input, closed readers.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::random::Random;
use crate::common::{both, code, put, telleaks};

fn redacting(args: &[&str]) -> Command {
    let mut command = telleaks();
    command.arg("redact").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn exit_codes_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("exit", 0).key();
    put(folder.path(), "leak.log", format!("one\nkey={key}\ntwo\n"));
    put(folder.path(), "clean.log", "one\n\0\u{fffd}two");
    let run =
        |args: &[&str]| redacting(args).current_dir(folder.path()).stdin(Stdio::null()).output().unwrap();
    let masked = format!("one\nkey={}_{}…{}\ntwo\n", &key[..35], &key[36..38], &key[56..]);
    for (args, expected, out) in [
        (&["leak.log"][..], 0, masked.as_str()),
        (&["--fail", "leak.log"], 1, &masked),
        (&["--fail", "clean.log"], 0, "one\n\0\u{fffd}two"),
        (&["--fail"], 0, ""),
        (&["none.log"], 2, ""),
        (&["--rule", "telnyx-v1-token", "leak.log"], 0, &format!("one\nkey={key}\ntwo\n")),
    ] {
        let output = run(args);
        assert_eq!(
            (code(&output), String::from_utf8_lossy(&output.stdout).as_ref()),
            (expected, out),
            "{args:?}"
        );
    }
    let output = run(&["."]);
    assert_eq!((code(&output), output.stdout.len()), (3, 0), "{}", both(&output));
}

fn live() -> (Child, std::process::ChildStdin, BufReader<std::process::ChildStdout>) {
    let mut child = redacting(&[]).spawn().unwrap();
    let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    (child, input, output)
}

#[test]
fn clean_line_takes_less_than_a_millisecond() {
    let (mut child, mut input, mut output) = live();
    let mut times: Vec<Duration> = Vec::new();
    for number in 0..300 {
        let line = format!("2026-11-22T10:00:00Z INFO request {number} done in 12 ms\n");
        let begun = Instant::now();
        input.write_all(line.as_bytes()).unwrap();
        let mut got = String::new();
        output.read_line(&mut got).unwrap();
        times.push(begun.elapsed());
        assert_eq!(got, line);
    }
    times.sort_unstable();
    assert!(times[times.len() / 2] < Duration::from_millis(1), "{:?}", times[times.len() / 2]);
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn line_with_key_is_masked_after_a_pause() {
    let (mut child, mut input, mut output) = live();
    let key = Random::new("live", 0).key();
    let begun = Instant::now();
    input.write_all(format!("key={key}\n").as_bytes()).unwrap();
    let mut got = String::new();
    output.read_line(&mut got).unwrap();
    assert!(got.starts_with("key=KEY") && !got.contains(&key[40..]), "{got}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    // A prompt has no line end.
    input.write_all(b"password? ").unwrap();
    let mut prompt = vec![0; 10];
    std::io::Read::read_exact(&mut output, &mut prompt).unwrap();
    assert_eq!(prompt, b"password? ");
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn closed_reader_is_not_an_error() {
    let mut child = redacting(&["/dev/zero"]).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), output.stderr.len()), (0, 0), "{}", both(&output));
}

#[test]
fn interrupt_exits_with_130() {
    if crate::common::interrupts_are_ignored() {
        return;
    }
    let (mut child, _input, _output) = live();
    std::thread::sleep(Duration::from_millis(300));
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
