//! What the anchors cost on some content: for `benches/anchors.rs`, which shows why these literals were chosen.

use std::time::{Duration, Instant};

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
    /// For each group: its number of literals and the time that searching it takes on `content`, piece by piece as a
    /// scan does it, so that all groups but the first find the piece in the cache.
    pub fn measure_groups(&self, content: &[u8]) -> Vec<(usize, Duration)> {
        let mut times: Vec<(usize, Duration)> =
            self.groups.iter().map(|group| (group.literals().len(), Duration::ZERO)).collect();
        for chunk in content.chunks(CACHED) {
            for (group, (_, time)) in self.groups.iter().zip(&mut times) {
                let begin = Instant::now();
                let mut from = 0;
                while let Some((hit, _)) = group.find(chunk, from, chunk.len()) {
                    from = hit + 1;
                }
                *time += begin.elapsed();
            }
        }
        times
    }

    /// Searches `content` and counts the hits of each literal and what confirming them takes.
    pub fn measure_literals(&self, content: &[u8]) -> Vec<LiteralCost> {
        let mut all = Vec::new();
        for group in &self.groups {
            for literal in group.literals() {
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
                    let confirmed = literal.uses.iter().any(|meaning| {
                        confirm::confirm(content, hit, meaning, &self.anchors[meaning.anchor]).is_some()
                    });
                    cost.confirming += begin.elapsed();
                    cost.confirmed += u64::from(confirmed);
                }
                all.push(cost);
            }
        }
        all
    }
}
