//! The hosts that keys may be sent to: Telnyx's five API hosts, or a test server on this machine.

use std::fmt;
use std::net::IpAddr;

use clap::ValueEnum;
use ureq::http::Uri;

/// The regions of Telnyx's API, as listed in its documentation (account-setup/regional-endpoints).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Region {
    /// United States.
    Us,
    /// Europe.
    Eu,
    /// Australia.
    Au,
    /// Canada.
    Ca,
    /// Middle East.
    Me,
}

impl Region {
    fn origin(self) -> &'static str {
        match self {
            Self::Us => "https://api.telnyx.com",
            Self::Eu => "https://api.telnyx.eu",
            Self::Au => "https://api.telnyx.com.au",
            Self::Ca => "https://api.telnyx.ca",
            Self::Me => "https://api.telnyx.me",
        }
    }
}

/// The host that requests are sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A Telnyx host.
    Region(Region),
    /// A server on this machine: scheme, address and port, without a path.
    Loopback(String),
}

/// A URL to which no key is sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a key is sent to Telnyx only, or for tests to this machine: write http://127.0.0.1:PORT, https://127.0.0.1:PORT or the \
     same with [::1]"
)]
pub struct BadTarget;

impl Target {
    /// Parses the value of `--probe-url`.
    ///
    /// # Errors
    /// Returns [`BadTarget`] for anything but `http` or `https` and a numeric loopback address with an optional port. A
    /// name such as `localhost` is rejected, since the resolver decides which address it means.
    pub fn loopback(url: &str) -> Result<Self, BadTarget> {
        let uri: Uri = url.parse().map_err(|_| BadTarget)?;
        let scheme =
            uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https")).ok_or(BadTarget)?;
        let authority = uri.authority().ok_or(BadTarget)?;
        let host = authority.host();
        let digits = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let address: IpAddr = digits.parse().map_err(|_| BadTarget)?;
        let path_is_empty = uri.path_and_query().is_none_or(|path| path.as_str() == "/");
        // Only a host and an optional valid port; no user.
        let port = authority.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
        if !address.is_loopback() || authority.as_str() != format!("{host}{port}") || !path_is_empty {
            return Err(BadTarget);
        }
        Ok(Self::Loopback(format!("{scheme}://{authority}")))
    }

    /// Returns scheme, host and port.
    pub fn origin(&self) -> &str {
        match self {
            Self::Region(region) => region.origin(),
            Self::Loopback(origin) => origin,
        }
    }

    /// Returns whether TLS is required. Plain HTTP is allowed on this machine, for mock servers.
    pub(super) fn is_https(&self) -> bool {
        self.origin().starts_with("https:")
    }

    /// Returns the proxy from the environment, except for a server on this machine.
    pub(super) fn proxy(&self) -> Option<ureq::Proxy> {
        match self {
            Self::Region(_) => ureq::Proxy::try_from_env(),
            Self::Loopback(_) => None,
        }
    }

    pub(super) fn has_proxy(&self) -> bool {
        let host = self.origin().trim_start_matches("https://");
        self.proxy().is_some_and(|proxy| !host.parse().is_ok_and(|uri| proxy.is_no_proxy(&uri)))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_loopback_addresses_are_accepted() {
        for url in ["http://127.0.0.1:8080", "https://127.0.0.1", "http://127.9.9.9:1/", "https://[::1]:443"]
        {
            let target = Target::loopback(url).unwrap();
            assert_eq!(target.origin(), url.trim_end_matches('/'));
            assert!(target.proxy().is_none());
        }
    }

    #[test]
    fn other_hosts_are_rejected() {
        for url in [
            "https://api.telnyx.com",
            "https://evil.example",
            "http://localhost:8080",
            "http://127.0.0.1@evil.example",
            "http://evil.example@127.0.0.1",
            "http://127.0.0.1.evil.example",
            "http://[::ffff:127.0.0.1]",
            "http://2130706433",
            "http://0.0.0.0:80",
            "http://[::]:80",
            "http://10.0.0.1",
            "ftp://127.0.0.1",
            "127.0.0.1:80",
            "http://127.0.0.1/v3",
            "http://127.0.0.1/?a",
            "http://127.0.0.1:99999",
            "file:///etc/passwd",
            "",
        ] {
            assert_eq!(Target::loopback(url), Err(BadTarget), "{url}");
        }
    }

    #[test]
    fn regions_are_telnyx_https_hosts() {
        for region in Region::value_variants() {
            assert!(region.origin().starts_with("https://api.telnyx."), "{region:?}");
            assert!(Target::Region(*region).is_https());
        }
    }
}
