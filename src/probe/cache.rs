//! Cache of final verdicts for one day, under a keyed hash of the key, so that repeated runs send fewer requests. The
//! file contains no keys or key ids. Anyone who can write to it can change a verdict.
//!
//! A text file: a magic line, the salt, one line per verdict, and the SHA-256 of all of these.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::fault_injection;
use crate::finding::{Liveness, LivenessStatus, Secret};
use crate::report::write_file;

/// The first line; its number is the version of the format.
const MAGIC: &str = "telleaks probe cache 1";
/// How long a verdict is valid.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(24);
/// Maximum size of the file in bytes, about a hundred thousand keys.
const MAX_BYTES: u64 = 16 << 20;

/// Cached and new verdicts.
pub(super) struct Cache {
    path: Option<PathBuf>,
    /// Origin of the verdicts: those of a test server apply to that server only.
    origin: String,
    salt: [u8; 32],
    entries: BTreeMap<String, (LivenessStatus, Timestamp)>,
    /// Start time of this run.
    pub(super) opened: Timestamp,
}

impl Cache {
    /// Reads the file at `path`, if any. If it is damaged or unreadable, `notify` is called and the cache starts empty.
    pub(super) fn open(path: Option<&Path>, origin: &str, notify: &mut dyn FnMut(&str)) -> Self {
        let mut cache = Self {
            path: path.map(Path::to_owned),
            origin: origin.to_owned(),
            salt: [0; 32],
            entries: BTreeMap::new(),
            opened: Timestamp::now(),
        };
        let Some(path) = path else { return cache };
        let name = path.to_string_lossy();
        match load(path) {
            Ok(bytes) => match parse(&bytes) {
                Some((salt, entries)) => {
                    (cache.salt, cache.entries) = (salt, entries);
                    return cache;
                }
                None => notify(&format!("{name}: the probe cache is damaged and will be replaced")),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => notify(&format!("{name}: the probe cache cannot be read: {error}")),
        }
        if getrandom::fill(&mut cache.salt).is_err() {
            notify("cannot generate a random salt: the probe cache is not used");
            cache.path = None;
        }
        cache
    }

    /// Returns the cached verdict on `key` if it is at most 24 hours old.
    pub(super) fn get(&self, key: &Secret) -> Option<Liveness> {
        self.path.as_ref()?;
        let (status, checked_at) = *self.entries.get(&self.name(key))?;
        self.is_fresh(checked_at).then(|| Liveness {
            status,
            detail: format!("remembered in the cache, asked {}", age(self.opened.duration_since(checked_at))),
            checked_at,
        })
    }

    /// Stores a verdict if it is final.
    pub(super) fn put(&mut self, key: &Secret, liveness: &Liveness) {
        if self.path.is_some() && liveness.status != LivenessStatus::Unknown {
            self.entries.insert(self.name(key), (liveness.status, liveness.checked_at));
        }
    }

    /// Writes the file atomically, readable by its owner only. Returns an error as a sentence.
    pub(super) fn write(&self) -> Option<String> {
        let path = self.path.as_ref()?;
        let mut text = format!("{MAGIC}\n{}\n", HEXLOWER.encode(&self.salt));
        let fresh = self.entries.iter().filter(|(_, (_, time))| self.is_fresh(*time) || *time >= self.opened);
        for (name, (status, time)) in fresh {
            text.push_str(&format!("{name} {} {}\n", status.as_str(), time.as_second()));
        }
        let sum = HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
        text.push_str(&format!("{sum}\n"));
        write_file(path, |out| out.write_all(text.as_bytes())).err().map(|error| error.to_string())
    }

    /// Returns whether a time is within the last day and not in the future.
    fn is_fresh(&self, time: Timestamp) -> bool {
        let age = self.opened.duration_since(time);
        !age.is_negative() && age <= MAX_AGE
    }

    /// Returns the hash that identifies a key in the file. The salt has a fixed length and the origin contains no zero
    /// byte, so different inputs are different byte strings.
    fn name(&self, key: &Secret) -> String {
        let mut hash = Sha256::new();
        hash.update(self.salt);
        hash.update(self.origin.as_bytes());
        hash.update([0]);
        hash.update(key.expose().as_bytes());
        HEXLOWER.encode(&hash.finalize())
    }
}

type Entries = BTreeMap<String, (LivenessStatus, Timestamp)>;

/// Parses the salt and verdicts of a file; returns `None` if it is damaged.
fn parse(bytes: &[u8]) -> Option<([u8; 32], Entries)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (before, last) = text.strip_suffix('\n')?.rsplit_once('\n')?;
    let body = &text[..=before.len()];
    if last != HEXLOWER.encode(&Sha256::digest(body.as_bytes())) {
        return None;
    }
    let mut lines = before.split('\n');
    if lines.next()? != MAGIC {
        return None;
    }
    let salt = unhex(lines.next()?)?;
    let entry = |line: &str| {
        let mut words = line.split(' ');
        let name = words.next().filter(|name| unhex(name).is_some())?.to_owned();
        let status = LivenessStatus::of_name(words.next()?)?;
        let time = Timestamp::from_second(words.next()?.parse().ok()?).ok()?;
        words.next().is_none().then_some((name, (status, time)))
    };
    Some((salt, lines.map(entry).collect::<Option<Entries>>()?))
}

