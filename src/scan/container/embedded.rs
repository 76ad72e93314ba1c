//! Scan of content that is partly plain: databases, logs, dumps. The raw bytes are scanned first, then the output of
//! its reader. A secret that is found in both is listed once, at the location from the reader.

use std::collections::HashSet;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{ContainerScan, MAX_BUFFERED_BYTES, panic_error};
use crate::detect::{Beginning, Match, Scan};
use crate::input::{Content, Stream};
use crate::scan::sampled::Samples;
use crate::scan::scanner::{PARALLEL_FILE_BYTES, end_of, last, memory};
use crate::unpack::{self, Kind, Opened, Sink};

impl ContainerScan<'_> {
    /// Scans content that starts with `head`.
    pub(super) fn partly_plain(&mut self, kind: Kind, head: &[u8], rest: &mut dyn Content) {
        if rest.random().is_some() {
            let first = self.out.found.len();
            self.shown_bytes(head, rest);
            return self.shown_inside(kind, head, first, &mut Opened::new(head, rest));
        }
        let mut bytes = Vec::new();
        let error = Opened::new(head, rest).take(MAX_BUFFERED_BYTES).read_to_end(&mut bytes).err();
        self.failed(error);
        if bytes.len() as u64 == MAX_BUFFERED_BYTES && kind == Kind::Embedded {
            return self.streamed(&mut Opened::new(&bytes, rest));
        }
        if bytes.len() as u64 == MAX_BUFFERED_BYTES {
            let reason = "it has more than 64 MiB inside an archive or a stream: searched as it is only";
            self.unseen("", reason);
            return self.scan_raw(&mut Opened::new(&bytes, rest));
        }
        if kind == Kind::Embedded
            && let Some(kind) = unpack::sniff_end(end_of(&bytes))
        {
            return self.expand_container(kind, &[], &mut Cursor::new(&bytes[..]));
        }
        let first = self.out.found.len();
        self.scan_raw(&mut Cursor::new(&bytes[..]));
        if kind == Kind::Embedded && !unpack::has_embedded(&bytes, &bytes) {
            return;
        }
        self.shown_inside(kind, &bytes, first, &mut Cursor::new(&bytes[..]));
    }

    /// Scans the embedded streams of content whose raw bytes were already scanned, with the result `scan`.
    pub(in crate::scan) fn add_embedded(&mut self, mut scan: Scan, content: &mut dyn Content) {
        let error = scan.error.take();
        self.add(scan, 0);
        self.shown_inside(Kind::Embedded, &[], 0, content);
        self.out.error = error;
    }

    /// Scans data and the streams in it in one pass, if the data is too large for a buffer.
    fn streamed(&mut self, content: &mut dyn Content) {
        let Some(mark) = self.trail.open(true) else { return self.scan_raw(content) };
        let outcome =
            catch_unwind(AssertUnwindSafe(|| unpack::expand(Kind::Embedded, content, self.budget, self)));
        self.trail.back(mark);
        if let Err(error) = outcome.unwrap_or_else(|_| Err(panic_error())) {
            self.ended(error);
        }
    }

    /// Scans the zip archive that may follow a document whose raw bytes were already scanned.
    pub(super) fn appended_archive(&mut self, content: &mut dyn Content) {
        let Some(mut whole) = content.random() else { return };
        if !last(&mut *whole, unpack::TAIL).is_ok_and(|tail| unpack::has_zip_end(&tail)) {
            return;
        }
        if whole.rewind().is_ok() {
            let searched = std::mem::replace(&mut self.raw_scanned, true);
            self.expand_container(Kind::Zip, &[], &mut Stream(&mut whole));
            self.raw_scanned = searched;
        }
    }

    /// Scans the raw bytes; large content is scanned in parallel.
    fn shown_bytes(&mut self, head: &[u8], content: &mut dyn Content) {
        let size = content.random().and_then(|mut whole| whole.seek(SeekFrom::End(0)).ok()).unwrap_or(0);
        if size >= PARALLEL_FILE_BYTES
            && rayon::current_num_threads() > 1
            && let Some(scan) = self.inspector.scan_in_parts(head, size, content, &Samples::default())
        {
            return self.add(scan, 0);
        }
        if let Some(mut whole) = content.random() {
            let scan = self.inspector.scan_rest(Beginning::read(&mut whole, memory()));
            self.add(scan, 0);
        }
    }

    /// Scans the output of the reader of `kind`. The matches from index `first` are those in the raw bytes of the same
    /// content.
    fn shown_inside(&mut self, kind: Kind, head: &[u8], first: usize, content: &mut dyn Content) {
        let Some(mark) = self.trail.open(kind == Kind::Embedded) else {
            let reason = self.too_deep();
            if kind != Kind::Embedded || unpack::has_embedded(head, head) {
                self.unseen("", &reason);
            }
            return;
        };
        let (raw, searched) = (self.out.found.len(), std::mem::replace(&mut self.raw_scanned, true));
        let outcome = catch_unwind(AssertUnwindSafe(|| unpack::expand(kind, content, self.budget, self)));
        self.trail.back(mark);
        self.raw_scanned = searched;
        if let Err(error) = outcome.unwrap_or_else(|_| Err(panic_error())) {
            self.ended(error);
        }
        let known: HashSet<_> = self.out.found[raw..].iter().map(Match::secret_key).collect();
        let keys: HashSet<_> = self.out.found[raw..]
            .iter()
            .filter_map(|found| found.key.as_ref().map(|key| key.as_str().to_owned()))
            .collect();
        let mut at = 0;
        self.out.found.retain(|found| {
            at += 1;
            // If a key is cut at the end of a page, the raw bytes may contain only its id.
            let cut = || found.key.as_ref().is_some_and(|key| keys.contains(key.as_str()));
            !(first..raw).contains(&(at - 1)) || !known.contains(&found.secret_key()) && !cut()
        });
    }
}
