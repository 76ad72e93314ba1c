//! Suppression comments: `telleaks:ignore` with rule ids and a reason, at the end of the line, on a line of its own
//! before it, or as a begin and an end around a block.
//!
//! The detector finds the keyword with a rule like any other, so comments are seen in input of any size and inside
//! archives. This module decides which matches a comment suppresses, and which comments have no effect.

use std::collections::BTreeMap;

use super::Scanner;
use crate::detect::{Ignored, Match};
use crate::finding::Location;

/// The keyword at the start of every suppression comment.
const KEYWORD: &str = concat!("telleaks", ":ignore");
/// Maximum number of comment-to-match comparisons for one input. Every comment is compared with every match, and an
/// attacker can write hundreds of thousands of both.
const MAX_COMPARISONS: usize = 100_000_000;
/// Comment openers of the supported languages.
const COMMENT_OPENERS: [&str; 11] = ["#", "//", "/*", "*", "<!--", "--", ";", "%", "{-", "(*", "rem "];
/// Comment closers, which are not part of the reason.
const COMMENT_CLOSERS: [&str; 4] = ["*/", "-->", "-}", "*)"];

/// How suppression comments are treated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InlinePolicy {
    /// Comments suppress the matches they name.
    #[default]
    Honor,
    /// Matches are marked, and the comments themselves are reported: a scanned change may contain comments that
    /// suppress its own secrets, so the caller compares them with the base of the change.
    Report,
    /// Comments suppress nothing.
    Off,
}

/// A comment that has no effect.
#[derive(Debug, Clone)]
pub(crate) struct UnusedComment {
    pub(crate) found: Match,
    /// The syntax error in the comment; `None` if the comment is valid and only unused.
    pub(crate) mistake: Option<String>,
}

/// A parsed suppression comment.
struct Comment {
    found: Match,
    part: CommentKind,
    rules: Vec<String>,
    reason: Option<String>,
    /// Whether the line contains nothing but the comment.
    alone: bool,
    used: bool,
    mistake: Option<String>,
    /// First and last line (1-based) of the block that starts here.
    block: Option<(u64, u64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CommentKind {
    Line,
    Begin,
    End,
}

impl Scanner<'_> {
    /// Removes the comments from `found` and marks the matches they suppress. Returns the comments without effect.
    pub(super) fn settle(&self, found: &mut Vec<Match>) -> Vec<UnusedComment> {
        let Some(word) = self.word else { return Vec::new() };
        if !found.iter().any(|one| one.rule == word) {
            return Vec::new();
        }
        let (words, others): (Vec<Match>, Vec<Match>) =
            std::mem::take(found).into_iter().partition(|one| one.rule == word);
        *found = others;
        if self.inline == InlinePolicy::Off {
            return Vec::new();
        }
        let mut by_member: BTreeMap<String, Vec<Comment>> = BTreeMap::new();
        for one in words.into_iter().filter(is_comment) {
            if self.inline == InlinePolicy::Report {
                found.push(one.clone());
            }
            by_member.entry(one.location.path.clone()).or_default().push(self.ignore(one));
        }
        let rules: Vec<&str> = self.detector().rules().map(|rule| rule.id.as_str()).collect();
        let mut members: BTreeMap<String, Vec<&mut Match>> = BTreeMap::new();
        for one in found.iter_mut().filter(|one| one.rule != word) {
            members.entry(one.location.path.clone()).or_default().push(one);
        }
        let mut left = MAX_COMPARISONS;
        for (path, words) in &mut by_member {
            pair(words);
            cover(words, members.remove(path).unwrap_or_default(), &rules, &mut left);
        }
        if self.inline == InlinePolicy::Report {
            found.sort_by(|a, b| place(a).cmp(&place(b)));
            return Vec::new();
        }
        let words = by_member.into_values().flatten();
        words.filter_map(|word| self.idle(word, &rules)).collect()
    }

    /// Returns whether the match is a suppression comment.
    pub(crate) fn is_word(&self, found: &Match) -> bool {
        Some(found.rule) == self.word
    }

    /// Returns whether comments take effect without a comparison with a base.
    pub(crate) fn honours(&self) -> bool {
        self.inline == InlinePolicy::Honor
    }

    /// Parses one comment.
    fn ignore(&self, found: Match) -> Comment {
        let text = found.secret.expose();
        let rest = text.strip_prefix(KEYWORD);
        let misspelled = rest.is_none();
        let rest = rest.unwrap_or_else(|| after_near_miss(text));
        let (kind, rules) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
        let rules: Vec<String> =
            rules.split(',').map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect();
        let mut mistake = misspelled.then(|| spelling(&rules, &self.known));
        let part = match kind {
            _ if misspelled => CommentKind::Line,
            "" => CommentKind::Line,
            "-begin" => CommentKind::Begin,
            "-end" => CommentKind::End,
            _ => {
                mistake = Some(format!("unknown keyword; use {KEYWORD}, {KEYWORD}-begin or {KEYWORD}-end"));
                CommentKind::Line
            }
        };
        if part != CommentKind::End && mistake.is_none() {
            mistake = match rules.iter().find(|id| !self.known.contains(id)) {
                Some(id) => Some(match nearest(id, &self.known) {
                    Some(near) => format!("unknown rule {id}; did you mean {near}?"),
                    None => format!("unknown rule {id}; telleaks rules list prints all ids"),
                }),
                None if rules.is_empty() => Some(format!("no rule id; write {KEYWORD} RULE reason")),
                None => None,
            };
        }
        let before = &found.excerpt.text[..found.excerpt.highlight.start.min(found.excerpt.text.len())];
        let alone = !found.excerpt.clipped_left && !before.chars().any(char::is_alphanumeric);
        let reason = reason(&found);
        Comment { found, part, rules, reason, alone, used: false, mistake, block: None }
    }

    /// Returns the comment if it must be reported as invalid or unused.
    fn idle(&self, word: Comment, rules: &[&str]) -> Option<UnusedComment> {
        // A comment for a rule that is not enabled in this scan is not reported as unused.
        let searched = word.rules.iter().all(|id| rules.contains(&id.as_str()));
        let needed = word.used || word.part == CommentKind::End || !searched;
        (word.mistake.is_some() || !needed)
            .then_some(UnusedComment { found: word.found, mistake: word.mistake })
    }
}

fn place(found: &Match) -> (&str, u64) {
    (&found.location.path, found.location.byte_start)
}

/// Returns the text after the keyword of a comment whose keyword is misspelled: a blank after the colon or in its place,
/// another case or verb.
fn after_near_miss(text: &str) -> &str {
    let after = text.get("telleaks".len()..).unwrap_or_default();
    let after = after.trim_start_matches([':', '-', ' ', '\t']);
    let word = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
    &after[word..]
}

/// Returns the known rule that was probably meant, if one is near enough.
fn nearest<'k>(id: &str, known: &'k [String]) -> Option<&'k String> {
    let best = known.iter().min_by_key(|one| strsim::osa_distance(id, one))?;
    (strsim::osa_distance(id, best) <= 1 + id.len() / 4).then_some(best)
}

