//! Raw snappy (`format_description.txt` of google/snappy), decoded with the place of each byte in the compressed data, so
//! that bytes can be overwritten there without moving anything.

/// Decoded data.
pub(super) struct Decoded {
    pub(super) bytes: Vec<u8>,
    /// For each byte, the offset in the compressed data of the literal byte from which it is copied.
    pub(super) places: Vec<usize>,
}

/// Maximum length of a block that is decoded, in bytes; blocks of LevelDB have some kilobytes.
const MAX_BYTES: usize = 64 << 20;

/// Decodes a block; `None` if it is damaged.
pub(super) fn decoded(data: &[u8]) -> Option<Decoded> {
    let (length, mut at) = varint(data)?;
    let length = usize::try_from(length).ok().filter(|length| *length <= MAX_BYTES)?;
    let mut out = Decoded { bytes: Vec::with_capacity(length), places: Vec::with_capacity(length) };
    while let Some(&tag) = data.get(at) {
        at += 1;
        let upper = usize::from(tag >> 2);
        let number = |from: usize, count: usize| {
            let bytes = data.get(from..from + count)?;
            Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
        };
        let (count, back) = match tag & 3 {
            0 => {
                let extra = upper.saturating_sub(59);
                let count = 1 + if extra == 0 { upper } else { number(at, extra)? };
                at += extra;
                out.bytes.extend_from_slice(data.get(at..at + count)?);
                out.places.extend(at..at + count);
                at += count;
                continue;
            }
            1 => {
                let low = number(at, 1)?;
                at += 1;
                (4 + (upper & 7), (upper >> 3) << 8 | low)
            }
            kind => {
                let width = if kind == 2 { 2 } else { 4 };
                let back = number(at, width)?;
                at += width;
                (1 + upper, back)
            }
        };
        let from = out.bytes.len().checked_sub(back).filter(|_| back > 0)?;
        if out.bytes.len() + count > length {
            return None;
        }
        for index in from..from + count {
            out.bytes.push(out.bytes[index]);
            out.places.push(out.places[index]);
        }
    }
    (out.bytes.len() == length).then_some(out)
}

/// Reads a number of seven bits a byte, the lowest first, and returns it with its length in bytes.
pub(super) fn varint(data: &[u8]) -> Option<(u64, usize)> {
    let mut number = 0;
    for (index, byte) in data.iter().take(10).enumerate() {
        number |= u64::from(byte & 0x7F).checked_shl(7 * u32::try_from(index).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((number, index + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_have_the_places_of_their_literals() {
        // `abcd` as a literal, then a copy of 4 bytes from 4 bytes back, then `x`.
        let data = [9, 3 << 2, b'a', b'b', b'c', b'd', 1, 4, 0, b'x'];
        let Decoded { bytes, places } = decoded(&data).unwrap();
        assert_eq!(
            (bytes.as_slice(), places.as_slice()),
            (&b"abcdabcdx"[..], &[2, 3, 4, 5, 2, 3, 4, 5, 9][..])
        );
        assert!(decoded(&data[..9]).is_none() && decoded(&[4, 1, 4]).is_none());
        assert_eq!(varint(&[0x96, 1]), Some((150, 2)));
    }
}
