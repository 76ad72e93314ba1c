//! Git's deltas: sequences of "copy this range of the base" and "insert these bytes". The input is untrusted: every
//! offset and length is checked against the base and the declared result. Format: gitformat-pack(5), "Deltified
//! representation".

use std::io::{self, Read};
use std::ops::Range;

use super::buffer::{Buffer, SLACK};
use super::error::ObjectError;

/// Bytes by which changed ranges are widened on either side: the longest context that the detector examines around a
/// match, so that a match caused by a change is within the widened range.
pub(super) const CONTEXT_BYTES: usize = 256;
/// Copies up to this length, in bytes, are done as one block of this length.
const COPY_BLOCK_BYTES: usize = 32;

/// The header of a delta.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// Size of the base that it expects, in bytes.
    pub(super) base: u64,
    /// Size of the result, in bytes.
    pub(super) result: u64,
    /// Offset of its instructions.
    pub(super) ops: usize,
}

/// Reads the header of a delta. Returns `None` if it is truncated or a number is too long.
pub(super) fn sizes(delta: &[u8]) -> Option<Sizes> {
    let mut at = 0;
    let mut number = || {
        let mut value = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = *delta.get(at)?;
            at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    };
    let (base, result) = (number()?, number()?);
    Some(Sizes { base, result, ops: at })
}

/// The ranges of a result that are not copied contiguously from its base, widened by [`CONTEXT_BYTES`], ascending and
/// disjoint.
#[derive(Debug, Default)]
pub(super) struct Changes {
    ranges: Vec<Range<usize>>,
    /// End of the last copy in the base: a copy that starts here continues without a seam.
    copied: usize,
}

impl Changes {
    /// Resets the state. An unchanged result starts with the start of the base.
    fn clear(&mut self) {
        self.ranges.clear();
        self.copied = 0;
    }

    /// Records that `from..to` of the result is new, or a seam if it is empty.
    fn touch(&mut self, from: usize, to: usize) {
        let from = from.saturating_sub(CONTEXT_BYTES);
        let to = to.saturating_add(CONTEXT_BYTES);
        match self.ranges.last_mut() {
            Some(last) if from <= last.end => last.end = to,
            _ => self.ranges.push(from..to),
        }
    }

    /// Records that `range` of the base is copied to offset `at` of the result.
    fn copy(&mut self, at: usize, range: Range<usize>) {
        if range.start != self.copied {
            self.touch(at, at);
        }
        self.copied = range.end;
    }

    /// Records that `range` of the result is inserted.
    fn insert(&mut self, range: Range<usize>) {
        self.touch(range.start, range.end);
    }

    /// Records the lengths of the result and the base, in bytes.
    fn finish(&mut self, len: usize, base: usize) {
        if self.copied != base {
            self.touch(len, len);
        }
        if let Some(last) = self.ranges.last_mut() {
            last.end = last.end.min(len);
        }
    }

    /// Returns the ranges to scan.
    pub(super) fn ranges(&self) -> &[Range<usize>] {
        &self.ranges
    }
}

/// A decoded instruction.
enum Op {
    Copy { from: usize, len: usize },
    Insert { from: usize, len: usize },
}

/// Decodes the instruction at `at` and advances `at`. Returns `None` if it is truncated or reserved.
#[inline(always)]
fn op(ops: &[u8], at: &mut usize) -> Option<Op> {
    let code = *ops.get(*at)?;
    *at += 1;
    if code & 0x80 == 0 {
        let (from, len) = (*at, usize::from(code));
        *at += len;
        // An instruction byte of 0 is reserved.
        return (len > 0).then_some(Op::Insert { from, len });
    }
    let mut next = |bit: u8, shift: u32| -> Option<usize> {
        if code & bit == 0 {
            return Some(0);
        }
        let byte = *ops.get(*at)?;
        *at += 1;
        Some(usize::from(byte) << shift)
    };
    let from = next(1, 0)? | next(2, 8)? | next(4, 16)? | next(8, 24)?;
    let len = next(16, 0)? | next(32, 8)? | next(64, 16)?;
    Some(Op::Copy { from, len: if len == 0 { 0x10000 } else { len } })
}

/// Applies `delta` to `base`, writes the result to `out` and records the changed ranges in `changes`. The caller has
/// read and checked `sizes`.
///
/// # Errors
///
/// Returns `Delta` if an instruction exceeds the base, the delta or the result, or the result is incomplete; `Memory`
/// if the allocation fails.
pub(super) fn apply(
    base: &Buffer,
    delta: &[u8],
    sizes: Sizes,
    out: &mut Buffer,
    changes: Option<&mut Changes>,
) -> Result<(), ObjectError> {
    let (have, result) = (base.content().len(), sizes.result);
    let result = usize::try_from(result).map_err(|_| ObjectError::TooLarge(result))?;
    if sizes.base != have as u64 {
        return Err(ObjectError::Delta);
    }
    out.resize(result)?;
    let ops = delta.get(sizes.ops..).ok_or(ObjectError::Delta)?;
    let room = out.with_slack_mut().get_mut(..result + SLACK).ok_or(ObjectError::Delta)?;
    let done = match changes {
        Some(changes) => {
            changes.clear();
            let done = run::<true>(base.with_slack(), have, ops, room, changes);
            changes.finish(result, have);
            done
        }
        None => run::<false>(base.with_slack(), have, ops, room, &mut Changes::default()),
    };
    if done == Some(result) { Ok(()) } else { Err(ObjectError::Delta) }
}

