//! Decoders of compressed blocks without a frame: snappy and LZF. They return the bytes that were decoded before an
//! error, so that a damaged block is scanned as far as possible.

/// Maximum size of an expanded block, in bytes. Writers of such blocks use far less: 32 KiB to 1 MiB.
const MOST: usize = 64 << 20;

/// A decoded block.
pub(in crate::unpack) struct Block {
    /// The decoded bytes.
    pub(in crate::unpack) bytes: Vec<u8>,
    /// Whether the block was decoded completely.
    pub(in crate::unpack) whole: bool,
}

/// Decodes a snappy block (format_description.txt of google/snappy).
pub(in crate::unpack) fn snappy(mut input: &[u8]) -> Block {
    let mut bytes = Vec::new();
    let size = varint(&mut input).and_then(|size| usize::try_from(size).ok()).filter(|size| *size <= MOST);
    if let Some(size) = size {
        while bytes.len() < size && element(&mut input, &mut bytes, size).is_some() {}
    }
    Block { whole: size == Some(bytes.len()) && input.is_empty(), bytes }
}

/// Decodes one snappy element: a literal or a copy.
fn element(input: &mut &[u8], out: &mut Vec<u8>, size: usize) -> Option<()> {
    let tag = usize::from(*input.split_off_first()?);
    let (length, back) = match tag & 3 {
        0 => {
            let length = match tag >> 2 {
                short @ 0..=59 => short + 1,
                long => little(input, long - 59)?.checked_add(1)?,
            };
            out.extend_from_slice(&input[..length.min(input.len()).min(size - out.len())]);
            input.split_off(..length)?;
            return Some(());
        }
        1 => ((tag >> 2 & 7) + 4, (tag >> 5) << 8 | little(input, 1)?),
        2 => ((tag >> 2) + 1, little(input, 2)?),
        _ => ((tag >> 2) + 1, little(input, 4)?),
    };
    repeat(out, back, length)
}

/// Decodes a string that Redis compressed with LZF. `size`: expected decoded size in bytes.
pub(in crate::unpack) fn lzf(mut input: &[u8], size: usize) -> Block {
    let mut bytes = Vec::new();
    if size <= MOST {
        while bytes.len() < size && step(&mut input, &mut bytes).is_some() {}
    }
    Block { whole: bytes.len() == size && input.is_empty(), bytes }
}

/// Decodes one LZF instruction: a literal or a copy.
fn step(input: &mut &[u8], out: &mut Vec<u8>) -> Option<()> {
    let control = usize::from(*input.split_off_first()?);
    if control < 32 {
        out.extend_from_slice(input.split_off(..=control)?);
        return Some(());
    }
    let mut length = control >> 5;
    if length == 7 {
        length += little(input, 1)?;
    }
    let back = (control & 31) << 8 | little(input, 1)?;
    repeat(out, back + 1, length + 2)
}

/// Appends `length` bytes, copied from `back` bytes before the end.
fn repeat(out: &mut Vec<u8>, back: usize, length: usize) -> Option<()> {
    let from = out.len().checked_sub(back).filter(|_| back > 0)?;
    if length <= back {
        out.extend_from_within(from..from + length);
    } else {
        for at in from..from + length {
            out.push(out[at]);
        }
    }
    Some(())
}

/// Reads a little-endian number of `count` bytes.
fn little(input: &mut &[u8], count: usize) -> Option<usize> {
    let bytes = input.split_off(..count)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

/// Reads a varint of snappy and LevelDB: groups of seven bits, least significant first.
pub(super) fn varint(input: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = *input.split_off_first()?;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snappy_blocks_are_decoded_as_far_as_they_go() {
        // "Wikipedia is a free..." of the specification, shortened: a literal, a copy with a 2-byte offset, an
        // overlapping copy.
        let block = [&[14, 3 << 2][..], b"abcd", &[0b0000_0001, 4], &[(6 - 1) << 2 | 2, 2, 0]].concat();
        let whole = snappy(&block);
        assert_eq!((whole.bytes.as_slice(), whole.whole), (&b"abcdabcdcdcdcd"[..], true));
        let cut = snappy(&block[..7]);
        assert_eq!((cut.bytes.as_slice(), cut.whole), (&b"abcd"[..], false));
        let long = [&[61, 60 << 2, 60][..], &[b'x'; 61]].concat();
        assert_eq!(snappy(&long).bytes, [b'x'; 61]);
        for bad in [&[][..], &[0x80], &[5, 0b0000_0001, 9], &[255, 255, 255, 255, 127, 0]] {
            assert!(!snappy(bad).whole, "{bad:?}");
        }
    }

    #[test]
    fn lzf_strings_are_decoded_as_far_as_they_go() {
        let block = [&[3][..], b"abcd", &[2 << 5, 3], &[7 << 5, 1, 1]].concat();
        let whole = lzf(&block, 18);
        assert_eq!((whole.bytes.as_slice(), whole.whole), (&b"abcdabcdcdcdcdcdcd"[..], true));
        assert!(!lzf(&block, 17).whole && !lzf(&block[..6], 18).whole);
        assert_eq!(lzf(&block[..6], 18).bytes, b"abcd");
    }
}
