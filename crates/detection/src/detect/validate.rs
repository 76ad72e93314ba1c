//! Validation of a match beyond its pattern: boundaries, placeholders, dates.

use jiff::Timestamp;

use super::byte_set::sextet;
use super::rejections::RejectReason;
use crate::assignments::{Quote, judge};
use crate::finding::{Confidence, KeyAge, KeyId, Secret, Severity};
use crate::rules::{Check, Claim, Rule, Strength};

/// Result of the checks for an accepted match.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Severity, possibly lowered.
    pub(crate) severity: Severity,
    /// Confidence, possibly lowered.
    pub(crate) confidence: Confidence,
    /// Reason for a lowered severity or confidence, appended to the rule's message.
    pub(crate) reason: Option<String>,
    /// Whether the secret is a placeholder or a published example, which is reported only on request.
    pub(crate) example: bool,
}

impl Verdict {
    fn example(&mut self, what: &str) {
        self.example = true;
        self.severity = Severity::Note;
        self.reason = Some(format!("it is {what}"));
    }
}

/// A match in its decoded window.
pub(crate) struct Candidate<'a> {
    /// Decoded bytes of the window.
    pub(crate) text: &'a [u8],
    /// Byte range of the secret in the window.
    pub(crate) span: std::ops::Range<usize>,
    /// SHA-256 of published examples, in lower-case hex.
    pub(crate) published: &'a [String],
}

impl Candidate<'_> {
    fn secret(&self) -> &[u8] {
        &self.text[self.span.clone()]
    }

    /// Runs all checks of `rule`.
    ///
    /// # Errors
    /// Returns the check that rejected the match.
    pub(crate) fn judge(&self, rule: &Rule) -> Result<Verdict, RejectReason> {
        let mut verdict =
            Verdict { severity: rule.severity, confidence: rule.confidence, reason: None, example: false };
        if let Some(claim) = &rule.claim
            && !claims(self.secret(), claim)
        {
            return Err(RejectReason::Claim);
        }
        for check in &rule.checks {
            match check {
                Check::Boundary if !self.is_bounded() => return Err(RejectReason::Boundary),
                Check::Mixed if !is_mixed(self.secret()) => return Err(RejectReason::NotMixed),
                Check::NotPublicKey if self.secret().ends_with(b"PUBLIC_KEY") => {
                    return Err(RejectReason::PublicKey);
                }
                Check::Literal => {
                    judge(&String::from_utf8_lossy(self.secret()), Quote::Bare, Strength::Any)
                        .map_err(RejectReason::NotSecret)?;
                }
                Check::Read => self.read(&mut verdict),
                Check::Placeholder => self.placeholder(&mut verdict),
                Check::KeyDate => self.key_date(&mut verdict),
                Check::Expiry => self.expiry(&mut verdict),
                Check::Boundary | Check::Mixed | Check::NotPublicKey => {}
            }
        }
        Ok(verdict)
    }

    /// Runs the checks of `rule` on a value that was found by its name. Its surroundings have already been checked, so
    /// no check rejects it.
    pub(crate) fn judge_value(&self, rule: &Rule) -> Verdict {
        let mut verdict =
            Verdict { severity: rule.severity, confidence: rule.confidence, reason: None, example: false };
        if self.is_published() {
            verdict.example("an example that was published");
        }
        if rule.checks.contains(&Check::Expiry) {
            self.expiry(&mut verdict);
        }
        verdict
    }

    /// Returns whether the secret is not part of a longer word or of base64. A `=` before it is an assignment, after it
    /// padding.
    fn is_bounded(&self) -> bool {
        let part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'/' | b'+');
        let before = self.span.start.checked_sub(1).and_then(|at| self.text.get(at));
        let after = self.text.get(self.span.end);
        !before.is_some_and(|&b| part(b)) && !after.is_some_and(|&b| part(b) || b == b'=')
    }

    fn is_published(&self) -> bool {
        let text = String::from_utf8_lossy(self.secret()).into_owned();
        self.published.contains(&Secret::new(text).sha256())
    }

    fn placeholder(&self, verdict: &mut Verdict) {
        if self.is_published() {
            verdict.example("an example that was published");
        } else if is_placeholder(&String::from_utf8_lossy(self.secret())) {
            verdict.example("a placeholder");
        }
    }

    fn key_date(&self, verdict: &mut Verdict) {
        let text = String::from_utf8_lossy(self.secret());
        let id = text.get(..35).and_then(KeyId::of_key);
        // Never below a warning: no unpublished key of this shape has been harmless so far.
        if !verdict.example && id.is_some_and(|id| id.age() == KeyAge::Implausible) {
            verdict.severity = verdict.severity.min(Severity::Warning);
            verdict.confidence = Confidence::Low;
            verdict.reason.get_or_insert_with(|| "the date in its id is implausible".into());
        }
    }

    /// For each kind of content and byte position, how many of ten thousand bytes are accepted.
    fn read(&self, verdict: &mut Verdict) {
        let before = &self.text[..self.span.start];
        let is_read = [&b"env."[..], b"env['", b"env[\""].iter().any(|mark| before.ends_with(mark));
        let opens = self.secret().ends_with(b"KEY") || self.secret().ends_with(b"SECRET");
        if !(is_read && opens) {
            verdict.severity = Severity::Note;
            verdict.reason = Some("only the name is here".into());
        }
    }

    fn expiry(&self, verdict: &mut Verdict) {
        let Some(expires) = payload(self.secret()).and_then(|claims| claims.get("exp")?.as_f64()) else {
            return;
        };
        if let Ok(time) = Timestamp::from_second(expires as i64)
            && time < Timestamp::now()
        {
            verdict.severity = Severity::Note;
            let day: String = time.to_string().chars().take(10).collect();
            verdict.reason = Some(format!("it expired on {day}"));
        }
    }
}

