//! Members, nesting and large documents.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use data_encoding::BASE64_MIME;

use super::*;
use crate::detect::Detector;
use crate::input::ReadSeek;
use crate::rules;
use crate::unpack::Limits;

/// Bytes that behave like a regular file.
struct File<'b>(Cursor<&'b [u8]>);

impl Read for File<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Content for File<'_> {
    fn random(&mut self) -> Option<Box<dyn ReadSeek + '_>> {
        Some(Box::new(Cursor::new(*self.0.get_ref())))
    }

    fn read_from(&self, offset: u64) -> Option<Box<dyn Read + Send + '_>> {
        Some(Box::new(self.0.get_ref().get(offset as usize..)?))
    }
}

fn key(number: u8) -> String {
    format!("KEY{}{number:02X}_{}", "0198C0FFEE5A4B7C8D9E0F1A2B3C4D", "hwqtpZbC4XD1PEQFaKWydG")
}

#[test]
fn large_document_is_independent_of_thread_count() {
    let detector = Detector::new(rules::builtin().unwrap(), false).unwrap();
    let archive = [&b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0"[..], key(2).as_bytes()].concat();
    let mail = [
        &format!(
            "From: a@b\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n{}\n",
            key(1)
        )[..],
        &"a line of no interest\n".repeat(PARALLEL_DOCUMENT_BYTES as usize / 20),
        "--x\nContent-Transfer-Encoding: base64\n\n",
        &BASE64_MIME.encode(&archive),
        "\n--x--\n",
    ]
    .concat();
    assert!(mail.len() as u64 > PARALLEL_DOCUMENT_BYTES);
    let scans = [1, 2, 3].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let inspector = Scanner::new(&detector, Limits::default());
        let mut content = File(Cursor::new(mail.as_bytes()));
        let scan = pool.install(|| inspector.scan(&|| "a.eml".to_owned(), &mut content));
        let found: Vec<_> = scan.found.into_iter().map(|one| (one.location, one.secret.sha256())).collect();
        (found, scan.unseen, scan.bytes)
    });
    assert!(scans[0].0.iter().any(|(place, _)| place.path.is_empty()), "{:?}", scans[0].0);
    assert!(!scans[0].1.is_empty(), "the archive is cut off");
    assert!(scans.iter().all(|scan| scan == &scans[0]), "{scans:?}");
}
