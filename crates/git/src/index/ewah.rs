//! Git's EWAH bitmaps: run-length encoded words, and literal words.

use super::IndexError;
use super::bytes::Cursor;

const DAMAGED: IndexError = IndexError::Damaged("a bitmap of its split index is invalid");

/// Reads a bitmap and returns the set bits below `bits`, in ascending order.
pub(super) fn set_bits(cursor: &mut Cursor<'_>, bits: usize) -> Result<Vec<usize>, IndexError> {
    cursor.u32()?; // The number of bits, which the caller knows.
    let words = cursor.u32()? as usize;
    let mut words = Cursor::new(cursor.take(words.checked_mul(8).ok_or(DAMAGED)?)?);
    cursor.u32()?; // The position of the last marker, which only writers need.
    let mut set = Vec::new();
    let mut at = 0_usize;
    while !words.is_empty() {
        let marker = words.u64()?;
        let run = (marker >> 1 & 0xFFFF_FFFF) as usize * 64;
        if marker & 1 == 1 {
            // Bits after the last one must not be set.
            if at.saturating_add(run) > bits.next_multiple_of(64) {
                return Err(DAMAGED);
            }
            set.extend(at..(at + run).min(bits));
        }
        at = at.saturating_add(run);
        for _ in 0..marker >> 33 {
            push_word(words.u64()?, at, bits, &mut set)?;
            at = at.saturating_add(64);
        }
    }
    Ok(set)
}

fn push_word(mut word: u64, start: usize, bits: usize, set: &mut Vec<usize>) -> Result<(), IndexError> {
    while word != 0 {
        let bit = start.saturating_add(word.trailing_zeros() as usize);
        if bit >= bits {
            return Err(DAMAGED);
        }
        set.push(bit);
        word &= word - 1;
    }
    Ok(())
}
