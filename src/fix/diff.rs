//! Formats the edits of a file as a unified diff.
//!
//! Own formatting and not `similar` or `imara-diff`: the edits are known, and a comparison of the texts could show a change
//! at another, equal line.

use super::Edit;
use crate::detect::Match;

/// Number of context lines around a change.
const CONTEXT_LINES: usize = 3;

/// Replacements for credentials in the output.
#[derive(Debug, Default)]
pub struct Masking(Vec<(String, String)>);

impl Masking {
    /// Shows everything unmasked.
    pub fn whole() -> Self {
        Self::default()
    }

    /// Masks every credential of `found` in `content`.
    pub fn masked(content: &str, found: &[Match]) -> Self {
        let mut all = Vec::new();
        for one in found {
            let span = one.location.byte_start as usize..one.location.byte_end as usize;
            all.push((one.secret.expose().to_owned(), one.secret.masked()));
            let written = content.get(span).filter(|_| one.location.path.is_empty()).unwrap_or_default();
            // A credential on several lines masks a part of each.
            all.extend(
                written.lines().filter(|part| part.len() > 7).map(|part| (part.to_owned(), "…".to_owned())),
            );
        }
        all.retain(|(secret, masked)| !secret.is_empty() && secret != masked);
        Self(all)
    }

    /// Returns a text with its credentials masked.
    pub fn text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (secret, masked)| text.replace(secret, masked))
    }
}

/// A range of old lines and the lines that replace them.
struct Change {
    from: usize,
    to: usize,
    new: String,
}

/// Returns the edits of `content` as a unified diff that `patch` accepts.
pub fn unified(path: &str, content: &str, edits: &[Edit], shown: &Masking) -> String {
    let lines: Vec<&str> = content.split_inclusive('\n').collect();
    let mut out = format!("--- a/{path}\n+++ b/{path}\n");
    let mut moved = 0;
    let changes = changes(content, &lines, edits);
    let mut rest = &changes[..];
    while let Some(first) = rest.first() {
        let near = |two: &[Change]| two[1].from <= two[0].to + 2 * CONTEXT_LINES;
        let count = 1 + rest.windows(2).take_while(|two| near(two)).count();
        let (group, behind) = rest.split_at(count);
        rest = behind;
        let from = first.from.saturating_sub(CONTEXT_LINES);
        let to = lines.len().min(group.last().map_or(0, |last| last.to) + CONTEXT_LINES);
        let mut body = String::new();
        let (mut at, mut new) = (from, 0);
        for change in group {
            push(&mut body, ' ', lines[at..change.from].iter().copied(), shown);
            push(&mut body, '-', lines[change.from..change.to].iter().copied(), shown);
            new += change.from - at + push(&mut body, '+', change.new.split_inclusive('\n'), shown);
            at = change.to;
        }
        new += push(&mut body, ' ', lines[at..to].iter().copied(), shown);
        let begin = |count: usize, at: usize| if count == 0 { at } else { at + 1 };
        let new_from = from.saturating_add_signed(moved);
        out += &format!(
            "@@ -{},{} +{},{new} @@\n{body}",
            begin(to - from, from),
            to - from,
            begin(new, new_from)
        );
        moved += new as isize - (to - from) as isize;
    }
    out
}

fn push<'a>(body: &mut String, mark: char, lines: impl Iterator<Item = &'a str>, shown: &Masking) -> usize {
    let mut count = 0;
    for line in lines {
        body.push(mark);
        body.push_str(&shown.text(line));
        if !line.ends_with('\n') {
            body.push_str("\n\\ No newline at end of file\n");
        }
        count += 1;
    }
    count
}

/// Returns the changed lines; edits of the same line are one change.
fn changes(content: &str, lines: &[&str], edits: &[Edit]) -> Vec<Change> {
    let mut starts: Vec<usize> =
        lines.iter().scan(0, |at, line| Some(std::mem::replace(at, *at + line.len()))).collect();
    starts.push(content.len());
    let line_of = |at: usize| starts.partition_point(|&start| start <= at).saturating_sub(1).min(lines.len());
    let mut all: Vec<(usize, usize, Vec<&Edit>)> = Vec::new();
    for edit in edits {
        let line = line_of(edit.span.start);
        let at_line = content[..edit.span.start].ends_with('\n') || edit.span.start == 0;
        let whole_lines = edit.span.is_empty() && at_line && edit.text.ends_with('\n');
        let from = if whole_lines { line } else { line.min(lines.len().saturating_sub(1)) };
        let to = if whole_lines { from } else { line_of(edit.span.end).max(from) + 1 }.min(lines.len());
        match all.last_mut() {
            Some((_, last, group)) if from < *last => {
                *last = to.max(*last);
                group.push(edit);
            }
            _ => all.push((from, to, vec![edit])),
        }
    }
    let new = |(from, to, group): (usize, usize, Vec<&Edit>)| {
        let (start, end) = (starts[from], starts[to]);
        let inside: Vec<Edit> = group
            .into_iter()
            .map(|edit| Edit {
                span: edit.span.start - start..edit.span.end - start,
                text: edit.text.clone(),
            })
            .collect();
        Change { from, to, new: super::apply(&content[start..end], &inside) }
    };
    all.into_iter().map(new).collect()
}
