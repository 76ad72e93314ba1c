//! Draws the line of a finding with a marker under the secret, in the style of rustc.
//!
//! Does not use `annotate-snippets`: that crate computes the column from the given text, but an excerpt may be a part
//! of a long line, whose real column is known from elsewhere.

use unicode_width::UnicodeWidthChar;

use super::sanitize::push_visible;
use crate::finding::Excerpt;

/// Minimum width of an excerpt in columns, even on a narrower terminal.
const MIN_WIDTH: usize = 20;
/// Expansion of a tab. Real tab stops would depend on the text before the excerpt.
const TAB: &str = "    ";

/// One line of content, ready to print.
pub(super) struct Snippet {
    /// The text before the secret, the (masked) secret, and the text after it, all sanitized for a terminal.
    pub(super) parts: [String; 3],
    /// Terminal columns before the secret.
    pub(super) indent: usize,
    /// Terminal columns of the secret, at least 1.
    pub(super) length: usize,
}

/// One character of the excerpt as displayed.
struct Cell {
    shown: String,
    width: usize,
    secret: bool,
}

/// Cuts `excerpt` to `width` columns around the secret. An ellipsis marks each cut end.
pub(super) fn draw(excerpt: &Excerpt, width: usize) -> Snippet {
    let cells = cells(excerpt);
    let marks = usize::from(excerpt.clipped_left) + usize::from(excerpt.clipped_right);
    let total: usize = cells.iter().map(|cell| cell.width).sum();
    let room = width.max(MIN_WIDTH);
    let window = if total + marks <= room { 0..cells.len() } else { window(&cells, room - 2) };

    let mut snippet = Snippet { parts: Default::default(), indent: 0, length: 0 };
    if excerpt.clipped_left || window.start > 0 {
        snippet.parts[0].push('…');
        snippet.indent = 1;
    }
    let mut part = 0;
    for cell in &cells[window.clone()] {
        part = if cell.secret {
            1
        } else if part == 0 {
            0
        } else {
            2
        };
        snippet.parts[part].push_str(&cell.shown);
        match part {
            0 => snippet.indent += cell.width,
            1 => snippet.length += cell.width,
            _ => {}
        }
    }
    if excerpt.clipped_right || window.end < cells.len() {
        snippet.parts[2].push('…');
    }
    snippet.length = snippet.length.max(1);
    snippet
}

fn cells(excerpt: &Excerpt) -> Vec<Cell> {
    let text = excerpt.text.as_str();
    let cell = |(at, c)| {
        let mut shown = String::new();
        match c {
            '\t' => shown.push_str(TAB),
            _ => push_visible(&mut shown, text, at, c),
        }
        let width = shown.chars().map(|c| c.width().unwrap_or(0)).sum();
        Cell { shown, width, secret: excerpt.highlight.contains(&at) }
    };
    text.char_indices().map(cell).collect()
}

/// Returns the range of cells to show in `room` columns: the secret from its start, a third of the remaining columns
/// before it, then as much as fits after it, and more before it if the line ends early.
fn window(cells: &[Cell], room: usize) -> std::ops::Range<usize> {
    let first = cells.iter().position(|cell| cell.secret).unwrap_or(0);
    let behind = cells[first..].iter().position(|cell| !cell.secret).map_or(cells.len(), |n| first + n);
    let mut left = room;
    let end = first + fitting(cells[first..behind].iter(), &mut left);
    let mut third = left / 3;
    left -= third;
    let start = first - fitting(cells[..first].iter().rev(), &mut third);
    left += third;
    let end = if end == behind { end + fitting(cells[end..].iter(), &mut left) } else { end };
    let start = start - fitting(cells[..start].iter().rev(), &mut left);
    start..end
}

/// Returns how many of `cells` fit into `room` columns, and subtracts their width from `room`.
fn fitting<'a>(cells: impl Iterator<Item = &'a Cell>, room: &mut usize) -> usize {
    cells
        .take_while(|cell| {
            let fits = cell.width <= *room;
            *room = if fits { *room - cell.width } else { *room };
            fits
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(before: &str, secret: &str, behind: &str) -> Excerpt {
        Excerpt {
            text: [before, secret, behind].concat(),
            highlight: before.len()..before.len() + secret.len(),
            ..Excerpt::default()
        }
    }

    #[test]
    fn short_line_is_not_cut() {
        let snippet = draw(&excerpt("key = ", "KEY…", ";"), 80);
        assert_eq!(snippet.parts, ["key = ", "KEY…", ";"]);
        assert_eq!((snippet.indent, snippet.length), (6, 4));
    }

    #[test]
    fn marker_is_aligned_after_escapes_tabs_and_wide_characters() {
        let snippet = draw(&excerpt("\t\x1b[0m鍵e\u{301}=", "KEY\u{202e}…", "\u{2028}"), 80);
        assert_eq!(
            snippet.parts,
            [r"    \x1b[0m鍵é=".replace('é', "e\u{301}"), r"KEY\u{202e}…".into(), r"\u{2028}".into()]
        );
        assert_eq!((snippet.indent, snippet.length), (4 + 7 + 2 + 1 + 1, 12));
    }

    #[test]
    fn long_line_is_cut_around_secret() {
        let line = excerpt(&"a".repeat(500), "KEY…", &"b".repeat(500));
        let snippet = draw(&line, 40);
        let shown = snippet.parts.concat();
        assert_eq!(shown.chars().count(), 40);
        assert_eq!(snippet.parts[1], "KEY…");
        assert!(shown.starts_with('…') && shown.ends_with('…'), "{shown}");
        assert_eq!(snippet.indent, snippet.parts[0].chars().count());
    }

    #[test]
    fn unused_columns_go_to_the_other_side() {
        let at_end = draw(&excerpt(&"a".repeat(500), "KEY…", ""), 40);
        assert_eq!(at_end.parts.concat().chars().count(), 39, "no mark on the right");
        let at_start = draw(&excerpt("", "KEY…", &"b".repeat(500)), 40);
        assert_eq!(at_start.parts.concat().chars().count(), 39, "no mark on the left");
    }

    #[test]
    fn clipped_excerpt_and_wide_secret_are_marked() {
        let mut line = excerpt("x", &"K".repeat(90), "y");
        line.clipped_left = true;
        line.clipped_right = true;
        let whole = draw(&line, 100).parts.concat();
        assert!(whole.starts_with("…xK") && whole.ends_with("Ky…"), "{whole}");
        let cut = draw(&line, 30);
        assert_eq!(cut.parts[1].len(), 28);
        assert_eq!(cut.parts[2], "…");
        assert_eq!((cut.indent, cut.length), (1, 28));
    }

    #[test]
    fn invalid_highlight_does_not_panic() {
        for highlight in [7..9, 3..3, 0..90] {
            let odd = Excerpt { text: "größe".into(), highlight, ..Excerpt::default() };
            assert!(draw(&odd, 0).length >= 1);
        }
        assert_eq!(draw(&Excerpt::default(), 80).length, 1);
    }
}
