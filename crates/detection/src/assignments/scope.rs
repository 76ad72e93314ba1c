//! Scopes: decides whether a value belongs to a host, by the smallest frame that contains both.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::frames::{Frame, Frames, Kind};
use super::names::normalized;
use super::style::Style;

/// Maximum distance between a value and a host in one paragraph, in bytes.
const MAX_PARAGRAPH_BYTES: usize = 1500;
/// Maximum distance between a value and a host in one file if the name of the value is for telephony, in bytes.
const MAX_FILE_BYTES: usize = 4096;
/// Maximum distance between a value and a host on one line, in bytes.
const MAX_STATEMENT_BYTES: usize = 500;
/// Maximum number of hosts that are checked per frame.
const MAX_HOSTS: usize = 16;

/// Words in names that are used for telephony only.
const TELEPHONY_WORDS: [&str; 12] = [
    "sip",
    "voip",
    "trunk",
    "rtc",
    "webrtc",
    "softphone",
    "telephony",
    "carrier",
    "pbx",
    "gencred",
    "telnyx",
    "pstn",
];

/// Matches a key that names the host of a telephone service, and captures the host.
static HOST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let text = concat!(
        r#"(?i)(?:host|server|domain|realm|proxy|registrar|address|gateway|(?:server|client|sip|termination)_?uri)[a-z_]*"#,
        r#"(?:["'\]]*\s*(?:=>|[:=,>])\s*|"\s+value=)["'<]*(?:sips?:)?(?:[^\s"'@<>]*@)?"#,
        r#"([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})"#
    );
    Regex::new(text).ok()
});

/// The parts of a text that scope decisions depend on.
pub(crate) struct Surroundings<'a> {
    /// The text.
    pub(crate) text: &'a [u8],
    /// Style of the text.
    pub(crate) style: Style,
    /// Frames of the text.
    pub(crate) frames: &'a Frames,
    /// Sorted offsets of the names of all secrets that have a value.
    pub(crate) credentials: &'a [usize],
}

impl Surroundings<'_> {
    /// Returns the offsets of hosts that do not belong to Telnyx.
    pub(crate) fn foreign_hosts(&self) -> Vec<usize> {
        let Some(regex) = HOST.as_ref() else { return Vec::new() };
        let hosts = regex.captures_iter(self.text).filter_map(|found| found.get(1));
        let foreign = |host: &[u8]| {
            let host = host.to_ascii_lowercase();
            let ours = memchr::memmem::find(&host, b"telnyx").is_some();
            !ours && !host.ends_with(b".local") && !host.ends_with(b".internal")
        };
        hosts.filter(|host| foreign(host.as_bytes())).map(|host| host.start()).collect()
    }

    /// Returns the index of the smallest frame in which the value whose name is at `at` belongs to one of `hosts`
    /// (sorted offsets). Index 0 also means that both are in the same statement or paragraph.
    pub(crate) fn owner(&self, at: usize, words: &str, hosts: &[usize], foreign: &[usize]) -> Option<usize> {
        if hosts.is_empty() {
            return None;
        }
        let inner = self.frames.innermost(at);
        let mut seen: Range<usize> = at..at;
        let mut below = None;
        for index in self.frames.outwards(inner) {
            let frame = self.frames.get(index);
            let new: Vec<usize> = within(hosts, &frame.span)
                .iter()
                .copied()
                .filter(|host| !seen.contains(host))
                .take(MAX_HOSTS)
                .collect();
            if !new.is_empty() {
                match frame.kind {
                    Kind::List => {}
                    Kind::Block => {
                        if self.is_near(at, words, &new, foreign) {
                            return Some(index);
                        }
                    }
                    Kind::Object | Kind::Section | Kind::Element => {
                        return self.is_one(index, below, &new, foreign).then_some(index);
                    }
                }
            }
            if frame.kind == Kind::Section && self.is_linked(frame, hosts) {
                return Some(index);
            }
            seen = frame.span.clone();
            below = Some(index);
        }
        None
    }

    /// Returns whether a frame is one unit that contains the value in its child `below`, rather than a list of units. A
    /// host whose own child contains a password belongs to that password, and a child with a foreign host belongs to
    /// another service.
    fn is_one(&self, index: usize, below: Option<usize>, hosts: &[usize], foreign: &[usize]) -> bool {
        let mine = below.map(|below| self.frames.get(below).span.clone());
        if mine.is_some_and(|span| !within(foreign, &span).is_empty()) {
            return false;
        }
        hosts.iter().any(|&host| {
            let branch = self.frames.branch(index, host);
            branch.is_none_or(|branch| within(self.credentials, &self.frames.get(branch).span).is_empty())
        })
    }

    /// Returns whether a host is in the same statement or paragraph, or is in the same file and the name is for
    /// telephony.
    fn is_near(&self, at: usize, words: &str, hosts: &[usize], foreign: &[usize]) -> bool {
        let named = words.split('_').any(|word| TELEPHONY_WORDS.contains(&word));
        hosts.iter().any(|&host| {
            let between = at.min(host)..at.max(host);
            let text = &self.text[between.clone()];
            if memchr::memchr(b'\n', text).is_none() && text.len() < MAX_STATEMENT_BYTES {
                return true;
            }
            if !within(foreign, &between).is_empty() {
                return false;
            }
            let lines = self.style != Style::Other || is_table(text);
            let paragraph = lines && text.len() < MAX_PARAGRAPH_BYTES && !has_blank_line(text);
            paragraph || (named && text.len() < MAX_FILE_BYTES)
        })
    }

    /// Returns whether another section that contains a host refers to this one: `outbound_auth=NAME` in Asterisk.
    fn is_linked(&self, section: &Frame, hosts: &[usize]) -> bool {
        static LINK: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"(?m)^\s*(?:outbound_)?auth\s*=>?\s*([^\s;#]+)").ok());
        let Some(regex) = LINK.as_ref() else { return false };
        regex.captures_iter(self.text).filter_map(|found| found.get(1)).any(|link| {
            let other = self.frames.innermost(link.start());
            let holds = |index: usize| {
                let frame = self.frames.get(index);
                frame.kind == Kind::Section && !within(hosts, &frame.span).is_empty()
            };
            normalized(link.as_bytes()) == section.name && self.frames.outwards(other).any(holds)
        })
    }
}

/// Returns the members of the sorted slice `all` that are in `span`.
pub(crate) fn within<'a>(all: &'a [usize], span: &Range<usize>) -> &'a [usize] {
    let from = all.partition_point(|&at| at < span.start);
    let to = all.partition_point(|&at| at < span.end);
    &all[from..to.max(from)]
}

/// Returns whether each line that begins in `text` is a row of a Markdown table.
fn is_table(text: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', text).all(|at| text[at + 1..].first() == Some(&b'|'))
}

fn has_blank_line(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"\n\n").is_some() || memchr::memmem::find(text, b"\n\r\n").is_some()
}
