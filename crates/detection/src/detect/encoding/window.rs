//! A decoded window: the bytes around a verified candidate, and where each of them is in the raw content.

use std::ops::Range;
use std::sync::Arc;

use crate::detect::mapped_text::View;
use crate::finding::Encoding;

/// Raw bytes decoded before a candidate: enough for the assignment or host before a secret.
pub(super) const LEFT_BYTES: usize = 800;
/// Raw bytes decoded after a candidate: a key encoded three times, or a token of a few hundred characters.
pub(super) const RIGHT_BYTES: usize = 4000;
/// Bytes at the end of a clipped window in which a secret may be truncated.
const CLIPPED_BYTES: usize = 1500;
/// Maximum distance between the end of the decoded bytes and the end of the window if the encoding may continue after
/// it.
const MAX_GAP_BYTES: usize = 1200;
/// Raw bytes after a reversed anchor that belong to it: the text before its secret.
const REVERSED_CONTEXT_BYTES: usize = 200;

/// A decoded window.
pub(crate) struct DecodedWindow {
    /// The decoded bytes. Their raw offsets are relative to [`DecodedWindow::base`].
    pub(crate) view: View,
    /// Raw offset at which the window starts.
    pub(crate) base: usize,
    /// The encodings around it, as far as they are known before the secret is located.
    pub(crate) text: Arc<View>,
    /// The decoded encoding.
    pub(crate) kind: Encoding,
    /// Number of bytes from the offset of a decoded byte to the offset of its hit.
    pub(crate) lead: usize,
}

impl DecodedWindow {
    /// Creates a window of an encoding whose decoded bytes need no layer of text around them.
    pub(super) fn new(view: View, base: usize, kind: Encoding) -> Self {
        Self { view, base, text: Arc::default(), kind, lead: 0 }
    }

    /// Returns the raw offset before which every hit has all its surroundings in this window, which was decoded from
    /// `raw` for a hit at `at`.
    pub(crate) fn until(&self, raw: &[u8], at: usize) -> usize {
        let end = self.base + self.view.end();
        if self.kind == Encoding::Reversed {
            // A reversed anchor ends at its hit.
            return if end < raw.len() { end.saturating_sub(REVERSED_CONTEXT_BYTES) } else { end + 1 };
        }
        let is_clipped = at + RIGHT_BYTES < raw.len() && end + MAX_GAP_BYTES > at + RIGHT_BYTES;
        if is_clipped { end.saturating_sub(CLIPPED_BYTES) } else { end }
    }
}

/// Returns the range of raw bytes that are decoded around `at`.
pub(super) fn range(raw: &[u8], at: usize) -> Range<usize> {
    at.saturating_sub(LEFT_BYTES)..raw.len().min(at + RIGHT_BYTES)
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
