//! What the anchors cost on some content: for `benches/anchors.rs`, which shows why these literals were chosen.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use super::forms::Literal;
use super::{Detector, confirm};

/// Bytes searched at a time, as a scan does.
const CACHED: usize = 256 << 10;

/// What one literal cost.
#[derive(Debug, Clone)]
pub struct LiteralCost {
    /// The literal; bytes that do not print are escaped.
    pub literal: String,
    /// In how many ways a hit is understood.
    pub meanings: usize,
    /// Places where it stands.
    pub hits: u64,
    /// Hits after which a window was decoded.
    pub confirmed: u64,
    /// Time spent on telling the two apart.
    pub confirming: Duration,
}

impl Detector {
    /// The number of literals, their hits in `content`, and the time that finding these takes, piece by piece as a scan
    /// does it.
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

    /// Searches `content` and counts the hits of each literal and what confirming them takes.
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
                let place = confirm::Hit::new(content, hit);
                let confirmed = literal.uses.iter().any(|meaning| {
                    confirm::confirm(&place, meaning, &self.anchors[meaning.anchor]).is_some()
                });
                cost.confirming += begin.elapsed();
                cost.confirmed += u64::from(confirmed);
            }
            all.push(cost);
        }
        all
    }
}
