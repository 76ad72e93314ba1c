//! rpm: the lead, two headers, and the payload, which is a compressed cpio archive and goes to the sink as a member.
//! The headers are not interpreted: they go to the sink as metadata.

use std::io::{self, Read};

use super::metadata::MetadataBuffer;
use super::peek_reader::{PeekReader, damaged};
use super::{Budget, Sink};
use crate::input::{Content, Stream};

/// Length of the lead in bytes.
const LEAD_BYTES: u64 = 96;
/// Bytes of a header before its index.
const INTRO_BYTES: usize = 16;
/// Magic number of a header.
const MAGIC: &[u8] = b"\x8E\xAD\xE8\x01";
/// Length of an index entry in bytes.
const INDEX_ENTRY_BYTES: u64 = 16;

/// Hands the payload of an rpm package to `sink`, and its headers as metadata.
///
/// # Errors
/// Returns an error if a header is damaged (the rest goes to the sink as metadata), if the package ends early, or if a
/// limit is exceeded.
pub(super) fn read(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let (mut ahead, mut metadata) = (PeekReader::new(input, 0), MetadataBuffer::default());
    let mut result = metadata.part(&mut ahead, LEAD_BYTES, sink);
    // The signature header is padded to a multiple of 8; the main header is not.
    for multiple in [8, 1] {
        result = result.and_then(|()| header(&mut ahead, &mut metadata, multiple, sink));
    }
    metadata.finish(sink);
    result?;
    budget.entry()?;
    sink.member("", &mut Stream(ahead));
    Ok(())
}

fn header<R: Read>(
    ahead: &mut PeekReader<R>,
    metadata: &mut MetadataBuffer,
    multiple: u64,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let intro = ahead.peek_exactly(INTRO_BYTES)?;
    let number =
        |at: usize| intro[at..].first_chunk().map_or(0, |bytes| u64::from(u32::from_be_bytes(*bytes)));
    if !intro.starts_with(MAGIC) {
        metadata.rest(ahead, sink)?;
        return Err(damaged("its header is damaged"));
    }
    let size = INTRO_BYTES as u64 + number(8) * INDEX_ENTRY_BYTES + number(12);
    metadata.part(ahead, size.next_multiple_of(multiple), sink)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all_ways, recorded};
    use crate::unpack::Kind;

    fn header(text: &[u8]) -> Vec<u8> {
        let index = [0, 0, 3, 232, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 1];
        let length = u32::try_from(text.len()).unwrap_or(0).to_be_bytes();
        [b"\x8E\xAD\xE8\x01\0\0\0\0".as_slice(), &[0, 0, 0, 1], &length, &index, text].concat()
    }

    fn sample() -> Vec<u8> {
        let lead = [b"\xED\xAB\xEE\xDB\x03\0".as_slice(), &[0; 90]].concat();
        let signature = [header(b"sign\0"), vec![0; 3]].concat();
        [lead, signature, header(b"the name of the package\0"), b"payload".to_vec()].concat()
    }

    #[test]
    fn payload_is_a_member_and_headers_are_metadata() {
        let record = all_ways(Kind::Rpm, &sample());
        assert_eq!(record.texts(), [("", "payload")]);
        assert!(record.own_text().contains("the name of the package"));
        assert_eq!(record.error, None);
    }

    #[test]
    fn declared_sizes_are_untrusted() {
        let mut bytes = sample();
        bytes[104..112].fill(0xFF);
        let record = recorded(Kind::Rpm, &bytes);
        assert!(record.error.is_some());
        assert!(record.own_text().contains("the name of the package"));
    }
}