/// Words in placeholder secrets. A random secret of 22 characters contains a given word of six letters, in any case, with a
/// probability of one in sixty million; a shorter word has to be in one case.
const WORDS: [&str; 16] = [
    "example",
    "secret",
    "placeholder",
    "changeme",
    "redacted",
    "goeshere",
    "yourkey",
    "your_",
    "dummy",
    "insert_",
    "replace",
    "xxxxx",
    "apikey",
    "api_key",
    "abcdefg",
    "1234567",
];

/// Returns whether a secret is a placeholder: its random part is repetitive or counts up, has few distinct characters,
/// or contains a word.
fn is_placeholder(secret: &str) -> bool {
    let random = secret.split_once('_').filter(|(id, _)| id.len() == 35).map_or(secret, |(_, tail)| tail);
    let id = secret.strip_prefix("KEY").and_then(|rest| rest.get(..32)).unwrap_or_default();
    let lower = random.to_ascii_lowercase();
    distinct(random) < 8.min(random.len() / 2 + 1)
        || (!id.is_empty() && distinct(id) < 4)
        || longest_count(random) >= 8
        || longest_count(id) >= 10
        || WORDS
            .iter()
            .any(|word| lower.match_indices(word).any(|(at, _)| is_word(&random[at..at + word.len()])))
}

/// Returns whether a word is long, or is written in one case except for its first letter.
fn is_word(word: &str) -> bool {
    let is_same =
        |is: fn(&u8) -> bool| word.bytes().skip(1).filter(u8::is_ascii_alphabetic).all(|byte| is(&byte));
    let is_upper = || word.starts_with(|first: char| first.is_ascii_uppercase());
    word.len() > 5 || is_same(u8::is_ascii_lowercase) || is_upper() && is_same(u8::is_ascii_uppercase)
}

fn distinct(text: &str) -> usize {
    let mut seen = [false; 256];
    text.bytes().for_each(|b| seen[usize::from(b)] = true);
    seen.iter().filter(|&&s| s).count()
}

/// Returns the length of the longest run of characters that count up by one, including `9` to `A`.
fn longest_count(text: &str) -> usize {
    let (mut best, mut now) = (1, 1);
    for pair in text.as_bytes().windows(2) {
        let up = pair[1] == pair[0].wrapping_add(1) || (pair[0] == b'9' && matches!(pair[1], b'A' | b'a'));
        now = if up { now + 1 } else { 1 };
        best = best.max(now);
    }
    best
}

fn is_mixed(secret: &[u8]) -> bool {
    let kinds: [fn(&u8) -> bool; 3] = [u8::is_ascii_digit, u8::is_ascii_lowercase, u8::is_ascii_uppercase];
    kinds.iter().all(|kind| secret.iter().any(kind))
}

