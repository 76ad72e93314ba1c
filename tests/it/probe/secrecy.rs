//! A key is not visible while it is probed: in arguments, environment, output, traced system calls, or core dumps.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::random::Random;
use crate::common::{both, put};
use crate::probe::server::{Reply, Server, balance, gone};
use crate::probe::{feed, program};

#[test]
fn running_probe_hides_key_and_dumps_no_core() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("running", 0).key();
    put(folder.path(), "a.env", &key);
    let server = Server::always(Reply::Silence);
    let mut command = with_cores(&program());
    command.current_dir(folder.path()).args(["scan", "--probe", "--probe-url", &server.url(), "-vv"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    while server.requests().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(20), "no request");
        std::thread::sleep(Duration::from_millis(20));
    }
    let see = |name: &str| fs::read(format!("/proc/{}/{name}", child.id())).unwrap_or_default();
    for name in ["cmdline", "environ", "comm"] {
        let seen = String::from_utf8_lossy(&see(name)).into_owned();
        assert!(!seen.contains(&key[36..]), "{name}: {seen}");
    }
    let limits = String::from_utf8(see("limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).map(str::to_owned);
    // SIGABRT dumps core if the system allows it.
    Command::new("kill").args(["-ABRT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), None);
    assert_eq!(files(folder.path()), ["a.env"]);
    if cfg!(target_os = "linux") {
        let words: Vec<String> = core.unwrap().split_whitespace().map(str::to_owned).collect();
        assert_eq!(words[4], "0", "{words:?}");
    }
}

/// Returns the same program with core dumps allowed.
fn with_cores(program: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -c unlimited 2>/dev/null; exec \"$0\" \"$@\""]).arg(program.get_program());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

fn files(folder: &std::path::Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).collect()
}

#[test]
fn output_hides_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("outputs", 0).key();
    put(folder.path(), "a.env", &key);
    for reply in [balance(), gone(), Reply::Reset, Reply::Raw(key.clone().into_bytes())] {
        let server = Server::always(reply);
        for format in ["text", "json", "jsonl", "sarif"] {
            let mut command = program();
            command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full").current_dir(folder.path());
            command.args(["scan", "-v", "--probe", "--probe-url", &server.url(), "--format", format]);
            let said = both(&command.output().unwrap());
            assert!(!said.contains(&key[36..]), "{said}");
        }
        let mut command = program();
        command.env("RUST_LOG", "trace").args(["probe", "--probe-url", &server.url()]);
        let said = both(&feed(&mut command, &key));
        assert!(!said.contains(&key[36..]), "{said}");
    }
}

#[test]
fn traced_calls_contain_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("traced", 0).key();
    put(folder.path(), "a.env", &key);
    let log = folder.path().join("../").canonicalize().unwrap().join(format!("trace-{}", std::process::id()));
    let server = Server::always(balance());
    let mut command = Command::new("strace");
    command.args(["-f", "-s", "1000000", "-e", "trace=execve,write,writev,pwrite64", "-o"]).arg(&log);
    command.arg(program().get_program()).args(["scan", "-v", "--probe", "--probe-url", &server.url()]);
    let ran = command.arg(folder.path()).output();
    let trace = fs::read_to_string(&log).unwrap_or_default();
    let _gone = fs::remove_file(&log);
    if !trace.contains("execve(") {
        #[allow(clippy::print_stderr, reason = "a test that is left out says so")]
        {
            eprintln!("SKIPPED: strace is not installed or may not trace here: {ran:?}");
        }
        return;
    }
    assert_eq!(server.requests().len(), 1);
    assert!(trace.contains("write(") && !trace.contains(&key[36..]), "{trace}");
}
