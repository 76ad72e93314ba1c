//! AVX-512 without VBMI: the nibbles of three bytes, 64 offsets at a time.

use archmage::{X64V4Token, arcane};

use super::buckets::NibbleTables;
use super::{Candidates, Task};

#[arcane(import_intrinsics)]
pub(super) fn find(_: X64V4Token, tables: &NibbleTables, task: Task<'_>) -> Candidates {
    let table = |table: &[u8; 16]| _mm512_broadcast_i32x4(_mm_loadu_si128(table));
    let low = tables.low.each_ref().map(|set| set.each_ref().map(table));
    let high = tables.high.each_ref().map(|set| set.each_ref().map(table));
    let (zero, one, newline) = (_mm512_setzero_si512(), _mm512_set1_epi8(1), _mm512_set1_epi8(10));
    let mut newlines = zero;
    for (view, marks) in Task::words(task.text, task.marks) {
        let bytes = [0, 1, 2].map(|at| {
            let bytes: &[u8; 64] = view[at..].first_chunk().unwrap_or(&[0; 64]);
            _mm512_loadu_si512(bytes)
        });
        let upper = bytes.map(|bytes| _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), _mm512_set1_epi8(15)));
        let mut any = zero;
        for (low, high) in low.iter().zip(&high) {
            let [first, second, third] = [0, 1, 2].map(|at| {
                _mm512_and_si512(
                    _mm512_shuffle_epi8(low[at], bytes[at]),
                    _mm512_shuffle_epi8(high[at], upper[at]),
                )
            });
            any = _mm512_or_si512(any, _mm512_and_si512(first, _mm512_and_si512(second, third)));
        }
        *marks = _mm512_test_epi8_mask(any, any);
        let same = _mm512_subs_epu8(one, _mm512_xor_si512(bytes[0], newline));
        newlines = _mm512_add_epi8(newlines, same);
    }
    task.finish(_mm512_reduce_add_epi64(_mm512_sad_epu8(newlines, zero)) as usize)
}
