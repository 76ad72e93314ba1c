//! Caches the text around anchors, without escapes and separators, for all anchors that are near one another, and the
//! next matches of the rules' patterns in it. Without this, a text full of anchors would be decoded and searched again
//! around each of them.

use std::cell::{OnceCell, RefCell};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use regex::bytes::Regex;

use super::byte_set::Class;
use super::mapped_text::View;
use super::window::NEAR;

/// Minimum and maximum number of bytes by which a block is longer than its first window if the previous block reaches
/// into that window. For a lone anchor, only its window is decoded.
const LONGER: Range<usize> = 1 << 10..16 << 10;

/// Characters of keys and tokens, which may be on both sides of a separator.
static TOKEN: LazyLock<Class> = LazyLock::new(|| Class::new("0-9A-Za-z._-"));

/// Characters of both base64 alphabets.
static BASE64: LazyLock<Class> = LazyLock::new(|| Class::new("0-9A-Za-z+/_-"));

/// The most recent blocks of one pass.
#[derive(Debug, Clone, Default)]
pub(crate) struct TextCache {
    blocks: Last<Block>,
    base64: Last<Arc<View>>,
    /// By rule index: whether its context matches in the surroundings of the whole content; `None` if not computed yet.
    around: Vec<Option<bool>>,
}

/// The most recent range of content and the value made from it.
#[derive(Debug, Clone)]
struct Last<T> {
    made: Option<(Range<usize>, T)>,
    longer: usize,
}

impl<T> Default for Last<T> {
    fn default() -> Self {
        Self { made: None, longer: 0 }
    }
}

impl<T> Last<T> {
    /// Returns the start and value of a range that contains `span`; `make` is called if the cached one does not. `end`
    /// is the end of the content.
    fn with(&mut self, span: Range<usize>, end: usize, make: impl FnOnce(Range<usize>) -> T) -> (usize, &T) {
        let known = self.made.as_ref().map(|(known, _)| known.clone());
        if !known.as_ref().is_some_and(|known| known.start <= span.start && span.end <= known.end) {
            let is_near = known.is_some_and(|known| span.start < known.end);
            self.longer = if is_near { (2 * self.longer).clamp(LONGER.start, LONGER.end) } else { 0 };
            self.made = None;
        }
        let stretch = span.start..end.min(span.end + self.longer);
        let (known, made) = self.made.get_or_insert_with(|| (stretch.clone(), make(stretch)));
        (known.start, made)
    }
}

impl TextCache {
    /// Returns a block of `raw` that contains `span`.
    pub(crate) fn block(&mut self, raw: &[u8], span: Range<usize>) -> &Block {
        self.blocks.with(span, raw.len(), |span| Block::new(raw, span)).1
    }

    /// Returns the start of a range of `raw` that contains `span`, and the range without escapes and without separators
    /// between base64 characters.
    pub(crate) fn base64(&mut self, raw: &[u8], span: Range<usize>) -> (usize, Arc<View>) {
        let undo = |span| Arc::new(View::identity(&raw[span]).unescaped(false).unjoined(0, &BASE64));
        let (base, view) = self.base64.with(span, raw.len(), undo);
        (base, Arc::clone(view))
    }

    /// Returns the result of `look` for a rule. It is called only once per rule.
    pub(crate) fn around(&mut self, rule: usize, look: impl FnOnce() -> bool) -> bool {
        if self.around.len() <= rule {
            self.around.resize(rule + 1, None);
        }
        *self.around[rule].get_or_insert_with(look)
    }
}

/// A range of content in several readings.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    span: Range<usize>,
    identity: View,
    whole: Text,
    joined: OnceCell<Option<Text>>,
    quoted: OnceCell<Text>,
    /// End of the raw bytes in which contexts are searched.
    near: usize,
    seen: Seen,
}

impl Block {
    fn new(raw: &[u8], span: Range<usize>) -> Self {
        let identity = View::identity(&raw[span.clone()]);
        let whole = Text::new(identity.clone().unescaped(false), span.start);
        let near = raw.len().min(span.end + NEAR);
        let (joined, quoted) = (OnceCell::new(), OnceCell::new());
        Self { span, identity, whole, joined, quoted, near, seen: Seen::default() }
    }

    /// Returns the text without escapes.
    pub(crate) fn whole(&self) -> &Text {
        &self.whole
    }

    /// Returns the text without escapes and separators, if there are separators.
    pub(crate) fn joined(&self) -> Option<&Text> {
        let join = || {
            let joined = self.whole.view.unjoined(0, &TOKEN);
            (joined.edit_count() > self.whole.view.edit_count()).then(|| Text::new(joined, self.span.start))
        };
        self.joined.get_or_init(join).as_ref()
    }