fn load(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut bytes = Vec::new();
    fault_injection::input(fault_injection::open(path)?).take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Formats an age: `just now`, `5 min ago`, `3 h ago`.
fn age(age: SignedDuration) -> String {
    match age.as_mins() {
        ..1 => "just now".to_owned(),
        minutes @ 1..60 => format!("{minutes} min ago"),
        minutes => format!("{} h ago", minutes / 60),
    }
}

/// Decodes 64 hex digits in either case.
fn unhex(text: &str) -> Option<[u8; 32]> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path, origin: &str) -> (Cache, Vec<String>) {
        let mut said = Vec::new();
        let cache = Cache::open(Some(path), origin, &mut |text| said.push(text.to_owned()));
        (cache, said)
    }

    fn verdict(status: LivenessStatus, hours_ago: i64) -> Liveness {
        let checked_at = Timestamp::now() - SignedDuration::from_hours(hours_ago);
        Liveness { status, detail: String::new(), checked_at }
    }

    #[test]
    fn verdicts_are_kept_for_a_day_and_one_origin() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache");
        let key = |name: &str| Secret::new(name);
        let (mut cache, said) = open(&path, "https://a");
        cache.put(&key("one"), &verdict(LivenessStatus::Active, 3));
        cache.put(&key("old"), &verdict(LivenessStatus::Inactive, 25));
        cache.put(&key("soon"), &verdict(LivenessStatus::Inactive, -2));
        cache.put(&key("open"), &verdict(LivenessStatus::Unknown, 0));
        assert_eq!((cache.write(), said), (None, Vec::new()));
        let (again, said) = open(&path, "https://a");
        let known = again.get(&key("one")).unwrap();
        assert_eq!(
            (known.status, known.detail.as_str()),
            (LivenessStatus::Active, "remembered in the cache, asked 3 h ago")
        );
        assert!(["old", "soon", "open", "never"].iter().all(|name| again.get(&key(name)).is_none()));
        assert!(open(&path, "https://b").0.get(&key("one")).is_none() && said.is_empty());
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains("one") && !text.contains(&key("one").sha256()), "{text}");
    }

    #[test]
    fn every_damaged_byte_is_detected() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache");
        let (mut cache, _) = open(&path, "https://a");
        cache.put(&Secret::new("one"), &verdict(LivenessStatus::Restricted, 0));
        cache.write();
        let whole = fs::read(&path).unwrap();
        assert!(parse(&whole).is_some());
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            assert!(parse(&bytes).is_none(), "byte {at}");
            assert!(parse(&whole[..at]).is_none(), "cut at {at}");
        }
        fs::write(&path, "nonsense").unwrap();
        let (cache, said) = open(&path, "https://a");
        assert!(said[0].ends_with("is damaged and will be replaced"), "{said:?}");
        assert_eq!(cache.write(), None);
        assert!(open(&path, "https://a").1.is_empty());
    }

    #[test]
    fn io_errors_are_notices() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, said) = open(folder.path(), "https://a");
        assert!(said[0].contains("cannot be read"), "{said:?}");
        assert!(cache.write().is_some());
    }
}
