//! The number of requests: one per distinct key, none without the option, and few once the server limits the rate.

use std::time::{Duration, Instant};

use crate::common::random::Random;
use crate::common::{both, code, lines, put, text};
use crate::probe::program;
use crate::probe::server::{Reply, Server, balance, gone, http};

/// Runs `telleaks scan` in `folder`.
fn scan(folder: &std::path::Path, server: &Server, args: &[&str]) -> std::process::Output {
    program().current_dir(folder).args(["scan", "--probe-url", &server.url()]).args(args).output().unwrap()
}

#[test]
fn one_request_per_distinct_key() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("counts", 0);
    let (one, other) = (random.key(), random.key());
    for number in 0..60 {
        put(folder.path(), &format!("{number}/a.env"), format!("A={one}\nB={one}\n"));
    }
    put(folder.path(), "b.yaml", format!("a: {}\n", data_encoding::BASE64.encode(one.as_bytes())));
    put(
        folder.path(),
        "c.txt",
        format!("https://a.example/?X-Amz-Credential={other}%2F20260101%2Fus-east-1%2Fs3%2Faws4_request"),
    );
    put(folder.path(), "id.log", format!("No key found matching the ID '{}'", &one[..35]));
    let server = Server::always(gone());
    let output = scan(folder.path(), &server, &["--probe", "--format", "jsonl"]);
    let mut keys: Vec<String> = server.requests().into_iter().map(|request| request.key).collect();
    keys.sort();
    let mut expected = vec![one, other];
    expected.sort();
    assert_eq!(keys, expected);
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(
        said.contains(&format!("probe: 2 requests, one for each distinct key, to {}", server.url())),
        "{said}"
    );
    let findings = lines(&output.stdout);
    let judged = findings.iter().filter(|finding| text(finding, "/liveness/status") == "inactive").count();
    assert_eq!((judged, findings.len()), (62, 63));
    assert_eq!(code(&output), 0, "{}", both(&output));
}

#[test]
fn nothing_is_sent_without_the_option() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.env", Random::new("silent", 0).key());
    let server = Server::always(balance());
    for args in [&[][..], &["-v"], &["--format", "json"]] {
        let output = scan(folder.path(), &server, args);
        assert_eq!(code(&output), 1);
        assert!(output.stderr.is_empty(), "{}", both(&output));
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn nothing_is_sent_without_keys() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.txt", "nothing");
    let server = Server::always(balance());
    let output = scan(folder.path(), &server, &["--probe"]);
    assert_eq!((code(&output), server.connections()), (0, 0));
    assert!(both(&output).contains("nothing is sent"), "{}", both(&output));
}

fn keys(count: usize) -> String {
    let mut random = Random::new("many", 0);
    (0..count).map(|_| random.key() + "\n").collect()
}

#[test]
fn three_consecutive_429_stop_probing() {
    for (concurrency, most) in [("1", 3), ("4", 6)] {
        let server = Server::always(http(429, &["x-ratelimit-reset: 0"], ""));
        let args = ["--format", "jsonl", "--probe-rps", "1000", "--probe-concurrency", concurrency];
        let output = crate::probe::probe(&server.url(), &args, &keys(40));
        let count = server.requests().len();
        assert!((3..=most).contains(&count), "{count}");
        let verdicts = lines(&output.stdout);
        assert!(
            verdicts.len() == 40 && verdicts.iter().all(|one| text(one, "/liveness/status") == "unknown")
        );
        assert!(
            text(&verdicts[39], "/liveness/detail").contains("not probed: three answers in a row were 429")
        );
        assert_eq!(code(&output), 3);
    }
}

#[test]
fn unresponsive_host_stops_probing() {
    let server = Server::always(Reply::Reset);
    let args = ["--format", "jsonl", "--probe-rps", "1000", "--probe-concurrency", "1"];
    let output = crate::probe::probe(&server.url(), &args, &keys(20));
    assert_eq!((server.requests().len(), lines(&output.stdout).len(), code(&output)), (5, 20, 3));
}

#[test]
fn requests_are_rate_limited_with_few_in_parallel() {
    let server = Server::always(gone());
    let start = Instant::now();
    crate::probe::probe(&server.url(), &["--probe-rps", "5", "--probe-concurrency", "4"], &keys(6));
    assert!(start.elapsed() >= Duration::from_millis(990), "{:?}", start.elapsed());
    assert_eq!(server.requests().len(), 6);

    let Reply::Raw(body) = gone() else { unreachable!() };
    let server = Server::always(Reply::Late(body, Duration::from_millis(200)));
    crate::probe::probe(&server.url(), &["--probe-rps", "1000", "--probe-concurrency", "3"], &keys(9));
    assert_eq!(server.requests().len(), 9);
    // The server may count a request as open for a moment after its client has the whole response.
    assert!((2..=4).contains(&server.busiest()), "{}", server.busiest());
}

#[test]
fn every_key_gets_its_own_response() {
    let server =
        Server::new(
            |_, key| if key.ends_with(|c: char| c.is_ascii_lowercase()) { balance() } else { gone() },
        );
    let input = keys(30);
    let output = crate::probe::probe(
        &server.url(),
        &["--format", "jsonl", "--probe-rps", "1000", "--probe-concurrency", "8"],
        &input,
    );
    let verdicts = lines(&output.stdout);
    for (key, verdict) in input.lines().zip(&verdicts) {
        let expected = if key.ends_with(|c: char| c.is_ascii_lowercase()) { "active" } else { "inactive" };
        assert_eq!((text(verdict, "/key_id"), text(verdict, "/liveness/status")), (&key[..35], expected));
    }
    assert_eq!(verdicts.len(), 30);
}
