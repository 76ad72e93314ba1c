//! `.telleaks-baseline.jsonl`: accepted secrets, each identified by a keyed hash, one per line.
//!
//! The file does not change when a file moves or a commit is squashed, and a union merge of two versions is valid:
//! lines have no order, duplicate lines count once, and every secret is looked up with every salt.

use data_encoding::HEXLOWER;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::allow::Globs;
use super::config::{MAX_GLOBS, day, is_sha256};
use super::config_error::Mistake;

/// Maximum number of salts, far more than merges of real files produce.
const MAX_SALTS: usize = 1000;
/// Maximum length of a line in bytes.
const MAX_LINE_BYTES: usize = 16 << 10;

/// The key of the hashes.
type Salt = [u8; 32];

/// A baseline.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    salts: BTreeSet<Salt>,
    entries: Vec<Entry>,
    /// Indexes of entries, by hash.
    known: BTreeMap<String, Vec<usize>>,
}

/// An accepted secret.
#[derive(Debug, Clone)]
pub struct Entry {
    /// HMAC-SHA256 of the secret's SHA-256 (64 lower-case hex digits), keyed with a salt of the file; in hex.
    pub hash: String,
    /// The rule of the finding.
    pub rule: String,
    /// Where the secret is accepted, in the syntax of `.gitignore`; `None` means everywhere.
    pub path: Option<Arc<Globs>>,
    /// Why it is accepted.
    pub reason: Option<String>,
    /// The last day on which the entry applies.
    pub expires: Option<Date>,
    /// 1-based line in the file; 0 for a new entry.
    pub line: u64,
}

/// A line of the file, with fields in the order in which they are written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    hash: String,
    rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    baseline: u64,
    salt: String,
}

impl Entry {
    /// Returns the path glob as it was written.
    pub fn path_word(&self) -> Option<&str> {
        self.path.as_ref().and_then(|path| path.words().first()).map(String::as_str)
    }

    /// Returns whether the entry has expired.
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| today > last)
    }

    /// Returns whether the entry applies to its secret for this rule at this path, relative to the root.
    pub fn fits(&self, rule: &str, path: &str) -> bool {
        self.rule == rule && self.path.as_ref().is_none_or(|globs| globs.fits(path))
    }

    /// Returns whether this entry suppresses everything that `other` suppresses.
    pub fn covers(&self, other: &Self) -> bool {
        self.hash == other.hash
            && self.rule == other.rule
            && (self.path.is_none() || self.path_word() == other.path_word())
            && super::allow::lasts(self.expires, other.expires)
    }

    /// Serializes the entry.
    pub fn to_line(&self) -> String {
        let line = Line {
            hash: self.hash.clone(),
            rule: self.rule.clone(),
            path: self.path_word().map(str::to_owned),
            reason: self.reason.clone(),
            expires: self.expires.map(|day| day.to_string()),
        };
        // Serializing a struct of strings cannot fail.
        serde_json::to_string(&line).unwrap_or_default()
    }
}

impl Baseline {
    /// Creates an empty baseline with a new salt.
    ///
    /// # Errors
    /// Returns an error if the system's random number generator fails.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt)?;
        Ok(Self { salts: BTreeSet::from([salt]), ..Self::default() })
    }

    /// Parses a baseline. Empty lines are skipped.
    ///
    /// # Errors
    /// Returns a mistake for the first invalid line, without its content.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        let mut out = Self::default();
        let (mut seen, mut globs) = (BTreeSet::new(), BTreeMap::new());
        for (line, number) in text.lines().zip(1..) {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            if line.starts_with("{\"baseline\"") {
                out.salts.insert(salt(line, number)?);
                continue;
            }
            let entry = entry(line, number, &mut globs)?;
            if seen.insert(entry.to_line()) {
                out.push(entry);
            }
        }
        if out.salts.is_empty() {
            let message =
                "no line {\"baseline\":1,\"salt\":\"…\"}: not a telleaks baseline, or its header is missing";
            return Err(Mistake::new(1, message));
        }
        if out.salts.len() > MAX_SALTS {
            return Err(Mistake::new(1, format!("more than {MAX_SALTS} salts")));
        }
        Ok(out)
    }

    /// Adds an entry unless an existing one covers it. Returns whether it was added.
    pub fn add(&mut self, entry: Entry) -> bool {
        let covered = self.covers(&entry);
        if !covered {
            self.push(entry);
        }
        !covered
    }

    /// Returns whether an existing entry suppresses everything that `other` would.
    pub(super) fn covers(&self, other: &Entry) -> bool {
        self.of_hash(&other.hash).any(|(_, one)| one.covers(other))
    }

    fn push(&mut self, entry: Entry) {
        self.known.entry(entry.hash.clone()).or_default().push(self.entries.len());
        self.entries.push(entry);
    }

    /// Returns the entries in the order of the file.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Keeps only the entries for which `keep` is true. Returns how many were removed.
    pub fn retain(&mut self, mut keep: impl FnMut(&Entry) -> bool) -> usize {
        let before = self.entries.len();
        let entries = std::mem::take(&mut self.entries);
        self.known.clear();
        for entry in entries {
            if keep(&entry) {
                self.push(entry);
            }
        }
        before - self.entries.len()
    }

    fn of_hash(&self, hash: &str) -> impl Iterator<Item = (usize, &Entry)> {
        let numbers = self.known.get(hash).into_iter().flatten();
        numbers.filter_map(|number| Some((*number, self.entries.get(*number)?)))
    }

    /// Returns the indexes and entries of a secret, by its SHA-256, for any rule and path.
    pub fn of_secret(&self, sha256: &str) -> Vec<(usize, &Entry)> {
        let hashes: Vec<String> = self.salts.iter().map(|salt| keyed(salt, sha256)).collect();
        hashes.iter().flat_map(|hash| self.of_hash(hash)).collect()
    }

    /// Returns the hash of a secret for a new entry, from its SHA-256.
    pub fn hash(&self, sha256: &str) -> String {
        self.salts.first().map(|salt| keyed(salt, sha256)).unwrap_or_default()
    }

    /// Serializes the baseline: heads first, then entries, both sorted and without duplicates.
    pub fn to_text(&self) -> String {
        let head = |salt: &Salt| {
            let line = Head { baseline: 1, salt: HEXLOWER.encode(salt) };
            serde_json::to_string(&line).unwrap_or_default()
        };
        let heads: BTreeSet<String> = self.salts.iter().map(head).collect();
        let lines: BTreeSet<String> = self.entries.iter().map(Entry::to_line).collect();
        let mut text = heads.into_iter().chain(lines).collect::<Vec<_>>().join("\n");
        text.push('\n');
        text
    }
}

