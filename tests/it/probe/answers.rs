//! The verdict for every kind of response, and the number of requests.

use std::time::Duration;

use serde_json::Value;

use crate::common::random::Random;
use crate::common::{both, code, text};
use crate::probe::probe;
use crate::probe::server::{Reply, Server, balance, error, gone, http, json};

/// Result for one key: status, detail, exit code, requests.
struct Asked {
    status: String,
    detail: String,
    code: i32,
    requests: usize,
}

fn ask(server: &Server) -> Asked {
    let key = Random::new("answers", 0).key();
    let output = probe(&server.url(), &["--format", "json", "--probe-timeout", "1.5"], &key);
    let said = both(&output);
    assert!(!said.contains(&key[36..]) && !said.contains("314159"), "{said}");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let entry = &document["keys"][0];
    for request in server.requests() {
        assert_eq!(request.key, key);
        assert!(request.head.starts_with("GET /v2/balance HTTP/1.1\r\n"), "{}", request.head);
    }
    Asked {
        status: text(entry, "/liveness/status").to_owned(),
        detail: text(entry, "/liveness/detail").to_owned(),
        code: code(&output),
        requests: server.requests().len(),
    }
}

/// Checks the verdict if the server always sends the same response.
fn always(reply: Reply, status: &str, requests: usize) -> String {
    let asked = ask(&Server::always(reply));
    assert_eq!((asked.status.as_str(), asked.requests), (status, requests), "{}", asked.detail);
    let expected = match status {
        "active" | "restricted" => 1,
        "inactive" | "malformed" => 0,
        _ => 3,
    };
    assert_eq!(asked.code, expected, "{status}");
    asked.detail
}

#[test]
fn telnyx_responses() {
    always(balance(), "active", 1);
    always(error(403, "10010", "Insufficient permissions to access balance information"), "restricted", 1);
    always(gone(), "inactive", 1);
    always(
        error(401, "10009", "The API key looks malformed. Check that you copied it correctly."),
        "malformed",
        1,
    );
    always(error(401, "10009", "Could not understand the provided credentials."), "unknown", 1);
    always(error(404, "10005", "Not found"), "unknown", 1);
    always(error(422, "10015", "Bad request"), "unknown", 1);
}

#[test]
fn telnyx_error_codes_override_http_status() {
    for (code, status) in [
        ("20001", "inactive"),
        ("20002", "inactive"),
        ("20008", "inactive"),
        ("10038", "restricted"),
        ("20011", "restricted"),
        ("20012", "restricted"),
        ("20013", "restricted"),
        ("20014", "restricted"),
        ("20017", "restricted"),
        ("20100", "restricted"),
    ] {
        for http_status in [400, 401, 403] {
            let detail = always(error(http_status, code, "The detail is not published"), status, 1);
            assert!(detail.contains(&format!("code {code}")), "{detail}");
        }
        always(error(500, code, "t"), "unknown", 2);
    }
    always(error(403, "20003", "Forbidden"), "restricted", 1);
    always(error(403, "10010", "The API key is without the required permission"), "restricted", 1);
    always(error(401, "20006", "Expired access token"), "unknown", 1);
    always(error(403, "20006", "Expired access token"), "unknown", 1);
}

