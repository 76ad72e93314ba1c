//! The scalar implementation: the nibble tables expanded to whole bytes, one bit per bucket.

use super::buckets::NIBBLE_BYTES;
use super::{Candidates, Task, WORD_OFFSETS};

/// Finds the candidates of a text.
pub(super) fn find([first, second, third]: &[[u32; 256]; NIBBLE_BYTES], task: Task<'_>) -> Candidates {
    let look_up = |row: &[u32; 256], byte: u8| row[usize::from(byte)];
    let mut newlines = 0;
    for (view, marks) in Task::words(task.text, task.marks) {
        for (at, three) in view[..WORD_OFFSETS + NIBBLE_BYTES - 1].windows(NIBBLE_BYTES).enumerate() {
            let both = look_up(first, three[0]) & look_up(second, three[1]);
            *marks |= u64::from(both & look_up(third, three[2]) != 0) << at;
            newlines += usize::from(three[0] == b'\n');
        }
    }
    task.finish(newlines)
}
