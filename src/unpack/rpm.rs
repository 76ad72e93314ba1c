//! rpm: the lead, two headers, and the payload, which is a compressed cpio archive that the sink opens in turn. What
//! the headers say is not interpreted: their texts go to the sink as they are.

use std::io::{self, Read};

use super::ahead::{Ahead, damaged};
use super::own::Own;
use super::{Budget, Sink};
use crate::content::{Content, Stream};

/// Bytes of the lead.
const LEAD: u64 = 96;
/// Bytes before the index of a header.
const INTRO: usize = 16;
/// What a header begins with.
const MARK: &[u8] = b"\x8E\xAD\xE8\x01";
/// Bytes of an entry of the index.
const ENTRY: u64 = 16;

/// Hands the payload of an rpm package to `sink`, and its headers.
///
/// # Errors
/// A header is damaged (what follows goes to the sink as it is), the package ends early, or a limit was reached.
pub(super) fn read(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let (mut ahead, mut own) = (Ahead::new(input, 0), Own::default());
    let mut result = own.part(&mut ahead, LEAD, sink);
    // The signatures are filled up to a multiple of 8; the package's own header is not.
    for multiple in [8, 1] {
        result = result.and_then(|()| header(&mut ahead, &mut own, multiple, sink));
    }
    own.finish(sink);
    result?;
    budget.entry()?;
    sink.member("", &mut Stream(ahead));
    Ok(())
}

fn header<R: Read>(
    ahead: &mut Ahead<R>,
    own: &mut Own,
    multiple: u64,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let intro = ahead.exactly(INTRO)?;
    let number =
        |at: usize| intro[at..].first_chunk().map_or(0, |bytes| u64::from(u32::from_be_bytes(*bytes)));
    if !intro.starts_with(MARK) {
        own.rest(ahead, sink)?;
        return Err(damaged("its header is damaged"));
    }
    let size = INTRO as u64 + number(8) * ENTRY + number(12);
    own.part(ahead, size.next_multiple_of(multiple), sink)
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
    fn the_payload_is_a_member_and_the_headers_are_own() {
        let record = all_ways(Kind::Rpm, &sample());
        assert_eq!(record.texts(), [("", "payload")]);
        assert!(record.own_text().contains("the name of the package"));
        assert_eq!(record.error, None);
    }

    #[test]
    fn sizes_are_not_believed() {
        let mut bytes = sample();
        bytes[104..112].fill(0xFF);
        let record = recorded(Kind::Rpm, &bytes);
        assert!(record.error.is_some());
        assert!(record.own_text().contains("the name of the package"));
    }
}
