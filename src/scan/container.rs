//! The scan of one container or document: its members and their members, with their paths, and what was skipped.

mod document;
mod embedded;

use std::collections::HashSet;
use std::io::{self, Cursor, Read, SeekFrom};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::MAX_MATCHES;
use super::member_path::{MEMBER_SEPARATOR, MemberPath};
use super::scanner::{ContentKind, Scanner, give_back, memory};
use super::skipped::{self, describe};
use crate::detect::{Beginning, Match, Scan};
use crate::documents::{self, Document};
use crate::finding::{SecretKey, Skipped};
use crate::input::{Content, Stream};
use crate::unpack::{self, Budget, Foreign, Kind, Opened, Sink};

/// Maximum bytes buffered of a document or program that cannot be read twice.
const MAX_BUFFERED_BYTES: u64 = 64 << 20;
/// Documents of at least this many bytes are scanned on two threads.
const PARALLEL_DOCUMENT_BYTES: u64 = if cfg!(test) { 64 << 10 } else { 8 << 20 };
/// Maximum number of skipped members listed per input; the rest is only counted.
const MAX_LISTED_SKIPPED: usize = 100;

/// The scan of one container or document.
pub(super) struct ContainerScan<'i> {
    inspector: &'i Scanner<'i>,
    budget: &'i Budget<'i>,
    out: Scan,
    trail: MemberPath,
    /// Skipped members that are not listed.
    unlisted: u64,
    /// Matches that were dropped after [`MAX_MATCHES`].
    dropped: u64,
    /// Secrets in names of members, and the path of the container.
    named: HashSet<(SecretKey, String)>,
    /// Whether the raw bytes of the current container were scanned.
    raw_scanned: bool,
}

impl<'i> ContainerScan<'i> {
    /// Creates the scan of one input.
    pub(super) fn new(inspector: &'i Scanner<'i>, budget: &'i Budget<'i>) -> Self {
        let trail = MemberPath::new(inspector.limits().depth);
        Self {
            inspector,
            budget,
            out: Scan::default(),
            trail,
            unlisted: 0,
            dropped: 0,
            named: HashSet::new(),
            raw_scanned: false,
        }
    }
}

