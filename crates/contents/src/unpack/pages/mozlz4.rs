//! mozLz4: files of Firefox and Thunderbird (sessions, bookmarks, search engines). One lz4 block follows a magic number
//! and the decoded size (`Compression.sys.mjs` of Firefox).

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use crate::input::{Content, Stream};
use crate::unpack::peek_reader::{damaged, truncated, u32_at};
use crate::unpack::{Budget, Sink, lz4};

/// Magic number of a file.
pub(in crate::unpack) const MAGIC: &[u8; 8] = b"mozLz40\0";
/// Maximum size of a file and of its decoded content, in bytes.
const MOST: usize = 64 << 20;

/// Passes the content of the file to `sink`.
///
/// # Errors
/// Returns an error if the file is damaged, ends early or is too large, or if a limit is reached.
pub(in crate::unpack) fn read(
    input: &mut dyn Content,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let mut bytes = Vec::new();
    input.take(MOST as u64 + 1).read_to_end(&mut bytes)?;
    let size = u32_at(&bytes, MAGIC.len()).ok_or_else(truncated)? as usize;
    if size > MOST || bytes.len() > MOST {
        return Err(damaged("its block has more than 64 MiB"));
    }
    let plain = lz4::sequences(&bytes[MAGIC.len() + 4..], &[], size);
    let metered = budget.expanding(&plain[..], Rc::new(Cell::new(bytes.len() as u64)));
    sink.member("", &mut Stream(metered));
    if plain.len() < size { Err(truncated()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unpack::Kind;
    use crate::unpack::tests::all_ways;

    #[test]
    fn repetitions_are_undone_and_what_is_cut_off_is_read_as_far_as_it_goes() {
        let text =
            br#"{"a":"https://example.com/one","b":"https://example.com/two","c":"https://example.com/one"}"#;
        let block = lz4_flex::block::compress(text);
        let file = [&MAGIC[..], &(text.len() as u32).to_le_bytes(), &block].concat();
        let record = all_ways(Kind::MozLz4, &file);
        assert_eq!((record.members[0].1.as_slice(), &record.error), (&text[..], &None));
    }
}
