//! Inputs that are longer than their first bytes: scanned by all threads where that is possible, and watched for what needs
//! another pass.

use std::io::Read;
use std::ops::Range;

use super::container::ContainerScan;
use super::sampled::Samples;
use super::scanner::{Scanner, give_back, memory};
use crate::detect::{Beginning, Scan, Scratch, first_byte, parts};
use crate::input::{Content, Stream};
use crate::unpack::Budget;

/// An input that is longer than its first bytes.
pub(super) struct LongInput<'a> {
    pub(super) content: &'a mut dyn Content,
    /// What is watched for while it is scanned.
    pub(super) samples: &'a Samples,
}

impl Scanner<'_> {
    /// Scans an input whose first `length` bytes are in `memory`: with all threads, if `size` is given. Compressed
    /// streams in binary parts are scanned as well.
    pub(super) fn scan_long(
        &self,
        memory: Scratch,
        length: usize,
        size: Option<u64>,
        input: LongInput<'_>,
    ) -> Scan {
        let LongInput { content, samples } = input;
        let parts =
            size.and_then(|size| self.scan_in_parts(&memory.bytes()[..length], size, &*content, samples));
        let mut scan = match parts {
            Some(scan) => {
                give_back(memory);
                scan
            }
            None => {
                let mut watched = samples.watch(&mut *content, &memory.bytes()[..length]);
                self.scan_as_is(Beginning::again(memory, length, &mut watched).listing(self.listing))
            }
        };
        if samples.key_parts()
            && let Some(mut whole) = content.random()
        {
            self.add_joined(&mut scan, &mut whole);
        }
        if samples.embedded()
            && let Some(mut whole) = content.random()
        {
            let budget = Budget::new(self.limits(), &self.expanded);
            let mut look = ContainerScan::new(self, &budget);
            let mut stream = Stream(&mut whole);
            let mut input = budget.input(&mut stream as &mut dyn Content, 0);
            look.add_embedded(std::mem::take(&mut scan), &mut input);
            scan = look.finish();
        }
        scan
    }

    /// Scans a large input in parallel chunks. Returns `None` if it does not support positioned reads.
    pub(super) fn scan_in_parts(
        &self,
        head: &[u8],
        size: u64,
        content: &dyn Content,
        samples: &Samples,
    ) -> Option<Scan> {
        let open = |part: Range<u64>| {
            let from = first_byte(&part);
            let reader = content.read_from(from)?;
            // Bytes appended during the scan are left to a later scan.
            Some((part, Box::new(samples.watch(reader.take(size - from), &[])) as Box<dyn Read + Send + '_>))
        };
        let parts: Option<Vec<_>> = parts(size).into_iter().map(open).collect();
        Some(self.detector().scan_parts(head, parts?, (memory, give_back), self.listing))
    }
}
