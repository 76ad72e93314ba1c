//! Sends one request and returns the status, a bounded body and the requested delay. Does not judge or retry.
//!
//! Copies of the key: the header value is in memory that is zeroed when the request is dropped. `ureq` copies it to its
//! output buffer and `rustls` to the record that it encrypts; these two are freed without being zeroed. For that reason
//! core dumps are disabled meanwhile (see `NoCore`).

use std::io::{ErrorKind, Read};
use std::time::Duration;

use bytes::Bytes;
use ureq::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Error, Timeout};
use zeroize::Zeroizing;

use super::target::Target;
use crate::finding::Secret;

/// The smallest read-only request, according to Telnyx's troubleshooting page.
const PATH: &str = "/v2/balance";
/// Maximum number of bytes read of a body. Telnyx's response to this request has a few hundred bytes.
const MAX_BODY_BYTES: u64 = 64 << 10;
/// Timeout for connecting, including TLS. The caller's timeout applies to the whole request.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum size of the response headers in bytes; Telnyx's are smaller.
const MAX_HEADER_BYTES: usize = 32 << 10;

/// The result of a request.
pub(super) enum Answer {
    /// An HTTP response.
    Http {
        /// Its status.
        status: u16,
        /// Its body up to the limit; empty if it could not be read. It contains a balance, or the id of the key.
        body: Zeroizing<Vec<u8>>,
        /// The delay that the server requests.
        wait: Option<Duration>,
    },
    /// No response.
    Failed(Failure),
}

/// Why there was no response, without any text from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Failure(pub(super) &'static str);

/// Sends requests to one host.
pub(super) struct Client {
    agent: Agent,
    address: String,
}

impl Client {
    /// Creates a client for `target`. `timeout` applies to one request, from the host lookup to the end of the body.
    pub(super) fn new(target: &Target, timeout: Duration) -> Self {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = Agent::config_builder()
            .https_only(target.is_https())
            .tls_config(tls)
            .proxy(target.proxy())
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(timeout))
            .timeout_connect(Some(CONNECT_TIMEOUT.min(timeout)))
            .max_response_header_size(MAX_HEADER_BYTES)
            // Each key has its own connection, so that a response cannot be attributed to another key.
            .max_idle_connections(0)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .build();
        Self { agent: config.new_agent(), address: format!("{}{PATH}", target.origin()) }
    }

    /// Sends one request with `key`.
    pub(super) fn balance(&self, key: &Secret) -> Answer {
        let Some(header) = bearer(key) else {
            return Answer::Failed(Failure("it cannot be sent in a header"));
        };
        match self.agent.get(&self.address).header(AUTHORIZATION, header).call() {
            Err(error) => Answer::Failed(failure(&error)),
            Ok(response) => {
                let status = response.status().as_u16();
                let wait = wait(response.headers());
                let mut body = Zeroizing::new(Vec::with_capacity(MAX_BODY_BYTES as usize + 1));
                let read = response.into_body().into_reader().take(MAX_BODY_BYTES + 1).read_to_end(&mut body);
                if read.is_err() || body.len() as u64 > MAX_BODY_BYTES {
                    body = Zeroizing::default();
                }
                Answer::Http { status, body, wait }
            }
        }
    }
}

/// Returns the header value, marked as sensitive so that the library does not log it.
fn bearer(key: &Secret) -> Option<HeaderValue> {
    let text = Zeroizing::new(format!("Bearer {}", key.expose()).into_bytes());
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(text)).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Returns the delay that the server requests: `x-ratelimit-reset` is in seconds from now (Telnyx's documentation);
/// `retry-after`, which its SDKs read as well, can be.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let seconds = |name| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    let asked = seconds("x-ratelimit-reset").or_else(|| seconds("retry-after"))?;
    Duration::try_from_secs_f64(asked).ok()
}

/// Converts the library's error to fixed text; its own text may quote the server.
fn failure(error: &Error) -> Failure {
    Failure(match error {
        Error::Timeout(Timeout::Resolve) | Error::HostNotFound => "the host was not found",
        Error::Timeout(Timeout::Connect) => "no connection in time",
        Error::Timeout(_) => "no complete answer in time",
        Error::ConnectProxyFailed(_) | Error::InvalidProxyUrl => "the proxy did not connect",
        Error::Rustls(_) | Error::Tls(_) => {
            "no trustworthy TLS connection: are root certificates installed (ca-certificates)?"
        }
        Error::Io(error) => match error.kind() {
            ErrorKind::InvalidData => {
                "no trustworthy TLS connection: a certificate that this system does not trust, or no TLS"
            }
            ErrorKind::ConnectionRefused => "the connection was refused",
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                "the connection was cut"
            }
            ErrorKind::UnexpectedEof => "the connection was cut",
            ErrorKind::TimedOut => "no complete answer in time",
            _ => "the connection failed",
        },
        Error::LargeResponseHeader(..) | Error::Protocol(_) | Error::Http(_) => {
            "not an HTTP response from Telnyx"
        }
        _ => "the connection failed",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_is_sensitive_and_redacted() {
        let value = bearer(&Secret::new("abc")).unwrap();
        assert_eq!(value.as_bytes(), b"Bearer abc");
        assert_eq!(format!("{value:?}"), "Sensitive");
        assert!(bearer(&Secret::new("a\nb")).is_none());
    }

    #[test]
    fn delay_is_in_seconds_and_invalid_values_are_ignored() {
        let asked = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            wait(&headers)
        };
        assert_eq!(asked("x-ratelimit-reset", "3"), Some(Duration::from_secs(3)));
        assert_eq!(asked("retry-after", "0.5"), Some(Duration::from_millis(500)));
        for nonsense in ["", "-1", "NaN", "inf", "1e300", "Wed, 21 Oct 2015 07:28:00 GMT"] {
            assert_eq!(asked("x-ratelimit-reset", nonsense), None, "{nonsense}");
        }
    }
}
