//! AVX-512 with lookups in tables of 64 bytes (VBMI): the lower six bits of four bytes, 64 offsets at a time.

use archmage::{X64V4xToken, arcane};

use super::buckets::SixBitTables;
use super::{Candidates, Task};

/// The lookup instruction for 64-byte tables uses the lower six bits of each byte and ignores the others.
#[arcane(import_intrinsics)]
pub(super) fn find(_: X64V4xToken, SixBitTables(tables): &SixBitTables, task: Task<'_>) -> Candidates {
    let tables = tables.each_ref().map(|set| set.each_ref().map(|table| _mm512_loadu_si512(table)));
    let (zero, one, newline) = (_mm512_setzero_si512(), _mm512_set1_epi8(1), _mm512_set1_epi8(10));
    let mut newlines = zero;
    for (view, marks) in Task::words(task.text, task.marks) {
        let [first, second, third, fourth] = [0, 1, 2, 3].map(|at| {
            let bytes: &[u8; 64] = view[at..].first_chunk().unwrap_or(&[0; 64]);
            _mm512_loadu_si512(bytes)
        });
        let mut any = zero;
        for [of_first, of_second, of_third, of_fourth] in tables {
            let one_and_two = _mm512_and_si512(
                _mm512_permutexvar_epi8(first, of_first),
                _mm512_permutexvar_epi8(second, of_second),
            );
            let three_and_four = _mm512_and_si512(
                _mm512_permutexvar_epi8(third, of_third),
                _mm512_permutexvar_epi8(fourth, of_fourth),
            );
            any = _mm512_or_si512(any, _mm512_and_si512(one_and_two, three_and_four));
        }
        // The byte after a literal of three characters is arbitrary.
        let wide = _mm512_or_si512(first, _mm512_or_si512(second, third));
        *marks = _mm512_test_epi8_mask(any, any) & !_mm512_movepi8_mask(wide);
        // One where the bytes are equal. A comparison would compete with the lookups for the same execution port.
        let same = _mm512_subs_epu8(one, _mm512_xor_si512(first, newline));
        newlines = _mm512_add_epi8(newlines, same);
    }
    task.finish(_mm512_reduce_add_epi64(_mm512_sad_epu8(newlines, zero)) as usize)
}
