//! The notes about the history of a finding in the `text` format.

use std::io;

use super::super::phrases::{counted, short, since_day};
use super::Page;
use crate::finding::{GitInfo, ReachedBy};

/// Number of refs that are listed without `verbose`.
const REFS_SHOWN: usize = 5;

impl Page<'_> {
    /// Writes the commits that introduced and removed the secret, and the refs from which it is reachable.
    pub(super) fn history(&mut self, info: &GitInfo, gutter: usize) -> io::Result<()> {
        if let Some(commit) = &info.commit {
            let day = since_day(commit, info);
            let text = format!("{} {day} {}: {}", short(&commit.id), commit.author, commit.subject);
            self.note(gutter, "since", &text)?;
        }
        let days = info.head_days.map(|days| format!(", {} after it was introduced", counted(days, "day")));
        match &info.removed_in {
            Some(id) => {
                let days = days.unwrap_or_default();
                let text = format!("from the files in {}{days}; history still contains it", short(id));
                self.note(gutter, "removed", &text)?;
            }
            None if info.in_head => self.note(gutter, "still there", "HEAD holds it")?,
            None => {}
        }
        let reach = match info.reached_by {
            ReachedBy::Refs | ReachedBy::Message | ReachedBy::RefName | ReachedBy::Notes => {
                return self.refs(&info.refs, gutter);
            }
            ReachedBy::Index => "the index: staged, not committed under this path",
            ReachedBy::Stash => "the stash only; it is in this clone",
            ReachedBy::Reflog => "a reflog only; it is in this clone",
            ReachedBy::Unreachable => "no ref of this clone",
        };
        self.note(gutter, "reached by", reach)
    }

    fn refs(&mut self, refs: &[String], gutter: usize) -> io::Result<()> {
        let shown = if self.options.verbose { refs.len() } else { REFS_SHOWN.min(refs.len()) };
        let mut names = refs[..shown].join(", ");
        if shown < refs.len() {
            names.push_str(&format!(" and {} more", refs.len() - shown));
        }
        if names.is_empty() { Ok(()) } else { self.note(gutter, "reached by", &names) }
    }
}