/// Executes all instructions. `room` has [`SLACK`] bytes more than the result; `base` has content up to `have`. Returns
/// the number of bytes written, or `None` if an instruction is invalid.
fn run<const NOTE: bool>(
    base: &[u8],
    have: usize,
    ops: &[u8],
    room: &mut [u8],
    changes: &mut Changes,
) -> Option<usize> {
    let result = room.len() - SLACK;
    let (mut at, mut made) = (0, 0);
    while at < ops.len() {
        let (source, from, len) = match op(ops, &mut at)? {
            Op::Copy { from, len } => {
                // No overflow: both have at most 32 bits.
                if from + len > have {
                    return None;
                }
                if NOTE {
                    changes.copy(made, from..from + len);
                }
                (base, from, len)
            }
            Op::Insert { from, len } => {
                if from + len > ops.len() {
                    return None;
                }
                if NOTE {
                    changes.insert(made..made + len);
                }
                (ops, from, len)
            }
        };
        if len > result - made {
            return None;
        }
        // A fixed-size block compiles to two moves; a short copy of variable length is a call.
        if len <= COPY_BLOCK_BYTES
            && let Some(block) = source.get(from..from + COPY_BLOCK_BYTES)
        {
            room.get_mut(made..made + COPY_BLOCK_BYTES)?.copy_from_slice(block);
        } else {
            room.get_mut(made..made + len)?.copy_from_slice(source.get(from..from + len)?);
        }
        made += len;
    }
    Some(made)
}
/// Applies a delta as a stream, so that only its base is held in memory.
#[derive(Debug)]
pub(super) struct DeltaReader<'a> {
    base: &'a [u8],
    ops: &'a [u8],
    /// Offset of the next instruction.
    at: usize,
    /// The rest of the current instruction's bytes.
    piece: &'a [u8],
    /// Bytes of the result that are still missing.
    left: u64,
    failed: bool,
}

impl<'a> DeltaReader<'a> {
    /// Creates a reader for the result of applying `delta` to `base`. The caller has read `sizes`.
    ///
    /// # Errors
    ///
    /// Returns `Delta` if the delta expects a base of another size.
    pub(super) fn new(base: &'a Buffer, delta: &'a [u8], sizes: Sizes) -> Result<Self, ObjectError> {
        let base = base.content();
        let ops = delta.get(sizes.ops..).filter(|_| sizes.base == base.len() as u64);
        let ops = ops.ok_or(ObjectError::Delta)?;
        Ok(Self { base, ops, at: 0, piece: &[], left: sizes.result, failed: false })
    }

    /// Returns the bytes of the next instruction, or `None` at the end. Fails if it exceeds the base, the delta or the
    /// result.
    fn next(&mut self) -> Result<Option<&'a [u8]>, ObjectError> {
        if self.at >= self.ops.len() {
            return if self.left == 0 { Ok(None) } else { Err(ObjectError::Delta) };
        }
        let (source, from, len) = match op(self.ops, &mut self.at).ok_or(ObjectError::Delta)? {
            Op::Copy { from, len } => (self.base, from, len),
            Op::Insert { from, len } => (self.ops, from, len),
        };
        let piece = source.get(from..from + len).filter(|_| len as u64 <= self.left);
        self.left = self.left.saturating_sub(len as u64);
        piece.map(Some).ok_or(ObjectError::Delta)
    }

    /// Checks all instructions without producing output.
    ///
    /// # Errors
    ///
    /// Returns `Delta` if an instruction is invalid or the result is incomplete.
    pub(super) fn check(mut self) -> Result<(), ObjectError> {
        while self.next()?.is_some() {}
        Ok(())
    }

    /// Reads and discards the rest.
    ///
    /// # Errors
    ///
    /// Returns `Delta` if an instruction is invalid, including one that was read before.
    pub(super) fn finish(mut self) -> Result<(), ObjectError> {
        let rest = io::copy(&mut self, &mut io::sink());
        if rest.is_err() || self.failed { Err(ObjectError::Delta) } else { Ok(()) }
    }
}

impl Read for DeltaReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() && !self.failed {
            self.piece = match self.next() {
                Ok(piece) => piece.unwrap_or_default(),
                Err(_) => {
                    self.failed = true;
                    &[]
                }
            };
        }
        if self.failed {
            return Err(io::Error::other(ObjectError::Delta));
        }
        let (now, later) = self.piece.split_at(self.piece.len().min(out.len()));
        out[..now.len()].copy_from_slice(now);
        self.piece = later;
        Ok(now.len())
    }
}
