//! AVX2: the nibbles of three bytes, 32 offsets at a time.

use archmage::{X64V3Token, arcane};

use super::buckets::NibbleTables;
use super::{Candidates, Task};

/// Checks 32 offsets at a time.
#[arcane(import_intrinsics)]
pub(super) fn find(_: X64V3Token, tables: &NibbleTables, task: Task<'_>) -> Candidates {
    let table = |table: &[u8; 16]| _mm256_broadcastsi128_si256(_mm_loadu_si128(table));
    let low = tables.low.each_ref().map(|set| set.each_ref().map(table));
    let high = tables.high.each_ref().map(|set| set.each_ref().map(table));
    let zero = _mm256_setzero_si256();
    let mut newlines = 0;
    for (view, marks) in Task::words(task.text, task.marks) {
        for half in [0, 32] {
            let bytes = [0, 1, 2].map(|at| {
                let bytes: &[u8; 32] = view[half + at..].first_chunk().unwrap_or(&[0; 32]);
                _mm256_loadu_si256(bytes)
            });
            let upper =
                bytes.map(|bytes| _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(15)));
            let mut any = zero;
            for (low, high) in low.iter().zip(&high) {
                let [first, second, third] = [0, 1, 2].map(|at| {
                    _mm256_and_si256(
                        _mm256_shuffle_epi8(low[at], bytes[at]),
                        _mm256_shuffle_epi8(high[at], upper[at]),
                    )
                });
                any = _mm256_or_si256(any, _mm256_and_si256(first, _mm256_and_si256(second, third)));
            }
            let none = _mm256_movemask_epi8(_mm256_cmpeq_epi8(any, zero)).cast_unsigned();
            *marks |= u64::from(!none) << half;
            let same = _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes[0], _mm256_set1_epi8(10)));
            newlines += same.count_ones() as usize;
        }
    }
    task.finish(newlines)
}
