//! The public id of an API v2 key, and the creation date in that id.
//!
//! A key is `KEY`, 32 upper-case hex digits, `_` and 22 characters. The part before `_` is the id that the portal and
//! Telnyx's error messages show. Its first 12 digits are the creation time in Unix milliseconds: 85 of 85 keys seen in
//! public code have one, from July 2019 on. One published test key has a random UUIDv4 instead. Both facts were
//! inferred from keys and checked against the dates of their files; Telnyx documents neither.

use jiff::Timestamp;

/// Length of an id in characters: `KEY` and 32 hex digits.
const ID_LEN: usize = 35;
/// Earliest plausible creation time, 2019-01-01T00:00:00Z, in Unix milliseconds: half a year before the oldest
/// time-ordered key that was seen.
const FIRST_KEY_MS: i64 = 1_546_300_800_000;
/// Tolerance for clock skew: a creation time up to 48 hours in the future is plausible.
const CLOCK_SLACK_MS: i64 = 48 * 3_600_000;

/// The id of an API v2 key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyId {
    id: String,
    age: KeyAge,
}

/// What the id says about the creation date of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAge {
    /// A plausible creation time.
    Created(Timestamp),
    /// A UUIDv4 id, as in a key that Telnyx published in 2019: a real key without a date.
    Legacy,
    /// A time outside Telnyx's history: synthetic or mistyped.
    Implausible,
}

impl KeyId {
    /// Returns the id of `key` if `key` starts like an API v2 key (`KEY`, 32 upper-case hex digits, then `_` or the
    /// end).
    pub fn of_key(key: &str) -> Option<Self> {
        let id = key.get(..ID_LEN)?;
        let digits = id.strip_prefix("KEY")?;
        let upper_hex = digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
        let ends = matches!(key.as_bytes().get(ID_LEN), None | Some(b'_'));
        (upper_hex && ends).then(|| Self { id: id.to_owned(), age: age_of(digits, Timestamp::now()) })
    }

    /// Returns the id as the portal shows it.
    pub fn as_str(&self) -> &str {
        &self.id
    }

    /// Returns what the id says about the key's age.
    pub fn age(&self) -> KeyAge {
        self.age
    }

    /// Returns the creation time in RFC 3339 with milliseconds, if the id has a plausible one.
    pub fn created(&self) -> Option<String> {
        match self.age {
            KeyAge::Created(time) => Some(format!("{time:.3}")),
            KeyAge::Legacy | KeyAge::Implausible => None,
        }
    }

    /// Returns the creation day as `YYYY-MM-DD`, if the id has a plausible time.
    pub fn created_day(&self) -> Option<String> {
        self.created().map(|time| time.chars().take(10).collect())
    }
}

fn age_of(digits: &str, now: Timestamp) -> KeyAge {
    let time = i64::from_str_radix(&digits[..12], 16).unwrap_or(0);
    if (FIRST_KEY_MS..=now.as_millisecond() + CLOCK_SLACK_MS).contains(&time)
        && let Ok(created) = Timestamp::from_millisecond(time)
    {
        return KeyAge::Created(created);
    }
    let nibbles = digits.as_bytes();
    if nibbles[12] == b'4' && matches!(nibbles[16], b'8' | b'9' | b'A' | b'B') {
        return KeyAge::Legacy;
    }
    KeyAge::Implausible
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Option<KeyId> {
        KeyId::of_key(text)
    }

    #[test]
    fn date_is_read_from_the_first_twelve_digits() {
        let key = id("KEY017D98C041711C2B8B6F5A2E50702659").unwrap();
        assert_eq!(key.created().unwrap(), "2021-12-08T06:34:36.273Z");
        assert_eq!(key.created_day().unwrap(), "2021-12-08");
    }

    #[test]
    fn uuid_v4_is_legacy_and_others_implausible() {
        assert_eq!(id("KEYE1B2C3D4A5B64C7D8E9FA0B1C2D3E4F5").unwrap().age(), KeyAge::Legacy);
        assert_eq!(id("KEY01236170692E74656C6E79782E636F6D").unwrap().age(), KeyAge::Implausible);
    }

    #[test]
    fn invalid_ids_are_none() {
        assert_eq!(id("KEY017d98c041711c2b8b6f5a2e50702659"), None);
        assert_eq!(id("KEY017D98C041711C2B8B6F5A2E5070265"), None);
        assert_eq!(id("KEY017D98C041711C2B8B6F5A2E50702659A"), None);
    }
}
