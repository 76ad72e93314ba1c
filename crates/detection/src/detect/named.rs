//! Finds values by name: applies the rules to the assignments near an anchor.
//!
//! An anchor such as a host may be kilobytes away from the name and the value that it makes a secret. The text is
//! therefore divided into cells of a fixed size, counted from the start of the content. If a cell contains an anchor,
//! the assignments in it and in its two neighbours are read, once. What is read for an anchor therefore does not depend
//! on how the content is split into chunks.

use std::ops::Range;

use regex::bytes::Regex;

use super::decoded_windows::DecodedWindows;
use super::rejections::RejectReason;
use super::validate::Candidate;
use super::window::NEAR;
use super::{Detector, RawMatch, Scope};
use crate::assignments::{self, Assignment, Text};
use crate::finding::{Encoding, Secret};
use crate::rules::{Assignment as Wanted, Strength, pattern};

/// Size of a cell in bytes. Two cells are as long as the margin on either side of a chunk.
const CELL: usize = super::chunk_reader::MARGIN / 2;
/// Maximum number of scope matches that are kept per text.
const PLACES: usize = 1000;

/// Compiled name and value patterns of a rule.
#[derive(Debug)]
pub(crate) struct Named {
    wanted: Wanted,
    name: Regex,
    except: Option<Regex>,
    value: Option<Regex>,
    except_value: Option<Regex>,
    scope: Option<Regex>,
    near: Option<Regex>,
}

impl Named {
    /// Compiles the patterns. Never returns `None` for a rule that was checked on loading.
    pub(crate) fn new(wanted: &Wanted) -> Option<Self> {
        let compile = |text: &Option<String>| text.as_deref().and_then(|text| pattern(text).ok());
        let whole =
            |text: &Option<String>| text.as_deref().and_then(|text| pattern(&format!("^(?:{text})$")).ok());
        Some(Self {
            name: pattern(&wanted.name).ok()?,
            except: compile(&wanted.except),
            value: whole(&wanted.value),
            except_value: compile(&wanted.except_value),
            scope: compile(&wanted.scope),
            near: compile(&wanted.near),
            wanted: wanted.clone(),
        })
    }

    /// Returns whether an assignment has the name, within the scope. `places` are the matches of the scope pattern.
    fn is_named(&self, text: &Text<'_>, one: &Assignment, path: &str, places: &[usize]) -> bool {
        let named = match &self.scope {
            // The path below the scope ends like the whole path, so most names are rejected at once.
            Some(_) => text.owner(one, places).is_some_and(|below| self.name.is_match(below.as_bytes())),
            None => self.name.is_match(path.as_bytes()),
        };
        named && !self.except.as_ref().is_some_and(|except| except.is_match(path.as_bytes()))
    }

    fn is_valued(&self, value: &str) -> bool {
        self.value.as_ref().is_none_or(|shape| shape.is_match(value.as_bytes()))
            && !self.except_value.as_ref().is_some_and(|except| except.is_match(value.as_bytes()))
    }

    fn places(&self, raw: &[u8]) -> Vec<usize> {
        let all = self.scope.iter().flat_map(|scope| scope.find_iter(raw));
        all.map(|found| found.start()).take(PLACES).collect()
    }
}

/// A decoded value.
struct Value {
    /// Index of its assignment in the text.
    assignment: usize,
    /// Full path of its name.
    path: String,
    text: String,
    encoding: Vec<Encoding>,
}

impl Detector {
    /// Reads the assignments near the anchor at `at` and appends the matches among them, unless they were already read
    /// for another anchor.
    pub(crate) fn try_names(
        &self,
        raw: &[u8],
        at: usize,
        scope: &Scope<'_>,
        (done, out): (&mut DecodedWindows, &mut Vec<RawMatch>),
    ) {
        let cell = (scope.offset + at as u64) / CELL as u64;
        if !done.begins(cell) {
            return;
        }
        let place = |cell: u64| {
            usize::try_from((cell * CELL as u64).saturating_sub(scope.offset)).unwrap_or(usize::MAX)
        };
        let region = place(cell.saturating_sub(1)).min(at)..place(cell + 2).min(raw.len());
        let region = Region::new(raw, region);
        if scope.budget.trace.wanted() {
            self.trace_names(&region, scope);
        }
        if region.values.is_empty() {
            return;
        }
        for &rule in &self.named {
            for named in self.rules[rule].named() {
                self.try_named(rule, named, &region, out);
            }
        }
    }

