//! The process: missing environment, interrupts, little memory.

use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::common::{put, telleaks};
use crate::hostile::bounded::{run, run_while};
use crate::hostile::{line, make};

#[test]
fn home_and_temporary_directory_need_not_exist() {
    let folder = tempfile::tempdir().unwrap();
    let (key, line) = line("nowhere");
    put(folder.path(), "a.zip", make::zip(&[("a.tar", &make::tar(&[("a.env", line.as_bytes())]))]));
    for names in [&["HOME", "TMPDIR"][..], &["HOME"], &["XDG_CONFIG_HOME", "XDG_CACHE_HOME"]] {
        let mut command = telleaks();
        command.current_dir(folder.path()).args(["scan", "--format", "jsonl", "--show-secrets"]);
        names.iter().for_each(|name| {
            command.env(name, "/nonexistent/folder");
        });
        run(command).found(&[&key]);
    }
    let mut command = telleaks();
    command.env_clear().current_dir(folder.path()).args(["scan", "--format", "jsonl", "--show-secrets"]);
    run(command).found(&[&key]);
}

#[test]
fn interrupt_is_not_a_result() {
    if crate::common::interrupts_are_ignored() {
        return;
    }
    // Waits for the end of standard input, which does not come.
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    for signal in [Signal::INT, Signal::TERM] {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut command = telleaks();
        command
            .args(["scan", "-", "--report"])
            .arg(format!("json={}", report.display()))
            .stdin(Stdio::from(reader));
        let mut rounds = 0;
        let outcome = run_while(command, |child| {
            rounds += 1;
            if rounds == 100 {
                kill_process(Pid::from_child(child), signal).unwrap();
            }
        });
        drop(writer);
        // The code documented in the README, for both signals.
        assert_eq!(outcome.code, Some(130), "{}", outcome.said);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no part of a report stays");
    }
}

#[test]
fn lack_of_memory_never_looks_clean() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.env", line("memory").1);
    let program = telleaks().get_program().to_owned();
    for limit in [60_000, 120_000, 400_000] {
        let mut command = Command::new("sh");
        command.current_dir(folder.path()).arg("-c");
        command.arg(format!(r#"ulimit -v {limit}; exec "$0" scan --threads 1 --format jsonl"#)).arg(&program);
        // Too little memory for the program itself kills it, which is not clean either.
        command.stdin(Stdio::null());
        let output = command.output().unwrap();
        assert_ne!(output.status.code(), Some(0), "{limit}");
    }
}
