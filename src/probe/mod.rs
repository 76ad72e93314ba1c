//! Checks whether keys are active. Sends one request to Telnyx for each distinct API key, and judges tokens by their
//! expiry without a request.
//!
//! Runs only on request, sends a key to one fixed host only, accepts only responses that are specific to Telnyx, and
//! never revokes or changes anything. Prints nothing; the announcement before the first request goes to the caller.

mod annotate;
mod cache;
mod classify;
mod client;
mod rate_limit;
mod target;

pub use annotate::apply;
pub use target::{BadTarget, Region, Target};

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use jiff::Timestamp;

use crate::detect::payload;
use crate::finding::{KeyId, Liveness, LivenessStatus, Secret};
use cache::Cache;
use client::Client;
use rate_limit::{Prober, RateLimiter};
use telleaks_platform::NoCore;

/// Length in characters of an API v2 key: the id, `_` and 22 more.
const KEY_LEN: usize = 58;

/// Verdicts by [`Secret::sha256`].
pub type Verdicts = HashMap<String, Liveness>;

/// Options for sending requests.
#[derive(Debug, Clone)]
pub struct Options {
    /// The host.
    pub target: Target,
    /// Maximum number of requests per second in total; at least 1.
    pub per_second: u32,
    /// Maximum number of concurrent requests; at least 1.
    pub concurrency: usize,
    /// Timeout for one request, and the maximum delay before a retry.
    pub timeout: Duration,
    /// Path of the cache, which keeps final verdicts for a day.
    pub cache: Option<PathBuf>,
}

/// Returns whether this is a complete API v2 key, the only kind of secret that is ever sent. The shape must match
/// exactly.
pub fn can_ask(secret: &Secret) -> bool {
    let text = secret.expose();
    let tail = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    text.len() == KEY_LEN && KeyId::of_key(text).is_some() && text.bytes().all(tail)
}

/// Returns whether a verdict is possible: for a complete API v2 key or a JSON web token.
pub fn can_judge(secret: &Secret) -> bool {
    can_ask(secret) || payload(secret.expose().as_bytes()).is_some()
}

/// Returns verdicts on `secrets`. One request is sent for each distinct API key; tokens are judged by their expiry;
/// other secrets get no verdict. Before the first request, `notify` is called with the number of requests and the host.
pub fn ask<'s>(
    secrets: impl IntoIterator<Item = &'s Secret>,
    options: &Options,
    notify: &mut dyn FnMut(&str),
) -> Verdicts {
    let mut verdicts = Verdicts::new();
    let mut keys: BTreeMap<String, &Secret> = BTreeMap::new();
    for secret in secrets {
        if can_ask(secret) {
            keys.insert(secret.sha256(), secret);
        } else if let Some(liveness) = by_expiry(secret, Timestamp::now()) {
            verdicts.insert(secret.sha256(), liveness);
        }
    }
    let mut cache = Cache::open(options.cache.as_deref(), options.target.origin(), notify);
    let mut open: Vec<(String, &Secret)> = Vec::new();
    for (digest, key) in keys {
        match cache.get(key) {
            Some(liveness) => {
                verdicts.insert(digest, liveness);
            }
            None => open.push((digest, key)),
        }
    }
    let remembered = verdicts.values().filter(|known| known.checked_at < cache.opened).count();
    notify(&announcement(open.len(), remembered, &options.target));
    if open.is_empty() {
        return verdicts;
    }
    for ((digest, key), liveness) in open.iter().zip(send(&open, options)) {
        cache.put(key, &liveness);
        verdicts.insert(digest.clone(), liveness);
    }
    if let Some(error) = cache.write() {
        notify(&error);
    }
    verdicts
}

/// Returns the announcement of the requests.
fn announcement(requests: usize, remembered: usize, target: &Target) -> String {
    let word = match requests {
        0 => "probe: no key to ask about, nothing is sent".to_owned(),
        1 => format!("probe: 1 request, for 1 distinct key, to {}", target.origin()),
        many => format!("probe: {many} requests, one for each distinct key, to {}", target.origin()),
    };
    let proxy =
        if requests > 0 && target.has_proxy() { " (through the proxy of the environment)" } else { "" };
    let known = match remembered {
        0 => String::new(),
        count => format!("; {count} remembered in the cache"),
    };
    format!("{word}{proxy}{known}")
}