    fn try_named(&self, rule: usize, named: &Named, region: &Region<'_>, out: &mut Vec<RawMatch>) {
        let places = named.places(&region.raw[region.span.clone()]);
        if named.scope.is_some() && places.is_empty() {
            return;
        }
        for value in &region.values {
            let one = &region.text.assignments()[value.assignment];
            if !named.is_valued(&value.text)
                || assignments::judge(&value.text, one.quote, named.wanted.strength).is_err()
            {
                continue;
            }
            let at = region.span.start + one.name.start;
            let near = &region.raw[at.saturating_sub(NEAR)..region.raw.len().min(at + NEAR)];
            if named.near.as_ref().is_none_or(|pattern| pattern.is_match(near))
                && named.is_named(&region.text, one, &value.path, &places)
            {
                out.extend(self.named_match(rule, named, region, value));
            }
        }
    }

    /// Records the values that have the name of a rule but are not secrets.
    #[cold]
    fn trace_names(&self, region: &Region<'_>, scope: &Scope<'_>) {
        for one in region.text.assignments() {
            let value = String::from_utf8_lossy(&region.raw[region.span.start..][one.value.clone()]);
            let path = region.text.path(one);
            for &rule in &self.named {
                let named = self.rules[rule].named().iter().filter(|named| named.scope.is_none());
                let meant = named.filter(|named| named.is_named(&region.text, one, &path, &[]));
                let judged = meant.map(|named| assignments::judge(&value, one.quote, named.wanted.strength));
                if let Some(Err(reason)) = judged.reduce(Result::or) {
                    let at = region.span.start + one.name.start;
                    scope.budget.trace.note(|| self.step(at, rule, RejectReason::NotSecret(reason)));
                }
            }
        }
    }

    fn named_match(
        &self,
        rule: usize,
        named: &Named,
        region: &Region<'_>,
        value: &Value,
    ) -> Option<RawMatch> {
        let one = &region.text.assignments()[value.assignment];
        let text = value.text.as_bytes();
        let candidate = Candidate { text, span: 0..text.len(), published: &self.published };
        let mut verdict = candidate.judge_value(&self.rules[rule].rule);
        if verdict.example && !self.examples {
            return None;
        }
        if verdict.severity == self.rules[rule].rule.severity {
            verdict.severity = named.wanted.severity.unwrap_or(verdict.severity);
            verdict.confidence = named.wanted.confidence.unwrap_or(verdict.confidence);
        }
        let moved = |span: &Range<usize>| region.span.start + span.start..region.span.start + span.end;
        Some(RawMatch {
            rule,
            span: moved(&one.value),
            name: Some(moved(&one.name)),
            secret: Secret::new(value.text.as_str()),
            encoding: value.encoding.clone(),
            severity: verdict.severity,
            confidence: verdict.confidence,
            reason: verdict.reason,
        })
    }
}

/// The text near an anchor, with the values that may be secrets.
struct Region<'a> {
    raw: &'a [u8],
    span: Range<usize>,
    text: Text<'a>,
    values: Vec<Value>,
}

impl<'a> Region<'a> {
    fn new(raw: &'a [u8], span: Range<usize>) -> Self {
        let text = Text::new(&raw[span.clone()]);
        let mut values = Vec::new();
        // A value at the end of the region may continue after it.
        let cut = |one: &Assignment| span.start + one.value.end == span.end && span.end < raw.len();
        for (index, one) in text.assignments().iter().enumerate().filter(|(_, one)| !cut(one)) {
            // Most values are references, for which the rest is not computed.
            if let Some((value, encoding)) = plain(&raw[span.clone()], &text, one)
                && assignments::judge(&value, one.quote, Strength::Any).is_ok()
            {
                values.push(Value { assignment: index, path: text.path(one), text: value, encoding });
            }
        }
        Self { raw, span, text, values }
    }
}

/// Returns the decoded value of an assignment and its encodings, or `None` if it cannot be a secret.
fn plain(raw: &[u8], text: &Text<'_>, one: &Assignment) -> Option<(String, Vec<Encoding>)> {
    let value = std::str::from_utf8(&raw[one.value.clone()]).ok()?;
    if text.is_secret_data(one) {
        let decoded = data_encoding::BASE64.decode(value.as_bytes()).ok()?;
        let decoded = String::from_utf8(decoded).ok()?;
        return Some((decoded.trim_end().to_owned(), vec![Encoding::Base64]));
    }
    Some(assignments::unescaped(value, one.quote))
}
