//! The scan of one container or document: its members and their members, with their paths, and what was skipped.

use std::collections::HashSet;
use std::io::{self, Cursor, Read, SeekFrom};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::MAX_MATCHES;
use super::member_path::{MEMBER_SEPARATOR, MemberPath};
use super::scanner::{ContentKind, Scanner, end_of, give_back, memory};
use super::skipped::{self, describe};
use super::tail::TailReader;
use crate::detect::{Beginning, Match, Scan};
use crate::documents::{self, Document};
use crate::finding::Skipped;
use crate::input::{Content, Stream};
use crate::unpack::{self, Budget, Kind, Opened, Sink};

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
    named: HashSet<((usize, String), String)>,
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
        }
    }
}

impl ContainerScan<'_> {
    /// Scans a member and everything inside it.
    fn content(&mut self, name: &str, content: &mut dyn Content) {
        let beginning = Beginning::read(&mut *content, memory());
        match ContentKind::of(beginning.head(), &|| name.to_owned()) {
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
            ContentKind::Program => self.program(&mut Opened::new(head, rest)),
        }
    }

    /// Scans a program or a script that cannot be read twice, and a zip archive appended to it.
    fn program(&mut self, content: &mut dyn Content) {
        let mut bytes = Vec::new();
        let error = (&mut *content).take(MAX_BUFFERED_BYTES).read_to_end(&mut bytes).err();
        if bytes.len() as u64 == MAX_BUFFERED_BYTES {
            let mut rest = TailReader::new(content, &bytes);
            self.scan_raw(&mut Stream((&bytes[..]).chain(&mut rest)));
            if unpack::is_appended(end_of(rest.tail())) {
                self.unseen(
                    "",
                    "a zip archive after more than 64 MiB inside an archive or a stream: not expanded",
                );
            }
        } else if unpack::is_appended(end_of(&bytes)) {
            self.expand_container(Kind::Zip, &bytes, &mut Stream(io::empty()));
        } else {
            self.scan_raw(&mut Cursor::new(&bytes[..]));
        }
        self.failed(error);
    }

    /// Scans the raw bytes of a document, and then its decoded content.
    fn document(&mut self, document: Document, content: &mut dyn Content) {
        let first = self.out.found.len();
        if content.random().is_some() {
            if !self.scan_parallel(document, content) {
                self.scan_raw(content);
                if let Some(mut whole) = content.random() {
                    self.scan_extracted(document, first, &mut Stream(&mut whole));
                }
            }
            return;
        }
        let mut bytes = Vec::new();
        let error = (&mut *content).take(MAX_BUFFERED_BYTES).read_to_end(&mut bytes).err();
        self.failed(error);
        if bytes.len() as u64 == MAX_BUFFERED_BYTES {
            self.unseen(
                "",
                "a document of more than 64 MiB inside an archive or a stream: only its raw bytes were scanned",
            );
            return self.scan_raw(&mut Opened::new(&bytes, content));
        }
        self.scan_raw(&mut Cursor::new(&bytes[..]));
        self.scan_extracted(document, first, &mut Cursor::new(&bytes[..]));
    }

    /// Scans the raw bytes of a large document on another thread, while this one scans its decoded content. Returns
    /// false, without having done anything, if the document is small or there is only one thread.
    fn scan_parallel(&mut self, document: Document, content: &mut dyn Content) -> bool {
        let size = content.random().and_then(|mut whole| whole.seek(SeekFrom::End(0)).ok()).unwrap_or(0);
        if size < PARALLEL_DOCUMENT_BYTES || rayon::current_num_threads() == 1 {
            return false;
        }
        let content = &*content;
        // Bytes appended during the scan are left to a later scan.
        let open = || content.read_from(0).map(|reader| reader.take(size));
        let Some((mut as_it_is, again)) = open().zip(open()) else { return false };
        let (inspector, first) = (self.inspector, self.out.found.len());
        let before = std::mem::take(&mut self.out);
        let mut raw = Scan::default();
        rayon::in_place_scope(|scope| {
            scope.spawn(|_| raw = inspector.scan_rest(Beginning::read(&mut as_it_is, memory())));
            self.expand_document(document, &mut Stream(again));
        });
        let hidden = std::mem::replace(&mut self.out, before);
        self.add(raw, 0);
        let end = self.out.found.len();
        self.out.bytes += hidden.bytes;
        self.out.found.extend(hidden.found);
        self.out.traced.extend(hidden.traced);
        self.out.unseen.extend(hidden.unseen);
        self.remove_raw_duplicates(document, first..end);
        true
    }

    /// Scans the decoded content of a document. Removes the raw matches since `first` that occur in the decoded
    /// content.
    fn scan_extracted(&mut self, document: Document, first: usize, content: &mut dyn Content) {
        let raw = self.out.found.len();
        self.expand_document(document, content);
        self.remove_raw_duplicates(document, first..raw);
    }

    fn expand_document(&mut self, document: Document, content: &mut dyn Content) {
        let Some(mark) = self.trail.open(false) else {
            // The sources in a map are also in its raw bytes, which were scanned.
            if document != Document::SourceMap {
                self.unseen("", &self.too_deep());
            }
            return;
        };
        let outcome =
            catch_unwind(AssertUnwindSafe(|| documents::extract(document, content, self.budget, self)));
        self.trail.back(mark);
        self.failed(outcome.unwrap_or_else(|_| Err(panic_error())).err());
    }

    /// Removes the raw matches of a document (in `raw`) that were found again in its decoded content (after `raw`).
    fn remove_raw_duplicates(&mut self, document: Document, raw: Range<usize>) {
        // The text of a mail and its attachments are distinct content; in the other documents the decoded text is the
        // same text.
        if document == Document::Mail {
            return;
        }
        let known: HashSet<_> = self.out.found[raw.end..].iter().map(secret).collect();
        let mut at = 0;
        self.out.found.retain(|found| {
            at += 1;
            !raw.contains(&(at - 1)) || !known.contains(&secret(found))
        });
    }

    /// Expands a container whose first bytes are `head`.
    fn expand_container(&mut self, kind: Kind, head: &[u8], rest: &mut dyn Content) {
        if let Kind::Foreign(what) = kind {
            let reason = format!("{}: unsupported format", what.title);
            self.skipped(Skipped {
                format: Some(what.name.to_owned()),
                ..Skipped::new(self.trail.at(), reason)
            });
            return self.scan_raw(&mut Opened::new(head, rest));
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
        let known: HashSet<_> = self.out.found[first..].iter().map(secret).collect();
        scan.found.retain(|found| !known.contains(&secret(found)));
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
                let named = scan.found.iter().map(|found| (secret(found), container.to_owned()));
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
            self.out.found.retain(|found| !named.contains(&(secret(found), found.location.path.clone())));
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
        let outside = self.trail.enter(name);
        self.name(name);
        self.content(name, content);
        self.trail.back(outside);
    }

    fn metadata(&mut self, offset: u64, bytes: &[u8]) {
        if self.inspector.suspicious(bytes) {
            let scan = self.inspector.scan_text(bytes);
            self.add(scan, offset);
        }
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

/// The key of a secret: rule index and SHA-256 in hex.
fn secret(found: &Match) -> (usize, String) {
    (found.rule, found.secret.sha256())
}

fn panic_error() -> io::Error {
    io::Error::other("internal error while reading this format; please report it")
}

#[cfg(test)]
mod tests;