/// Sends the requests for all keys, a few concurrently, in order.
fn send(keys: &[(String, &Secret)], options: &Options) -> Vec<Liveness> {
    let _no_core = NoCore::set();
    let client = Client::new(&options.target, options.timeout);
    let pace = RateLimiter::new(options.per_second, options.timeout);
    let judge = Prober { client: &client, pace: &pace };
    let next = Mutex::new(0..keys.len());
    let done: Mutex<Vec<Option<Liveness>>> = Mutex::new(vec![None; keys.len()]);
    std::thread::scope(|scope| {
        let work = || {
            loop {
                let at = next.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some(at) = at else { return };
                let liveness = judge.about(keys[at].1);
                done.lock().unwrap_or_else(PoisonError::into_inner)[at] = Some(liveness);
            }
        };
        // If the system refuses to start more threads, the started ones and this one do all the work.
        let start = |_| std::thread::Builder::new().spawn_scoped(scope, work).ok();
        let _others: Vec<_> = (1..options.concurrency.min(keys.len())).map_while(start).collect();
        work();
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    // A thread that ended early leaves an entry empty, which is not a verdict.
    done.into_iter().map(|one| one.unwrap_or_else(|| unknown("it was not probed"))).collect()
}

/// Creates a verdict with the current time.
fn now(status: LivenessStatus, detail: impl Into<String>) -> Liveness {
    Liveness { status, detail: detail.into(), checked_at: Timestamp::now() }
}

fn unknown(detail: impl Into<String>) -> Liveness {
    now(LivenessStatus::Unknown, detail)
}

/// Judges a token, which is never sent: after the time in its `exp` it is dead, before it the status is unknown.
fn by_expiry(secret: &Secret, time: Timestamp) -> Option<Liveness> {
    let claims = payload(secret.expose().as_bytes())?;
    let expires = claims.get("exp").and_then(serde_json::Value::as_f64);
    let expires = expires.and_then(|seconds| Timestamp::from_second(seconds as i64).ok());
    let (status, detail) = match expires {
        Some(end) if end <= time => (LivenessStatus::Inactive, format!("it expired at {end:.0}")),
        Some(end) => (
            LivenessStatus::Unknown,
            format!("it ends at {end:.0}; tokens are judged by that alone, not sent"),
        ),
        None => (LivenessStatus::Unknown, "a token without expiry; tokens are not sent".to_owned()),
    };
    Some(Liveness { status, detail, checked_at: time })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(parts: &[&str]) -> Secret {
        Secret::new(parts.concat())
    }

    #[test]
    fn only_complete_keys_are_sent() {
        let id = "KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E";
        assert!(can_ask(&secret(&[id, "_", "hwqtpZbC4XD1PEQFaK-_dG"])));
        for tail in
            ["", "_", "_hwqtpZbC4XD1PEQFaKWyd", "_hwqtpZbC4XD1PEQFaKWydGx", "_hwqtpZbC4XD1PEQFaKW\r\nG"]
        {
            assert!(!can_ask(&secret(&[id, tail])), "{tail:?}");
        }
        assert!(!can_ask(&secret(&["KEY0198c0ffee5a4b7c8d9e0f1a2b3c4d5e", "_", "hwqtpZbC4XD1PEQFaKWydG"])));
        assert!(!can_ask(&secret(&["hunter2"])));
    }

    #[test]
    fn tokens_are_judged_by_expiry() {
        use data_encoding::BASE64URL_NOPAD;
        let token = |claims: &str| {
            secret(&["eyJhbGciOiJIUzI1NiJ9.", &BASE64URL_NOPAD.encode(claims.as_bytes()), ".sig"])
        };
        let time = Timestamp::from_second(1_700_000_000).unwrap();
        let judged = |claims: &str| by_expiry(&token(claims), time).map(|liveness| liveness.status);
        assert_eq!(judged(r#"{"exp":1699999999}"#), Some(LivenessStatus::Inactive));
        assert_eq!(judged(r#"{"exp":1700000001}"#), Some(LivenessStatus::Unknown));
        assert_eq!(judged(r#"{"exp":1e300}"#), Some(LivenessStatus::Unknown));
        assert_eq!(judged(r#"{"sub":"a"}"#), Some(LivenessStatus::Unknown));
        assert_eq!(judged("no claims"), None);
        assert_eq!(by_expiry(&secret(&["a.password"]), time), None);
    }

    #[test]
    fn announcement_counts_requests() {
        let target = Target::Region(Region::Eu);
        let said = |requests, known| {
            announcement(requests, known, &target).replace(" (through the proxy of the environment)", "")
        };
        assert_eq!(said(1, 0), "probe: 1 request, for 1 distinct key, to https://api.telnyx.eu");
        assert_eq!(
            said(3, 2),
            "probe: 3 requests, one for each distinct key, to https://api.telnyx.eu; 2 remembered in the cache"
        );
        assert_eq!(said(0, 0), "probe: no key to ask about, nothing is sent");
    }
}