/// Returns the claims of a JSON web token, or `None` if `token` is not one.
pub fn payload(token: &[u8]) -> Option<serde_json::Map<String, serde_json::Value>> {
    let middle = token.split(|&b| b == b'.').nth(1)?;
    let mut bytes = Vec::with_capacity(middle.len() * 3 / 4);
    let (mut bits, mut have) = (0u32, 0);
    for value in middle.iter().filter_map(|&b| sextet(b)) {
        bits = (bits << 6 | u32::from(value)) & 0xFFFF;
        have += 6;
        if have >= 8 {
            have -= 8;
            bytes.push((bits >> have) as u8);
        }
    }
    serde_json::from_slice(&bytes).ok()
}

fn claims(token: &[u8], claim: &Claim) -> bool {
    let value = payload(token).and_then(|claims| claims.get(&claim.name).cloned());
    value.is_some_and(|value| value.to_string().contains(&claim.holds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_recognized() {
        let id = "KEY0123456789ABCDEF0123456789ABCDEF";
        let real = "KEY0196B8E2C4A0F1D2B3C4A59687F0E1D2";
        for tail in [
            "yoursecretkeygoeshere0",
            "XXXXXXXXXXXXXXXXXXXXXX",
            "0000000000000000000000",
            "abababababababababab12",
        ] {
            assert!(is_placeholder(&format!("{real}_{tail}")), "{tail}");
        }
        assert!(is_placeholder(&format!("{id}_hwqtpZbC4XD1PEQFaKWydG")));
        assert!(is_placeholder(id));
        assert!(!is_placeholder(&format!("{real}_hwqtpZbC4XD1PEQFaKWydG")));
        assert!(!is_placeholder("a92dbcfb60184a8cb330b0acb2f7617c"));
    }

    #[test]
    fn placeholder_thresholds() {
        let id = "KEY0196B8E2C4A0F1D2B3C4A59687F0E1D2";
        for (random, made_up) in [
            // Few distinct characters: fewer than eight, or than half of a short secret.
            ("qwzqwzvkbqwzqwzqwzqwzq", true),
            ("qwzqwzvkbdqwzqwzqwzqwz", true),
            ("qwzqwzvkbdfqwzqwzqwzqw", false),
            // Characters that count up.
            ("hwqtpZbmnopqrsKWydGqXD", false),
            ("hwqtpZbmnopqrstWydGqXD", true),
            ("hwqtpZbC34567ABWydGqXD", false),
            ("hwqtpZbC456789ABdGqXDp", true),
            ("hwqtpZbC456789abdGqXDp", true),
        ] {
            assert_eq!(is_placeholder(&format!("{id}_{random}")), made_up, "{random}");
        }
        for (short, made_up) in [("qwzqwzvkbw", false), ("qwzqwzvkqw", true), ("qwzq", false), ("qwqw", true)]
        {
            assert_eq!(is_placeholder(short), made_up, "{short}");
        }
        let tail = "hwqtpZbC4XD1PEQFaKWydG";
        for (id, made_up) in [
            ("01010101010101010101010101010102", true),
            ("01010101010101010101010101010132", false),
            ("0196B8E2C4A0F1D23456789ABCE0D2B1", true),
            ("0196B8E2C4A0F1D245678 9ABCE0D2B1", false),
        ] {
            assert_eq!(is_placeholder(&format!("KEY{id}_{tail}")), made_up, "{id}");
        }
    }

    #[test]
    fn longest_count_counts_up_by_one() {
        for (text, length) in [
            ("a", 1),
            ("ac", 1),
            ("abd", 2),
            ("89AB", 4),
            ("9a", 2),
            ("5A", 1),
            ("98", 1),
            ("9B", 1),
            ("xyzabc", 3),
        ] {
            assert_eq!(longest_count(text), length, "{text}");
        }
    }

    #[test]
    fn bounded_secret_is_not_part_of_longer_word() {
        let is_bounded = |before: &str, after: &str| {
            let text = format!("{before}SECRET{after}");
            let span = before.len()..before.len() + 6;
            Candidate { text: text.as_bytes(), span, published: &[] }.is_bounded()
        };
        for free in ["", " ", "\"", ".", ":", ",", "(", "\n"] {
            assert!(is_bounded(free, free), "{free}");
        }
        assert!(is_bounded("=", ""));
        assert!(!is_bounded("", "="));
        for part in ["a", "Z", "7", "_", "-", "/", "+"] {
            assert!(!is_bounded(part, " "), "{part} before");
            assert!(!is_bounded(" ", part), "{part} behind");
        }
    }
}