    /// Returns the text without escapes, including quoted-printable ones, and without separators.
    pub(crate) fn quoted(&self) -> &Text {
        self.quoted.get_or_init(|| {
            Text::new(self.identity.clone().unescaped(true).unjoined(0, &TOKEN), self.span.start)
        })
    }

    /// Returns whether a pattern may match in `raw` between `span.start` and `span.end`. `false` is certain.
    pub(crate) fn may_match_near(&self, asked: &Asked<'_>, raw: &[u8], span: &Range<usize>) -> bool {
        let all = &raw[..self.near];
        span.end > self.near
            || self.seen.next(asked, all, span.start).is_some_and(|found| found.start < span.end)
    }
}

/// One reading of a block.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    /// The bytes, with raw offsets relative to [`Text::base`].
    pub(crate) view: View,
    /// Offset of the block in the content.
    pub(crate) base: usize,
    seen: Seen,
}

impl Text {
    fn new(view: View, base: usize) -> Self {
        Self { view, base, seen: Seen::default() }
    }

    /// Returns the first match of a pattern at or after `from`.
    pub(crate) fn next(&self, asked: &Asked<'_>, from: usize) -> Option<Range<usize>> {
        self.seen.next(asked, self.view.bytes(), from)
    }
}

/// A pattern to search for. Queries with the same number must have the same pattern, and their offsets should not
/// decrease.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'r> {
    pub(crate) number: usize,
    pub(crate) regex: &'r Regex,
}

/// The next matches of each pattern, by number. The last two are kept, since a window may reach back to the previous
/// one.
#[derive(Debug, Clone, Default)]
struct Seen(RefCell<Vec<Ahead>>);

/// Number of results kept per pattern.
const ANSWERS: usize = 2;

#[derive(Debug, Clone)]
struct Ahead {
    number: usize,
    from: usize,
    found: Option<Range<usize>>,
}

impl Seen {
    fn next(&self, asked: &Asked<'_>, text: &[u8], from: usize) -> Option<Range<usize>> {
        let mut seen = self.0.borrow_mut();
        let mut oldest = None;
        let mut count = 0;
        for (index, ahead) in seen.iter().enumerate().filter(|(_, ahead)| ahead.number == asked.number) {
            if ahead.from <= from && ahead.found.as_ref().is_none_or(|found| from <= found.start) {
                return ahead.found.clone();
            }
            count += 1;
            if oldest.is_none_or(|(_, before)| ahead.from < before) {
                oldest = Some((index, ahead.from));
            }
        }
        let found = asked.regex.find_at(text, from.min(text.len())).map(|found| found.range());
        let ahead = Ahead { number: asked.number, from, found: found.clone() };
        match oldest.filter(|_| count >= ANSWERS) {
            Some((index, _)) => seen[index] = ahead,
            None => seen.push(ahead),
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_covers_its_windows_and_grows_where_they_are_dense() {
        let raw = vec![b'x'; 100_000];
        let mut texts = TextCache::default();
        let mut blocks = 0;
        let mut last = 0..0;
        for at in (0..90_000).step_by(10) {
            let block = texts.block(&raw, at..at + 700);
            assert!(block.span.start <= at && at + 700 <= block.span.end);
            blocks += usize::from(block.span != last);
            last = block.span.clone();
        }
        assert!(blocks < 20, "{blocks}");
        // A lone window is decoded alone.
        assert_eq!(texts.block(&raw, 99_000..99_700).span, 99_000..99_700);
        let mut texts = TextCache::default();
        texts.block(&raw, 0..700);
        assert_eq!(texts.block(&raw, 5000..5700).span, 5000..5700);
    }

    #[test]
    fn pattern_is_searched_once_up_to_its_next_match() {
        let text = Text::new(View::identity(b"..ab..ab......"), 0);
        let (one, other) = (Regex::new("ab").unwrap(), Regex::new("c").unwrap());
        for (from, found) in [(0, Some(2)), (2, Some(2)), (3, Some(6)), (7, None), (9, None), (1, Some(2))] {
            let next = text.next(&Asked { number: 4, regex: &one }, from);
            assert_eq!(next.map(|found| found.start), found, "{from}");
            assert_eq!(text.next(&Asked { number: 5, regex: &other }, from), None);
        }
        assert_eq!(text.seen.0.borrow().len(), 2 + 1);
    }
}