fn salt(line: &str, number: u64) -> Result<Salt, Mistake> {
    let wrong =
        || Mistake::new(number, "not a header: {\"baseline\":1,\"salt\":\"…\"} with 64 hexadecimal digits");
    let head: Head = serde_json::from_str(line).map_err(|_| wrong())?;
    if head.baseline != 1 {
        let message =
            format!("a baseline of version {}; this version of telleaks reads version 1", head.baseline);
        return Err(Mistake::new(number, message));
    }
    let mut salt = [0; 32];
    if !is_sha256(&head.salt) {
        return Err(wrong());
    }
    for (at, byte) in salt.iter_mut().enumerate() {
        let digits = head.salt.get(2 * at..2 * at + 2).ok_or_else(wrong)?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
    }
    Ok(salt)
}

/// Compiled path globs by their text, shared among entries.
type Scopes = BTreeMap<String, Arc<Globs>>;

/// Parses a line as an entry.
fn entry(line: &str, number: u64, scopes: &mut Scopes) -> Result<Entry, Mistake> {
    let wrong = |message: &str| Mistake::new(number, message);
    if line.starts_with("<<<<<<<") || line.starts_with("=======") || line.starts_with(">>>>>>>") {
        return Err(wrong(
            "a merge conflict: keep the lines of both sides, and write `.telleaks-baseline.jsonl merge=union` into \
             .gitattributes",
        ));
    }
    if line.len() > MAX_LINE_BYTES {
        return Err(wrong("line longer than 16 KiB"));
    }
    // Errors of serde_json may quote the input.
    let shape =
        "not a line of a baseline: {\"hash\":\"…\",\"rule\":\"…\"}, and of `path`, `reason`, `expires` any";
    let line: Line = serde_json::from_str(line).map_err(|_| wrong(shape))?;
    if !is_sha256(&line.hash) || line.rule.is_empty() {
        return Err(wrong("`hash` has 64 hexadecimal digits, and `rule` is the id of a rule"));
    }
    let mut scope = |word: String| {
        if let Some(known) = scopes.get(&word) {
            return Ok(Arc::clone(known));
        }
        if scopes.len() >= MAX_GLOBS {
            return Err(wrong(&format!("more than {MAX_GLOBS} different paths in one file")));
        }
        let globs = Globs::new(vec![word.clone()]);
        let globs = Arc::new(globs.map_err(|(_, why)| wrong(&format!("`path`: {why}")))?);
        scopes.insert(word, Arc::clone(&globs));
        Ok(globs)
    };
    let date = |word: String| day(&word).ok_or_else(|| wrong("`expires` is a day: \"2027-01-31\""));
    Ok(Entry {
        hash: line.hash.to_ascii_lowercase(),
        rule: line.rule,
        path: line.path.map(&mut scope).transpose()?,
        reason: line.reason,
        expires: line.expires.map(date).transpose()?,
        line: number,
    })
}

/// Returns the HMAC-SHA256 of the digits of a SHA-256, in hex.
fn keyed(salt: &Salt, sha256: &str) -> String {
    // HMAC accepts keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(salt) else { return String::new() };
    mac.update(sha256.as_bytes());
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests;
