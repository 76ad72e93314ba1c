//! `.telleaks-baseline.jsonl`: secrets that are known and accepted, each by a keyed hash, one a line.
//!
//! Nothing in it changes when a file moves or a commit is squashed, and a union merge of two versions is a version: lines
//! have no order, lines that are there twice count once, and each entry is tried with every salt.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::allow::Globs;
use super::config::{MOST_GLOBS, day, is_sha256};
use super::mistake::Mistake;

/// More salts are no union of files that people made.
const MOST_SALTS: usize = 1000;
/// A longer line is none of ours.
const LONGEST: usize = 16 << 10;

/// The key of the hashes.
type Salt = [u8; 32];

/// A baseline.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    salts: BTreeSet<Salt>,
    entries: Vec<Entry>,
    /// Numbers of entries, by hash.
    known: BTreeMap<String, Vec<usize>>,
}

/// A secret that is accepted.
#[derive(Debug, Clone)]
pub struct Entry {
    /// HMAC-SHA256 of the secret's SHA-256 (64 lower-case hex digits), keyed with a salt of the file; in hex.
    pub hash: String,
    /// The rule that finds it.
    pub rule: String,
    /// Where it is accepted, in the syntax of `.gitignore`; `None` for everywhere.
    pub path: Option<Arc<Globs>>,
    /// Why.
    pub reason: Option<String>,
    /// The last day on which it counts.
    pub expires: Option<Date>,
    /// Its line in the file; 0 for one that is not in a file yet.
    pub line: u64,
}

/// A line as it stands in the file. The order of the fields is that of the file.
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
    /// The glob of its path, as it was written.
    pub fn path_word(&self) -> Option<&str> {
        self.path.as_ref().and_then(|path| path.words().first()).map(String::as_str)
    }

    /// Whether it is over.
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| today > last)
    }

    /// Whether it hides a secret of its rule at this path from the root, if it is that secret.
    pub fn fits(&self, rule: &str, path: &str) -> bool {
        self.rule == rule && self.path.as_ref().is_none_or(|globs| globs.fits(path))
    }

    /// Whether everything that `other` hides is hidden by this one.
    pub fn covers(&self, other: &Self) -> bool {
        self.hash == other.hash
            && self.rule == other.rule
            && (self.path.is_none() || self.path_word() == other.path_word())
            && super::allow::lasts(self.expires, other.expires)
    }

    /// Its line.
    pub fn to_line(&self) -> String {
        let line = Line {
            hash: self.hash.clone(),
            rule: self.rule.clone(),
            path: self.path_word().map(str::to_owned),
            reason: self.reason.clone(),
            expires: self.expires.map(|day| day.to_string()),
        };
        // A struct of texts can always be written.
        serde_json::to_string(&line).unwrap_or_default()
    }
}

impl Baseline {
    /// An empty one with a new salt.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt)?;
        Ok(Self { salts: BTreeSet::from([salt]), ..Self::default() })
    }

    /// Reads the text of a baseline. Empty lines are passed over.
    ///
    /// # Errors
    /// The first line that is none of a baseline; never its content.
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
            let message = "no line {\"baseline\":1,\"salt\":\"…\"}: this is no baseline of telleaks, or its head is lost";
            return Err(Mistake::new(1, message));
        }
        if out.salts.len() > MOST_SALTS {
            return Err(Mistake::new(1, format!("more than {MOST_SALTS} salts")));
        }
        Ok(out)
    }

    /// Adds an entry, unless one is there that hides as much; whether it was added.
    pub fn add(&mut self, entry: Entry) -> bool {
        let covered = self.covers(&entry);
        if !covered {
            self.push(entry);
        }
        !covered
    }

    /// Whether an entry is there that hides as much as `other` would.
    pub(super) fn covers(&self, other: &Entry) -> bool {
        self.of_hash(&other.hash).any(|(_, one)| one.covers(other))
    }

    fn push(&mut self, entry: Entry) {
        self.known.entry(entry.hash.clone()).or_default().push(self.entries.len());
        self.entries.push(entry);
    }

    /// The entries, in the order of the file.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Keeps only some entries; how many went.
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

    /// Numbers and entries of a secret, by its SHA-256, whatever their rules and paths.
    pub fn of_secret(&self, sha256: &str) -> Vec<(usize, &Entry)> {
        let hashes: Vec<String> = self.salts.iter().map(|salt| keyed(salt, sha256)).collect();
        hashes.iter().flat_map(|hash| self.of_hash(hash)).collect()
    }

    /// What stands for a secret in a new entry, by its SHA-256.
    pub fn hash(&self, sha256: &str) -> String {
        self.salts.first().map(|salt| keyed(salt, sha256)).unwrap_or_default()
    }

    /// The file: heads first, then entries, both sorted, each line once.
    pub fn to_text(&self) -> String {
        let head = |salt: &Salt| {
            let line = Head { baseline: 1, salt: hex(salt) };
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
        || Mistake::new(number, "not a head: {\"baseline\":1,\"salt\":\"…\"} with 64 hexadecimal digits");
    let head: Head = serde_json::from_str(line).map_err(|_| wrong())?;
    if head.baseline != 1 {
        let message = format!("a baseline of form {}; this version of telleaks reads form 1", head.baseline);
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

/// Scopes that were met, by their words: entries share them.
type Scopes = BTreeMap<String, Arc<Globs>>;

/// The entry of a line.
fn entry(line: &str, number: u64, scopes: &mut Scopes) -> Result<Entry, Mistake> {
    let wrong = |message: &str| Mistake::new(number, message);
    if line.starts_with("<<<<<<<") || line.starts_with("=======") || line.starts_with(">>>>>>>") {
        return Err(wrong(
            "a conflict of git: keep the lines of both sides, and write `.telleaks-baseline.jsonl merge=union` into \
             .gitattributes",
        ));
    }
    if line.len() > LONGEST {
        return Err(wrong("longer than a line of a baseline is"));
    }
    // The error of serde_json may quote what it met.
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
        if scopes.len() >= MOST_GLOBS {
            return Err(wrong(&format!("more than {MOST_GLOBS} different paths in one file")));
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

/// HMAC-SHA256 of the digits of a SHA-256.
fn keyed(salt: &Salt, sha256: &str) -> String {
    // A key of any length is right for an HMAC.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(salt) else { return String::new() };
    mac.update(sha256.as_bytes());
    hex(&mac.finalize().into_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
