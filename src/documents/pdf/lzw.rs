//! The LZW variant of PDF (ISO 32000, 7.4.4): codes of 9 to 12 bits, most significant bit first.

use super::filters::MAX_DECODED_BYTES;

/// Resets the table.
const CLEAR: usize = 256;
/// Ends the data.
const END: usize = 257;
/// Number of codes in a full table.
const MAX_CODES: usize = 4096;

/// A table entry: the code of its prefix, and its last byte. Codes below 256 are bytes.
type Entry = (u16, u8);

/// Decodes `bytes`; damage ends the data. With `early` (`/EarlyChange 1`, the default) the code width grows one code
/// sooner.
pub(super) fn decode(bytes: &[u8], early: bool) -> Vec<u8> {
    let mut table: Vec<Entry> = Vec::with_capacity(MAX_CODES);
    let (mut out, mut last): (Vec<u8>, Option<usize>) = (Vec::new(), None);
    let (mut bits, mut count, mut width) = (0u32, 0, 9);
    for &byte in bytes {
        bits = bits << 8 | u32::from(byte);
        count += 8;
        if count < width {
            continue;
        }
        count -= width;
        let code = (bits >> count & ((1 << width) - 1)) as usize;
        match code {
            CLEAR => {
                table.clear();
                (last, width) = (None, 9);
                continue;
            }
            END => break,
            _ => {}
        }
        let start = out.len();
        let next = END + 1 + table.len();
        match last {
            Some(last) if code == next => {
                unroll(&table, last, &mut out);
                out.push(out.get(start).copied().unwrap_or_default());
            }
            _ if code < next => unroll(&table, code, &mut out),
            _ => break,
        }
        if let (Some(last), Some(&first)) = (last, out.get(start))
            && next < MAX_CODES
        {
            table.push((last as u16, first));
        }
        last = Some(code);
        let size = END + 1 + table.len() + usize::from(early);
        width = if size >= 2048 {
            12
        } else if size >= 1024 {
            11
        } else if size >= 512 {
            10
        } else {
            9
        };
        if out.len() >= MAX_DECODED_BYTES {
            break;
        }
    }
    out
}

/// Appends the bytes of a code to `out`.
fn unroll(table: &[Entry], mut code: usize, out: &mut Vec<u8>) {
    let start = out.len();
    while let Some(&(before, byte)) = code.checked_sub(END + 1).and_then(|index| table.get(index)) {
        out.push(byte);
        code = usize::from(before);
    }
    out.push(code as u8);
    out[start..].reverse();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard.
    #[test]
    fn example_of_the_standard_is_decoded() {
        let bytes = [0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01];
        assert_eq!(decode(&bytes, true), [45, 45, 45, 45, 45, 65, 45, 45, 45, 66]);
    }

    #[test]
    fn arbitrary_input_terminates() {
        for seed in 0..64u8 {
            let bytes: Vec<u8> =
                (0..4000u32).map(|at| ((at * 31 + u32::from(seed) * 7) >> 3) as u8).collect();
            decode(&bytes, seed % 2 == 0);
        }
    }
}
