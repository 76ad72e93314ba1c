//! Where a finding lies, and the masked line that a person is shown.

/// A place in the raw bytes of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Path relative to the scanned root, with `/`. Bytes that are not UTF-8 stand as `\xNN`.
    pub path: String,
    /// Line of the first character, 1-based.
    pub start_line: u64,
    /// Column of the first character in Unicode characters, 1-based.
    pub start_column: u64,
    /// Line of the last character, 1-based.
    pub end_line: u64,
    /// Column after the last character in Unicode characters, 1-based.
    pub end_column: u64,
    /// Offset of the first byte, 0-based.
    pub byte_start: u64,
    /// Offset after the last byte.
    pub byte_end: u64,
}

/// Text to put in the place of other text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// What goes; where start and end are the same, nothing does.
    pub at: Location,
    /// What comes.
    pub text: String,
}

impl Replacement {
    /// The same in the file at `path`.
    pub(crate) fn under(mut self, path: &str) -> Self {
        self.at.path = path.to_owned();
        self
    }
}

/// The place in a source file from which a generated file (a bundle) was made, as its source map tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// The source's name in the map, made a plain path: without scheme, query, and leading `../`.
    pub path: String,
    /// Line, 1-based.
    pub line: u64,
    /// Column, 1-based, in Unicode characters if the map carries the source, else in UTF-16 units.
    pub column: u64,
}

/// One line (or part of a long one) of the file, with every secret on it already masked, so that a report
/// can show it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The text; may hold control characters, which a report has to make harmless.
    pub text: String,
    /// Bytes of `text` that stand for the secret.
    pub highlight: std::ops::Range<usize>,
    /// True if the line goes on to the left of `text`.
    pub clipped_left: bool,
    /// True if the line goes on to the right of `text`.
    pub clipped_right: bool,
}
