//! Documents: their raw bytes are scanned, then the text that their own reader extracts.

use super::*;

impl ContainerScan<'_> {
    /// Scans the raw bytes of a document, and then its decoded content.
    pub(super) fn document(&mut self, document: Document, content: &mut dyn Content) {
        self.document_itself(document, content);
        self.appended_archive(content);
    }

    fn document_itself(&mut self, document: Document, content: &mut dyn Content) {
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
        self.appended_archive(&mut Cursor::new(&bytes[..]));
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
        let known: HashSet<_> = self.out.found[raw.end..].iter().map(Match::secret_key).collect();
        // The text of a mail and its attachments are distinct content, apart from attachments that are compressed; in the
        // other documents the decoded text is the same text.
        let is_same = |found: &Match| {
            document != Document::Mail || found.encoding.iter().any(|encoding| encoding.is_container())
        };
        let mut at = 0;
        self.out.found.retain(|found| {
            at += 1;
            !raw.contains(&(at - 1)) || !is_same(found) || !known.contains(&found.secret_key())
        });
    }
}