/// Returns the right spelling of a comment, with the rules that it names.
fn spelling(rules: &[String], known: &[String]) -> String {
    let named: Vec<&str> = rules.iter().filter(|id| known.contains(id)).map(String::as_str).collect();
    let rules = if named.is_empty() { "RULE".to_owned() } else { named.join(",") };
    format!("the right spelling is {KEYWORD} {rules} reason")
}

/// Returns whether a comment opener occurs before the keyword on its line: directly before it, if it is misspelled.
fn is_comment(found: &Match) -> bool {
    let excerpt = &found.excerpt;
    let before = excerpt.text.get(..excerpt.highlight.start).unwrap_or_default().to_ascii_lowercase();
    if found.secret.expose().starts_with(KEYWORD) {
        COMMENT_OPENERS.iter().any(|mark| before.contains(mark))
    } else {
        COMMENT_OPENERS.iter().any(|mark| before.trim_end().ends_with(mark.trim_end()))
    }
}

/// Returns the text after the rule ids, up to the end of the comment.
fn reason(found: &Match) -> Option<String> {
    let after = found.excerpt.text.get(found.excerpt.highlight.end..)?;
    let end = COMMENT_CLOSERS.iter().filter_map(|end| after.find(end)).min().unwrap_or(after.len());
    // In JSON the comment is a value.
    let text = after[..end]
        .trim()
        .trim_end_matches(['"', ','])
        .trim()
        .trim_start_matches([':', '-', '–', ' '])
        .trim_end();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Returns whether a line has nothing but blanks before a match, as in a block scalar of YAML.
fn is_bare(found: &Match) -> bool {
    let excerpt = &found.excerpt;
    let before = excerpt.text.get(..excerpt.highlight.start).unwrap_or_default();
    !excerpt.clipped_left && before.chars().all(|c| c == ' ')
}

/// Returns the number of blanks at the start of the line of a match; none if the start is not known.
fn indentation(found: &Match) -> Option<usize> {
    let text = &found.excerpt.text;
    (!found.excerpt.clipped_left).then(|| text.len() - text.trim_start_matches(' ').len())
}

/// Matches each begin comment with its end comment.
fn pair(words: &mut [Comment]) {
    let mut open: Vec<usize> = Vec::new();
    for at in 0..words.len() {
        match words[at].part {
            CommentKind::Line => {}
            CommentKind::Begin => open.push(at),
            CommentKind::End => match open.pop() {
                Some(begin) => {
                    words[begin].block =
                        Some((words[begin].found.location.start_line, words[at].found.location.start_line));
                }
                None => words[at].mistake = Some(format!("no matching {KEYWORD}-begin before it")),
            },
        }
    }
    for at in open {
        words[at].mistake.get_or_insert_with(|| format!("no matching {KEYWORD}-end after it"));
    }
}

/// Marks the matches of one input that comments suppress. After `left` comparisons, nothing more is suppressed.
fn cover(words: &mut [Comment], mut found: Vec<&mut Match>, rules: &[&str], left: &mut usize) {
    // The comment's own line first: only a comment without a match there applies to the next line.
    for next in [false, true] {
        for word in words.iter_mut().filter(|word| word.mistake.is_none() && word.part != CommentKind::End) {
            if next && (word.used || !word.alone || word.part == CommentKind::Begin) {
                continue;
            }
            let line = word.found.location.start_line + u64::from(next);
            let (from, to) = word.block.unwrap_or((line, line));
            let block = next.then(|| (line + 1, indentation(&word.found)));
            let Some(rest) = left.checked_sub(found.len()) else { return };
            *left = rest;
            for one in &mut found {
                let Location { start_line, end_line, .. } = one.location;
                let names_rule = word.rules.iter().any(|id| id == rules[one.rule]);
                // The value of the next line's key, as a block scalar.
                let in_block = block.is_some_and(|(first, indent)| {
                    start_line == first && is_bare(one) && indentation(one) > indent
                });
                let covered = (start_line <= to && from <= end_line) || in_block;
                if names_rule && one.ignored.is_none() && covered {
                    one.ignored =
                        Some(Ignored { line: word.found.location.start_line, reason: word.reason.clone() });
                    word.used = true;
                }
            }
        }
    }
}