#[test]
fn responses_of_other_servers() {
    let html = "<!doctype html><title>Attention Required!</title>";
    always(http(403, &["Content-Type: text/html"], html), "unknown", 1);
    let detail = always(http(200, &["Content-Type: text/html"], html), "unknown", 1);
    assert!(detail.contains("something else may have answered"), "{detail}");
    always(http(401, &["WWW-Authenticate: Basic"], html), "unknown", 1);
    always(json(200, r#"{"status":"ok"}"#), "unknown", 1);
    always(json(200, r#"{"data":{"record_type":"balance","#), "unknown", 1);
    always(json(200, "[1,2"), "unknown", 1);
    always(json(403, r#"{"success":false,"errors":[{"code":1020,"message":"denied"}]}"#), "unknown", 1);
    always(http(407, &[], ""), "unknown", 1);
    always(http(200, &["Content-Encoding: gzip"], "\u{1f}\u{8b}"), "unknown", 1);
    always(Reply::Raw(b"220 smtp.example ESMTP\r\n".to_vec()), "unknown", 1);
    always(Reply::Raw(Vec::new()), "unknown", 1);
}

#[test]
fn redirects_are_not_followed() {
    let other = Server::always(balance());
    for status in [301, 302, 303, 307, 308] {
        for to in [other.url(), format!("{}/v2/balance", other.url()), "/v2/balance?again".to_owned()] {
            let location = format!("Location: {to}");
            let body = r#"{"data":{"record_type":"balance","balance":"1"}}"#;
            let detail = always(http(status, &[&location], body), "unknown", 1);
            assert!(detail.contains("redirect"), "{detail}");
        }
    }
    assert_eq!(other.connections(), 0);
}

#[test]
fn slow_and_endless_responses_time_out() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let slow_body = format!("{head}Content-Length: 90\r\n\r\n{}", " ".repeat(90));
    for (reply, limit) in [
        (Reply::Drip(head.as_bytes().to_vec()), 8),
        (Reply::Drip(slow_body.into_bytes()), 8),
        (Reply::Silence, 8),
        (Reply::Endless("HTTP/1.1 200 OK\r\n\r\n{\"data\":{\"record_type\":\"balance\",\"a\":\""), 8),
        (Reply::Endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n"), 8),
        (Reply::Endless("HTTP/1.1 200 OK\r\nA: "), 8),
        (Reply::Endless("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n"), 8),
    ] {
        let start = std::time::Instant::now();
        always(reply, "unknown", 1);
        assert!(start.elapsed() < Duration::from_secs(limit), "{:?}", start.elapsed());
    }
}

#[test]
fn body_up_to_the_limit_is_read_and_longer_one_is_ignored() {
    let padded = |size: usize| {
        json(200, &format!(r#"{{"data":{{"record_type":"balance","balance":"1"}}}}{}"#, " ".repeat(size)))
    };
    always(padded(60_000), "active", 1);
    always(padded(70_000), "unknown", 1);
}

#[test]
fn reset_connections_are_not_retried() {
    let detail = always(Reply::Reset, "unknown", 1);
    assert!(!detail.is_empty());
    let refused = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let output = probe(&refused, &[], &Random::new("refused", 0).key());
    assert_eq!(code(&output), 3);
    assert!(both(&output).contains("the connection was refused"), "{}", both(&output));
}

#[test]
fn status_429_is_retried_once_after_retry_after() {
    let limited = |headers: &[&str]| http(429, headers, r#"{"errors":[{"code":"10011","title":"t"}]}"#);
    for (headers, least) in [
        (&["x-ratelimit-reset: 1"][..], 1000),
        (&["Retry-After: 1"], 1000),
        (&[], 900),
        (&["x-ratelimit-reset: 0"], 0),
    ] {
        let first = limited(headers);
        let server = Server::new(move |number, _| if number == 0 { first.clone() } else { balance() });
        let asked = ask(&server);
        assert_eq!((asked.status.as_str(), asked.requests), ("active", 2), "{headers:?} {}", asked.detail);
        let requests = server.requests();
        let waited = requests[1].at - requests[0].at;
        assert!(waited >= Duration::from_millis(least), "{headers:?} {waited:?}");
        always(limited(headers), "unknown", 2);
    }
    // A longer delay is capped at the request timeout (1.5 s here).
    let start = std::time::Instant::now();
    let detail = always(limited(&["x-ratelimit-reset: 86400"]), "unknown", 2);
    assert!(
        detail.contains("429") && start.elapsed() < Duration::from_secs(6),
        "{detail} {:?}",
        start.elapsed()
    );
}

#[test]
fn server_error_is_retried_once() {
    for status in [500, 502, 503, 504] {
        let first = http(status, &["x-ratelimit-reset: 0"], "oops");
        always(first.clone(), "unknown", 2);
        let server = Server::new(move |number, _| if number == 0 { first.clone() } else { gone() });
        let asked = ask(&server);
        assert_eq!((asked.status.as_str(), asked.requests), ("inactive", 2));
    }
}