impl ContainerScan<'_> {
    /// Scans a member and everything inside it.
    fn content(&mut self, name: &str, content: &mut dyn Content) {
        let beginning = Beginning::read(&mut *content, memory());
        let inside = ContentKind::of(beginning.head(), &|| name.to_owned());
        match inside.or_else(|| ContentKind::of_member(beginning.head(), beginning.is_whole())) {
            None => {
                let scan = self.inspector.scan_rest(beginning);
                self.add(scan, 0);
            }
            Some(inside) => {
                let (memory, length, error) = beginning.into_parts();
                self.inside(inside, &memory.bytes()[..length], content);
                give_back(memory);
                self.failed(error);
            }
        }
    }

    /// Scans a container or a document whose first bytes are `head`.
    pub(super) fn inside(&mut self, inside: ContentKind, head: &[u8], rest: &mut dyn Content) {
        match inside {
            ContentKind::Container(kind) => self.expand_container(kind, head, rest),
            ContentKind::Document(document) => self.document(document, &mut Opened::new(head, rest)),
        }
    }

    /// Expands a container whose first bytes are `head`.
    fn expand_container(&mut self, kind: Kind, head: &[u8], rest: &mut dyn Content) {
        if let Kind::Foreign(what) = kind {
            self.foreign("", what);
            return self.partly_plain(Kind::Embedded, head, rest);
        }
        if kind.is_partly_plain() {
            return self.partly_plain(kind, head, rest);
        }
        let Some(mark) = self.trail.open(kind.is_stream()) else {
            self.unseen("", &self.too_deep());
            return self.scan_raw(&mut Opened::new(head, rest));
        };
        let first = self.out.found.len();
        let mut input = Opened::new(head, rest);
        // The format readers are third-party code; a panic in one must not lose the matches found so far.
        let outcome = catch_unwind(AssertUnwindSafe(|| unpack::expand(kind, &mut input, self.budget, self)));
        self.trail.back(mark);
        if let Err(error) = outcome.unwrap_or_else(|_| Err(panic_error())) {
            self.ended(error);
            if let Some(mut whole) = input.random() {
                self.scan_raw_except(first, &mut whole);
            }
        }
    }

    /// Scans raw bytes.
    fn scan_raw(&mut self, content: &mut dyn Content) {
        let scan = self.inspector.scan_rest(Beginning::read(content, memory()));
        self.add(scan, 0);
    }

    /// Scans the raw bytes of a container for secrets that are not among the matches since `first`.
    fn scan_raw_except(&mut self, first: usize, content: &mut dyn Read) {
        let mut scan = self.inspector.scan_rest(Beginning::read(content, memory()));
        let known: HashSet<_> = self.out.found[first..].iter().map(Match::secret_key).collect();
        scan.found.retain(|found| !known.contains(&found.secret_key()));
        self.add(scan, 0);
    }

    /// Adds a scan result of the current member. `offset` is the offset of its bytes in the member.
    fn add(&mut self, scan: Scan, offset: u64) {
        self.out.bytes += scan.bytes;
        for mut found in scan.found {
            if self.out.found.len() >= MAX_MATCHES {
                self.dropped += 1;
                continue;
            }
            found.location.path.insert_str(0, self.trail.at());
            found.location.byte_start += offset;
            found.location.byte_end += offset;
            self.out.found.push(found);
        }
        for mut one in scan.traced {
            one.path.insert_str(0, self.trail.at());
            one.byte += offset;
            self.out.traced.push(one);
        }
        for one in scan.unseen {
            self.skipped(Skipped { path: self.trail.at().to_owned(), ..one });
        }
        self.failed(scan.error);
    }

    /// Records a skipped member, unless the last record says the same.
    fn skipped(&mut self, one: Skipped) {
        if self.out.unseen.last().is_some_and(|last| skipped::repeats(last, &one)) {
            return;
        }
        if self.out.unseen.len() < MAX_LISTED_SKIPPED {
            self.out.unseen.push(one);
        } else {
            self.unlisted += 1;
        }
    }

    /// Scans the name of the current member.
    fn name(&mut self, name: &str) {
        if self.inspector.suspicious(name.as_bytes()) {
            let mut scan = self.inspector.scan_text(name.as_bytes());
            scan.bytes = 0;
            let container =
                self.trail.at().strip_suffix(name).and_then(|at| at.strip_suffix(MEMBER_SEPARATOR));
            if let Some(container) = container {
                let named = scan.found.iter().map(|found| (found.secret_key(), container.to_owned()));
                self.named.extend(named);
            }
            self.add(scan, 0);
        }
    }

    fn too_deep(&self) -> String {
        let limit = self.inspector.limits().depth;
        format!("not expanded: nested more than {limit} archives deep; raise --max-depth")
    }

    /// Records an error in the current member, unless the last record says the same.
    fn failed(&mut self, error: Option<io::Error>) {
        if let Some(error) = error {
            self.unseen("", &describe(&error));
        }
    }

    /// Records the error that ended a container. If a limit ended a member, the record says after which member.
    fn ended(&mut self, error: io::Error) {
        match skipped::after_member(self.out.unseen.last(), self.trail.at(), &error) {
            Some(reason) => self.unseen("", &reason),
            None => self.failed(Some(error)),
        }
    }

    /// Returns the result, with the matches in order and without duplicates.
    pub(super) fn finish(mut self) -> Scan {
        if self.unlisted > 0 {
            let reason = format!("{} more members were skipped or only partly scanned", self.unlisted);
            self.out.unseen.push(Skipped::new("", reason));
        }
        if self.dropped > 0 {
            let reason = format!("{} more places that look like credentials are not listed", self.dropped);
            self.out.unseen.push(Skipped::new("", reason));
        }
        // The headers of a container repeat the names of its members.
        if !self.named.is_empty() {
            let named = std::mem::take(&mut self.named);
            self.out
                .found
                .retain(|found| !named.contains(&(found.secret_key(), found.location.path.clone())));
        }
        let place = |found: &Match| (found.location.clone(), found.rule);
        self.out.found.sort_by_cached_key(place);
        self.out.found.dedup_by(|a, b| {
            a.location == b.location && a.rule == b.rule && a.secret.sha256() == b.secret.sha256()
        });
        self.out
    }
}

impl Sink for ContainerScan<'_> {
    fn member(&mut self, name: &str, content: &mut dyn Content) {
        let (outside, scanned) = (self.trail.enter(name), std::mem::take(&mut self.raw_scanned));
        self.name(name);
        self.content(name, content);
        self.trail.back(outside);
        self.raw_scanned = scanned;
    }

    fn wants_metadata(&self) -> bool {
        !self.raw_scanned
    }

    fn may_match(&self, bytes: &[u8]) -> bool {
        self.inspector.suspicious(bytes)
    }

    fn metadata(&mut self, offset: u64, bytes: &[u8]) {
        if !self.raw_scanned && self.inspector.suspicious(bytes) {
            let scan = self.inspector.scan_text(bytes);
            self.add(scan, offset);
        }
    }

    fn foreign(&mut self, name: &str, what: Foreign) {
        let one = Skipped::new(self.trail.to(name), format!("{}: unsupported format", what.title));
        self.skipped(Skipped { format: Some(what.name.to_owned()), ..one });
    }

    fn unseen(&mut self, name: &str, reason: &str) {
        if !name.is_empty() {
            let outside = self.trail.enter(name);
            self.name(name);
            self.trail.back(outside);
        }
        self.skipped(Skipped::new(self.trail.to(name), reason));
    }
}

fn panic_error() -> io::Error {
    io::Error::other("internal error while reading this format; please report it")
}

#[cfg(test)]
mod tests;
