//! One request, and nothing of its answer but the status, a bounded body and how long to wait. It neither judges nor
//! repeats.
//!
//! Where the key is copied: the header's value lies in memory that is zeroed when the request is dropped. From there
//! `ureq` writes it into its output buffer and `rustls` into the record that it encrypts; these two are freed without
//! being zeroed. That is why no core is dumped meanwhile (see `guard`).

use std::io::{ErrorKind, Read};
use std::time::Duration;

use bytes::Bytes;
use ureq::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Error, Timeout};
use zeroize::Zeroizing;

use super::target::Target;
use crate::finding::Secret;

/// The request that Telnyx's own troubleshooting page names as the smallest one: it only reads.
const PATH: &str = "/v2/balance";
/// More of a body is not read. An answer of Telnyx's to this request has a few hundred bytes.
const MAX_BODY: u64 = 64 << 10;
/// Time for a connection, TLS included; all together have the caller's time.
const CONNECT: Duration = Duration::from_secs(10);
/// A header of an answer that is longer than this is not Telnyx's.
const MAX_HEADER: usize = 32 << 10;

/// What came back.
pub(super) enum Answer {
    /// An answer of HTTP.
    Http {
        /// Its status.
        status: u16,
        /// Its body up to the limit; empty where it could not be read. It holds a balance, or the id of the key.
        body: Zeroizing<Vec<u8>>,
        /// How long the server asks to wait.
        wait: Option<Duration>,
    },
    /// None.
    Failed(Failure),
}

/// Why there was no answer, in words that hold nothing of the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Failure(pub(super) &'static str);

/// Sends requests to one host.
pub(super) struct Client {
    agent: Agent,
    address: String,
}

impl Client {
    /// A client for `target`. `timeout` is for one request, from looking the host up to the end of the body.
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
            .timeout_connect(Some(CONNECT.min(timeout)))
            .max_response_header_size(MAX_HEADER)
            // Each key has a connection of its own: no answer can be taken for that of another key.
            .max_idle_connections(0)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .build();
        Self { agent: config.new_agent(), address: format!("{}{PATH}", target.origin()) }
    }

    /// Sends one request with `key`.
    pub(super) fn balance(&self, key: &Secret) -> Answer {
        let Some(header) = bearer(key) else { return Answer::Failed(Failure("it cannot stand in a header")) };
        match self.agent.get(&self.address).header(AUTHORIZATION, header).call() {
            Err(error) => Answer::Failed(failure(&error)),
            Ok(response) => {
                let status = response.status().as_u16();
                let wait = wait(response.headers());
                let mut body = Zeroizing::new(Vec::with_capacity(MAX_BODY as usize + 1));
                let read = response.into_body().into_reader().take(MAX_BODY + 1).read_to_end(&mut body);
                if read.is_err() || body.len() as u64 > MAX_BODY {
                    body = Zeroizing::default();
                }
                Answer::Http { status, body, wait }
            }
        }
    }
}

/// The header's value, which no log of the library's shows.
fn bearer(key: &Secret) -> Option<HeaderValue> {
    let text = Zeroizing::new(format!("Bearer {}", key.expose()).into_bytes());
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(text)).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// How long the server asks to wait: `x-ratelimit-reset` is in seconds from now (Telnyx's documentation), and
/// `retry-after`, which its SDKs read too, may be.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let seconds = |name| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    let asked = seconds("x-ratelimit-reset").or_else(|| seconds("retry-after"))?;
    Duration::try_from_secs_f64(asked).ok()
}

/// The library's error in words of ours; its own may quote the server.
fn failure(error: &Error) -> Failure {
    Failure(match error {
        Error::Timeout(Timeout::Resolve) | Error::HostNotFound => "the host was not found",
        Error::Timeout(Timeout::Connect) => "no connection in time",
        Error::Timeout(_) => "no whole answer in time",
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
            ErrorKind::TimedOut => "no whole answer in time",
            _ => "the connection failed",
        },
        Error::LargeResponseHeader(..) | Error::Protocol(_) | Error::Http(_) => {
            "the answer is no HTTP of Telnyx's"
        }
        _ => "the connection failed",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_marked_and_shows_nothing() {
        let value = bearer(&Secret::new("abc")).unwrap();
        assert_eq!(value.as_bytes(), b"Bearer abc");
        assert_eq!(format!("{value:?}"), "Sensitive");
        assert!(bearer(&Secret::new("a\nb")).is_none());
    }

    #[test]
    fn waiting_is_read_in_seconds_and_nonsense_is_none() {
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
