//! Measures the cost of the anchors on some content, for `benches/anchors.rs`. The results justify the choice of
//! literals.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use super::Detector;
use super::encoding::{Candidate, Literal};

/// Number of bytes searched at a time, as in a scan.
const CACHED: usize = 256 << 10;

/// Cost of one literal.
#[derive(Debug, Clone)]
pub struct LiteralCost {
    /// The literal, with unprintable bytes escaped.
    pub literal: String,
    /// Number of interpretations of this literal.
    pub meanings: usize,
    /// Number of occurrences.
    pub hits: u64,
    /// Number of hits that were verified and led to a decoded window.
    pub confirmed: u64,
    /// Time spent on verification.
    pub confirming: Duration,
}

impl Detector {
    /// Returns the number of literals, their number of hits in `content`, and the search time, in chunks as in a scan.
    pub fn measure_search(&self, content: &[u8]) -> (usize, u64, Duration) {
        let mut hits = 0;
        let begin = Instant::now();
        for chunk in content.chunks(CACHED) {
            let count = |_, _: &Literal| -> Result<(), Infallible> {
                hits += 1;
                Ok(())
            };
            let Ok(_) = self.searcher.each_hit(chunk, 0..chunk.len(), count);
        }
        (self.searcher.literals().len(), hits, begin.elapsed())
    }

    /// Searches `content` and counts the hits of each literal and the time to verify them.
    pub fn measure_literals(&self, content: &[u8]) -> Vec<LiteralCost> {
        let mut all = Vec::new();
        for literal in self.searcher.literals() {
            let mut cost = LiteralCost {
                literal: literal.bytes.escape_ascii().to_string(),
                meanings: literal.uses.len(),
                hits: 0,
                confirmed: 0,
                confirming: Duration::ZERO,
            };
            for hit in memchr::memmem::find_iter(content, &literal.bytes) {
                cost.hits += 1;
                let begin = Instant::now();
                let candidate = Candidate::new(content, hit);
                let confirmed = literal.uses.iter().any(|meaning| {
                    candidate.verify(meaning, &self.anchors[meaning.anchor]).verified().is_some()
                });
                cost.confirming += begin.elapsed();
                cost.confirmed += u64::from(confirmed);
            }
            all.push(cost);
        }
        all
    }
}
