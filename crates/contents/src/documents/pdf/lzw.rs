//! The LZW variant of PDF (ISO 32000, 7.4.4): codes of 9 to 12 bits, most significant bit first.

use weezl::decode::Configuration;
use weezl::{BitOrder, LzwStatus};

use super::filters::MAX_DECODED_BYTES;

/// Bits of a byte, which is the smallest code.
const SYMBOL_BITS: u8 = 8;
/// Size of one piece of output, in bytes.
const PIECE_BYTES: usize = 16 << 10;

/// Decodes `bytes`; damage ends the data. With `early` (`/EarlyChange 1`, the default) the code width grows one code
/// sooner, as in TIFF.
pub(super) fn decode(bytes: &[u8], early: bool) -> Vec<u8> {
    let new = if early { Configuration::with_tiff_size_switch } else { Configuration::new };
    let mut decoder = new(BitOrder::Msb, SYMBOL_BITS).build();
    let (mut out, mut rest) = (Vec::new(), bytes);
    let mut piece = vec![0; PIECE_BYTES];
    while out.len() < MAX_DECODED_BYTES {
        let result = decoder.decode_bytes(rest, &mut piece);
        out.extend_from_slice(&piece[..result.consumed_out]);
        rest = &rest[result.consumed_in..];
        let is_stuck = result.consumed_in + result.consumed_out == 0;
        if is_stuck || !matches!(result.status, Ok(LzwStatus::Ok)) {
            break;
        }
    }
    out
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
