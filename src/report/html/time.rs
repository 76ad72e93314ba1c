//! The timeline of a key: created, committed, removed and now, on one scale for the whole page.

use std::io::{self, Write};

use jiff::Timestamp;

use crate::finding::{Finding, KeyAge};

/// Seconds per day.
const DAY_SECONDS: i64 = 86_400;

/// The time range of the page: from its first known day to the end of the run, in seconds since 1970.
pub(super) struct Scale {
    from: i64,
    to: i64,
}

/// The known dates of one secret, in seconds since 1970.
#[derive(Default)]
pub(super) struct Timeline {
    made: Option<i64>,
    committed: Option<i64>,
    removed: Option<i64>,
    /// Whether a file or HEAD contains it now.
    lies_open: bool,
}

impl Scale {
    /// Returns a scale that covers all dates of `findings`.
    pub(super) fn of(findings: &[&Finding], now: Timestamp) -> Self {
        let lives = findings.iter().map(|finding| Timeline::of(&[finding]));
        let known = lives.flat_map(|life| [life.made, life.committed, life.removed]).flatten();
        let now = now.as_second();
        let (from, to) = known.fold((now, now), |(from, to), at| (from.min(at), to.max(at)));
        Self { from, to }
    }

    /// Returns the position of a time in percent of the width, with a margin on both sides for the markers.
    fn at(&self, time: i64) -> f64 {
        let width = self.to.saturating_sub(self.from).max(1) as f64;
        1.0 + 98.0 * (time.saturating_sub(self.from) as f64 / width).clamp(0.0, 1.0)
    }
}

impl Timeline {
    /// Combines the findings of one secret: the first commit, and the last removal if nothing contains it any more.
    pub(super) fn of(findings: &[&Finding]) -> Self {
        let mut life = Self::default();
        for finding in findings {
            if let Some(KeyAge::Created(at)) = finding.key.as_ref().map(|key| key.age()) {
                life.made = Some(at.as_second());
            }
            let Some(info) = &finding.git else {
                life.lies_open = true;
                continue;
            };
            let first = info.first_seen.as_deref().and_then(seconds);
            life.committed = [life.committed, first].into_iter().flatten().min();
            if info.removed_in.is_none() {
                life.lies_open = true;
            } else if let (Some(first), Some(days)) = (first, info.head_days.or(info.exposure_days)) {
                let days = i64::try_from(days).unwrap_or(i64::MAX);
                life.removed = life.removed.max(Some(first.saturating_add(days.saturating_mul(DAY_SECONDS))));
            }
        }
        if life.lies_open {
            life.removed = None;
        }
        life
    }

    /// Draws the timeline, if any date is known.
    pub(super) fn write(&self, scale: &Scale, out: &mut dyn Write) -> io::Result<()> {
        if self.made.is_none() && self.committed.is_none() {
            return Ok(());
        }
        let now = scale.to;
        let line = |class: &str, from: i64, to: i64| {
            let (from, to) = (scale.at(from), scale.at(to));
            format!("<line class=\"{class}\" x1=\"{from:.2}%\" x2=\"{to:.2}%\" y1=\"13\" y2=\"13\"/>")
        };
        let dot = |at: i64| format!("<circle cx=\"{:.2}%\" cy=\"13\" r=\"5\"/>", scale.at(at));
        let mut drawn = String::new();
        let mut told = Vec::new();
        let mut marks = String::new();
        if let Some(made) = self.made {
            drawn += &line("made", made, self.committed.unwrap_or(now));
            marks += &dot(made);
            told.push(("created", made));
        }
        if let Some(committed) = self.committed {
            drawn += &line("open", committed, self.removed.unwrap_or(now));
            marks += &dot(committed);
            told.push(("committed", committed));
        }
        if let Some(removed) = self.removed {
            drawn += &line("past", removed, now);
            marks += &dot(removed);
            told.push(("removed, still in history", removed));
        }
        marks += &dot(now);
        let last = if self.lies_open { "still there" } else { "now" };
        told.push((last, now));
        let words: Vec<_> =
            told.iter().map(|(word, at)| format!("<li><b>{}</b> {word}</li>", day(*at))).collect();
        writeln!(
            out,
            "<div class=\"time\"><svg aria-hidden=\"true\">{drawn}{marks}</svg><ol>{}</ol></div>",
            words.concat()
        )
    }
}

fn seconds(time: &str) -> Option<i64> {
    time.parse::<Timestamp>().ok().map(|at| at.as_second())
}

fn day(at: i64) -> String {
    let shown = Timestamp::from_second(at).map(|at| at.to_string()).unwrap_or_default();
    shown.chars().take(10).collect()
}
