//! Comments that hide a finding: `telleaks:ignore` with the ids of rules and a reason, on the line, on a line of its own
//! before it, or round a block.
//!
//! The detector finds the words like anything else (they are a rule of its own), so that they are seen in content of any
//! size and inside archives. Here is decided which match a word hides, and which words hide nothing.

use std::collections::BTreeMap;

use super::Inspector;
use crate::detect::{Found, Ignored};
use crate::finding::Location;

/// What stands at the beginning of each of them.
const WORD: &str = concat!("telleaks", ":ignore");
/// Comparisons of words with matches that one content may cost: each word looks at each match, and an attacker can write
/// hundreds of thousands of both.
const WORK: usize = 100_000_000;
/// What begins a comment in one language or another.
const MARKS: [&str; 11] = ["#", "//", "/*", "*", "<!--", "--", ";", "%", "{-", "(*", "rem "];
/// What ends one, and is no part of a reason.
const ENDS: [&str; 4] = ["*/", "-->", "-}", "*)"];

/// How comments are taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Inline {
    /// They hide what they name.
    #[default]
    Honoured,
    /// What they would hide is marked, and they are told themselves: what is searched could have brought them to hide what
    /// it brings, and its base decides.
    Told,
    /// They hide nothing.
    Off,
}

/// A word that hides nothing.
#[derive(Debug, Clone)]
pub(crate) struct Idle {
    pub(crate) found: Found,
    /// Why it is not understood; `None` if it only is not needed.
    pub(crate) mistake: Option<String>,
}

/// One word.
struct Ignore {
    found: Found,
    part: Part,
    rules: Vec<String>,
    reason: Option<String>,
    /// Whether its line holds nothing but the comment.
    alone: bool,
    used: bool,
    mistake: Option<String>,
    /// Lines that it covers beside its own.
    block: Option<(u64, u64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Line,
    Begin,
    End,
}

impl Inspector<'_> {
    /// Takes the words out of `found`, and marks what they hide. Returns those that hide nothing.
    pub(super) fn settle(&self, found: &mut Vec<Found>) -> Vec<Idle> {
        let Some(word) = self.word else { return Vec::new() };
        if !found.iter().any(|one| one.rule == word) {
            return Vec::new();
        }
        let (words, others): (Vec<Found>, Vec<Found>) =
            std::mem::take(found).into_iter().partition(|one| one.rule == word);
        *found = others;
        if self.inline == Inline::Off {
            return Vec::new();
        }
        let mut by_member: BTreeMap<String, Vec<Ignore>> = BTreeMap::new();
        for one in words.into_iter().filter(is_comment) {
            if self.inline == Inline::Told {
                found.push(one.clone());
            }
            by_member.entry(one.location.path.clone()).or_default().push(self.ignore(one));
        }
        let rules: Vec<&str> = self.detector().rules().map(|rule| rule.id.as_str()).collect();
        let mut members: BTreeMap<String, Vec<&mut Found>> = BTreeMap::new();
        for one in found.iter_mut().filter(|one| one.rule != word) {
            members.entry(one.location.path.clone()).or_default().push(one);
        }
        let mut left = WORK;
        for (path, words) in &mut by_member {
            pair(words);
            cover(words, members.remove(path).unwrap_or_default(), &rules, &mut left);
        }
        if self.inline == Inline::Told {
            found.sort_by(|a, b| place(a).cmp(&place(b)));
            return Vec::new();
        }
        let words = by_member.into_values().flatten();
        words.filter_map(|word| self.idle(word, &rules)).collect()
    }

    /// Whether this is such a word.
    pub(crate) fn is_word(&self, found: &Found) -> bool {
        Some(found.rule) == self.word
    }

    /// Whether comments hide what they name, whoever wrote them.
    pub(crate) fn honours(&self) -> bool {
        self.inline == Inline::Honoured
    }

