//! Keys are sent to no other host: not by argument, proxy or name.

use crate::common::random::Random;
use crate::common::{both, code, put};
use crate::probe::server::{Server, balance};
use crate::probe::{feed, program};

#[test]
fn other_addresses_are_refused_before_reading_input() {
    let key = Random::new("hosts", 0).key();
    for url in [
        "https://evil.example",
        "https://api.telnyx.com",
        "http://localhost:1",
        "http://127.0.0.1@evil.example/",
        "http://127.0.0.1.evil.example",
        "http://0.0.0.0:80",
        "http://169.254.169.254",
        "ftp://127.0.0.1",
        "127.0.0.1:80",
        "",
    ] {
        let output = feed(program().args(["probe", "--probe-url", url]), &key);
        let said = both(&output);
        assert_eq!(code(&output), 2, "{url}: {said}");
        assert!(said.contains("a key is sent to Telnyx only") || url.is_empty(), "{said}");
        for command in ["scan", "staged", "audit"] {
            let output = program().args([command, ".", "--probe", "--probe-url", url]).output().unwrap();
            assert_eq!(code(&output), 2, "{command} {url}");
        }
    }
    for args in [
        &["--region", "xx"][..],
        &["--region", "eu", "--probe-url", "http://127.0.0.1:1"],
        &["--probe-rps", "0"],
    ] {
        assert_eq!(code(&feed(program().arg("probe").args(args), &key)), 2, "{args:?}");
    }
}

#[test]
fn loopback_requests_bypass_the_proxy() {
    let (server, proxy) = (Server::always(balance()), Server::always(balance()));
    let mut command = program();
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "http_proxy"] {
        command.env(name, proxy.url());
    }
    let output = feed(command.args(["probe", "--probe-url", &server.url()]), &Random::new("proxy", 0).key());
    assert_eq!((code(&output), server.requests().len(), proxy.connections()), (1, 1, 0), "{}", both(&output));
}

/// Requests to Telnyx use the proxy of the environment, which sees the host name but no key.
#[test]
fn proxy_sees_host_and_no_key() {
    let key = Random::new("connect", 0).key();
    for (region, host) in [
        ("us", "api.telnyx.com"),
        ("eu", "api.telnyx.eu"),
        ("au", "api.telnyx.com.au"),
        ("ca", "api.telnyx.ca"),
        ("me", "api.telnyx.me"),
    ] {
        let proxy = Server::always(crate::probe::server::http(502, &[], "no"));
        let mut command = program();
        command.env("HTTPS_PROXY", proxy.url()).args(["probe", "--region", region, "--probe-timeout", "5"]);
        let output = feed(&mut command, &key);
        let said = both(&output);
        assert_eq!(code(&output), 3, "{said}");
        assert!(
            said.contains(&format!("to https://{host} (through the proxy of the environment)")),
            "{said}"
        );
        let requests = proxy.requests();
        assert_eq!(requests.len(), 1, "{said}");
        assert!(requests[0].head.starts_with(&format!("CONNECT {host}:443 ")), "{}", requests[0].head);
        assert!(!requests[0].head.contains(&key[36..]));
    }
}

#[test]
fn fail_on_active_requires_probe() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.txt", "nothing");
    let output = program().current_dir(folder.path()).args(["scan", "--fail-on", "active"]).output().unwrap();
    assert_eq!(code(&output), 2);
    assert!(both(&output).contains("needs --probe"), "{}", both(&output));
}
