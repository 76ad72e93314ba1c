//! Is this key alive? Asks Telnyx once for each distinct API key, and judges tokens by their expiry without asking.
//!
//! It runs only when it is called, sends a key to one fixed host and to no other, believes only answers that nobody
//! but Telnyx gives, and never revokes or changes anything. It prints nothing; what it has to say before it sends it
//! hands to its caller.

mod apply;
mod cache;
mod client;
mod guard;
mod pace;
mod target;
mod verdict;

pub use apply::apply;
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
use guard::NoCore;
use pace::{Judge, Pace};

/// Characters of an API v2 key: the id, `_` and 22 more.
const KEY_LEN: usize = 58;

/// What is learnt about secrets, by [`Secret::sha256`].
pub type Verdicts = HashMap<String, Liveness>;

/// How to ask.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whom.
    pub target: Target,
    /// Requests in a second, all together; at least 1.
    pub per_second: u32,
    /// Requests at the same time; at least 1.
    pub concurrency: usize,
    /// How long one request may take, all in all. A pause before a retry is never longer.
    pub timeout: Duration,
    /// Where final verdicts are remembered for a day.
    pub cache: Option<PathBuf>,
}

/// Whether this is a whole API v2 key, which can be asked about. It takes the exact shape: nothing else is ever sent.
pub fn can_ask(secret: &Secret) -> bool {
    let text = secret.expose();
    let tail = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    text.len() == KEY_LEN && KeyId::of_key(text).is_some() && text.bytes().all(tail)
}

/// Whether anything can be learnt about it: a whole API v2 key, or a JSON web token.
pub fn can_judge(secret: &Secret) -> bool {
    can_ask(secret) || payload(secret.expose().as_bytes()).is_some()
}

/// What can be learnt about `secrets`: API keys are asked about, once each however often they stand here; tokens are
/// judged by their expiry; of anything else nothing is said. Before the first request, `notify` gets to know how many
/// go to which host.
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

/// What is said before anything is sent.
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

/// Asks about all keys, a few at a time, in their order.
fn send(keys: &[(String, &Secret)], options: &Options) -> Vec<Liveness> {
    let _no_core = NoCore::set();
    let client = Client::new(&options.target, options.timeout);
    let pace = Pace::new(options.per_second, options.timeout);
    let judge = Judge { client: &client, pace: &pace };
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
        // Where the system gives fewer threads, those do it all, and this one helps.
        let start = |_| std::thread::Builder::new().spawn_scoped(scope, work).ok();
        let _others: Vec<_> = (1..options.concurrency.min(keys.len())).map_while(start).collect();
        work();
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    // A thread that ended early leaves a gap, and a gap is no verdict.
    done.into_iter().map(|one| one.unwrap_or_else(|| unknown("it was not asked about"))).collect()
}

/// A verdict of now.
fn now(status: LivenessStatus, detail: impl Into<String>) -> Liveness {
    Liveness { status, detail: detail.into(), checked_at: Timestamp::now() }
}

fn unknown(detail: impl Into<String>) -> Liveness {
    now(LivenessStatus::Unknown, detail)
}

/// The verdict on a token, which is never sent: after the time in its `exp` it is dead, before it nobody knows.
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
        None => (LivenessStatus::Unknown, "a token without an expiry; tokens are not sent".to_owned()),
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
    fn only_whole_keys_of_the_exact_shape_are_ever_sent() {
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
    fn tokens_are_judged_by_their_expiry() {
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
    fn it_says_what_it_is_about_to_send() {
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