    /// Reads one word.
    fn ignore(&self, found: Found) -> Ignore {
        let text = found.secret.expose();
        let rest = text.strip_prefix(WORD).unwrap_or_default();
        let (kind, rules) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
        let rules: Vec<String> =
            rules.split(',').map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect();
        let mut mistake = None;
        let part = match kind {
            "" => Part::Line,
            "-begin" => Part::Begin,
            "-end" => Part::End,
            _ => {
                mistake = Some(format!("there is {WORD}, {WORD}-begin and {WORD}-end, and no other"));
                Part::Line
            }
        };
        if part != Part::End && mistake.is_none() {
            mistake = match rules.iter().find(|id| !self.known.contains(id)) {
                Some(id) => Some(format!("there is no rule {id}; telleaks rules list shows all ids")),
                None if rules.is_empty() => Some(format!("it names no rule: write {WORD} RULE reason")),
                None => None,
            };
        }
        let before = &found.excerpt.text[..found.excerpt.highlight.start.min(found.excerpt.text.len())];
        let alone = !found.excerpt.clipped_left && !before.chars().any(char::is_alphanumeric);
        let reason = reason(&found);
        Ignore { found, part, rules, reason, alone, used: false, mistake, block: None }
    }

    /// What is to be said of a word in the end.
    fn idle(&self, word: Ignore, rules: &[&str]) -> Option<Idle> {
        // What is not searched for cannot be hidden, and no word is to blame for it.
        let searched = word.rules.iter().all(|id| rules.contains(&id.as_str()));
        let needed = word.used || word.part == Part::End || !searched;
        (word.mistake.is_some() || !needed).then_some(Idle { found: word.found, mistake: word.mistake })
    }
}

fn place(found: &Found) -> (&str, u64) {
    (&found.location.path, found.location.byte_start)
}

/// Whether a comment begins before the word, on its line.
fn is_comment(found: &Found) -> bool {
    let excerpt = &found.excerpt;
    let before = excerpt.text.get(..excerpt.highlight.start).unwrap_or_default().to_ascii_lowercase();
    MARKS.iter().any(|mark| before.contains(mark))
}

/// The words behind the ids of the rules, to the end of the comment.
fn reason(found: &Found) -> Option<String> {
    let behind = found.excerpt.text.get(found.excerpt.highlight.end..)?;
    let end = ENDS.iter().filter_map(|end| behind.find(end)).min().unwrap_or(behind.len());
    let text = behind[..end].trim().trim_start_matches([':', '-', '–', ' ']).trim_end();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Gives each beginning its end.
fn pair(words: &mut [Ignore]) {
    let mut open: Vec<usize> = Vec::new();
    for at in 0..words.len() {
        match words[at].part {
            Part::Line => {}
            Part::Begin => open.push(at),
            Part::End => match open.pop() {
                Some(begin) => {
                    words[begin].block =
                        Some((words[begin].found.location.start_line, words[at].found.location.start_line));
                }
                None => words[at].mistake = Some(format!("no {WORD}-begin stands before it")),
            },
        }
    }
    for at in open {
        words[at].mistake.get_or_insert_with(|| format!("no {WORD}-end stands behind it"));
    }
}

/// Marks the matches of one content that words hide. Once `left` comparisons are used up, nothing more is hidden.
fn cover(words: &mut [Ignore], mut found: Vec<&mut Found>, rules: &[&str], left: &mut usize) {
    // On the line itself first: only a word with nothing to hide there looks at the next line.
    for next in [false, true] {
        for word in words.iter_mut().filter(|word| word.mistake.is_none() && word.part != Part::End) {
            if next && (word.used || !word.alone || word.part == Part::Begin) {
                continue;
            }
            let line = word.found.location.start_line + u64::from(next);
            let (from, to) = word.block.unwrap_or((line, line));
            let Some(rest) = left.checked_sub(found.len()) else { return };
            *left = rest;
            for one in &mut found {
                let Location { start_line, end_line, .. } = one.location;
                let meant = word.rules.iter().any(|id| id == rules[one.rule]);
                if meant && one.ignored.is_none() && start_line <= to && from <= end_line {
                    one.ignored =
                        Some(Ignored { line: word.found.location.start_line, reason: word.reason.clone() });
                    word.used = true;
                }
            }
        }
    }
}
