//! Placeholder words of documentation, as in `your-password-here`.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// Words of four letters or more that are removed anywhere in a value. A random value rarely contains one, and the rest
/// of it still counts.
const PLACEHOLDER_WORDS: [&str; 127] = [
    "0123456789",
    "1234567890",
    "abcdefgh",
    "access",
    "account",
    "actual",
    "admin",
    "agent",
    "anything",
    "apikey",
    "asterisk",
    "auth",
    "authentication",
    "authorization",
    "bearer",
    "blank",
    "carrier",
    "change",
    "changeit",
    "changeme",
    "client",
    "config",
    "connection",
    "credential",
    "credentials",
    "customer",
    "default",
    "deleted",
    "demo",
    "development",
    "disabled",
    "domain",
    "dummy",
    "empty",
    "encrypted",
    "endpoint",
    "enter",
    "environment",
    "example",
    "extension",
    "fake",
    "fill",
    "fixme",
    "foobar",
    "free",
    "freeswitch",
    "from",
    "gateway",
    "generated",
    "goes",
    "guest",
    "here",
    "hidden",
    "host",
    "hunter",
    "ignored",
    "insecure",
    "insert",
    "integration",
    "invalid",
    "letmein",
    "livekit",
    "local",
    "localhost",
    "login",
    "lorem",
    "masked",
    "messaging",
    "missing",
    "mock",
    "name",
    "none",
    "null",
    "number",
    "omitted",
    "only",
    "optional",
    "outbound",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "paste",
    "placeholder",
    "private",
    "production",
    "profile",
    "provided",
    "proxy",
    "public",
    "random",
    "real",
    "redacted",
    "removed",
    "replace",
    "required",
    "root",
    "sample",
    "sandbox",
    "secret",
    "secrets",
    "secure",
    "server",
    "service",
    "some",
    "something",
    "staging",
    "strong",
    "super",
    "telnyx",
    "test",
    "testing",
    "that",
    "this",
    "todo",
    "token",
    "trunk",
    "undefined",
    "unused",
    "used",
    "user",
    "username",
    "value",
    "verify",
    "webhook",
    "with",
    "your",
];
/// Shorter words that are removed only if they are a whole part between separators.
const PLACEHOLDER_PARTS: [&str; 49] = [
    "a", "abc", "an", "and", "any", "api", "app", "bar", "baz", "caller", "dev", "env", "ext", "for", "foo",
    "get", "id", "in", "is", "it", "key", "long", "me", "my", "n", "new", "nil", "no", "not", "of", "old",
    "one", "or", "our", "own", "pbx", "prod", "put", "pw", "pwd", "rtc", "set", "sip", "str", "tbd", "the",
    "to", "v", "xyz",
];

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(PLACEHOLDER_WORDS)
        .ok()
});

/// Returns what remains of `value` without placeholder words and separators.
pub(super) fn rest(value: &str) -> String {
    let parts = value.split(|c: char| !c.is_ascii_alphanumeric());
    let mut out = String::with_capacity(value.len());
    for part in parts.filter(|part| !part.is_empty()) {
        out.push_str(&rest_of_part(part));
    }
    out
}

fn rest_of_part(part: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    for found in FINDER.iter().flat_map(|finder| finder.find_iter(part)) {
        out.push_str(&part[at..found.start()]);
        at = found.end();
    }
    out.push_str(&part[at..]);
    if PLACEHOLDER_PARTS.contains(&out.to_ascii_lowercase().as_str()) { String::new() } else { out }
}
