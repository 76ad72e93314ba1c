//! The search of content whose bytes show only a part of what is in it: databases, logs, dumps. Its bytes are searched as
//! they are, then what its reader makes of them; what was found in both is listed once, where its reader has it.

use std::collections::HashSet;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{ContainerScan, MAX_BUFFERED_BYTES, panic_error, secret};
use crate::detect::{Beginning, Scan};
use crate::input::{Content, Stream};
use crate::scan::sampled::Samples;
use crate::scan::scanner::{PARALLEL_FILE_BYTES, end_of, last, memory};
use crate::unpack::{self, Kind, Opened, Sink};

impl ContainerScan<'_> {
    /// Searches content whose first bytes are `head`.
    pub(super) fn partly_plain(&mut self, kind: Kind, head: &[u8], rest: &mut dyn Content) {
        if rest.random().is_some() {
            let first = self.out.found.len();
            self.shown_bytes(head, rest);
            return self.shown_inside((kind, head), first, &mut Opened::new(head, rest));
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
        if kind == Kind::Embedded && !unpack::has_embedded(&bytes) {
            return;
        }
        self.shown_inside((kind, &bytes), first, &mut Cursor::new(&bytes[..]));
    }

    /// Searches the streams in content whose bytes were searched already, with the outcome `scan`.
    pub(in crate::scan) fn add_embedded(&mut self, mut scan: Scan, content: &mut dyn Content) {
        let error = scan.error.take();
        self.add(scan, 0);
        self.shown_inside((Kind::Embedded, &[]), 0, content);
        self.out.error = error;
    }

    /// Searches data and the streams in it in one go, where there is too much of it to be kept.
    fn streamed(&mut self, content: &mut dyn Content) {
        let Some(mark) = self.trail.open(true) else { return self.scan_raw(content) };
        let outcome =
            catch_unwind(AssertUnwindSafe(|| unpack::expand(Kind::Embedded, content, self.budget, self)));
        self.trail.back(mark);
        if let Err(error) = outcome.unwrap_or_else(|_| Err(panic_error())) {
            self.ended(error);
        }
    }

    /// Searches the zip archive that may be behind a document, whose bytes were searched as they are.
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

    /// Searches the bytes as they are: on all threads, if there are many.
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

    /// Searches what the reader of `kind` makes of the content, in whose bytes everything since `first` was found.
    fn shown_inside(&mut self, (kind, head): (Kind, &[u8]), first: usize, content: &mut dyn Content) {
        let Some(mark) = self.trail.open(kind == Kind::Embedded) else {
            let reason = self.too_deep();
            if kind != Kind::Embedded || unpack::has_embedded(head) {
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
        let known: HashSet<_> = self.out.found[raw..].iter().map(secret).collect();
        let keys: HashSet<_> = self.out.found[raw..]
            .iter()
            .filter_map(|found| found.key.as_ref().map(|key| key.as_str().to_owned()))
            .collect();
        let mut at = 0;
        self.out.found.retain(|found| {
            at += 1;
            // Of a key that is cut where a page ends, the bytes may show the id alone.
            let cut = || found.key.as_ref().is_some_and(|key| keys.contains(key.as_str()));
            !(first..raw).contains(&(at - 1)) || !known.contains(&secret(found)) && !cut()
        });
    }
}
